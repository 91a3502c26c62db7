"""The whole bot, composed and not running, for commands that need more than the inventory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot import sandbox_clock
from bot.app import App
from bot.config import Settings


@asynccontextmanager
async def composed(settings: Settings, root: Path) -> AsyncIterator[App]:
    """Opened, at the sandbox's time where there is one, and closed at the end.

    Raises:
        ConfigError, StoreError: as ``App.open``.
    """
    app = await App.open(settings, root=root)
    try:
        if settings.sandbox:
            await sandbox_clock.catch_up(settings.sandbox, app.clock)
        yield app
    finally:
        await app.aclose()
