"""The Home tab: what needs you now, how things stand, what ends ahead, and how the bot itself does."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.alerts.attention import waiting_for
from bot.alerts.lifecycle import LIVE
from bot.alerts.model import UNREACHABLE, Alert, severity_of
from bot.alerts.repository import AlertRepository
from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Code,
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
from bot.dispatch import Context, button
from bot.findings.model import FindingState, Severity
from bot.findings.repository import FindingRepository, SuppressionRepository
from bot.inventory.catalogue import Catalogue
from bot.inventory.messages import chart, ends_ahead
from bot.inventory.model import ConnectionState
from bot.inventory.repository import ConnectionRepository
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from bot.text import clean, plural

_SOON = (timedelta(days=7), timedelta(days=30))
_UNDER_WAY = frozenset(state for state in RequestState if state.live)
MONTHS = 6
SHOWN = 5


@button("home")
async def home(context: Context) -> Reply:
    """What the Home tab shows."""
    catalogue = await context.services.inventory.catalogue()
    now = context.services.clock.now()
    async with context.services.store.read() as unit:
        findings = await unit[FindingRepository].all(None, frozenset({FindingState.OPEN}))
        suppressed = await unit[SuppressionRepository].live(now)
        states = [await unit[ConnectionRepository].get(c) for c in context.services.settings.connections]
        requests, under_way = await unit[RequestRepository].page(_UNDER_WAY, None, SHOWN, 0)
        alerts = await unit[AlertRepository].all(LIVE)
    needs = await waiting_for(context.services.store, context.caller)
    parts: list[Part] = []
    if not any(state.last_success for state in states):
        parts += _first_run(len(states))
    parts.append(Heading("Waiting for you"))
    parts.append(
        Bullets(tuple((need,) for need in needs)) if needs else Para(("Nothing is waiting for you.",))
    )
    counted = Counter(row.finding.severity for row in findings if row.id not in suppressed)
    parts += [Heading("How things stand"), Fields(_counts(context, catalogue, alerts, counted))]
    ends = ends_ahead(catalogue, now)
    parts += [Heading("What ends ahead"), chart(ends, now, MONTHS)]
    if requests:
        parts += [Heading("Handovers under way"), Bullets(tuple(_request(r) for r in requests))]
        if under_way > len(requests):
            parts.append(Para((f"… and {under_way - len(requests)} more: ", Typed("requests all"))))
    parts += [
        Heading("Connections"),
        Bullets(tuple(_connection(state) for state in states) or (("none configured",),)),
    ]
    if unreachable := [a.subject for a in alerts if a.rule == UNREACHABLE]:
        people: list[Span] = ["Cannot get direct messages from Handover: "]
        for at, person in enumerate(unreachable[:SHOWN]):
            people += [", " if at else "", Mention(person)]
        parts.append(Para(tuple(people)))
    parts += [
        Buttons(
            (
                Button("List Expiring", "run", "list expiring"),
                Button("List Orphaned", "run", "list orphaned"),
                Button("Requests", "run", "requests"),
            )
        ),
        Buttons((Button("Alerts", "run", "alerts"), Button("Findings", "run", "findings"))),
        Note(("Shown anew when anything changes. Or type ", Typed("alerts"), " · ", Typed("findings"))),
    ]
    return Reply(summary="Handover", parts=tuple(parts))


def _first_run(connections: int) -> list[Part]:
    """What to do before there is anything to see."""
    there = (
        f"{plural(connections, 'connection')} configured, none listed yet."
        if connections
        else "No connection yet."
    )
    return [
        Heading("Getting started"),
        Para((there,)),
        Bullets(
            (
                ("Look at a system: ", Typed("scan")),
                ("See who integrations log in as: ", Typed("list personal")),
                ("Give each an owner: ", Typed("owner set <id> @person")),
                ("Move one to an account of its own: ", Typed("handover <id> to <account>")),
            ),
            numbered=True,
        ),
    ]


def _counts(
    context: Context, catalogue: Catalogue, alerts: tuple[Alert, ...], findings: Counter[Severity]
) -> tuple[tuple[str, tuple[Span, ...]], ...]:
    entries = [e for e in catalogue.entries if not e.everyday]  # what `list` lists
    now = context.services.clock.now()
    week, month = (
        sum(e.expires_at is not None and e.expires_at - now <= span for e in entries) for span in _SOON
    )
    open_alerts = Counter(severity_of(a) for a in alerts if a.rule != UNREACHABLE)

    def by_severity(counted: Counter[Severity]) -> str:
        return ", ".join(f"{counted[severity]} {severity.value}" for severity in Severity)

    return (
        ("Accounts and credentials", (f"{len(entries):,}",)),
        ("Without an owner", (f"{sum(catalogue.orphaned(e) for e in entries):,}",)),
        ("Expire within 7 days", (f"{week:,}",)),
        ("Expire within 30 days", (f"{month:,}",)),
        ("Alerts", (by_severity(open_alerts),)),
        ("Findings", (by_severity(findings),)),
    )


def _request(request: ChangeRequest) -> tuple[Span, ...]:
    return (Code(request.ref), " ", Data(clean(request.plan.title, 120)), f": {request.state.value}")


def _connection(state: ConnectionState) -> tuple[Span, ...]:
    """How fresh it is, and whether it can be seen."""
    if state.last_success is None:
        trouble = f": {clean(state.last_error, 160)}" if state.last_error else ""
        return (state.connection, " was never listed", Data(trouble))
    spans: list[Span] = [state.connection, " listed ", When(state.last_success, "ago")]
    if state.blind_polls:
        spans += [", not visible: ", Data(clean(state.last_error, 160))]
    elif state.gaps:
        spans += [f", {plural(len(state.gaps), 'coverage gap')}: ", Typed("status")]
    else:
        spans.append(", all of it seen")
    return tuple(spans)
