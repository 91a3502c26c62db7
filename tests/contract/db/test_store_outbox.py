"""Messages: each queued once, sent in order, gone when sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_samples import NOW

from bot.clock import FixedClock
from bot.db.outbox import PostedCopy, Posting
from bot.db.store import Store

LATER = NOW + timedelta(minutes=5)


def posting(key: str, **changes: Any) -> Posting:
    values: dict[str, Any] = {"idem_key": key, "channel": "C1", "body": key.encode(), "thread": "request:1"}
    return Posting(**values | changes)


async def keys_due(store: Store, at: object = NOW, limit: int = 100) -> list[str]:
    async with store.read() as unit:
        return [queued.posting.idem_key for queued in await unit.outbox.due(at, limit)]  # type: ignore[arg-type]


async def test_a_key_is_queued_once_ever(store: Store) -> None:
    """A second posting with one key is refused, while it waits and after it was sent or dropped."""
    async with store.write() as unit:
        assert await unit.outbox.put(posting("sent"))
        assert await unit.outbox.put(posting("dropped"))
        assert not await unit.outbox.put(posting("sent", channel="C2"))
        await unit.outbox.delivered(1, "C1", "1.1")
        await unit.outbox.drop(2, "channel is gone")
        assert not await unit.outbox.put(posting("sent"))
        assert not await unit.outbox.put(posting("dropped"))
        assert await unit.outbox.pending() == 0
        assert await unit.outbox.due(LATER, 10) == ()


async def test_postings_come_back_whole_and_in_order(store: Store) -> None:
    """What is due is as it was put, first in first, at most as many as asked."""
    wanted = [posting(f"k{n}", thread="", edit=n == 1) for n in range(12)]
    async with store.write() as unit:
        for each in wanted:
            await unit.outbox.put(each)
        due = await unit.outbox.due(NOW, 10)
        assert [queued.posting for queued in due] == wanted[:10]
        assert [(queued.attempts, queued.created_at) for queued in due] == [(0, NOW)] * 10
        assert await unit.outbox.pending() == 12


async def test_a_posting_waits_until_its_time(store: Store) -> None:
    """A postponed message counts its tries and is due again at its time, still pending in between."""
    async with store.write() as unit:
        await unit.outbox.put(posting("k"))
        assert await unit.outbox.postpone(1, LATER, "ratelimited")
        assert await unit.outbox.pending() == 1
    assert await keys_due(store, LATER - timedelta(microseconds=1)) == []
    async with store.read() as unit:
        (again,) = await unit.outbox.due(LATER, 1)
    assert (again.attempts, again.posting) == (1, posting("k"))


async def test_one_sender_at_a_time(store: Store) -> None:
    """A posting that was begun is nobody else's until its lease is over, and is known then to have been begun."""
    lease = timedelta(minutes=5)
    async with store.write() as unit:
        await unit.outbox.put(posting("k"))
        await unit.outbox.put(posting("after"))
        assert await unit.outbox.begin(1, NOW, lease)
        assert not await unit.outbox.begin(1, NOW, lease)
        assert await unit.outbox.pending() == 2
    assert await keys_due(store) == []  # what follows it in its thread waits too
    async with store.write() as unit:
        first, second = await unit.outbox.due(LATER, 2)
        assert [(q.begun, q.attempts) for q in (first, second)] == [(True, 0), (False, 0)]
        assert await unit.outbox.begin(1, LATER, lease, begun=True)
        assert await unit.outbox.delivered(1, "C1", "1.0")
        assert not await unit.outbox.begin(1, LATER + lease, lease)


async def test_what_a_dead_sender_left_is_due_at_once_for_whoever_is_alone(store: Store) -> None:
    """Releasing touches what was begun and nothing else; a failure that is certain makes it a fresh try."""
    async with store.write() as unit:
        for key in ("begun", "late", "unsure"):
            await unit.outbox.put(posting(key, thread=key))
        await unit.outbox.begin(1, NOW, timedelta(minutes=5))
        await unit.outbox.postpone(2, LATER, "ratelimited")
        await unit.outbox.postpone(3, LATER, "no answer", begun=True)
        assert await unit.outbox.release(NOW) == 2
        assert [(q.posting.idem_key, q.begun) for q in await unit.outbox.due(NOW, 9)] == [
            ("begun", True),
            ("unsure", True),
        ]
        await unit.outbox.postpone(1, NOW, "ratelimited")
        assert [(q.begun, q.attempts) for q in await unit.outbox.due(NOW, 1)] == [(False, 1)]


async def test_a_thread_is_told_in_order(store: Store) -> None:
    """While a thread's message is held up, what follows it for that recipient waits; other threads do not."""
    async with store.write() as unit:
        await unit.outbox.put(posting("first"))
        await unit.outbox.put(posting("edit", edit=True))
        await unit.outbox.put(posting("elsewhere", channel="C2"))
        await unit.outbox.put(posting("other", thread="request:2"))
        await unit.outbox.put(posting("loose 1", thread=""))
        await unit.outbox.put(posting("loose 2", thread=""))
        await unit.outbox.postpone(1, LATER, "ratelimited")
        await unit.outbox.postpone(5, LATER, "ratelimited")
    assert await keys_due(store) == ["elsewhere", "other", "loose 2"]
    assert await keys_due(store, LATER) == ["first", "edit", "elsewhere", "other", "loose 1", "loose 2"]
    async with store.write() as unit:
        await unit.outbox.drop(1, "gone")
    assert await keys_due(store) == ["edit", "elsewhere", "other", "loose 2"]


async def test_the_first_of_a_thread_is_where_its_message_stands(store: Store) -> None:
    """One copy for each recipient, not moved by replies and edits; a message without thread has none."""
    async with store.write() as unit:
        for n, each in enumerate(
            (posting("a"), posting("b"), posting("c", channel="U7", edit=True), posting("d", thread="")), 1
        ):
            await unit.outbox.put(each)
            assert await unit.outbox.delivered(n, "D9" if n == 3 else "C1", f"{n}.0")
        assert not await unit.outbox.delivered(1, "C1", "9.9")
        assert not await unit.outbox.postpone(1, LATER, "late")
        assert not await unit.outbox.drop(99, "never was")
        copies = (
            PostedCopy(thread="request:1", recipient="C1", channel="C1", ts="1.0"),
            PostedCopy(thread="request:1", recipient="U7", channel="D9", ts="3.0"),
        )
        assert await unit.outbox.copies("request:1") == copies
        assert await unit.outbox.copies("") == ()


async def test_a_posting_is_due_from_when_it_was_put(store: Store, clock: FixedClock) -> None:
    """The store's own clock says when a message was queued, so that a sandbox's time is followed."""
    clock.at = LATER
    async with store.write() as unit:
        await unit.outbox.put(posting("k"))
    assert await keys_due(store, NOW) == []
    assert await keys_due(store, LATER) == ["k"]


async def test_what_was_settled_long_ago_is_forgotten_and_its_key_is_not(store: Store) -> None:
    """Old sent and dropped lines go in parts; waiting ones and the newest stay; no key can be put again."""
    keys = [f"k{n}" for n in range(6)]
    async with store.write() as unit:
        for key in keys:
            await unit.outbox.put(posting(key))
        for seq in (1, 2, 3, 6):
            await unit.outbox.delivered(seq, "C1", f"{seq}.1")
        await unit.outbox.drop(4, "channel is gone")
        assert await unit.outbox.prune(NOW, 10) == 0  # none is older
        assert await unit.outbox.prune(LATER, 3) == 3
        assert await unit.outbox.prune(LATER, 3) == 1
        assert await unit.outbox.prune(LATER, 3) == 0
        assert [await unit.outbox.put(posting(key)) for key in keys] == [False] * 6
        assert await unit.outbox.put(posting("new"))
        assert [copy.ts for copy in await unit.outbox.copies("request:1")] == ["1.1"]
    assert await keys_due(store) == ["k4", "new"]
