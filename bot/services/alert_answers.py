"""What people answer to an alert: quiet until then, I am on it, it is hers, it is not mine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.domain.alert_rules import (
    BEFORE_THE_END,
    OWNER_GONE,
    OWNER_SNOOZE_AT_MOST,
    SNOOZE_AT_MOST,
)
from bot.domain.conversation import Caller, Role
from bot.domain.records import Alert, AlertState
from bot.errors import BadArgument, Conflict, Denied, NotFound
from bot.services import alert_notes as notes
from bot.services.alert_life import LIVE, AlertLife, shared, told_to
from bot.store import Unit

SETTLED = "That alert is settled already. Nothing changed."
Refresh = Callable[[Unit, Alert], Awaitable[None]]


class AlertAnswers:
    """Takes in answers. Every method works inside the caller's transaction and leaves a line in the trail."""

    def __init__(self, life: AlertLife, refresh: Refresh, clock: Clock) -> None:
        self._life = life
        self._refresh = refresh
        self._clock = clock

    async def snooze(self, unit: Unit, alert: Alert, by: str, until: datetime, reason: str) -> datetime:
        """Be quiet about an alert until then: at most 30 days, 7 for a deactivated owner, and a day before an end.

        Raises:
            BadArgument: too long, in the past, or no reason. Conflict: it is settled already.
        """
        now = self._clock.now()
        most = OWNER_SNOOZE_AT_MOST if alert.rule == OWNER_GONE else SNOOZE_AT_MOST
        if not timedelta(0) < until - now <= most:
            raise BadArgument(f"Pick between 1 and {most.days} days.")
        if len(reason.strip()) < 3:
            raise BadArgument("Give a reason, so that others know why this is quiet.")
        if ends := alert.payload.get("ends"):
            last = datetime.fromisoformat(ends) - BEFORE_THE_END
            if last <= now:
                raise BadArgument(
                    f"It ends too soon to be quiet. Say that you are on it instead: `ack {alert.ref}`."
                )
            until = min(until, last)
        if not await unit.alerts.transition(
            alert.id, LIVE, AlertState.SNOOZED, snoozed_until=until, note=reason
        ):
            raise Conflict(SETTLED)
        detail = {"until": until.isoformat(timespec="minutes"), "reason": reason}
        await unit.audit.append(by, "alert:snoozed", alert.ref, detail)
        await self._life.answer(unit, alert, notes.snoozed(by, until, reason), f"snooze:{until.isoformat()}")
        await self._shown(unit, alert)
        return until

    async def acknowledge(self, unit: Unit, alert: Alert, caller: Caller, note: str = "") -> None:
        """The caller sees to it: it climbs no further, and its message says so.

        Raises:
            Denied: neither an operator nor somebody who was told of it by name. Conflict: settled, or taken already.
        """
        alert = await unit.alerts.get(alert.id)  # as it is in this transaction: it may have climbed
        if not (caller.role.covers(Role.OPERATOR) or caller.user_id in told_to(alert)):
            raise Denied("Only operators and those who were told of it by name can take an alert.")
        if alert.state not in LIVE:
            raise Conflict(SETTLED)
        if alert.acknowledged_by == caller.user_id and not note:
            raise Conflict("You are on it already. Nothing changed.")
        now = self._clock.now()
        await unit.alerts.amend(replace(alert, acknowledged_by=caller.user_id, acknowledged_at=now))
        await unit.audit.append(
            caller.user_id, "alert:acknowledged", alert.ref, {"note": note} if note else {}
        )
        key = f"ack:{caller.user_id}:{now.isoformat()}"
        await self._life.answer(unit, alert, notes.acknowledged(caller.user_id, note), key)
        await self._shown(unit, alert)

    async def assign(self, unit: Unit, alert: Alert, by: str, to: str) -> None:
        """Ask somebody to see to it; it climbs on until they say that they do.

        Raises:
            BadArgument: they are no full, active member. Conflict: it is settled.
        """
        person = await unit.people.get(to)
        if person is None or person.gone or person.restricted:
            raise BadArgument("That is not a full, active member of this workspace. Pick one who is.")
        alert = await unit.alerts.get(alert.id)
        if alert.state not in LIVE:
            raise Conflict(SETTLED)
        await unit.alerts.amend(replace(alert, assignee=to, acknowledged_by="", acknowledged_at=None))
        await unit.audit.append(by, "alert:assigned", alert.ref, {"to": to})
        key = f"assign:{to}:{self._clock.now().isoformat()}"
        await self._life.answer(unit, alert, notes.assigned(by, to), key)
        await self._shown(unit, alert)

    async def not_mine(self, unit: Unit, alert: Alert, by: str, instead: str) -> None:
        """Somebody says it is not theirs, and perhaps whose it is; the alert stays open."""
        await unit.audit.append(by, "alert:disclaimed", alert.ref, {"instead": instead})
        await self._life.answer(unit, alert, notes.not_mine(by, instead), f"not-mine:{by}:{instead}")

    async def sleepers(self, unit: Unit) -> bool:
        """Whether any snooze is over; to be asked before a transaction that may write."""
        now = self._clock.now()
        snoozed = await unit.alerts.all(frozenset({AlertState.SNOOZED}))
        return any(alert.snoozed_until is not None and alert.snoozed_until <= now for alert in snoozed)

    async def wake(self, unit: Unit) -> bool:
        """Speak again of alerts whose snooze is over; whether any was."""
        now, woken = self._clock.now(), False
        for alert in await unit.alerts.all(frozenset({AlertState.SNOOZED})):
            over = alert.snoozed_until is not None and alert.snoozed_until <= now
            if over and await unit.alerts.transition(alert.id, {AlertState.SNOOZED}, AlertState.OPEN):
                woken = True
                key = f"woke:{alert.snoozed_until:%Y%m%dT%H%M%S}"
                await self._life.answer(unit, alert, notes.woke(alert.ref), key)
                await self._shown(unit, alert)
        return woken

    async def _shown(self, unit: Unit, alert: Alert) -> None:
        now = await unit.alerts.get(alert.id)
        if not shared(now):
            await self._refresh(unit, now)


async def find(unit: Unit, ref: str) -> Alert:
    """The alert of that reference, or the live one about the inventory's thing of that reference.

    Raises:
        NotFound: there is neither.
    """
    if alert := await unit.alerts.by_ref(ref):
        return alert
    if item := await unit.items.by_ref(ref):
        about = [alert for alert in await unit.alerts.all(LIVE) if alert.subject == item.id]
        if about:
            return about[-1]
    raise NotFound("No alert has that id. `alerts` lists those that are open.")
