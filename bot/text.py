"""Names and reasons from outside, made fit to show and to compare."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import NoReturn

_FORMATTING = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
_JOINERS = {"\u200c", "\u200d"}  # they shape letters in Persian and Indic names; the rest of Cf only hides


def clean(raw: str, limit: int = 120) -> str:
    """One line without control, bidirectional or invisible characters, at most ``limit`` characters.

    Cut text ends in an ellipsis, on a character boundary.
    """
    if not raw.isprintable():  # else there is nothing to leave out: that says the same of most names, quickly
        raw = "".join(_kept(raw))
    line = " ".join(raw.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _kept(raw: str) -> Iterator[str]:
    return (" " if c.isspace() else c for c in raw if c in _JOINERS or c.isspace() or not _hidden(c))


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _FORMATTING


def fold(raw: str) -> str:
    """The form two spellings of one name or e-mail share: NFKC, case folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", clean(raw, 4000)).casefold().split())


def plural(count: int, one: str, many: str = "") -> str:
    """``3 tokens``, ``1 token``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


class Secret:
    """Masks itself in repr, str, logs and tracebacks. ``reveal()`` is the one way out, easy to grep for."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself; hand it to the wire and to nothing else."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled")


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_LOOK_ALIKES = str.maketrans("OIL", "011")


def new_ref(randbits: Callable[[int], int]) -> str:
    """Six characters from thirty random bits."""
    bits = randbits(30)
    return "".join(ALPHABET[(bits >> shift) & 31] for shift in range(25, -1, -5))


def normal_ref(typed: str) -> str:
    """What somebody typed, with case and look-alikes folded."""
    return typed.strip().upper().translate(_LOOK_ALIKES)
