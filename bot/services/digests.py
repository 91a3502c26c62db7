"""One message per person per day, and one for the team per week: what waits, and nothing when nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.clock import Clock
from bot.config import AlertSettings
from bot.domain.alert_rules import UNREACHABLE
from bot.domain.conversation import Reply
from bot.domain.conversation_codec import encode_reply
from bot.domain.finding import FindingState
from bot.domain.policies import Policies
from bot.domain.quiet_hours import day_of, zone_of
from bot.domain.records import Alert, Ownership, OwnershipState, Posting
from bot.services import escalation_cards as cards
from bot.services.alert_life import LIVE, told_to
from bot.services.inventory import Catalogue, Inventory, label
from bot.services.weekly import Week, weekly
from bot.store import Store


class Digests:
    """Sends what is due; the outbox knows each day and week by name, so that none comes twice."""

    def __init__(
        self,
        store: Store,
        inventory: Inventory,
        settings: AlertSettings,
        policies: Policies,
        channel: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._settings = settings
        self._policies = policies
        self._channel = channel
        self._clock = clock
        self._done: dict[
            str, date
        ] = {}  # by person, or "" for the team: the day or Monday that was looked at

    async def send(self) -> int:
        """Queue every digest that is due; how many."""
        now = self._clock.now()
        catalogue = await self._inventory.catalogue()
        async with self._store.read() as unit:
            live = await unit.alerts.all(LIVE)
            ownerships = await unit.ownerships.live()
        due: list[tuple[str, str, Reply]] = []
        looked: dict[str, date] = {}
        for person, (alerts, asked) in self._waiting(live, ownerships, catalogue).items():
            day = self._day(person, catalogue, now)
            if day is not None and self._done.get(person) != day:
                looked[person] = day
                names = [label(item) for item in catalogue.items if item.id in asked]
                due.append((person, f"digest:{person}:{day}", cards.daily(alerts, sorted(names), catalogue)))
        monday = self._monday(catalogue, now)
        if monday is not None and self._done.get("") != monday:
            looked[""] = monday
            due.append(
                (self._channel, f"weekly:{monday}", await self._weekly(catalogue, live, ownerships, now))
            )
        queued = 0
        if due:
            async with self._store.write() as unit:
                for to, key, reply in due:
                    queued += await unit.outbox.put(
                        Posting(idem_key=key, channel=to, body=encode_reply(reply))
                    )
        self._done |= looked  # only once it is committed
        return queued

    @staticmethod
    def _waiting(
        live: tuple[Alert, ...], ownerships: tuple[Ownership, ...], catalogue: Catalogue
    ) -> Mapping[str, tuple[list[Alert], set[str]]]:
        silent = {a.subject for a in live if a.rule == UNREACHABLE}
        waiting: dict[str, tuple[list[Alert], set[str]]] = {}
        for alert in live:
            quiet = alert.snoozed_until is not None
            others = bool(alert.acknowledged_by)
            for person in told_to(alert):
                if not quiet and (not others or alert.acknowledged_by == person):
                    waiting.setdefault(person, ([], set()))[0].append(alert)
        for ownership in ownerships:
            if ownership.state is OwnershipState.PROPOSED:
                waiting.setdefault(ownership.person, ([], set()))[1].add(ownership.item_id)
        known = catalogue.people
        return {
            person: each
            for person, each in waiting.items()
            if person not in silent and person in known and not known[person].gone
        }

    def _day(self, person: str, catalogue: Catalogue, now: datetime) -> date | None:
        zone = zone_of(catalogue.people[person].tz)
        if self._settings.quiet_hours.holds(now, zone):
            return None
        return day_of(now, zone, self._settings.digest_at)

    def _monday(self, catalogue: Catalogue, now: datetime) -> date | None:
        """This week's Monday, once its hour has come and if there was anything to know by then."""
        zone = zone_of(self._settings.timezone)
        today = now.astimezone(zone).date()
        monday = today - timedelta(days=today.weekday())
        at = datetime.combine(monday, self._settings.digest_at, zone)
        if now < at or not any(item.first_seen < at for item in catalogue.items):
            return None
        return monday

    async def _weekly(
        self, catalogue: Catalogue, live: tuple[Alert, ...], ownerships: tuple[Ownership, ...], now: datetime
    ) -> Reply:
        async with self._store.read() as unit:
            findings = await unit.findings.all(None, frozenset({FindingState.OPEN}))
            suppressed = await unit.suppressions.live(now)
        week = Week(
            catalogue=catalogue,
            alerts=live,
            ownerships=ownerships,
            findings=tuple(row for row in findings if row.id not in suppressed),
            suppressed=len(suppressed),
            policies=self._policies,
            now=now,
        )
        return weekly(week)
