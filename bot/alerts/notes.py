"""Short words beneath and beside alerts: who has it, what somebody answered, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.alerts.model import (
    AUDIT_LOG_CHANGED,
    CREDENTIAL_GONE,
    EXPIRY,
    INCIDENT,
    LISTING_REJECTED,
    NOT_USED,
    NOT_VISIBLE,
    OWN_CREDENTIAL,
    OWNER_GONE,
    UNREACHABLE,
    Alert,
    AlertState,
    severity_of,
)
from bot.chat.model import Bullets, Code, Data, Mention, Note, Para, Reply, Span, Typed, When
from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.messages import ends_when, name_of, owner_of
from bot.text import clean, plural

LINES = 10


def standing(alert: Alert) -> Note:
    """How urgent it is, and who has it."""
    spans: list[Span] = [f"{severity_of(alert).value} · "]
    if alert.acknowledged_by:
        spans += ["Acknowledged by ", Mention(alert.acknowledged_by)]
        if alert.acknowledged_at:
            spans += [" since ", When(alert.acknowledged_at, "time")]
        spans.append(".")
    elif alert.assignee:
        spans += [
            "assigned to ",
            Mention(alert.assignee),
            ", not acknowledged yet: ",
            Typed(f"ack {alert.ref}"),
        ]
    else:
        spans += ["Not acknowledged yet: ", Typed(f"ack {alert.ref}")]
    if alert.state is AlertState.SNOOZED and alert.snoozed_until:
        spans += [" · snoozed until ", When(alert.snoozed_until, "time")]
    return Note(tuple(spans))


def _one_line(summary: str, *spans: Span) -> Reply:
    return Reply(summary=summary, parts=(Para(spans),))


def snoozed(by: str, until: datetime, reason: str) -> Reply:
    """Somebody snoozed an alert."""
    return _one_line(
        "This alert was snoozed.",
        Mention(by), " snoozed this until ", When(until, "time"), ": ", Data(clean(reason, 300)),
    )  # fmt: skip


def woke(ref: str) -> Reply:
    """A snooze is over."""
    text = "The snooze is over and the cause remains."
    return _one_line(text, f"{text} ", Code(f"alert {ref}"))


def not_mine(by: str, instead: str) -> Reply:
    """Somebody says an alert is not theirs."""
    asked: tuple[Span, ...] = (" They suggest ", Mention(instead), " instead.") if instead else ()
    return _one_line("Somebody says this is not theirs.", Mention(by), " says this is not theirs.", *asked)


def acknowledged(by: str, note: str) -> Reply:
    """Somebody sees to it."""
    said: tuple[Span, ...] = (": ", Data(clean(note, 300))) if note else (".",)
    return _one_line("This alert was acknowledged.", "Acknowledged by ", Mention(by), *said)


def assigned(by: str, to: str) -> Reply:
    """Somebody was asked to see to it."""
    return _one_line("This alert was assigned.", Mention(by), " assigned this to ", Mention(to), ".")


def returned() -> Reply:
    """The cause is back within a day."""
    text = "The cause is back within a day. This alert is open again."
    return _one_line(text, text)


def renewed(entry: Entry, now: datetime) -> Reply:
    """A new end date."""
    return _one_line("It was renewed.", *name_of(entry), " was renewed: ", *ends_when(entry, now), ".")


def ended(name: str) -> Reply:
    """What was near its end is there no more."""
    return _one_line("It is no longer there.", Data(clean(name, 80), strong=True), " is no longer there.")


def used_again(entry: Entry) -> Reply:
    """A use was seen after a missed beat."""
    return _one_line("It is in use again.", *name_of(entry), " is in use again.")


def inside(fresh: Sequence[tuple[Entry, str]], catalogue: Catalogue, now: datetime) -> Reply:
    """What else is true of things that a larger alert covers, said in its thread instead of by itself."""
    lines = tuple(
        (*name_of(entry), f": {said} · ", *ends_when(entry, now), " · owner ", *owner_of(entry, catalogue))
        if entry.expires_at
        else (*name_of(entry), f": {said} · owner ", *owner_of(entry, catalogue))
        for entry, said in fresh[:LINES]
    )
    more = (Para((f"… and {len(fresh) - LINES} more.",)),) if len(fresh) > LINES else ()
    summary = f"Also under this alert, as of the last scan: {plural(len(fresh), 'item')}."
    return Reply(summary=summary, parts=(Para((summary,)), Bullets(lines), *more))


_TITLES = {
    OWNER_GONE: "owner deactivated",
    EXPIRY: "expiry",
    NOT_VISIBLE: "not visible",
    LISTING_REJECTED: "listing rejected",
    NOT_USED: "not used when expected",
    CREDENTIAL_GONE: "credential gone",
    INCIDENT: "many credentials gone",
    OWN_CREDENTIAL: "Handover's own sign-in expires",
    AUDIT_LOG_CHANGED: "audit log changed",
    UNREACHABLE: "cannot get direct messages",
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
        spans += [", expires ", When(datetime.fromisoformat(ends))]
    spans += [" · since ", When(alert.opened_at, "ago")]
    if alert.state is AlertState.SNOOZED and alert.snoozed_until:
        spans += [" · snoozed until ", When(alert.snoozed_until, "time")]
    if alert.acknowledged_by:
        spans += [" · acknowledged by ", Mention(alert.acknowledged_by)]
    elif alert.assignee:
        spans += [" · assigned to ", Mention(alert.assignee)]
    return (*spans, " · ", Code(alert.ref))


def alert_words(alert: Alert, catalogue: Catalogue) -> str:
    """What an alert is searched by."""
    entry = catalogue.by_item.get(alert.subject)
    about = entry.words if entry else f"{alert.subject} {alert.payload.get('name', '')}"
    return f"{severity_of(alert).value} {alert.rule} {_TITLES.get(alert.rule, '')} {about} {alert.ref}"
