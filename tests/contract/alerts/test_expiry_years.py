"""Five years in fast forward: every step of every end date told once, over crashes, restarts and clocks that jump."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from store_samples import NOW, credential

from bot.alerts.model import Alert
from bot.alerts.repository import AlertRepository
from bot.alerts.triggers import EXPIRY, Alerts
from bot.chat.codec import decode_reply
from bot.chat.model import Reply, Table
from bot.clock import FixedClock
from bot.config import AlertSettings
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.inventory.catalogue import Inventory
from bot.inventory.repository import ItemRepository
from bot.platform.model import Credential, CredentialKind
from bot.store import open_store

STEPS = (60, 30, 14, 7, 3, 1, 0)
YEARS = 5
CREDENTIALS = 12
CONNECTION = "salesforce:prod"


class Crash(Exception):
    """The process died before its transaction was committed."""


class Years:
    """A bot that only watches end dates, and a world that renews some of them."""

    def __init__(self, store: Store, clock: FixedClock, dice: random.Random) -> None:
        self.store, self.clock, self.dice = store, clock, dice
        self.alerts = self.started()

    def started(self) -> Alerts:
        return Alerts(AlertSettings(expiry_days=STEPS), Inventory(self.store, ()), "C1", self.clock)

    async def hold(self, *bodies: Credential) -> None:
        async with self.store.write() as unit:
            await unit[ItemRepository].put(CONNECTION, bodies, self.clock.now())

    async def tick(self, *, crash: bool = False) -> None:
        """One minute's work, as ``bot.maintenance`` does it."""
        if await self.alerts.reached() == self.alerts.spoken:
            return
        reached = await self.alerts.reached()
        try:
            async with self.store.write() as unit:
                await self.alerts.expiries(unit)
                if crash:
                    raise Crash
        except Crash:
            self.alerts = self.started()
            return
        self.alerts.spoken = reached

    async def deliver(self, limit: int = 100) -> list[Reply]:
        """Everything waiting is sent."""
        async with self.store.write() as unit:
            queued = await unit.outbox.due(self.clock.now() + timedelta(days=9999), limit)
            for one in queued:
                await unit.outbox.delivered(one.seq, "C1", f"{one.seq}.0")
        return [decode_reply(one.posting.body) for one in queued]


@pytest.fixture
async def lone_store(tmp_path: Path, clock: FixedClock) -> Store:
    """SQLite only: five years of writes on one database say what there is to say."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'years.db'}"
    return await open_store(url, FileKeySource.create(tmp_path / "years.key"), clock)


async def test_five_years_miss_no_step_and_double_none(lone_store: Store, clock: FixedClock) -> None:
    """Looked at twice a day or so, restarted, crashed, set back and forth: each (credential, end, step) once."""
    dice = random.Random(20261124)
    years = Years(lone_store, clock, dice)
    ends = {f"fp-{n}": NOW + timedelta(days=dice.uniform(70, 400)) for n in range(CREDENTIALS)}

    def body(name: str) -> Credential:
        return credential(name, kind=CredentialKind.CERTIFICATE, label=name, expires_at=ends[name])

    await years.hold(*map(body, ends))
    expected: set[tuple[str, str, int]] = set()
    finish = NOW + timedelta(days=365 * YEARS)
    furthest = NOW
    while clock.at < finish:
        clock.at += timedelta(hours=dice.uniform(1, 20))
        if dice.random() < 0.02:  # set back, as by a bad time server or a restored machine
            clock.at -= timedelta(days=dice.uniform(1, 20))
        furthest = max(furthest, clock.at)
        for name, end in list(ends.items()):
            left = end - clock.at
            expected |= {
                (name, end.date().isoformat(), step) for step in STEPS if left <= timedelta(days=step)
            }
            if left < timedelta(days=-2):  # renewed after it lapsed; for a year or so
                ends[name] = clock.at + timedelta(days=dice.uniform(61, 500))
                await years.hold(body(name))
        if dice.random() < 0.05:
            years.alerts = years.started()
        await years.tick(crash=dice.random() < 0.05)
        await years.tick()
    messages = await years.deliver(limit=100_000)
    async with lone_store.read() as unit:
        kept = [alert for alert in await unit[AlertRepository].all() if alert.rule == EXPIRY]
        names = {item.id: item.body.native_id for item in await unit[ItemRepository].all()}
    told = Counter((names[a.subject], *_bucket(a.bucket)) for a in kept)
    assert max(told.values()) == 1
    missed = expected - set(told)
    assert not missed, sorted(missed)[:5]
    assert len(expected) > CREDENTIALS * YEARS * len(STEPS) // 2
    rows = sum(len(part.rows) for reply in messages for part in reply.parts if isinstance(part, Table))
    assert rows == len(kept)  # every step has its line in a message, and no line stands twice
    live = [a for a in kept if a.state.value in {"open", "snoozed"}]
    assert len(live) <= CREDENTIALS  # the story of a credential is one alert, not one for each step
    await lone_store.aclose()


async def test_a_clock_set_back_repeats_nothing_and_goes_on_from_where_it_was(
    lone_store: Store, clock: FixedClock
) -> None:
    """After the seven-day step no earlier one is told, however often the clock is wrong."""
    years = Years(lone_store, clock, random.Random(1))
    await years.hold(credential("fp-1", kind=CredentialKind.CERTIFICATE, expires_at=NOW + timedelta(days=6)))
    await years.tick()
    assert len(await years.deliver()) == 1
    for days in (-20, 10, -3, 12):
        clock.at += timedelta(days=days)
        await years.tick()
    assert [a.bucket.rpartition("/")[2] for a in await _kept(lone_store)] == ["7"]
    clock.at = NOW + timedelta(days=4)
    await years.tick()
    assert [a.bucket.rpartition("/")[2] for a in await _kept(lone_store)] == ["7", "3"]
    await lone_store.aclose()


async def test_a_crash_before_the_commit_leaves_nothing_and_the_next_look_says_it(
    lone_store: Store, clock: FixedClock
) -> None:
    """The step's row and its message are one transaction."""
    years = Years(lone_store, clock, random.Random(1))
    await years.hold(credential("fp-1", kind=CredentialKind.CERTIFICATE, expires_at=NOW + timedelta(days=6)))
    await years.tick(crash=True)
    assert await years.deliver() == []
    assert await _kept(lone_store) == []
    await years.tick()
    (reply,) = await years.deliver()
    assert any(isinstance(part, Table) for part in reply.parts)
    await lone_store.aclose()


async def test_a_thousand_ends_on_one_day_are_one_message(lone_store: Store, clock: FixedClock) -> None:
    """A cliff is one message with the nearest ten, and the rest one command away."""
    years = Years(lone_store, clock, random.Random(1))
    end = NOW + timedelta(days=30)
    one = credential("fp", kind=CredentialKind.CERTIFICATE, expires_at=end)
    await years.hold(*(replace(one, native_id=f"fp-{n}") for n in range(1000)))
    await years.tick()
    (reply,) = await years.deliver()
    assert "1000 credentials" in reply.summary or "1,000 credentials" in reply.summary
    await lone_store.aclose()


async def _kept(store: Store) -> list[Alert]:
    async with store.read() as unit:
        return [alert for alert in await unit[AlertRepository].all() if alert.rule == EXPIRY]


def _bucket(bucket: str) -> tuple[str, int]:
    day, _, step = bucket.partition("/")
    return day, int(step)
