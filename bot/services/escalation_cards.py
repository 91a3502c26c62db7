"""The words of the ladder and of digests. First line: how much, and the one thing to do."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.alert_rules import severity_of
from bot.domain.conversation import Bullets, Button, Buttons, Heading, Note, Para, Part, Reply, Span, Typed
from bot.domain.finding import Severity
from bot.domain.records import Alert
from bot.domain.text import plural
from bot.services.alert_lines import alert_line, subject_of
from bot.services.inventory import Catalogue

LINES = 10


def for_one(alerts: Sequence[Alert], catalogue: Catalogue) -> Reply:
    """To somebody who answers for what these are about."""
    first = alerts[0]
    spans: list[Span] = [*subject_of(first, catalogue)]
    summary = f"{plural(len(alerts), 'alert')} about what you answer for. Say that you are on it, or who is."
    parts: list[Part] = [
        Heading("An alert needs you" if len(alerts) == 1 else "Alerts need you"),
        Para(("You answer for this, and nobody is on it yet: ", *spans, ".") if len(alerts) == 1 else
             (f"You answer for these {len(alerts)}, and nobody is on them yet.",)),
        *_lines(alerts, catalogue),
    ]  # fmt: skip
    if len(alerts) == 1:
        parts += [
            Buttons(
                (
                    Button("I Am On It", "alert.ack", first.ref, style="primary", hint="Take this alert"),
                    Button("Snooze", "alert.snooze", first.ref, hint="Be quiet about this alert"),
                    Button("Not Mine", "alert.notmine", first.ref, hint="Say that this alert is not yours"),
                )
            ),
            Note(("Or type ", Typed(f"ack {first.ref}"), " · ", Typed(f"notmine {first.ref} @person"))),
        ]
    else:
        parts += [
            Buttons((Button("Show Alerts", "run", "alerts"),)),
            Note(("Or type ", Typed(f"ack {first.ref}"), " for each · ", Typed("alerts"))),
        ]
    return Reply(summary=summary, parts=tuple(parts))


def for_all(alerts: Sequence[Alert], catalogue: Catalogue) -> Reply:
    """To the channel: nobody takes these."""
    first = alerts[0]
    summary = f"Nobody is on {plural(len(alerts), 'alert')}. Somebody has to take it."
    if len(alerts) > 1:
        summary = f"Nobody is on {len(alerts)} alerts. Somebody has to take them."
    return Reply(
        summary=summary,
        parts=(
            Heading("Nobody is on it"),
            Para((summary,)),
            *_lines(alerts, catalogue),
            Buttons((Button("Show Alerts", "run", "alerts"),)),
            Note(("Owners and backups were told, where there are any. Or type ", Typed(f"ack {first.ref}"), " · ",
                  Typed("alerts"))),
        ),
    )  # fmt: skip


def daily(alerts: Sequence[Alert], asked: Sequence[str], catalogue: Catalogue) -> Reply:
    """One person's day: alerts that wait for them, and accounts they were asked to answer for."""
    urgent = sum(severity_of(a) is Severity.P1 for a in alerts)
    counted = []
    if alerts:
        counted.append(f"{plural(len(alerts), 'alert')}{f', {urgent} urgent' if urgent else ''}")
    if asked:
        counted.append(f"{plural(len(asked), 'account')} you were asked to answer for")
    said = " and ".join(counted)
    parts: list[Part] = [Heading("Your day"), Para((f"Waiting for you: {said}.",))]
    ordered = sorted(alerts, key=lambda a: (severity_of(a).value, a.opened_at))
    parts += _lines(ordered, catalogue)
    if asked:
        parts.append(
            Para(("Asked and not answered: ", ", ".join(asked[:LINES]), ". It is yours only if you accept."))
        )
    parts += [
        Buttons((Button("Show Alerts", "run", "alerts"), Button("List Mine", "run", "list mine"))),
        Note(
            ("Comes once a day while something waits. Or type ", Typed("alerts"), " · ", Typed("list mine"))
        ),
    ]
    return Reply(summary=f"Waiting for you today: {said}.", parts=tuple(parts))


def _lines(alerts: Sequence[Alert], catalogue: Catalogue) -> list[Part]:
    parts: list[Part] = (
        [Bullets(tuple(alert_line(alert, catalogue) for alert in alerts[:LINES]))] if alerts else []
    )
    if len(alerts) > LINES:
        parts.append(Para((f"… and {len(alerts) - LINES} more. See ", Typed("alerts"), " for all.")))
    return parts
