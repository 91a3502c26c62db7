"""What a platform is built with in tests: real turns in a directory of their own, a memory that lives as long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

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
    secret: Callable[[str], Secret], clock: Clock, directory: Path, *, memory: Notes | None = None
) -> ConnectionContext:
    """Leases in ``directory``, which the test owns, each adapter's apart as if it were a process of its own."""
    limiter = FileLimiter(directory / uuid4().hex)
    return ConnectionContext(secret=secret, clock=clock, limiter=limiter, memory=memory or Notes())
