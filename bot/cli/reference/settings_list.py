"""What can be configured."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.cli.reference.markdown import code, prose, table
from bot.config import ENV_PREFIX, AwsPlace, Settings, VaultPlace

TITLE = "Configuration"
INTRO = f"""
One TOML file, `handover.toml` unless `--config` or `HANDOVER_CONFIG` names another. An unknown or ill-typed key stops
the boot, with the key and its line. Relative paths start from the file's own directory.

Each key outside of the connections can come from the environment instead, which wins: `{ENV_PREFIX}` and the key in
capitals, with two underscores for each dot. A secret is best written as `secret:NAME`, stored by `python -m bot secret
put NAME`; else as the path of a file (`…_file`), or in the file itself.
"""
_CONNECTIONS = """
One table for each connection, named `platform:name`, for example `[connections."salesforce:prod"]`. The platform
decides what it holds: see [Salesforce](../../platforms/salesforce/README.md),
[Wrike](../../platforms/wrike/README.md). `scan_every_s` (default 900) is
understood for all: seconds between two scans.
"""
_DESTINATIONS = """
Where new secrets go for the consumers that read them there: one table for each, named as people type it in a plan. The
destination `manual` needs no table: a person carries the secret over, by the sealed page or the command line.
"""


def body() -> str:
    """The keys outside of any table, then table by table."""
    top = [(name, field) for name, field in Settings.model_fields.items() if _section(field) is None]
    parts = [_keys(top, ()), *_sections(), *_destinations()]
    return "\n\n".join([*parts, '## [connections."platform:name"]', " ".join(_CONNECTIONS.split())])


def _destinations() -> Iterator[str]:
    yield f'## [destinations."name"]\n\n{" ".join(_DESTINATIONS.split())}'
    for place in (AwsPlace, VaultPlace):
        said = prose(place)
        yield f"{said[:1].upper()}{said[1:]}\n\n{_plain(place.model_fields.items())}"


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        section = _section(field)
        if section is not None:
            said = re.sub(r"^\[\w+\]: ", "", prose(section))
            yield f"## [{name}]\n\n{said[:1].upper()}{said[1:]}\n\n{_keys(section.model_fields.items(), (name,))}"
            for key, listed in section.model_fields.items():
                if entry := _entry(listed):
                    said = re.sub(r"^\[\[[\w.]+\]\]: ", "", prose(entry))
                    shown = f"## [[{name}.{key}]]\n\n{said[:1].upper()}{said[1:]}"
                    yield f"{shown}\n\n{_plain(entry.model_fields.items())}"


def _keys(fields: Any, path: tuple[str, ...]) -> str:
    rows = (
        _key(field, (*path, name)) for name, field in fields if name not in ("connections", "destinations")
    )
    return table(("key", "type", "default", "meaning", "environment"), rows)


def _plain(fields: Any) -> str:
    """Keys of a table of which there can be several: the environment cannot name one of them."""
    rows = (_key(field, (name,))[:4] for name, field in fields)
    return table(("key", "type", "default", "meaning"), rows)


def _key(field: FieldInfo, path: tuple[str, ...]) -> tuple[str, ...]:
    variable = ENV_PREFIX + "__".join(path).upper()
    meaning = field.description or ""
    return code(path[-1]), _type(field.annotation), _default(field), meaning, code(variable)


def _section(field: FieldInfo) -> type[BaseModel] | None:
    """The table that a key of ``Settings`` opens, optional or not; None for a plain key."""
    kinds = [field.annotation, *get_args(field.annotation)]
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)


def _entry(field: FieldInfo) -> type[BaseModel] | None:
    """The table that a list of tables repeats; None for any other key."""
    args = get_args(field.annotation)
    if get_origin(field.annotation) is tuple and isinstance(args[0], type) and issubclass(args[0], BaseModel):
        return args[0]
    return None


def _type(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(code(member.value) for member in kind)
    if get_origin(kind) is dict:
        return f"table of {_type(get_args(kind)[1])}s"
    if get_origin(kind) is Literal:
        return " or ".join(code(str(value)) for value in get_args(kind))
    if (
        get_origin(kind) is tuple
        and isinstance(inner := get_args(kind)[0], type)
        and issubclass(inner, BaseModel)
    ):
        return "list of tables"
    if get_origin(kind) is dict:
        return "table of texts"
    if get_origin(kind) is tuple:
        return f"list of {_type(get_args(kind)[0])}"
    if get_origin(kind) in (typing.Union, types.UnionType):
        return _type(next(arg for arg in get_args(kind) if arg is not type(None)))
    if get_origin(kind) is typing.Annotated:
        return _type(get_args(kind)[0])
    names = {str: "text", int: "whole number", float: "number", bool: "true or false", SecretStr: "secret"}
    if kind is time:
        return "time of day"
    return names.get(kind, "path")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = None if field.default_factory else field.get_default(call_default_factory=False)
    if isinstance(value, SecretStr) or value in (None, "", ()):
        return ""
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, time):
        return code(value.isoformat())
    if isinstance(value, tuple):
        return code(str(list(value)).replace("'", '"'))
    return code(f'"{value}"' if not isinstance(value, int | float) else str(value))
