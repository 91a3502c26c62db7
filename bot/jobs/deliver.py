"""Sends what the outbox holds: in order for each thread, at Slack's pace, until Slack has it."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from itertools import groupby
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.records import PostedCopy, Posting, QueuedPosting
from bot.errors import BotError, PlatformError, RateLimited, Unreachable
from bot.store import Store

log = structlog.get_logger()
BATCH = 50
TRIES = 12  # with the pauses below, about a day
PAUSE_AT_MOST_S = 3600.0


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

    async def deliver(self, posting: Posting, copies: tuple[PostedCopy, ...]) -> Delivered:
        """Post or edit one message; raises PlatformError when it did not get there."""


class Delivery:
    """The one sender of a process."""

    def __init__(self, store: Store, sender: Sender, alert_channel: str, clock: Clock) -> None:
        self._store = store
        self._sender = sender
        self._alert_channel = alert_channel
        self._clock = clock

    async def run(self) -> None:
        """Send for ever, woken by commits."""
        while True:
            if not await self.once():
                self._store.committed.clear()
                try:
                    await asyncio.wait_for(self._store.committed.wait(), timeout=1.0)
                except TimeoutError:
                    continue

    async def once(self) -> int:
        """Send what is due now; different channels at the same time. Returns how many were tried."""
        async with self._store.read() as unit:
            due = await unit.outbox.due(self._clock.now(), BATCH)
        by_channel = groupby(
            sorted(due, key=lambda q: (q.posting.channel, q.seq)), key=lambda q: q.posting.channel
        )
        await asyncio.gather(*(self._send_all([*queued]) for _, queued in by_channel))
        return len(due)

    async def _send_all(self, queued: list[QueuedPosting]) -> None:
        newest = {one.posting.thread: one.seq for one in queued if one.posting.edit}
        for one in queued:
            if one.posting.edit and one.seq < newest[one.posting.thread] and await self._overtaken(one):
                continue
            if not await self._send(one):
                return  # the rest of this channel waits its turn

    async def _overtaken(self, one: QueuedPosting) -> bool:
        """A newer edit of the same message waits right behind: only that one is worth sending."""
        async with self._store.write() as unit:
            copies = await unit.outbox.copies(one.posting.thread)
            return bool(copies) and await unit.outbox.delivered(one.seq, copies[0].channel, copies[0].ts)

    async def _send(self, one: QueuedPosting) -> bool:
        posting = one.posting
        try:
            async with self._store.read() as unit:
                copies = await unit.outbox.copies(posting.thread) if posting.thread else ()
            sent = await self._sender.deliver(posting, copies)
        except (RateLimited, Unreachable) as exc:
            return await self._later(one, exc)
        except PlatformError as exc:
            return await self._elsewhere(one, exc)
        except Exception as exc:  # one of the three places that may: the reference is kept with the posting
            reference = secrets.token_hex(4)
            log.error("delivery.failed", reference=reference, error=type(exc).__name__, exc_info=exc)
            return await self._later(one, BotError(f"reference {reference}"))
        async with self._store.write() as unit:
            await unit.outbox.delivered(one.seq, sent.channel, sent.ts)
            for copy in set(sent.copies) - set(copies):
                await unit.outbox.moved(copy)
        return True

    async def _later(self, one: QueuedPosting, exc: BotError) -> bool:
        pause_s = min(PAUSE_AT_MOST_S, 2.0**one.attempts)
        if isinstance(exc, RateLimited):
            pause_s = exc.retry_after_s
        async with self._store.write() as unit:
            if one.attempts + 1 >= TRIES and not isinstance(exc, RateLimited):
                await unit.outbox.drop(one.seq, exc.hint)
                await unit.audit.append("system", "message:dropped", one.posting.channel, {"why": exc.hint})
            else:
                await unit.outbox.postpone(one.seq, self._clock.now() + timedelta(seconds=pause_s), exc.hint)
        return False

    async def _elsewhere(self, one: QueuedPosting, exc: PlatformError) -> bool:
        """It can never get there: a person who cannot be reached is answered for in the alert channel."""
        posting = one.posting
        async with self._store.write() as unit:
            await unit.outbox.drop(one.seq, exc.hint)
            await unit.audit.append("system", "message:undeliverable", posting.channel, {"why": exc.hint})
            if posting.channel != self._alert_channel:
                again = Posting(
                    idem_key=f"{posting.idem_key}:elsewhere", channel=self._alert_channel, body=posting.body
                )
                await unit.outbox.put(again)
        log.warning("delivery.undeliverable", code=exc.code)
        return True
