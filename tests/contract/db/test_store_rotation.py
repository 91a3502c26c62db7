"""Keys replaced beside a running bot: nothing lost, nothing left behind, the old key gone."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from store_contents import by_hand, everything, fill, key_ids
from store_samples import (
    CONNECTION,
    NOW,
    person,
    principal,
)

from bot.clock import FixedClock
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.errors import DecryptionFailed
from bot.inventory.repository import ItemRepository
from bot.people.repository import PersonRepository
from bot.platform.model import Principal
from bot.store import open_store


async def test_rotation_seals_everything_anew_and_loses_nothing(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> None:
    """After a rotation every record reads as before, nothing is under the old key, and that key is gone."""
    await fill(store)
    outside = store.keyring.seal(b"engine payload", "engine")
    async with store.read() as unit:
        before = await everything(unit)
    resealed = await store.rotate_key()
    async with store.read() as unit:
        assert await everything(unit) == before
    used, keys = await key_ids(database_url)
    assert len(used) == resealed
    assert set(used) == {4}
    assert [(k.id, k.wrapped is None, k.destroyed_at is None) for k in keys if k.purpose == "rows"] == [
        (1, True, False),
        (4, False, True),
    ]
    assert store.keyring.open(outside, "engine") == b"engine payload"
    reopened = await open_store(database_url, key_source, clock)
    assert reopened.keyring.open(outside, "engine") == b"engine payload"
    async with reopened.read() as unit:
        assert await everything(unit) == before
    await reopened.aclose()


async def test_a_running_bot_follows_a_rotation_elsewhere(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> None:
    """A process that did not rotate reads what is under the new key and writes under it, at once."""
    await fill(store)
    other = await open_store(database_url, key_source, clock)
    await other.rotate_key()
    await other.aclose()
    async with store.read() as unit:
        assert len(await everything(unit)) == 18
    await asyncio.sleep(0)
    second = await open_store(database_url, key_source, clock)
    await second.rotate_key()
    await second.aclose()
    async with store.write() as unit:
        await unit[PersonRepository].put(person("U77"))
    used, _ = await key_ids(database_url)
    assert len(set(used)) == 1


async def test_writes_during_a_rotation_are_kept(store: Store, database_url: str) -> None:
    """What others write while rows are sealed anew is neither undone nor left under the old key."""
    bodies = [principal(f"005{n}") for n in range(1500)]
    async with store.write() as unit:
        await unit[ItemRepository].put(CONNECTION, bodies, NOW)
    done = asyncio.Event()

    async def keep_writing() -> int:
        n = 0
        while not done.is_set():
            async with store.write() as unit:
                await unit[ItemRepository].put(
                    CONNECTION, [principal(f"005{n % 1500}", name=f"later {n}")], NOW
                )
            n += 1
        return n

    writing = asyncio.create_task(keep_writing())
    await store.rotate_key()
    done.set()
    written = await writing
    assert written > 0
    async with store.read() as unit:
        names = {
            i.body.native_id: i.body.name
            for i in await unit[ItemRepository].all()
            if isinstance(i.body, Principal)
        }
    for n in range(max(0, written - 1500), written):
        assert names[f"005{n % 1500}"] == f"later {n}"
    used, _ = await key_ids(database_url)
    assert set(used) == {4}


async def test_a_rotation_broken_off_is_ended_by_the_next(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed half way, everything still reads; the next rotation ends both."""
    await fill(store)
    async with store.read() as unit:
        before = await everything(unit)
    seal, left = store.keyring.seal_row, [5]

    def until_killed(plain: bytes, aad: str) -> bytes:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return seal(plain, aad)

    with monkeypatch.context() as patch:  # stands for the process dying there
        patch.setattr(store.keyring, "seal_row", until_killed)
        with pytest.raises(KeyboardInterrupt):
            await store.rotate_key()
    async with store.read() as unit:
        assert await everything(unit) == before
    await store.rotate_key()
    async with store.read() as unit:
        assert await everything(unit) == before
    used, keys = await key_ids(database_url)
    assert set(used) == {6}
    assert [k.id for k in keys if k.purpose == "rows" and k.wrapped is not None] == [6]


async def test_a_damaged_value_keeps_its_key_and_stops_nobody_else(store: Store, database_url: str) -> None:
    """A value that does not open is left as it is with its key; the others are sealed anew, and it is told."""
    async with store.write() as unit:
        added = (
            await unit[ItemRepository].put(CONNECTION, [principal(f"005{n}") for n in range(3)], NOW)
        ).added
    await by_hand(
        database_url,
        "UPDATE item SET sealed = (SELECT sealed FROM item WHERE id = :other) WHERE id = :one",
        one=added[0].id,
        other=added[1].id,
    )
    with pytest.raises(DecryptionFailed, match="1 sealed values") as failed:
        await store.rotate_key()
    assert failed.value.key_id == 1
    used, keys = await key_ids(database_url)
    assert sorted(set(used)) == [1, 4]
    assert used.count(1) == 1
    assert [k.id for k in keys if k.purpose == "rows" and k.wrapped is not None] == [1, 4]
    async with store.read() as unit:
        assert (await unit[ItemRepository].get(added[1].id)).body == principal("0051")


async def test_a_value_under_a_destroyed_key_says_when_it_went(
    store: Store, database_url: str, clock: FixedClock
) -> None:
    """A row restored from before a rotation names the key and the day that key was destroyed."""
    async with store.write() as unit:
        await unit[PersonRepository].put(person("U1"))
    engine = create_async_engine(database_url)
    async with engine.begin() as conn:
        old = (await conn.execute(text("SELECT sealed FROM person"))).scalar_one()
    clock.at = datetime.fromisoformat("2026-12-24T12:00:00+00:00")
    await store.rotate_key()
    async with engine.begin() as conn:
        await conn.execute(text("UPDATE person SET sealed = :s"), {"s": old})
    await engine.dispose()
    async with store.read() as unit:
        with pytest.raises(DecryptionFailed, match="data key 1, which a rotation destroyed on 2026-12-24"):
            await unit[PersonRepository].get("U1")
