"""The consumers at work: every integration uses its credential at its cadence, in the sandbox's time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sandbox.salesforce.apps import App
from sandbox.salesforce.levers import use
from sandbox.salesforce.org import Org

TICK_S = 1.0
ACCELERATION = 30
"""How much faster than at its stated cadence an integration works, so that a demo has something to show."""
MOST_AT_ONCE = 5
"""Uses of one integration in one tick: after a leap of the clock they catch up by this many, not by all."""


class Traffic:
    """Uses of the integrations, while `world.traffic` is on."""

    def __init__(self, org: Org) -> None:
        self._org = org
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
            if self._org.world.traffic:
                self.tick()

    def tick(self) -> int:
        """Every use that is due by the world's clock. Gives how many there were."""
        now, done = self._org.now, 0
        integrations = {i.name: i for i in self._org.world.company.integrations if i.platform == "salesforce"}
        for app in list(self._org.apps.values()):
            if app.cadence_s is None or app.label not in integrations:
                continue
            step = timedelta(seconds=app.cadence_s / ACCELERATION)
            due = self._due.setdefault(app.id, now + step * self._org.world.rng.random())
            behind = min(MOST_AT_ONCE, int((now - due) / step) + 1 if due <= now else 0)
            for _ in range(behind):
                self._use(app, integrations[app.label].acts_as)
            if behind:
                self._due[app.id] = now + step
            done += behind
        return done

    def _use(self, app: App, acts_as: str) -> None:
        """Consumers use their newest grant, whoever gave it; other flows act as their user."""
        rows = self._org["OauthToken"].where("AppMenuItemId", app.menu_item_id)
        newest = max(rows, key=lambda row: row["CreatedDate"], default=None)
        users = self._org["User"].where("Username", app.run_as or acts_as)
        user = self._org["User"].get(newest["UserId"]) if newest is not None else None
        for found in [user] if user is not None else users:
            use(self._org, app, found)
