"""One alert in one line, for lists and digests."""

from __future__ import annotations

from datetime import datetime

from bot.domain.alert_rules import (
    BLIND,
    BRAKE,
    CREDENTIAL_GONE,
    EXPIRY,
    INCIDENT,
    MISSED_BEAT,
    OWN_CREDENTIAL,
    OWNER_GONE,
    TRAIL_BROKEN,
    UNREACHABLE,
    severity_of,
)
from bot.domain.conversation import Code, Data, Mention, Span, When
from bot.domain.records import Alert, AlertState
from bot.domain.text import clean
from bot.services.inventory import Catalogue

_TITLES = {
    OWNER_GONE: "owner deactivated",
    EXPIRY: "expiry",
    BLIND: "cannot be seen",
    BRAKE: "listing not believed",
    MISSED_BEAT: "missed use",
    CREDENTIAL_GONE: "credential gone",
    INCIDENT: "many credentials gone",
    OWN_CREDENTIAL: "Handover's own sign-in ends",
    TRAIL_BROKEN: "not as it was written",
    UNREACHABLE: "gets no direct messages",
}


def subject_of(alert: Alert, catalogue: Catalogue) -> tuple[Span, ...]:
    """What it is about."""
    if entry := catalogue.by_item.get(alert.subject):
        return (Data(clean(entry.name, 60), strong=True), " ", Code(entry.item.ref))
    if alert.rule == UNREACHABLE:
        return (Mention(alert.subject),)
    name = alert.payload.get("name") or alert.payload.get("email") or alert.subject
    return (Data(clean(name, 80), strong=True),)


def alert_line(alert: Alert, catalogue: Catalogue) -> tuple[Span, ...]:
    """How urgent, what, since when, and who has it."""
    spans: list[Span] = [f"{severity_of(alert).value} ", *subject_of(alert, catalogue)]
    spans.append(f": {_TITLES.get(alert.rule, alert.rule)}")
    if ends := alert.payload.get("ends"):
        spans += [", ends ", When(datetime.fromisoformat(ends))]
    spans += [" · since ", When(alert.opened_at, "ago")]
    if alert.state is AlertState.SNOOZED and alert.snoozed_until:
        spans += [" · quiet until ", When(alert.snoozed_until, "time")]
    if alert.acknowledged_by:
        spans += [" · ", Mention(alert.acknowledged_by), " is on it"]
    elif alert.assignee:
        spans += [" · for ", Mention(alert.assignee)]
    return (*spans, " · ", Code(alert.ref))


def alert_words(alert: Alert, catalogue: Catalogue) -> str:
    """What an alert is searched by."""
    entry = catalogue.by_item.get(alert.subject)
    about = entry.words if entry else f"{alert.subject} {alert.payload.get('name', '')}"
    return f"{severity_of(alert).value} {alert.rule} {_TITLES.get(alert.rule, '')} {about} {alert.ref}"
