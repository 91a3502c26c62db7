"""How a command gets at the inventory, or at the whole bot."""

from __future__ import annotations

import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.config import Settings
from bot.db.key_sources import key_source
from bot.db.store import Store
from bot.errors import ConfigError, SchemaMismatch
from bot.store import open_store

if TYPE_CHECKING:
    from bot.app import App


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


@asynccontextmanager
async def composed(settings: Settings, root: Path) -> AsyncIterator[App]:
    """Opened, at the sandbox's time where there is one, and closed at the end.

    Raises:
        ConfigError, StoreError: as ``App.open``.
    """
    from bot import sandbox_clock
    from bot.app import App  # the whole bot: commands that read the inventory alone start without it

    app = await App.open(settings, root=root)
    try:
        if settings.sandbox:
            await sandbox_clock.catch_up(settings.sandbox, app.clock)
        yield app
    finally:
        await app.aclose()
