"""The team's week: what is for the next review, what ends ahead and how to spread it, whom nobody can reach."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alert_rules import UNREACHABLE, severity_of
from bot.domain.cliffs import cliffs, stagger
from bot.domain.conversation import (
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
from bot.domain.finding import Severity
from bot.domain.policies import MustOwn, Policies
from bot.domain.records import Alert, FindingRow, Ownership, OwnershipState
from bot.domain.text import plural
from bot.services.inventory import Catalogue, Entry

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
        return sum(o.vouched_at < oldest for o in accepted)


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
        ("End within 30 days", (f"{month:,}",)),
    ]
    if week.policies.must_own is not MustOwn.NOBODY:
        pairs.append(("Lack an owner", (f"{len(week.unowned):,} of {len(week.entries):,}",)))
    pairs.append(("Not attested lately", (f"{week.unattested:,}",)))
    parts: list[Part] = [Heading("The week ahead"), Fields(tuple(pairs))]
    if reviews := _for_review(week):
        parts += [Para(("For the next review:",)), Bullets(reviews)]
    if steep := forecast_lines(ends, now):
        parts += [Para(("Much ends at once:",)), Bullets(steep)]
    waiting = [
        o
        for o in week.ownerships
        if o.state is OwnershipState.PROPOSED and now - o.proposed_at > UNANSWERED_FOR
    ]
    if waiting:
        asked: list[Span] = ["Asked to own something a week ago or longer, and silent: "]
        for at, person in enumerate(sorted({o.person for o in waiting})[:LINES]):
            asked += [", " if at else "", Mention(person)]
        parts.append(Para((*asked, ". Silence makes nobody an owner: ask somebody else.")))
    unreachable = [a.subject for a in week.alerts if a.rule == UNREACHABLE]
    if unreachable:
        people: list[Span] = ["Get no direct messages from us: "]
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
                "Comes once a week. Or type ",
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
        f"{month} end within 30 days. Look at what has no owner."
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
    for cliff in cliffs(ends, now)[:LINES]:
        plan = stagger(cliff, now.date())
        day = datetime(cliff.day.year, cliff.day.month, cliff.day.day, 12, tzinfo=now.tzinfo)
        first = day.replace(year=plan.first.year, month=plan.first.month, day=plan.first.day)
        last = day.replace(year=plan.last.year, month=plan.last.month, day=plan.last.day)
        lines.append(
            (f"{cliff.count} end on ", When(day), f". Renew at most {plan.per_day} a working day from ", When(first),
             " to ", When(last), ".")
        )  # fmt: skip
    return tuple(lines)
