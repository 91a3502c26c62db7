"""How a command gets at the inventory."""

from __future__ import annotations

import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.clock import Clock
from bot.config import Settings
from bot.db.key_sources import key_source
from bot.db.store import Store
from bot.errors import ConfigError, SchemaMismatch
from bot.store import open_store


def database_file(settings: Settings) -> Path | None:
    """The inventory's file; None where it is on a server."""
    kind, _, path = settings.store_url.partition(":///")
    return Path(path) if kind.startswith("sqlite") else None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The inventory as it stands: never made, never migrated, so also safe beside a bot of another release.

    Raises:
        ConfigError: there is none yet, or the key is not its key.
        SchemaMismatch: another release made it.
    """
    file = database_file(settings)
    if file is not None and not file.exists():
        raise ConfigError(f"There is no inventory at {file} yet: `python -m bot init` makes one.")
    try:
        store = await open_store(settings.store_url, key_source(settings), Clock(), migrate=False)
    except SchemaMismatch as exc:
        raise SchemaMismatch(f"{exc.hint} (after an update: `python -m bot init`)") from exc
    try:
        yield store
    finally:
        await store.aclose()


def actor() -> str:
    """Who the trail names for what is done on the command line."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user without a name
        return f"cli:{os.getuid()}"
