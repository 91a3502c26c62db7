"""Alerts that nobody takes go to their owner, then the backup, then everybody, then those who decide.

What is urgent goes by direct message at once; the rest is in the person's daily digest from then on. A person who
cannot be reached, and a rung where nobody stands, is passed over at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from bot.clock import Clock
from bot.config import AlertSettings
from bot.domain.alert_rules import CLIMBS, OWNER_GONE, UNREACHABLE, severity_of
from bot.domain.conversation import Reply, Role
from bot.domain.conversation_codec import encode_reply
from bot.domain.finding import Severity
from bot.domain.ladder import Rung, rung_at
from bot.domain.quiet_hours import zone_of
from bot.domain.records import Alert, AlertState, Posting
from bot.domain.text import fold
from bot.services import escalation_cards as cards
from bot.services.access import Access
from bot.services.alert_life import LIVE, told_to
from bot.services.holdings import holdings
from bot.services.inventory import Catalogue, Entry, Inventory
from bot.store import Store, Unit

OPEN = frozenset({AlertState.OPEN})


class Escalation:
    """Looks once a minute; what it says of one alert and rung it says once."""

    def __init__(
        self,
        store: Store,
        inventory: Inventory,
        access: Access,
        settings: AlertSettings,
        channel: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._access = access
        self._settings = settings
        self._channel = channel
        self._clock = clock

    async def climb(self) -> int:
        """Move every alert that nobody took to the rung it is due on; how many moved."""
        async with self._store.read() as unit:
            due = [(a.id, rung) for a in await unit.alerts.all(OPEN) if (rung := self._due(a)) > a.rung]
        if not due:
            return 0
        approvers = await self._access.holders(
            Role.APPROVER
        )  # asked before the transaction: it may ask Slack
        async with self._store.write() as unit:
            return await self._move(unit, due, approvers)

    def _due(self, alert: Alert) -> Rung:
        if alert.acknowledged_by or alert.rule not in CLIMBS:
            return Rung.OPENED
        return rung_at(
            severity_of(alert), alert.opened_at, self._clock.now(), self._settings.escalate_after_h
        )

    async def _move(self, unit: Unit, due: list[tuple[str, Rung]], approvers: Collection[str]) -> int:
        catalogue = await self._inventory.within(unit)
        live = await unit.alerts.all(LIVE)
        silent = {a.subject for a in live if a.rule == UNREACHABLE}
        silent |= {p.slack_id for p in catalogue.people.values() if p.gone}
        now = {alert.id: alert for alert in live}
        by_person: dict[str, list[Alert]] = {}
        everybody: list[Alert] = []
        moved = 0
        for alert_id, target in due:
            alert = now.get(alert_id)
            if alert is None or self._due(alert) <= alert.rung:
                continue
            moved += 1
            rung, told = Rung(alert.rung), set(told_to(alert))
            while rung < target and (above := rung.next):
                rung = above
                who = self._who(rung, alert, catalogue, approvers) - silent - told
                if rung is Rung.CHANNEL:
                    everybody.append(alert)
                elif not who and rung in {Rung.OWNER, Rung.BACKUP} and rung == target:
                    target = rung.next or target  # nobody stands here
                told |= who
                if severity_of(alert) is Severity.P1:
                    for person in who:
                        by_person.setdefault(person, []).append(alert)
            payload = {**alert.payload, "told": " ".join(sorted(told))}
            await unit.alerts.amend(replace(alert, rung=int(rung), payload=payload))
            await unit.audit.append("system", "alert:climbed", alert.ref, {"to": rung.name.lower()})
        for person, alerts in by_person.items():
            await self._tell(unit, person, cards.for_one(alerts, catalogue), alerts, catalogue)
        if everybody:
            await self._tell(unit, self._channel, cards.for_all(everybody, catalogue), everybody, catalogue)
        return moved

    def _who(self, rung: Rung, alert: Alert, catalogue: Catalogue, approvers: Collection[str]) -> set[str]:
        if rung is Rung.APPROVERS:
            return set(approvers)
        entries = about(alert, catalogue)
        if rung is Rung.OWNER:
            owners = {e.owner.person for e in entries if e.owner}
            return owners | set(alert.payload.get("owners", "").split()) | ({alert.assignee} - {""})
        return {e.backup.person for e in entries if e.backup} if rung is Rung.BACKUP else set()

    async def _tell(
        self, unit: Unit, to: str, reply: Reply, alerts: list[Alert], catalogue: Catalogue
    ) -> None:
        person, now = catalogue.people.get(to), self._clock.now()
        not_before = now
        if person is not None and not self._settings.urgent_any_time:
            not_before = self._settings.quiet_hours.over(now, zone_of(person.tz))
        which = " ".join(sorted(f"{alert.id}:{alert.rung}:{alert.opened_at.isoformat()}" for alert in alerts))
        key = hashlib.sha256(which.encode()).hexdigest()[:24]
        posting = Posting(idem_key=f"ladder:{to}:{key}", channel=to, body=encode_reply(reply))
        await unit.outbox.put(posting, not_before)


def about(alert: Alert, catalogue: Catalogue) -> tuple[Entry, ...]:
    """The lines of the inventory that an alert is about."""
    if alert.rule == OWNER_GONE:
        email = alert.payload.get("email", alert.subject)
        person = next(
            (p for p in catalogue.people.values() if p.email and fold(p.email) == fold(email)), None
        )
        return holdings(catalogue, email, person).entries
    entry = catalogue.by_item.get(alert.subject)
    return (entry,) if entry else ()
