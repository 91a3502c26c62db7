"""Consumers at work: each uses its credential at its cadence, while the world's traffic is on."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.world import World

TICK_S = 1.0
ACCELERATION = 30
"""How much faster than at its stated cadence a consumer works, so that a demo has something to show."""
MOST_AT_ONCE = 5
"""Uses by one consumer in one tick: after a leap of the clock they catch up by this many, not by all."""


class System(Protocol):
    """What a stand-in tells of itself: the world it is in, and the time by its own clock."""

    @property
    def world(self) -> World: ...

    @property
    def now(self) -> datetime: ...


class Pulse(ABC):
    """The beat of one stand-in's consumers. What a use is, its own ``tick`` knows."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._due: dict[str, datetime] = {}

    @abstractmethod
    def tick(self) -> int:
        """Every use that is due. Gives how many there were."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tick in the background as long as the block lasts."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if self._system.world.traffic:
                self.tick()

    def behind(self, key: str, cadence_s: float) -> int:
        """How many uses of one consumer are due; the next one is then a cadence away."""
        now, step = self._system.now, timedelta(seconds=cadence_s / ACCELERATION)
        due = self._due.setdefault(key, now + step * self._system.world.rng.random())
        if due > now:
            return 0
        self._due[key] = now + step
        return min(MOST_AT_ONCE, int((now - due) / step) + 1)
