"""The nightly forecast of a directory's sync, as a run of the engine: one per connection and slot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.alerts.triggers import Alerts
from bot.chat.codec import encode_reply
from bot.chat.model import Reply
from bot.clock import Clock
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.db.unit import Unit
from bot.engine import Engine
from bot.errors import PlatformError, UserError
from bot.schedule import Schedule
from bot.user_sync import messages
from bot.user_sync.service import UserSync

NAME = "foresee"


class NightlyForecast:
    """Forecasts each directory's sync once a day, and says so in the alert channel."""

    def __init__(self, sync: UserSync, alerts: Alerts, store: Store, channel: str, clock: Clock) -> None:
        self._sync = sync
        self._alerts = alerts
        self._store = store
        self._channel = channel
        self._clock = clock

    def register(self, engine: Engine) -> None:
        """Make the workflow known, before the engine launches."""
        step: Callable[[str], Awaitable[str]] = engine.step("foresee.look", self.run)

        async def run(connection: str) -> str:
            return await step(connection)

        engine.workflow(NAME, run)

    def plan(self, schedule: Schedule) -> None:
        """Once a day for each directory, at its time in its company's zone."""
        for connection, directory in self._sync.directories.items():
            hour, minute = directory.sync.forecast_at.split(":")
            zone = self._sync.zone(connection) or "UTC"
            schedule.cron(f"foresee:{connection}", f"{minute} {hour} * * *", NAME, connection, zone=zone)

    async def run(self, connection: str) -> str:
        """Forecast tonight's sync, say it once a day in the alert channel, and raise or settle the alarm.

        On the day of a new alarm the alarm says it all: there is no second message.
        """
        try:
            seen = await self._sync.look(connection)
        except (PlatformError, UserError) as exc:
            async with self._store.write() as unit:
                await self._say(unit, connection, messages.unseen_card(connection, exc.hint), "unseen")
            return "unseen"
        async with self._store.write() as unit:
            if not await self._sync.alarm(unit, self._alerts, seen):
                await self._say(unit, connection, messages.daily_card(seen), "forecast")
        return "told"

    async def _say(self, unit: Unit, connection: str, reply: Reply, what: str) -> None:
        day = self._clock.now().date().isoformat()
        await unit.outbox.put(
            Posting(
                idem_key=f"sync:{connection}:{what}:{day}", channel=self._channel, body=encode_reply(reply)
            )
        )
