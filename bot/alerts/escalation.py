"""Alerts that nobody takes go to their owner, then the backup, then everybody, then those who decide.

What is urgent goes by direct message at once; the rest is in the person's daily digest from then on. A person who
cannot be reached, and a rung where nobody stands, is passed over at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from bot.alerts.lifecycle import LIVE, told_to
from bot.alerts.model import (
    CLIMBS,
    OWNER_GONE,
    UNREACHABLE,
    Alert,
    AlertState,
    EscalationLevel,
    level_at,
    severity_of,
)
from bot.alerts.notes import alert_line, subject_of
from bot.alerts.repository import AlertRepository
from bot.audit.repository import AuditLog
from bot.chat.codec import encode_reply
from bot.chat.model import Bullets, Button, Buttons, Heading, Note, Para, Part, Reply, Role, Span, Typed
from bot.chat.quiet_hours import zone_of
from bot.clock import Clock
from bot.config import AlertSettings
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.db.unit import Unit
from bot.findings.model import Severity
from bot.inventory.catalogue import Catalogue, Entry, Inventory
from bot.inventory.holdings import holdings
from bot.people.access import Access
from bot.text import plural

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

    async def escalate(self) -> int:
        """Move every alert that nobody took to the rung it is due on; how many moved."""
        async with self._store.read() as unit:
            due = [
                (a.id, level)
                for a in await unit[AlertRepository].all(OPEN)
                if (level := self._due(a)) > a.level
            ]
        if not due:
            return 0
        approvers = await self._access.holders(
            Role.APPROVER
        )  # asked before the transaction: it may ask Slack
        async with self._store.write() as unit:
            return await self._move(unit, due, approvers)

    def _due(self, alert: Alert) -> EscalationLevel:
        if alert.acknowledged_by or alert.rule not in CLIMBS:
            return EscalationLevel.OPENED
        return level_at(
            severity_of(alert), alert.opened_at, self._clock.now(), self._settings.escalate_after_h
        )

    async def _move(
        self, unit: Unit, due: list[tuple[str, EscalationLevel]], approvers: Collection[str]
    ) -> int:
        catalogue = await self._inventory.within(unit)
        live = await unit[AlertRepository].all(LIVE)
        silent = {a.subject for a in live if a.rule == UNREACHABLE}
        silent |= {p.slack_id for p in catalogue.people.values() if p.gone}
        now = {alert.id: alert for alert in live}
        by_person: dict[str, list[Alert]] = {}
        everybody: list[Alert] = []
        moved = 0
        for alert_id, target in due:
            alert = now.get(alert_id)
            if alert is None or self._due(alert) <= alert.level:
                continue
            moved += 1
            level, told = EscalationLevel(alert.level), set(told_to(alert))
            while level < target and (above := level.next):
                level = above
                who = self._who(level, alert, catalogue, approvers) - silent - told
                if level is EscalationLevel.CHANNEL:
                    everybody.append(alert)
                elif not who and level in {EscalationLevel.OWNER, EscalationLevel.BACKUP} and level == target:
                    target = level.next or target  # nobody stands here
                told |= who
                if severity_of(alert) is Severity.P1:
                    for person in who:
                        by_person.setdefault(person, []).append(alert)
            payload = {**alert.payload, "told": " ".join(sorted(told))}
            await unit[AlertRepository].amend(replace(alert, level=int(level), payload=payload))
            await unit[AuditLog].append("system", "alert:escalated", alert.ref, {"to": level.name.lower()})
        for person, alerts in by_person.items():
            await self._tell(unit, person, for_one(alerts, catalogue), alerts, catalogue)
        if everybody:
            await self._tell(unit, self._channel, for_all(everybody, catalogue), everybody, catalogue)
        return moved

    def _who(
        self, level: EscalationLevel, alert: Alert, catalogue: Catalogue, approvers: Collection[str]
    ) -> set[str]:
        if level is EscalationLevel.APPROVERS:
            return set(approvers)
        entries = about(alert, catalogue)
        if level is EscalationLevel.OWNER:
            owners = {e.owner.person for e in entries if e.owner}
            return owners | set(alert.payload.get("owners", "").split()) | ({alert.assignee} - {""})
        return {e.backup.person for e in entries if e.backup} if level is EscalationLevel.BACKUP else set()

    async def _tell(
        self, unit: Unit, to: str, reply: Reply, alerts: list[Alert], catalogue: Catalogue
    ) -> None:
        person, now = catalogue.people.get(to), self._clock.now()
        not_before = now
        if person is not None and not self._settings.urgent_any_time:
            not_before = self._settings.quiet_hours.over(now, zone_of(person.tz))
        which = " ".join(
            sorted(f"{alert.id}:{alert.level}:{alert.opened_at.isoformat()}" for alert in alerts)
        )
        key = hashlib.sha256(which.encode()).hexdigest()[:24]
        posting = Posting(idem_key=f"ladder:{to}:{key}", channel=to, body=encode_reply(reply))
        await unit.outbox.put(posting, not_before)


def about(alert: Alert, catalogue: Catalogue) -> tuple[Entry, ...]:
    """The lines of the inventory that an alert is about."""
    if alert.rule == OWNER_GONE:
        return holdings(catalogue, alert.payload.get("email", alert.subject)).entries
    entry = catalogue.by_item.get(alert.subject)
    return (entry,) if entry else ()


LINES = 10


def for_one(alerts: Sequence[Alert], catalogue: Catalogue) -> Reply:
    """To somebody who answers for what these are about."""
    first = alerts[0]
    spans: list[Span] = [*subject_of(first, catalogue)]
    summary = f"{plural(len(alerts), 'alert')} about what you own. Acknowledge, or say who should."
    parts: list[Part] = [
        Heading("An alert needs you" if len(alerts) == 1 else "Alerts need you"),
        Para(("You own this, and it is not acknowledged yet: ", *spans, ".") if len(alerts) == 1 else
             (f"You own these {len(alerts)}, and they are not acknowledged yet.",)),
        *_lines(alerts, catalogue),
    ]  # fmt: skip
    if len(alerts) == 1:
        parts += [
            Buttons(
                (
                    Button(
                        "Acknowledge", "alert.ack", first.ref, style="primary", hint="Acknowledge this alert"
                    ),
                    Button("Snooze", "alert.snooze", first.ref, hint="Snooze this alert"),
                    Button("Not Mine", "alert.notmine", first.ref, hint="Say that this alert is not yours"),
                )
            ),
            Note(("Or type ", Typed(f"ack {first.ref}"), " · ", Typed(f"reassign {first.ref} @person"))),
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
    summary = f"{plural(len(alerts), 'alert')} not acknowledged. Please acknowledge it."
    if len(alerts) > 1:
        summary = f"{len(alerts)} alerts not acknowledged. Please acknowledge them."
    return Reply(
        summary=summary,
        parts=(
            Heading("Not acknowledged yet"),
            Para((summary,)),
            *_lines(alerts, catalogue),
            Buttons((Button("Show Alerts", "run", "alerts"),)),
            Note(("Owners and backup owners were told. Or type ", Typed(f"ack {first.ref}"), " · ",
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
            Para(("Asked and not answered: ", ", ".join(asked[:LINES]), ". You own them only if you accept."))
        )
    parts += [
        Buttons((Button("Show Alerts", "run", "alerts"), Button("List Mine", "run", "list mine"))),
        Note(("Sent once a day while something waits. Or type ", Typed("alerts"), " · ", Typed("list mine"))),
    ]
    return Reply(summary=f"Waiting for you today: {said}.", parts=tuple(parts))


def _lines(alerts: Sequence[Alert], catalogue: Catalogue) -> list[Part]:
    parts: list[Part] = (
        [Bullets(tuple(alert_line(alert, catalogue) for alert in alerts[:LINES]))] if alerts else []
    )
    if len(alerts) > LINES:
        parts.append(Para((f"… and {len(alerts) - LINES} more. See ", Typed("alerts"), " for all.")))
    return parts
