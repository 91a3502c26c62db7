"""Reading what the account holds from the estate file, or from the world file's own section."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sandbox.company import Company

FILE = Path(__file__).parents[1] / "estate.toml"
Estate = dict[str, Any]


def estate_of(company: Company) -> Estate:
    """The [netsuite] section of the world file, else `estate.toml`."""
    own = company.raw.get("netsuite")
    return own if isinstance(own, dict) else tomllib.loads(FILE.read_text(encoding="utf-8"))
