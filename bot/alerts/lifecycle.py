"""An alert's life: opened once, spoken of in one message, settled, and the same again when it returns within a day."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from bot.alerts import notes
from bot.alerts.model import (
    BEFORE_THE_END,
    CREDENTIAL_GONE,
    EXPIRY,
    NOT_USED,
    OWNER_GONE,
    OWNER_SNOOZE_AT_MOST,
    REOPENS_WITHIN,
    SNOOZE_AT_MOST,
    UNREACHABLE,
    Alert,
    AlertState,
)
from bot.alerts.repository import AlertRepository
from bot.audit.repository import AuditLog
from bot.chat.codec import encode_reply
from bot.chat.model import Caller, Reply, Role
from bot.clock import Clock
from bot.db.outbox import Posting
from bot.db.unit import Unit
from bot.errors import BadArgument, Conflict, Denied, NotFound
from bot.inventory.repository import ItemRepository
from bot.people.repository import PersonRepository
from bot.text import new_ref

LIVE = frozenset({AlertState.OPEN, AlertState.SNOOZED})
_GROUPED = frozenset({EXPIRY, NOT_USED, CREDENTIAL_GONE})  # several of them always share one message


class AlertLifecycle:
    """Opens, shows and settles alerts. Every method works inside the caller's transaction."""

    def __init__(self, channel: str, clock: Clock) -> None:
        self.channel = channel
        self._clock = clock

    def stamp(self) -> str:
        """The present, as a bucket that makes each time another incident."""
        return self._clock.now().isoformat()

    async def open(
        self,
        unit: Unit,
        rule: str,
        subject: str,
        bucket: str,
        payload: Mapping[str, str],
        *,
        about: str = "",
        told: Mapping[str, str] | None = None,
    ) -> Alert | None:
        """A new alert; None when one of that rule, subject and bucket was ever opened.

        ``about``: what the trail calls it, its own reference unless given. ``told``: what the trail says of it.
        """
        alert = Alert(
            id=uuid4().hex,
            ref=new_ref(secrets.randbits),
            rule=rule,
            subject=subject,
            bucket=bucket,
            state=AlertState.OPEN,
            opened_at=self._clock.now(),
            payload=payload,
        )
        if not await unit[AlertRepository].add(alert):
            return None
        await unit[AuditLog].append(
            "system", "alert:opened", about or alert.ref, {"rule": rule, **(told or {})}
        )
        return alert

    async def of(self, unit: Unit, rule: str) -> dict[str, Alert]:
        """The live alerts of a rule by subject; of several with one subject, the latest."""
        return {a.subject: a for a in await unit[AlertRepository].all(LIVE) if a.rule == rule}

    async def live(self, unit: Unit, rule: str, subject: str) -> Alert | None:
        """The live alert about that subject."""
        return (await self.of(unit, rule)).get(subject)

    async def returned(self, unit: Unit, rule: str, subject: str, payload: Mapping[str, str]) -> Alert | None:
        """The alert that was settled within a day, open again and told so; None when there was none."""
        since = self._clock.now() - REOPENS_WITHIN
        settled = [
            a
            for a in await unit[AlertRepository].resolved_since(since)
            if (a.rule, a.subject) == (rule, subject)
        ]
        if not settled or not await unit[AlertRepository].transition(
            settled[-1].id, {AlertState.RESOLVED}, AlertState.OPEN
        ):
            return None
        alert = replace(await unit[AlertRepository].get(settled[-1].id), payload=payload)
        await unit[AlertRepository].amend(alert)
        await unit[AuditLog].append("system", "alert:reopened", alert.ref, {"rule": rule})
        await self.answer(unit, alert, notes.returned(), f"returned:{self._clock.now().isoformat()}")
        return alert

    async def resolve(self, unit: Unit, alert: Alert, reply: Reply | None = None) -> bool:
        """Its cause is gone: its message becomes ``reply``, or the thread of a shared one says it. False: was so."""
        if not await unit[AlertRepository].transition(alert.id, LIVE, AlertState.RESOLVED):
            return False
        await unit[AuditLog].append("system", "alert:resolved", alert.ref, {"rule": alert.rule})
        if reply is not None:
            await self._put(unit, alert, reply, uuid4().hex[:8], edit=not shared(alert))
        return True

    async def show(self, unit: Unit, alert: Alert, reply: Reply) -> None:
        """Post the alert's message, or edit it where it stands, with who has it below."""
        standing = notes.standing(alert)
        shown = replace(reply, parts=(*reply.parts, standing))
        await self._put(unit, alert, shown, uuid4().hex[:8], edit=True)

    async def answer(self, unit: Unit, alert: Alert, reply: Reply, key: str) -> None:
        """Say something in the thread of the alert's message, once for each key."""
        await self._put(unit, alert, reply, key, edit=False)

    async def together(self, unit: Unit, thread: str, reply: Reply) -> None:
        """Post one message for several alerts that name ``thread``; each such name only once."""
        posting = Posting(idem_key=thread, channel=self.channel, body=encode_reply(reply), thread=thread)
        await unit.outbox.put(posting)

    async def _put(self, unit: Unit, alert: Alert, reply: Reply, key: str, *, edit: bool) -> None:
        thread = thread_of(alert)
        posting = Posting(
            idem_key=f"{thread}:{key}",
            channel=self.channel,
            body=encode_reply(reply),
            thread=thread,
            edit=edit,
        )
        await unit.outbox.put(posting)


def thread_of(alert: Alert) -> str:
    """What the outbox calls the message that an alert stands in."""
    if inside := alert.payload.get("inside"):  # told in the thread of the alert that inhibits it
        return f"alert:{inside}"
    if batch := alert.payload.get("batch"):
        return f"{alert.rule}:{batch}"
    return f"alert:{alert.id}"


def shared(alert: Alert) -> bool:
    """Whether its message is not its alone."""
    return alert.rule in _GROUPED or bool(alert.payload.get("inside") or alert.payload.get("batch"))


def told_to(alert: Alert) -> frozenset[str]:
    """Members who were told of it by name, and so may answer it whatever their role."""
    named: Collection[str] = alert.payload.get("told", "").split()
    return frozenset(named) | ({alert.assignee} if alert.assignee else frozenset())


SETTLED = "That alert is settled already. Nothing changed."
Refresh = Callable[[Unit, Alert], Awaitable[None]]


class AlertAnswers:
    """Takes in answers. Every method works inside the caller's transaction and leaves a line in the trail."""

    def __init__(self, life: AlertLifecycle, refresh: Refresh, clock: Clock) -> None:
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
        if not await unit[AlertRepository].transition(
            alert.id, LIVE, AlertState.SNOOZED, snoozed_until=until, note=reason
        ):
            raise Conflict(SETTLED)
        detail = {"until": until.isoformat(timespec="minutes"), "reason": reason}
        await unit[AuditLog].append(by, "alert:snoozed", alert.ref, detail)
        await self._life.answer(unit, alert, notes.snoozed(by, until, reason), f"snooze:{until.isoformat()}")
        await self._shown(unit, alert)
        return until

    async def acknowledge(self, unit: Unit, alert: Alert, caller: Caller, note: str = "") -> None:
        """The caller sees to it: it climbs no further, and its message says so.

        Raises:
            Denied: neither an operator nor somebody who was told of it by name. Conflict: settled, or taken already.
        """
        alert = await unit[AlertRepository].get(alert.id)  # as it is in this transaction: it may have climbed
        if not (caller.role.covers(Role.OPERATOR) or caller.user_id in told_to(alert)):
            raise Denied("Only operators and people named in the alert can acknowledge it.")
        if alert.state not in LIVE:
            raise Conflict(SETTLED)
        if alert.acknowledged_by == caller.user_id and not note:
            raise Conflict("You are on it already. Nothing changed.")
        now = self._clock.now()
        await unit[AlertRepository].amend(replace(alert, acknowledged_by=caller.user_id, acknowledged_at=now))
        await unit[AuditLog].append(
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
        person = await unit[PersonRepository].get(to)
        if person is None or person.gone or person.restricted:
            raise BadArgument("That is not a full, active member of this workspace. Pick one who is.")
        alert = await unit[AlertRepository].get(alert.id)
        if alert.state not in LIVE:
            raise Conflict(SETTLED)
        await unit[AlertRepository].amend(
            replace(alert, assignee=to, acknowledged_by="", acknowledged_at=None)
        )
        await unit[AuditLog].append(by, "alert:assigned", alert.ref, {"to": to})
        key = f"assign:{to}:{self._clock.now().isoformat()}"
        await self._life.answer(unit, alert, notes.assigned(by, to), key)
        await self._shown(unit, alert)

    async def not_mine(self, unit: Unit, alert: Alert, by: str, instead: str) -> None:
        """Somebody says it is not theirs, and perhaps whose it is; the alert stays open."""
        await unit[AuditLog].append(by, "alert:declined", alert.ref, {"instead": instead})
        await self._life.answer(unit, alert, notes.not_mine(by, instead), f"not-mine:{by}:{instead}")

    async def snoozes_over(self, unit: Unit) -> bool:
        """Whether any snooze is over; to be asked before a transaction that may write."""
        now = self._clock.now()
        snoozed = await unit[AlertRepository].all(frozenset({AlertState.SNOOZED}))
        return any(alert.snoozed_until is not None and alert.snoozed_until <= now for alert in snoozed)

    async def wake(self, unit: Unit) -> bool:
        """Speak again of alerts whose snooze is over; whether any was."""
        now, woken = self._clock.now(), False
        for alert in await unit[AlertRepository].all(frozenset({AlertState.SNOOZED})):
            over = alert.snoozed_until is not None and alert.snoozed_until <= now
            if over and await unit[AlertRepository].transition(
                alert.id, {AlertState.SNOOZED}, AlertState.OPEN
            ):
                woken = True
                key = f"woke:{alert.snoozed_until:%Y%m%dT%H%M%S}"
                await self._life.answer(unit, alert, notes.woke(alert.ref), key)
                await self._shown(unit, alert)
        return woken

    async def _shown(self, unit: Unit, alert: Alert) -> None:
        now = await unit[AlertRepository].get(alert.id)
        if not shared(now):
            await self._refresh(unit, now)


async def find(unit: Unit, ref: str) -> Alert:
    """The alert of that reference, or the live one about the inventory's thing of that reference.

    Raises:
        NotFound: there is neither.
    """
    if alert := await unit[AlertRepository].by_ref(ref):
        return alert
    if item := await unit[ItemRepository].by_ref(ref):
        about = [alert for alert in await unit[AlertRepository].all(LIVE) if alert.subject == item.id]
        if about:
            return about[-1]
    raise NotFound("No alert has that id. `alerts` lists those that are open.")


class DmReachability:
    """Told by the delivery of what became of direct messages, inside its transaction."""

    def __init__(self, life: AlertLifecycle) -> None:
        self._life = life

    async def unreachable(self, unit: Unit, person: str) -> None:
        """A direct message can never get there; what it said stands in the alert channel instead."""
        if await self._life.live(unit, UNREACHABLE, person) is None:
            await self._life.open(unit, UNREACHABLE, person, self._life.stamp(), {})

    async def reached(self, unit: Unit, person: str) -> None:
        """A direct message arrived."""
        if alert := await self._life.live(unit, UNREACHABLE, person):
            await self._life.resolve(unit, alert)
