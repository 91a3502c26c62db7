"""What a platform is built with in tests: real turns in a directory of their own, a memory that lives as long."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.clock import Clock
from bot.db.leases import FileLimiter
from bot.platform.ports import ConnectionContext
from bot.text import Secret


class Notes:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}

    async def recall(self, name: str) -> Secret | None:
        return self.kept.get(name)

    async def keep(self, name: str, value: Secret) -> None:
        self.kept[name] = value


def connection_context(
    secret: Callable[[str], Secret], clock: Clock, *, memory: Notes | None = None
) -> ConnectionContext:
    """Surroundings that share nothing with those of other tests."""
    directory = Path(tempfile.mkdtemp(prefix="handover-turns-"))
    return ConnectionContext(
        secret=secret, clock=clock, limiter=FileLimiter(directory), memory=memory or Notes()
    )
