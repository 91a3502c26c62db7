"""One message per person per day, and one for the team per week: what waits, and nothing when nothing does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.alerts import escalation as cards
from bot.alerts.lifecycle import LIVE, told_to
from bot.alerts.model import UNREACHABLE, Alert, severity_of
from bot.alerts.repository import AlertRepository
from bot.chat.codec import encode_reply
from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Data,
    Fields,
    Heading,
    Mention,
    Note,
    Para,
    Part,
    Reply,
    Span,
    Typed,
    When,
)
from bot.chat.quiet_hours import day_of, zone_of
from bot.clock import Clock
from bot.config import AlertSettings
from bot.config.policies import MustOwn, Policies
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.findings.model import FindingRow, FindingState, Severity
from bot.findings.repository import FindingRepository, SuppressionRepository
from bot.inventory.catalogue import Catalogue, Entry, Inventory, label
from bot.inventory.expiry_clusters import clusters, stagger
from bot.inventory.model import Ownership, OwnershipState
from bot.inventory.repository import OwnershipRepository
from bot.text import plural


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
            live = await unit[AlertRepository].all(LIVE)
            ownerships = await unit[OwnershipRepository].live()
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
            findings = await unit[FindingRepository].all(None, frozenset({FindingState.OPEN}))
            suppressed = await unit[SuppressionRepository].live(now)
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


UNANSWERED_FOR = timedelta(days=7)
LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Everything a week is told from."""

    catalogue: Catalogue
    alerts: tuple[Alert, ...]
    ownerships: tuple[Ownership, ...]
    findings: tuple[FindingRow, ...]
    suppressed: int
    policies: Policies
    now: datetime

    @property
    def entries(self) -> list[Entry]:
        """What counts as an integration."""
        return [entry for entry in self.catalogue.entries if not entry.everyday]

    @property
    def unowned(self) -> list[Entry]:
        """Those that lack whom the policy asks for."""
        if self.policies.must_own is MustOwn.NOBODY:
            return []
        both = self.policies.must_own is MustOwn.OWNER_AND_BACKUP
        return [e for e in self.entries if self.catalogue.orphaned(e) or (both and e.backup is None)]

    @property
    def unattested(self) -> int:
        """Ownerships nobody stood by for longer than the policy allows."""
        oldest = self.now - timedelta(days=self.policies.attest_days)
        accepted = (o for o in self.ownerships if o.state is OwnershipState.ACCEPTED)
        return sum(o.confirmed_at < oldest for o in accepted)


def weekly(week: Week) -> Reply:
    """The digest."""
    now = week.now
    ends = [e.expires_at for e in week.entries if e.expires_at]
    month = sum(now < end <= now + timedelta(days=30) for end in ends)
    by_severity = Counter(row.finding.severity for row in week.findings)
    open_alerts = Counter(severity_of(a) for a in week.alerts if a.rule != UNREACHABLE)
    pairs: list[tuple[str, tuple[Span, ...]]] = [
        ("Open alerts", (_counts(open_alerts),)),
        ("Findings", (_counts(by_severity), f", {week.suppressed} suppressed" if week.suppressed else "")),
        ("Expire within 30 days", (f"{month:,}",)),
    ]
    if week.policies.must_own is not MustOwn.NOBODY:
        pairs.append(("Lack an owner", (f"{len(week.unowned):,} of {len(week.entries):,}",)))
    pairs.append(("Ownership not confirmed lately", (f"{week.unattested:,}",)))
    parts: list[Part] = [Heading("The week ahead"), Fields(tuple(pairs))]
    if reviews := _for_review(week):
        parts += [Para(("For the next review:",)), Bullets(reviews)]
    if steep := forecast_lines(ends, now):
        parts += [Para(("Many expire on one day:",)), Bullets(steep)]
    waiting = [
        o
        for o in week.ownerships
        if o.state is OwnershipState.PROPOSED and now - o.proposed_at > UNANSWERED_FOR
    ]
    if waiting:
        asked: list[Span] = ["Asked to own something a week ago or longer, no answer: "]
        for at, person in enumerate(sorted({o.person for o in waiting})[:LINES]):
            asked += [", " if at else "", Mention(person)]
        parts.append(Para((*asked, ". Nobody owns it until they accept: ask somebody else.")))
    unreachable = [a.subject for a in week.alerts if a.rule == UNREACHABLE]
    if unreachable:
        people: list[Span] = ["Cannot get direct messages from Handover: "]
        for at, person in enumerate(unreachable[:LINES]):
            people += [", " if at else "", Mention(person)]
        parts.append(Para((*people, ".")))
    parts += [
        Buttons(
            (
                Button("Findings", "run", "findings"),
                Button("List Orphaned", "run", "list orphaned"),
                Button("Forecast", "run", "forecast"),
            )
        ),
        Note(
            (
                "Sent once a week. Or type ",
                Typed("findings"),
                " · ",
                Typed("list orphaned"),
                " · ",
                Typed("forecast"),
            )
        ),
    ]
    summary = (
        f"The week: {_counts(open_alerts)} alerts, {plural(len(week.findings), 'finding')}, "
        f"{month} expire within 30 days. Check what has no owner."
    )
    return Reply(summary=summary, parts=tuple(parts))


def _counts(counted: Counter[Severity]) -> str:
    return ", ".join(f"{counted[severity]} {severity.value}" for severity in Severity)


def _for_review(week: Week) -> tuple[tuple[Span, ...], ...]:
    kinds = Counter(row.finding.title for row in week.findings if row.finding.severity is Severity.P3)
    return tuple((Data(title), f": {count}") for title, count in kinds.most_common(LINES))


def forecast_lines(ends: list[datetime], now: datetime) -> tuple[tuple[Span, ...], ...]:
    """Each day with many ends, and how to spread the renewals before it."""
    lines: list[tuple[Span, ...]] = []
    for cliff in clusters(ends, now)[:LINES]:
        plan = stagger(cliff, now.date())
        day = datetime(cliff.day.year, cliff.day.month, cliff.day.day, 12, tzinfo=now.tzinfo)
        first = day.replace(year=plan.first.year, month=plan.first.month, day=plan.first.day)
        last = day.replace(year=plan.last.year, month=plan.last.month, day=plan.last.day)
        lines.append(
            (f"{cliff.count} expire on ", When(day), f". Renew at most {plan.per_day} a working day from ", When(first),
             " to ", When(last), ".")
        )  # fmt: skip
    return tuple(lines)
