"""The inventory's promises, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from store_samples import CONNECTION, NOW, application, credential, principal, tie

from bot.db.store import Store
from bot.errors import NotFound
from bot.inventory.model import Body
from bot.inventory.repository import ItemRepository, Put
from bot.platform.model import Credential, Principal, Tie

LATER = NOW + timedelta(hours=1)
EVERYTHING = (principal(), credential(), application(), tie())


async def put(store: Store, *bodies: Body, at: object = NOW, connection: str = CONNECTION) -> Put:
    async with store.write() as unit:
        return await unit[ItemRepository].put(connection, bodies, at)  # type: ignore[arg-type]


async def test_every_kind_comes_back_as_it_was(store: Store) -> None:
    """No field of any kind of thing is lost or altered, down to the microsecond."""
    added = (await put(store, *EVERYTHING)).added
    async with store.read() as unit:
        kept = await unit[ItemRepository].all()
    assert {item.body for item in kept if not isinstance(item.body, Credential)} >= {principal(), tie()}
    assert sorted(kept, key=lambda i: i.id) == sorted(added, key=lambda i: i.id)
    assert all(i.first_seen == i.last_seen == NOW and i.version == 1 for i in kept)
    assert [type(i.body) for i in added] == [type(body) for body in EVERYTHING]


async def test_items_are_listed_by_connection_and_kind(store: Store) -> None:
    """A filter by connection and kind shows those and no others; no kinds shows none."""
    await put(store, *EVERYTHING)
    await put(store, principal(), connection="salesforce:test")
    async with store.read() as unit:
        assert len(await unit[ItemRepository].all()) == 5
        assert len(await unit[ItemRepository].all(CONNECTION)) == 4
        assert {type(i.body) for i in await unit[ItemRepository].all(CONNECTION, (Principal, Tie))} == {
            Principal,
            Tie,
        }
        assert len(await unit[ItemRepository].all(kinds=(Principal,))) == 2
        assert await unit[ItemRepository].all(kinds=()) == ()


async def test_an_item_is_found_by_id_reference_and_native_id(store: Store) -> None:
    """References forgive case and look-alikes; native ids are taken letter for letter."""
    (item,) = (await put(store, principal("005Ab"))).added
    async with store.read() as unit:
        assert await unit[ItemRepository].get(item.id) == item
        assert (
            await unit[ItemRepository].by_ref(f" {item.ref.lower().replace('0', 'o').replace('1', 'l')} ")
            == item
        )
        assert await unit[ItemRepository].by_native(CONNECTION, Principal, "005Ab") == item
        assert await unit[ItemRepository].by_native(CONNECTION, Principal, "005AB") is None
        assert await unit[ItemRepository].by_native(CONNECTION, Credential, "005Ab") is None
        assert await unit[ItemRepository].by_native("salesforce:test", Principal, "005Ab") is None
        assert await unit[ItemRepository].by_ref("ZZZZZZ") is None
        with pytest.raises(NotFound):
            await unit[ItemRepository].get(uuid4().hex)


async def test_an_email_finds_principals_however_it_is_spelt(store: Store) -> None:
    """One e-mail in any case finds the principals of all connections, and nothing without an e-mail."""
    await put(store, principal("a", email="Zoë@Larkspur.example"), principal("b", email=""), tie())
    await put(store, principal("a", email="zoë@larkspur.example"), connection="wrike:main")
    async with store.read() as unit:
        found = await unit[ItemRepository].by_email(" ZOË@larkspur.EXAMPLE ")
        assert {item.connection for item in found} == {CONNECTION, "wrike:main"}
        assert await unit[ItemRepository].by_email("") == ()
        assert await unit[ItemRepository].by_email("zoe@larkspur.example") == ()


async def test_what_is_unchanged_is_only_seen_again(store: Store) -> None:
    """A second look at the same thing moves last_seen, changes no version, counter or sealed byte."""
    await put(store, *EVERYTHING)
    async with store.read() as unit:
        counted = (await unit.marks()).get("item", 0)
    again = await put(store, *EVERYTHING, at=LATER)
    assert again == Put()
    async with store.read() as unit:
        assert (await unit.marks()).get("item", 0) == counted
        assert {(i.first_seen, i.last_seen, i.version) for i in await unit[ItemRepository].all()} == {
            (NOW, LATER, 1)
        }


async def test_a_change_is_told_with_what_was_before(store: Store) -> None:
    """A body that differs is kept under the same id and reference, and told with its former self."""
    (before,) = (await put(store, credential(use_count=1))).added
    changed = await put(store, credential(use_count=2), at=LATER)
    after = replace(before, body=credential(use_count=2), last_seen=LATER, version=2)
    assert changed == Put(changed=((before, after),))
    async with store.read() as unit:
        assert await unit[ItemRepository].all() == (after,)


async def test_a_changed_email_is_found_and_the_old_one_is_not(store: Store) -> None:
    """The index of e-mails follows the body."""
    await put(store, principal(email="old@larkspur.example"))
    await put(store, principal(email="new@larkspur.example"), at=LATER)
    async with store.read() as unit:
        assert await unit[ItemRepository].by_email("old@larkspur.example") == ()
        assert len(await unit[ItemRepository].by_email("new@larkspur.example")) == 1


async def test_what_is_missing_stays_and_may_return(store: Store) -> None:
    """An absent item keeps its first time of absence; back again it is told, as itself."""
    (item,) = (await put(store, credential())).added
    for at in (LATER, LATER + timedelta(hours=1)):
        async with store.write() as unit:
            await unit[ItemRepository].mark_missing([item.id], at)
    async with store.read() as unit:
        gone = await unit[ItemRepository].get(item.id)
    assert (gone.missing_since, gone.body) == (LATER, item.body)
    back = await put(store, credential(), at=LATER + timedelta(hours=2))
    assert (back.added, back.changed) == ((), ())
    assert [(i.id, i.missing_since) for i in back.returned] == [(item.id, None)]
    async with store.read() as unit:
        assert await unit[ItemRepository].get(item.id) == back.returned[0]


async def test_what_returns_changed_is_told_as_both(store: Store) -> None:
    """An item that comes back different is in returned and in changed, once in the inventory."""
    (item,) = (await put(store, credential(use_count=1))).added
    async with store.write() as unit:
        await unit[ItemRepository].mark_missing([item.id], LATER)
    back = await put(store, credential(use_count=9), at=LATER)
    assert [after.id for _, after in back.changed] == [i.id for i in back.returned] == [item.id]
    async with store.read() as unit:
        (kept,) = await unit[ItemRepository].all()
    assert kept == back.returned[0]


async def test_the_counter_moves_with_content_and_only_then(store: Store) -> None:
    """Adding, changing, missing and returning move it; marking nothing, or the same again, does not."""
    seen = [await _counter(store)]
    (item,) = (await put(store, credential())).added
    seen.append(await _counter(store))
    await put(store, credential(use_count=0))
    seen.append(await _counter(store))
    async with store.write() as unit:
        await unit[ItemRepository].mark_missing([item.id], LATER)
    seen.append(await _counter(store))
    async with store.write() as unit:
        await unit[ItemRepository].mark_missing([item.id], LATER)
        await unit[ItemRepository].mark_missing([], LATER)
    assert await _counter(store) == seen[-1]
    await put(store, credential(use_count=0), at=LATER)
    seen.append(await _counter(store))
    assert len(set(seen)) == len(seen), seen


async def test_of_two_bodies_with_one_id_the_later_counts(store: Store) -> None:
    """A listing that shows one thing twice makes one item."""
    added = (await put(store, credential(label="first"), credential(label="second"))).added
    assert [item.body for item in added] == [credential(label="second")]


async def test_a_large_listing_is_told_apart_like_a_small_one(store: Store) -> None:
    """Thousands at once: added, changed, unchanged and returned are each found, references all differ."""
    many = [credential(f"fp-{n}") for n in range(6000)]
    added = (await put(store, *many)).added
    assert len({item.ref for item in added}) == 6000
    async with store.write() as unit:
        await unit[ItemRepository].mark_missing([item.id for item in added[:5500]], LATER)
    listed = [
        *many[:100],
        *(credential(f"fp-{n}", use_count=0) for n in range(5900, 6000)),
        credential("new"),
    ]
    brought = await put(store, *listed, *many[5500:5900], at=LATER)
    told = (len(brought.added), len(brought.changed), len(brought.returned))
    assert told == (1, 100, 100)
    async with store.read() as unit:
        kept = await unit[ItemRepository].all()
    assert len(kept) == 6001
    assert sum(item.missing_since is not None for item in kept) == 5400
    assert sum(item.last_seen == LATER for item in kept) == 601


async def _counter(store: Store) -> int:
    async with store.read() as unit:
        return (await unit.marks()).get("item", 0)
