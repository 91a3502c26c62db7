"""The sender: what becomes of a message when Slack takes it, refuses it, or does not say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.audit.repository import AuditLog
from bot.chat.codec import encode_reply
from bot.chat.model import Para, Reply
from bot.clock import FixedClock
from bot.db.key_sources import FileKeySource
from bot.db.leases import FileLimiter, limiter
from bot.db.outbox import PostedCopy, Posting
from bot.db.store import Store
from bot.delivery import Delivery
from bot.errors import AuthFailed, Forbidden, OutcomeUnknown, RateLimited
from bot.store import open_store

ALERTS = "C1"
BODY = encode_reply(Reply(summary="Said", parts=(Para(("Said",)),)))


@pytest.fixture
def here(tmp_path: Path) -> FileLimiter:
    """Turns that no other test waits for."""
    return FileLimiter(tmp_path)


@dataclass(frozen=True)
class Placed:
    """Where a message came to stand."""

    channel: str
    ts: str
    copies: tuple[PostedCopy, ...] = ()


@dataclass
class Script:
    """A Slack that answers what it was told to, and remembers what it was asked."""

    answers: list[Placed | Exception] = field(default_factory=list)
    found: Placed | Exception | None = None
    sent: list[tuple[str, bool]] = field(default_factory=list)
    looked: int = 0

    async def deliver(
        self, posting: Posting, copies: tuple[PostedCopy, ...], *, again: bool = False
    ) -> Placed:
        self.sent.append((posting.idem_key, again))
        answer = self.answers.pop(0) if self.answers else Placed(posting.channel, f"{len(self.sent)}.0")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def find(self, posting: Posting, copies: tuple[PostedCopy, ...], since: datetime) -> Placed | None:
        self.looked += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


async def _put(store: Store, *keys: str, channel: str = ALERTS) -> None:
    async with store.write() as unit:
        for key in keys:
            await unit.outbox.put(Posting(idem_key=key, channel=channel, body=BODY, thread="alert:1"))


async def _pending(store: Store) -> int:
    async with store.read() as unit:
        return await unit.outbox.pending()


async def test_an_unknown_outcome_is_looked_for_before_anything_is_sent_again(
    store: Store, clock: FixedClock, here: FileLimiter
) -> None:
    """Found, it counts as sent where it stands, and what follows it in its thread goes there."""
    slack = Script(answers=[OutcomeUnknown("no answer")], found=Placed(ALERTS, "7.0"))
    delivery = Delivery(store, slack, here, ALERTS, clock)
    await _put(store, "one", "two")
    await delivery.once()
    assert slack.sent == [("one", False)]
    clock.at += timedelta(seconds=5)
    await delivery.once()
    assert slack.sent == [("one", False), ("two", False)]
    async with store.read() as unit:
        assert [copy.ts for copy in await unit.outbox.copies("alert:1")] == ["7.0"]
    assert await _pending(store) == 0


async def test_not_found_it_is_sent_as_if_never_before(
    store: Store, clock: FixedClock, here: FileLimiter
) -> None:
    """Slack has been asked and does not have it, so there is nothing to explain."""
    slack = Script(answers=[OutcomeUnknown("no answer")])
    delivery = Delivery(store, slack, here, ALERTS, clock)
    await _put(store, "one")
    await delivery.once()
    clock.at += timedelta(seconds=5)
    await delivery.once()
    assert (slack.sent, slack.looked) == ([("one", False), ("one", False)], 1)


async def test_where_we_may_not_look_it_says_so_for_as_long_as_it_takes(
    store: Store, clock: FixedClock, here: FileLimiter
) -> None:
    """A slow-down in between does not make the doubt go away."""
    slack = Script(
        answers=[OutcomeUnknown("no answer"), RateLimited("slowly", retry_after_s=1)],
        found=Forbidden("no", scope="channels:history"),
    )
    delivery = Delivery(store, slack, here, ALERTS, clock)
    await _put(store, "one")
    for _ in range(3):
        await delivery.once()
        clock.at += timedelta(seconds=60)
    assert slack.sent == [("one", False), ("one", True), ("one", True)]
    assert await _pending(store) == 0


async def test_a_refused_token_or_a_closed_channel_keeps_alerts_waiting(
    store: Store, clock: FixedClock, here: FileLimiter
) -> None:
    """What an administrator can mend loses no message."""
    closed = Forbidden("archived", scope="is_archived")
    slack = Script(answers=[AuthFailed("revoked"), closed])
    delivery = Delivery(store, slack, here, ALERTS, clock)
    await _put(store, "one")
    for _ in range(2):
        await delivery.once()
        assert await _pending(store) == 1
        clock.at += timedelta(seconds=60)
    await delivery.once()
    assert await _pending(store) == 0


async def test_another_closed_channel_is_answered_for_where_alerts_go(
    store: Store, clock: FixedClock, here: FileLimiter
) -> None:
    """What cannot reach its own recipient reaches whoever reads the alerts."""
    slack = Script(answers=[Forbidden("no", scope="channel_not_found")])
    delivery = Delivery(store, slack, here, ALERTS, clock)
    await _put(store, "one", channel="C9")
    await delivery.once()
    await delivery.once()
    assert slack.sent == [("one", False), ("one:elsewhere", False)]
    async with store.read() as unit:
        assert [line.action for line in await unit[AuditLog].tail(1)] == ["message:undeliverable"]


async def test_stopping_is_heard_even_as_a_commit_comes_in(
    store: Store, clock: FixedClock, here: FileLimiter
) -> None:
    """A cancellation in the very moment of a commit ends the sender all the same."""
    delivery = Delivery(store, Script(), here, ALERTS, clock)
    for _ in range(20):
        running = asyncio.create_task(delivery.run())
        await asyncio.sleep(0.02)  # it waits for a commit by now
        store.committed.set()
        await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=3)
        assert done, "it went on"


@dataclass
class Channel:
    """A Slack that takes its time, and notes when each message began and ended."""

    took: list[str] = field(default_factory=list)
    under_way: int = 0
    at_once: int = 0

    async def deliver(
        self, posting: Posting, copies: tuple[PostedCopy, ...], *, again: bool = False
    ) -> Placed:
        self.under_way += 1
        self.at_once = max(self.at_once, self.under_way)
        self.took.append(posting.idem_key)
        await asyncio.sleep(0.002)
        self.under_way -= 1
        return Placed(posting.channel, f"{len(self.took)}.0")

    async def find(self, posting: Posting, copies: tuple[PostedCopy, ...], since: datetime) -> Placed | None:
        return None


async def test_of_two_processes_one_sends_each_message(
    store: Store, clock: FixedClock, database_url: str, key_source: FileKeySource, tmp_path: Path
) -> None:
    """Two senders on one database, woken together over and over: no message twice, each thread in its order."""
    other = await open_store(database_url, key_source, clock)
    at_doors = [limiter(database_url.replace("+psycopg", ""), tmp_path) for _ in range(2)]
    slack = Channel()
    senders = [
        Delivery(one, slack, turn, ALERTS, clock) for one, turn in zip((store, other), at_doors, strict=True)
    ]
    wanted = []
    for part in range(10):
        keys = [f"{part}.{n}" for n in range(8)]
        await _put(store if part % 2 else other, *keys)
        wanted += keys
        await asyncio.gather(*(sender.once() for sender in senders))
    for sender in senders:
        await sender.once()
    assert slack.took == wanted
    assert slack.at_once == 1
    assert await _pending(store) == 0
    for one in at_doors:
        await one.aclose()
    await other.aclose()


async def test_what_another_process_began_meanwhile_is_not_sent_from_an_old_list(
    store: Store, clock: FixedClock
) -> None:
    """Should the turn be lost in the middle, the message itself still says who has it."""
    await _put(store, "one")
    async with store.read() as unit:
        (seen,) = await unit.outbox.due(clock.now(), 10)
    async with store.write() as unit:
        assert await unit.outbox.begin(seen.seq, clock.now(), timedelta(0), begun=seen.begun)
        assert not await unit.outbox.begin(seen.seq, clock.now(), timedelta(0), begun=seen.begun)
        (now,) = await unit.outbox.due(clock.now(), 10)
        assert await unit.outbox.begin(now.seq, clock.now(), timedelta(0), begun=now.begun)


class Slow(Script):
    """A Slack that takes a message at once and answers a moment later."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = asyncio.Event()

    async def deliver(
        self, posting: Posting, copies: tuple[PostedCopy, ...], *, again: bool = False
    ) -> Placed:
        placed = await super().deliver(posting, copies, again=again)
        self.taken.set()
        await asyncio.sleep(0.2)
        return placed


async def test_a_sender_told_to_stop_writes_down_what_it_was_sending(
    store: Store, clock: FixedClock, here: FileLimiter
) -> None:
    """Stopped between Slack's taking a message and its answer, the bot waits for the answer: nothing is sent twice."""
    slack = Slow()
    await _put(store, "one")
    running = asyncio.create_task(Delivery(store, slack, here, ALERTS, clock, alone=True).run())
    await slack.taken.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await _pending(store) == 0
    await Delivery(store, slack, here, ALERTS, clock, alone=True).once()
    assert slack.sent == [("one", False)]
