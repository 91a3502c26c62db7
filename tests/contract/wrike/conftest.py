"""An adapter and its account, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import stamina
from wrike_bench import Bench

from bot.clock import Clock
from platforms.wrike import Wrike
from sandbox.company import load
from sandbox.running import running
from sandbox.wrike import Wrike as StandIn


@pytest.fixture(autouse=True)
def hasty_retries() -> Iterator[None]:
    """Reads are tried three times without pauses."""
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A company of sixty, without a limit to what may be asked in a minute."""
    async with running(load(), platforms=("wrike",)) as box, httpx.AsyncClient() as levers:
        stand_in = box.stand_ins["wrike"]
        assert isinstance(stand_in, StandIn)
        made = Bench(box.ready, stand_in, Clock(), levers, tmp_path)
        made.clock.shift = box.world.now - made.clock.now()
        await made.switch(rate_per_minute=0.0)
        try:
            yield made
        finally:
            for adapter in made.opened:
                await adapter.aclose()


@pytest.fixture
def wrike(bench: Bench) -> Wrike:
    """An adapter with a permanent token of the bot's own account."""
    return bench.make()
