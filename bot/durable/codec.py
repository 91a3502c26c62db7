"""How arguments, results and errors are stored: plain JSON, sealed."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from dbos import Serializer

from bot.errors import BotError, InvariantBroken

Seal = Callable[[bytes, str], bytes]
AAD = "engine|1"  # the engine does not say which row it writes, so a value is bound to the engine as a whole


def plain(value: object, what: str) -> Any:
    """
    ``value`` as it will look after being stored: tuples are lists, keys are text.

    A first run and a resumed one thus see the same. Raises InvariantBroken, naming ``what``, when ``value``
    is not plain data.
    """
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as exc:
        raise InvariantBroken(f"{what} is not plain data and cannot be stored.") from exc


class SealedJson(Serializer):
    """The engine's serializer; its default would be a pickle in clear."""

    def __init__(self, seal: Seal, unseal: Seal) -> None:
        self._seal = seal
        self._unseal = unseal

    def name(self) -> str:
        return "handover_sealed_json"

    def serialize(self, data: Any) -> str:
        held = {"error": _flat(data)} if isinstance(data, BaseException) else {"value": data}
        text = json.dumps(held, allow_nan=False, separators=(",", ":"), default=_refuse)
        return base64.b64encode(self._seal(text.encode(), AAD)).decode("ascii")

    def deserialize(self, serialized_data: str) -> Any:
        held = json.loads(self._unseal(base64.b64decode(serialized_data), AAD))
        return _raised(**held["error"]) if "error" in held else held["value"]


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__qualname__} is not plain data")


def _flat(error: BaseException) -> dict[str, Any]:
    if not isinstance(error, BotError):
        error = InvariantBroken(f"A fault of ours: {describe(error)}")
    fields = {k: v for k, v in vars(error).items() if isinstance(v, str | int | float | None)}
    return {"kind": type(error).__name__, "code": error.code, "hint": error.hint, "fields": fields}


def _raised(kind: str, code: str, hint: str, fields: dict[str, Any]) -> BotError:
    """The error as it was: its class, or where that is gone the class its code belonged to."""
    known = [*_kinds(BotError)]
    cls = next(
        (one for one in known if one.__name__ == kind),
        next((one for one in known if one.code == code), BotError),
    )
    error = cls.__new__(cls)
    BotError.__init__(error, hint)
    vars(error).update(fields)
    return error


def _kinds(cls: type[BotError]) -> Iterator[type[BotError]]:
    yield cls
    for sub in cls.__subclasses__():
        yield from _kinds(sub)


FRAMES = 5


def describe(error: BaseException) -> str:
    """A BotError's code and hint; of any other error its class and the last places it came through."""
    if isinstance(error, BotError):
        return f"{error.code}: {error.hint}"
    frames = [
        f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return f"{type(error).__qualname__} at {' < '.join(reversed(frames[-FRAMES:])) or 'no place known'}"


class Discreet(logging.Filter):
    """Replaces the traceback of a record, which would print the error's own text, by ``describe``."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args = f"{record.getMessage()} {describe(error)}", ()
            record.exc_info = record.exc_text = None
        return True
