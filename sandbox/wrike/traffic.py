"""The flows at work: each runs at its cadence, in the sandbox's time, while the world's traffic is on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sandbox.wrike.flows import Flows
from sandbox.wrike.tenant import Tenant

TICK_S = 1.0
ACCELERATION = 30
"""How much faster than at its stated cadence a flow works, so that a demo has something to show."""
MOST_AT_ONCE = 5
"""Runs of one flow in one tick: after a leap of the clock they catch up by this many, not by all."""


class Traffic:
    """Runs of the flows, while `world.traffic` is on."""

    def __init__(self, tenant: Tenant, flows: Flows) -> None:
        self._tenant = tenant
        self._flows = flows
        self._due: dict[str, datetime] = {}

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
            if self._tenant.world.traffic:
                self.tick()

    def tick(self) -> int:
        """Every run that is due by the world's clock. Gives how many there were."""
        now, done = self._tenant.now, 0
        for flow in self._flows.all.values():
            step = timedelta(seconds=flow.cadence_s / ACCELERATION)
            due = self._due.setdefault(flow.name, now + step * self._tenant.world.rng.random())
            behind = min(MOST_AT_ONCE, int((now - due) / step) + 1 if due <= now else 0)
            for _ in range(behind):
                self._flows.run(flow)
            if behind:
                self._due[flow.name] = now + step
            done += behind
        return done
