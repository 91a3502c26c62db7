"""An alert's life: opened once, spoken of in one message, settled, and the same again when it returns within a day."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import uuid4

from bot.clock import Clock
from bot.domain.alert_rules import CREDENTIAL_GONE, EXPIRY, MISSED_BEAT, REOPENS_WITHIN
from bot.domain.conversation import Reply
from bot.domain.conversation_codec import encode_reply
from bot.domain.records import Alert, AlertState, Posting
from bot.domain.reference import new_ref
from bot.services import alert_notes as notes
from bot.store import Unit

LIVE = frozenset({AlertState.OPEN, AlertState.SNOOZED})
_GROUPED = frozenset({EXPIRY, MISSED_BEAT, CREDENTIAL_GONE})  # several of them always share one message


class AlertLife:
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
        if not await unit.alerts.add(alert):
            return None
        await unit.audit.append("system", "alert:opened", about or alert.ref, {"rule": rule, **(told or {})})
        return alert

    async def of(self, unit: Unit, rule: str) -> dict[str, Alert]:
        """The live alerts of a rule by subject; of several with one subject, the latest."""
        return {a.subject: a for a in await unit.alerts.all(LIVE) if a.rule == rule}

    async def live(self, unit: Unit, rule: str, subject: str) -> Alert | None:
        """The live alert about that subject."""
        return (await self.of(unit, rule)).get(subject)

    async def returned(self, unit: Unit, rule: str, subject: str, payload: Mapping[str, str]) -> Alert | None:
        """The alert that was settled within a day, open again and told so; None when there was none."""
        since = self._clock.now() - REOPENS_WITHIN
        settled = [
            a for a in await unit.alerts.resolved_since(since) if (a.rule, a.subject) == (rule, subject)
        ]
        if not settled or not await unit.alerts.transition(
            settled[-1].id, {AlertState.RESOLVED}, AlertState.OPEN
        ):
            return None
        alert = replace(await unit.alerts.get(settled[-1].id), payload=payload)
        await unit.alerts.amend(alert)
        await unit.audit.append("system", "alert:reopened", alert.ref, {"rule": rule})
        await self.answer(unit, alert, notes.returned(), f"returned:{self._clock.now().isoformat()}")
        return alert

    async def resolve(self, unit: Unit, alert: Alert, reply: Reply | None = None) -> bool:
        """Its cause is gone: its message becomes ``reply``, or the thread of a shared one says it. False: was so."""
        if not await unit.alerts.transition(alert.id, LIVE, AlertState.RESOLVED):
            return False
        await unit.audit.append("system", "alert:resolved", alert.ref, {"rule": alert.rule})
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
