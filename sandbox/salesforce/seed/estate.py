"""Reads what the org holds besides the company's people: apps, licences, certificates, odd logins."""

import tomllib
from pathlib import Path
from typing import Any

from sandbox.world import World

Estate = dict[str, Any]
"""The parsed file; its comments say what each section holds."""

_FILE = Path(__file__).parent.parent / "estate.toml"


def load(world: World) -> Estate:
    """The world file's own [salesforce] section, or else the estate that comes with the stand-in."""
    own = world.company.raw.get("salesforce")
    if isinstance(own, dict):
        return own
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
