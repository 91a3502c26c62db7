"""What every table of the file shares: strictness, safe addresses, and the ways in for a secret."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.errors import ConfigError
from bot.text import Secret

ENV_PREFIX = "HANDOVER_"
_SECRET_REFERENCE = "secret:"  # noqa: S105  a prefix, not a secret


class Section(BaseModel):
    """A table of the file: frozen, and strict about what it knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def secret_setting(
    table: Mapping[str, object], name: str, stored: Mapping[str, Secret], *, where: str, root: Path
) -> Secret:
    """The secret called ``name`` of a table: literal, from ``name_file``, ``secret:NAME`` or the environment.

    Dots lead into tables of the table and lists of them: ``flows.0.secret``.

    Raises:
        ConfigError: none of these, or the file or the stored secret is not there.
    """
    *path, last = name.split(".")
    for key in path:
        inner: Any = table
        table = inner[int(key)] if isinstance(inner, list) else inner[key]
    variable = f"{ENV_PREFIX}SECRET_" + re.sub(r"\W+", "_", f"{where}_{name}").strip("_").upper()
    if value := os.environ.get(variable):
        return Secret(value)
    if file := table.get(f"{last}_file"):
        try:
            return Secret((root / str(file)).read_text(encoding="utf-8").strip())
        except OSError as exc:
            raise ConfigError(f"{where}.{name}_file: cannot read {file}: {exc.strerror}") from exc
    value = str(table.get(last, ""))
    if value.startswith(_SECRET_REFERENCE):
        reference = value.removeprefix(_SECRET_REFERENCE)
        if reference not in stored:
            raise ConfigError(
                f"{where}.{name}: no stored secret {reference!r}; `python -m bot secret put {reference}`"
            )
        return stored[reference]
    if value:
        return Secret(value)
    raise ConfigError(f"{where}.{name} is missing: set it, {name}_file, or {variable}")
