"""The nightly forecast of a directory's sync, as a run of the engine: one per connection and slot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain.conversation import Reply
from bot.domain.conversation_codec import encode_reply
from bot.domain.records import Posting
from bot.engine import Engine
from bot.errors import PlatformError, UserError
from bot.schedule import Schedule
from bot.services import Services
from bot.services import sync_cards as cards
from bot.store import Unit

NAME = "foresee"


def register(engine: Engine, services: Services) -> None:
    """Make the workflow known, before the engine launches."""

    async def look(connection: str) -> str:
        return await foresee(services, connection)

    step: Callable[[str], Awaitable[str]] = engine.step("foresee.look", look)

    async def run(connection: str) -> str:
        return await step(connection)

    engine.workflow(NAME, run)


def plan(schedule: Schedule, services: Services) -> None:
    """Once a day for each directory, at its time in its company's zone."""
    for connection, directory in services.user_sync.directories.items():
        hour, minute = directory.sync.forecast_at.split(":")
        zone = services.user_sync.zone(connection) or "UTC"
        schedule.cron(f"foresee:{connection}", f"{minute} {hour} * * *", NAME, connection, zone=zone)


async def foresee(services: Services, connection: str) -> str:
    """Forecast tonight's sync, say it once a day in the alert channel, and raise or settle the alarm.

    On the day of a new alarm the alarm says it all: there is no second message.
    """
    try:
        seen = await services.user_sync.look(connection)
    except (PlatformError, UserError) as exc:
        async with services.store.write() as unit:
            await _say(services, unit, connection, cards.unseen_card(connection, exc.hint), "unseen")
        return "unseen"
    async with services.store.write() as unit:
        if not await services.user_sync.alarm(unit, services.alerts, seen):
            await _say(services, unit, connection, cards.daily_card(seen), "forecast")
    return "told"


async def _say(services: Services, unit: Unit, connection: str, reply: Reply, what: str) -> None:
    day = services.clock.now().date().isoformat()
    await unit.outbox.put(
        Posting(
            idem_key=f"sync:{connection}:{what}:{day}",
            channel=services.settings.slack.alert_channel,
            body=encode_reply(reply),
        )
    )
