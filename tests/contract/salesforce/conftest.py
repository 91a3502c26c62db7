"""An adapter and its org, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import stamina
from connection_context import connection_context
from salesforce_bench import NAME, Bench

from bot.clock import Clock
from bot.text import Secret
from platforms.salesforce import build
from sandbox.company import load
from sandbox.running import running
from sandbox.salesforce import Salesforce as StandIn


@pytest.fixture(autouse=True)
def hasty_retries() -> Iterator[None]:
    """Reads are tried three times without pauses."""
    with stamina.set_testing(True, attempts=3):
        yield


async def _bench(directory: Path, people: int | None = None) -> AsyncIterator[Bench]:
    async with running(load(people=people), platforms=("salesforce",)) as box, httpx.AsyncClient() as levers:
        stand_in = box.stand_ins["salesforce"]
        assert isinstance(stand_in, StandIn)
        clock = Clock()
        hello = box.ready["salesforce"]
        table: dict[str, object] = {"url": hello["url"], "client_id": hello["client_id"], "unused_for_s": 60}
        table["username"] = hello["username"]
        platform = build(NAME, table, connection_context(lambda name: Secret(hello[name]), clock, directory))
        bench = Bench(box.ready, stand_in, platform, clock, levers, directory)
        try:
            yield bench
        finally:
            for adapter in (platform, *bench.opened):
                await adapter.aclose()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A company of sixty."""
    async for made in _bench(tmp_path):
        yield made


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Bench]:
    """A company of seven thousand, with more grants than one query brings."""
    async for made in _bench(tmp_path, 7_000):
        yield made
