"""Reads the file, and says where it is wrong."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.settings import Settings
from bot.errors import ConfigError

_LIMITS = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "greater_than": "more than",
    "less_than": "less than",
}
_MEANING = {
    "missing": "missing; add this key",
    "string_type": 'must be text in quotes, for example "text"',
    "int_type": "must be a whole number, without quotes",
    "int_parsing": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotes",
    "float_parsing": "must be a number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "bool_parsing": "must be true or false, without quotes",
    "tuple_type": "must be a list in square brackets",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "path_type": "must be a path in quotes",
    "time_parsing": 'must be a time of day, for example "08:00"',
    "string_pattern_mismatch": "has the wrong form; docs/reference/config.md shows what fits",
}


def load(path: Path) -> Settings:
    """Read the file and the environment.

    Raises:
        ConfigError: missing, not TOML, or a key is unknown or ill-typed; names the key and its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"cannot read {path}: {exc.strerror}. `python -m bot init` writes one.") from exc
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is not TOML: {exc}") from exc
    try:
        settings = Settings(**table)
    except ValidationError as exc:
        raise ConfigError("\n".join(_problems(path, text, exc))) from None  # exc would print values
    root = path.parent
    keys = (
        settings.keys.model_copy(update={"file": root / settings.keys.file})
        if settings.keys.file
        else settings.keys
    )
    return settings.model_copy(update={"data_dir": (root / settings.data_dir).resolve(), "keys": keys})


def _problems(path: Path, text: str, error: ValidationError) -> list[str]:
    said = []
    for problem in error.errors(include_input=False, include_url=False):
        keys = [str(part) for part in problem["loc"]]
        what = _wrong(problem, keys)
        line = _line_of(text, keys)
        said.append(f"{path}{f', line {line}' if line else ''}: {'.'.join(keys)}: {what}")
    return said


def _wrong(problem: ErrorDetails, keys: list[str]) -> str:
    """What is wrong and what to write; never the value, which may be a secret."""
    limits = problem.get("ctx", {})
    match problem["type"]:
        case "value_error":
            return problem["msg"].removeprefix("Value error, ")
        case "extra_forbidden":
            near = get_close_matches(keys[-1], _known(keys), n=1)
            return f"unknown key; did you mean {near[0]}?" if near else "unknown key; remove it"
        case "literal_error" | "enum":
            return f"must be {limits['expected']}"
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than" as kind:
            return f"must be {_LIMITS[kind]} {next(iter(limits.values()))}"
        case other:
            return _MEANING.get(other, problem["msg"].replace("Input should be", "must be"))


def _known(keys: list[str]) -> tuple[str, ...]:
    """The keys of the table that the last of ``keys`` stands in; none where its platform or kind decides."""
    table: type[BaseModel] = Settings
    for key in keys[:-1]:
        if key.isdecimal():
            continue
        field = table.model_fields.get(key)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        found = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if found is None:
            return ()
        table = found
    return tuple(table.model_fields)


def _line_of(text: str, keys: list[str]) -> int | None:
    """The line where ``keys`` is set, or where its table begins; None when only the environment set it."""
    table: list[str] = []
    header = None
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = [bare or quoted for quoted, bare in re.findall(r'"([^"]*)"|([^."\s]+)', heading[1])]
            if table and table == keys[: len(table)]:
                header = number
        elif (pair := re.match(r'\s*"?([\w:-]+)"?\s*=', line)) and [*table, pair[1]] == keys[
            : len(table) + 1
        ]:
            return number
    return header
