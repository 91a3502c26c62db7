"""Who gets no direct messages from us: shown, passed over by the ladder, and forgotten once one arrives."""

from __future__ import annotations

from bot.domain.alert_rules import UNREACHABLE
from bot.services.alert_life import AlertLife
from bot.store import Unit


class Reach:
    """Told by the delivery of what became of direct messages, inside its transaction."""

    def __init__(self, life: AlertLife) -> None:
        self._life = life

    async def unreachable(self, unit: Unit, person: str) -> None:
        """A direct message can never get there; what it said stands in the alert channel instead."""
        if await self._life.live(unit, UNREACHABLE, person) is None:
            await self._life.open(unit, UNREACHABLE, person, self._life.stamp(), {})

    async def reached(self, unit: Unit, person: str) -> None:
        """A direct message arrived."""
        if alert := await self._life.live(unit, UNREACHABLE, person):
            await self._life.resolve(unit, alert)
