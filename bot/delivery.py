"""Sends what the outbox holds: in order for each thread, at Slack's pace, until Slack has it.

A message whose sender died, or whose answer was lost, may stand in Slack already. It is looked for; where we may
not look, it is sent again and says so: twice is better than never.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

import structlog

from bot.alerts.lifecycle import Reach
from bot.audit.repository import AuditLog
from bot.chat.codec import decode_reply, encode_reply
from bot.chat.model import Mention, Para
from bot.clock import Clock
from bot.db.outbox import PostedCopy, Posting, QueuedPosting
from bot.db.store import Store
from bot.engine import crash_point
from bot.errors import (
    AuthFailed,
    BotError,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Unreachable,
)
from bot.platform.ports import Turns

log = structlog.get_logger()
TURN = "outbox"
BATCH = 50
TRIES = 36  # with the pauses below, about a day
PAUSE_AT_MOST_S = 3600.0
LEASE = timedelta(seconds=90)  # four calls of 15 s and a wait for the channel's slot
STOPS_WITHIN_S = 5.0  # how long the end of the bot waits for a message that is under way


class Delivered(Protocol):
    """Where a message came to stand."""

    @property
    def channel(self) -> str:
        """Slack's own id of the channel."""

    @property
    def ts(self) -> str:
        """The message's id in that channel."""

    @property
    def copies(self) -> tuple[PostedCopy, ...]:
        """After an edit: where every copy stands now."""


class Sender(Protocol):
    """Whatever carries postings to people. Implemented by ``bot.slack.chat``."""

    async def deliver(
        self, posting: Posting, copies: tuple[PostedCopy, ...], *, again: bool = False
    ) -> Delivered:
        """Post or edit one message, saying that it may stand there twice if ``again``.

        Raises PlatformError when it did not get there, OutcomeUnknown when nobody can tell.
        """

    async def find(
        self, posting: Posting, copies: tuple[PostedCopy, ...], since: datetime
    ) -> Delivered | None:
        """Where a message that was perhaps posted stands; raises Forbidden when we may not look."""


class Delivery:
    """The one sender of a process; of several processes one sends at a time, so that each thread keeps its order.

    ``alone``: no other process has this database.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        turns: Turns,
        alert_channel: str,
        clock: Clock,
        *,
        alone: bool = False,
        reach: Reach | None = None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._turns = turns
        self._alert_channel = alert_channel
        self._clock = clock
        self._alone = alone
        self._reach = reach

    async def run(self) -> None:
        """Send for ever, woken by commits."""
        if self._alone:  # else the leases of whoever died have to run out
            async with self._store.write() as unit:
                await unit.outbox.release(self._clock.now())
        while True:
            if not await self.once():
                self._store.committed.clear()
                with suppress(
                    TimeoutError
                ):  # asyncio.wait_for of Python 3.11 can swallow our own cancellation
                    async with asyncio.timeout(1.0):
                        await self._store.committed.wait()

    async def once(self) -> int:
        """Send what is due now; different channels at the same time. Returns how many were tried."""
        if not await self._due(1):
            return 0  # without asking for a turn, since this is looked at every second
        async with self._turns.turn(TURN, 1):
            due = await self._due(BATCH)  # again: whoever had the turn before may have sent it
            by_channel = groupby(
                sorted(due, key=lambda q: (q.posting.channel, q.seq)), key=lambda q: q.posting.channel
            )
            await asyncio.gather(*(self._send_all([*queued]) for _, queued in by_channel))
        return len(due)

    async def _due(self, limit: int) -> tuple[QueuedPosting, ...]:
        async with self._store.read() as unit:
            return await unit.outbox.due(self._clock.now(), limit)

    async def _send_all(self, queued: list[QueuedPosting]) -> None:
        newest = {one.posting.thread: one.seq for one in queued if one.posting.edit}
        for one in queued:
            if one.posting.edit and one.seq < newest[one.posting.thread] and await self._overtaken(one):
                continue
            if not await _to_its_end(self._send(one)):
                return  # the rest of this channel waits its turn

    async def _overtaken(self, one: QueuedPosting) -> bool:
        """A newer edit of the same message waits right behind: only that one is worth sending."""
        async with self._store.write() as unit:
            copies = await unit.outbox.copies(one.posting.thread)
            return bool(copies) and await unit.outbox.delivered(one.seq, copies[0].channel, copies[0].ts)

    async def _send(self, one: QueuedPosting) -> bool:
        posting = one.posting
        again = False
        crash_point("message.due")
        try:
            async with self._store.read() as unit:
                copies = await unit.outbox.copies(posting.thread) if posting.thread else ()
            if one.begun and not (posting.edit and copies):  # to edit once more changes nothing
                try:
                    found = await self._sender.find(posting, copies, one.created_at)
                except Forbidden:
                    again = True
                else:
                    if found is not None:
                        return await self._sent(one, found, copies)
            async with self._store.write() as unit:
                if not await unit.outbox.begin(one.seq, self._clock.now(), LEASE, begun=one.begun):
                    return False  # another process has it, though we hold the turn; what follows it waits
            crash_point("message.begun")
            sent = await self._sender.deliver(posting, copies, again=again)
            crash_point("message.sent")
        except (RateLimited, Unreachable, OutcomeUnknown, AuthFailed) as exc:
            return await self._later(one, exc, begun=again or isinstance(exc, OutcomeUnknown))
        except PlatformError as exc:
            if isinstance(exc, Forbidden) and posting.channel == self._alert_channel:
                return await self._later(one, exc, begun=again)  # an administrator can let us in
            return await self._elsewhere(one, exc)
        except Exception as exc:  # one of the three places that may: the reference is kept with the posting
            reference = secrets.token_hex(4)
            log.error("delivery.failed", reference=reference, error=type(exc).__name__, exc_info=exc)
            return await self._later(one, BotError(f"reference {reference}"), begun=True)
        return await self._sent(one, sent, copies)

    async def _sent(self, one: QueuedPosting, sent: Delivered, copies: tuple[PostedCopy, ...]) -> bool:
        async with self._store.write() as unit:
            await unit.outbox.delivered(one.seq, sent.channel, sent.ts)
            for copy in set(sent.copies) - set(copies):
                await unit.outbox.moved(copy)
            if self._reach and one.posting.channel != self._alert_channel:
                await self._reach.reached(unit, one.posting.channel)
        return True

    async def _later(self, one: QueuedPosting, exc: BotError, *, begun: bool) -> bool:
        pause_s = min(PAUSE_AT_MOST_S, 2.0**one.attempts)
        if isinstance(exc, RateLimited):
            pause_s = exc.retry_after_s
        async with self._store.write() as unit:
            if one.attempts + 1 >= TRIES and not isinstance(exc, RateLimited):
                await unit.outbox.drop(one.seq, exc.hint)
                await unit[AuditLog].append(
                    "system", "message:dropped", one.posting.channel, {"why": exc.hint}
                )
            else:
                until = self._clock.now() + timedelta(seconds=pause_s)
                await unit.outbox.postpone(one.seq, until, exc.hint, begun=begun)
        return False

    async def _elsewhere(self, one: QueuedPosting, exc: PlatformError) -> bool:
        """It can never get there: a person who cannot be reached is answered for in the alert channel."""
        posting = one.posting
        async with self._store.write() as unit:
            await unit.outbox.drop(one.seq, exc.hint)
            await unit[AuditLog].append("system", "message:undeliverable", posting.channel, {"why": exc.hint})
            if posting.channel != self._alert_channel:
                again = Posting(
                    idem_key=f"{posting.idem_key}:elsewhere",
                    channel=self._alert_channel,
                    body=_for_somebody(posting),
                )
                await unit.outbox.put(again)
                if self._reach:
                    await self._reach.unreachable(unit, posting.channel)
        log.warning("delivery.undeliverable", code=exc.code)
        return True


def _for_somebody(posting: Posting) -> bytes:
    """A direct message as the alert channel gets it: with the name of whom it is for."""
    reply = decode_reply(posting.body)
    whom = Para(("For ", Mention(posting.channel), ", who gets no direct messages:"))
    summary = f"For somebody who gets no direct messages: {reply.summary}"
    return encode_reply(replace(reply, summary=summary, parts=(whom, *reply.parts)))


async def _to_its_end(sending: Coroutine[Any, Any, bool]) -> bool:
    """Await it; told to stop meanwhile, first let what Slack is being told be written down, else it is told twice."""
    task = asyncio.ensure_future(sending)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=STOPS_WITHIN_S)
        raise
