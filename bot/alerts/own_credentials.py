"""The bot's own sign-in: when what it signs in with ends, everything else goes unseen, so it is told as urgent."""

from __future__ import annotations

from bot.alerts import usage_messages as cards
from bot.alerts.lifecycle import AlertLife
from bot.alerts.model import OWN_CREDENTIAL, OWN_WITHIN
from bot.clock import Clock
from bot.db.unit import Unit
from bot.inventory.catalogue import Catalogue, Entry
from bot.platform.model import Snapshot


class OwnSignIn:
    """Remembers, since the start, what each connection signs in with; one not listed since is left as it was."""

    def __init__(self, life: AlertLife, clock: Clock) -> None:
        self._life = life
        self._clock = clock
        self._own: dict[str, frozenset[str]] = {}  # native ids, by connection

    def learn(self, snapshot: Snapshot) -> None:
        """Take in what a listing says of us."""
        self._own[snapshot.connection] = snapshot.own

    async def tell(self, unit: Unit, catalogue: Catalogue) -> None:
        """One alert for each credential of ours within a week of its end, settled when another is in its place."""
        now = self._clock.now()
        held = await self._life.of(unit, OWN_CREDENTIAL)
        for entry in catalogue.entries:
            if not self._ours(entry) or entry.expires_at is None or entry.expires_at - now > OWN_WITHIN:
                continue
            ends = entry.expires_at.isoformat()
            alert = held.pop(entry.item.id, None)
            if alert is not None and alert.bucket == ends:
                continue
            payload = {"ends": ends, "name": entry.name, "connection": entry.item.connection}
            opened = await self._life.open(
                unit, OWN_CREDENTIAL, entry.item.id, ends, payload, about=entry.item.ref
            )
            if alert is not None:
                await self._life.resolve(unit, alert, cards.own_renewed(alert.ref, alert.payload))
            if opened is not None:
                await self._life.show(unit, opened, cards.own_ending(opened.ref, entry, now))
        for left in held.values():
            if left.payload.get("connection", "") in self._own:
                await self._life.resolve(unit, left, cards.own_renewed(left.ref, left.payload))

    def _ours(self, entry: Entry) -> bool:
        credential = entry.credential
        return credential is not None and credential.native_id in self._own.get(
            entry.item.connection, frozenset()
        )
