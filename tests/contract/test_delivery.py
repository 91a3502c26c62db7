"""The sender: what becomes of a message when Slack takes it, refuses it, or does not say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import FixedClock
from bot.domain.conversation import Para, Reply
from bot.domain.conversation_codec import encode_reply
from bot.domain.records import PostedCopy, Posting
from bot.errors import AuthFailed, Forbidden, OutcomeUnknown, RateLimited
from bot.jobs.deliver import Delivery
from bot.store import Store

ALERTS = "C1"
BODY = encode_reply(Reply(summary="Said", parts=(Para(("Said",)),)))


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
    store: Store, clock: FixedClock
) -> None:
    """Found, it counts as sent where it stands, and what follows it in its thread goes there."""
    slack = Script(answers=[OutcomeUnknown("no answer")], found=Placed(ALERTS, "7.0"))
    delivery = Delivery(store, slack, ALERTS, clock)
    await _put(store, "one", "two")
    await delivery.once()
    assert slack.sent == [("one", False)]
    clock.at += timedelta(seconds=5)
    await delivery.once()
    assert slack.sent == [("one", False), ("two", False)]
    async with store.read() as unit:
        assert [copy.ts for copy in await unit.outbox.copies("alert:1")] == ["7.0"]
    assert await _pending(store) == 0


async def test_not_found_it_is_sent_as_if_never_before(store: Store, clock: FixedClock) -> None:
    """Slack has been asked and does not have it, so there is nothing to explain."""
    slack = Script(answers=[OutcomeUnknown("no answer")])
    delivery = Delivery(store, slack, ALERTS, clock)
    await _put(store, "one")
    await delivery.once()
    clock.at += timedelta(seconds=5)
    await delivery.once()
    assert (slack.sent, slack.looked) == ([("one", False), ("one", False)], 1)


async def test_where_we_may_not_look_it_says_so_for_as_long_as_it_takes(
    store: Store, clock: FixedClock
) -> None:
    """A slow-down in between does not make the doubt go away."""
    slack = Script(
        answers=[OutcomeUnknown("no answer"), RateLimited("slowly", retry_after_s=1)],
        found=Forbidden("no", scope="channels:history"),
    )
    delivery = Delivery(store, slack, ALERTS, clock)
    await _put(store, "one")
    for _ in range(3):
        await delivery.once()
        clock.at += timedelta(seconds=60)
    assert slack.sent == [("one", False), ("one", True), ("one", True)]
    assert await _pending(store) == 0


async def test_a_refused_token_or_a_closed_channel_keeps_alerts_waiting(
    store: Store, clock: FixedClock
) -> None:
    """What an administrator can mend loses no message."""
    closed = Forbidden("archived", scope="is_archived")
    slack = Script(answers=[AuthFailed("revoked"), closed])
    delivery = Delivery(store, slack, ALERTS, clock)
    await _put(store, "one")
    for _ in range(2):
        await delivery.once()
        assert await _pending(store) == 1
        clock.at += timedelta(seconds=60)
    await delivery.once()
    assert await _pending(store) == 0


async def test_another_closed_channel_is_answered_for_where_alerts_go(
    store: Store, clock: FixedClock
) -> None:
    """What cannot reach its own recipient reaches whoever reads the alerts."""
    slack = Script(answers=[Forbidden("no", scope="channel_not_found")])
    delivery = Delivery(store, slack, ALERTS, clock)
    await _put(store, "one", channel="C9")
    await delivery.once()
    await delivery.once()
    assert slack.sent == [("one", False), ("one:elsewhere", False)]
    async with store.read() as unit:
        assert [line.action for line in await unit.audit.tail(1)] == ["message:undeliverable"]


async def test_stopping_is_heard_even_as_a_commit_comes_in(store: Store, clock: FixedClock) -> None:
    """A cancellation in the very moment of a commit ends the sender all the same."""
    delivery = Delivery(store, Script(), ALERTS, clock)
    for _ in range(20):
        running = asyncio.create_task(delivery.run())
        await asyncio.sleep(0.02)  # it waits for a commit by now
        store.committed.set()
        await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=3)
        assert done, "it went on"
