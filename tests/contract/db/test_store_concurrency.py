"""Many at once, in one process and in two: nothing lost, one winner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from store_samples import CONNECTION, NOW, alert, credential, decision, receipt, request

from bot.alerts.model import Alert, AlertState
from bot.alerts.repository import AlertRepository
from bot.audit.repository import AuditLog
from bot.clock import FixedClock
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.inventory.repository import ItemRepository
from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository
from bot.store import open_store


@pytest.fixture
async def stores(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> AsyncIterator[tuple[Store, Store]]:
    """Two stores on one database, as two replicas have them."""
    second = await open_store(database_url, key_source, clock)
    yield store, second
    await second.aclose()


async def test_read_then_write_loses_nothing(stores: tuple[Store, Store]) -> None:
    """Twenty tasks that each add one, twenty-five times, to what they have read come to five hundred."""
    counted = alert(payload={"n": "0"})
    async with stores[0].write() as unit:
        await unit[AlertRepository].add(counted)

    async def count(store: Store) -> None:
        for _ in range(25):
            async with store.write() as unit:
                n = int((await unit[AlertRepository].get(counted.id)).payload["n"])
                await asyncio.sleep(0)
                await unit[AlertRepository].update_payload(counted.id, {"n": str(n + 1)})

    await asyncio.gather(*(count(stores[n % 2]) for n in range(20)))
    async with stores[0].read() as unit:
        assert (await unit[AlertRepository].get(counted.id)).payload == {"n": "500"}


async def test_a_thousand_decide_and_one_wins(stores: tuple[Store, Store]) -> None:
    """Of a thousand clicks of one approver exactly one counts."""
    asked = request()
    async with stores[0].write() as unit:
        await unit[RequestRepository].add(asked)

    async def decide(n: int) -> bool:
        async with stores[n % 2].write() as unit:
            return await unit[RequestRepository].decide(
                asked.id, decision(approved=n % 2 == 0, reason=str(n))
            )

    assert sum(await asyncio.gather(*(decide(n) for n in range(1000)))) == 1
    async with stores[0].read() as unit:
        assert len((await unit[RequestRepository].get(asked.id)).decisions) == 1


async def test_a_thousand_move_a_request_and_one_wins(stores: tuple[Store, Store]) -> None:
    """Of a thousand callers with one revision exactly one moves the request, by one revision."""
    asked = request()
    async with stores[0].write() as unit:
        await unit[RequestRepository].add(asked)

    async def move(n: int) -> bool:
        to = RequestState.APPROVED if n % 3 else RequestState.DENIED
        async with stores[n % 2].write() as unit:
            return await unit[RequestRepository].transition(asked, sources={RequestState.PENDING}, to=to)

    assert sum(await asyncio.gather(*(move(n) for n in range(1000)))) == 1
    async with stores[0].read() as unit:
        assert (await unit[RequestRepository].get(asked.id)).rev == 2


async def test_one_incident_met_by_many_is_told_once(stores: tuple[Store, Store]) -> None:
    """The same alert, posting and receipt offered by many at once are each kept once."""
    asked = request()
    async with stores[0].write() as unit:
        await unit[RequestRepository].add(asked)

    async def offer(n: int, offered: Alert) -> tuple[bool, bool]:
        async with stores[n % 2].write() as unit:
            return await unit[AlertRepository].add(offered), await unit[RequestRepository].record(
                asked, receipt()
            )

    kept = await asyncio.gather(*(offer(n, alert()) for n in range(50)))
    assert [sum(column) for column in zip(*kept, strict=True)] == [1, 1]
    async with stores[1].read() as unit:
        assert len(await unit[AlertRepository].all({AlertState.OPEN})) == 1


async def test_one_listing_put_by_many_is_one_inventory(stores: tuple[Store, Store]) -> None:
    """Two replicas that scan at once neither double an item nor fail."""
    bodies = [credential(f"fp-{n}") for n in range(40)]

    async def scan(store: Store) -> int:
        async with store.write() as unit:
            return len((await unit[ItemRepository].put(CONNECTION, bodies, NOW)).added)

    assert sorted(await asyncio.gather(*(scan(stores[n % 2]) for n in range(10)))) == [0] * 9 + [40]


async def test_the_trail_of_many_is_one_chain(stores: tuple[Store, Store]) -> None:
    """Lines appended at once by two replicas follow on each other without a gap."""

    async def append(n: int) -> None:
        async with stores[n % 2].write() as unit:
            await unit[AuditLog].append("system", "n:done", str(n), {})

    await asyncio.gather(*(append(n) for n in range(200)))
    async with stores[1].read() as unit:
        found = await unit[AuditLog].verify()
        assert (found.ok, found.rows) == (True, 200)
        assert {entry.subject for entry in await unit[AuditLog].tail(limit=500)} == {
            str(n) for n in range(200)
        }
