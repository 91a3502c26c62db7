"""An adapter and its account, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import stamina
from netsuite_bench import Bench

from bot.clock import Clock
from sandbox.company import load
from sandbox.netsuite import NetSuite as StandIn
from sandbox.running import running


@pytest.fixture(autouse=True)
def hasty_retries() -> Iterator[None]:
    """Reads are tried three times without pauses."""
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A company of sixty, whose audit trail shows sign-ins at once."""
    async with running(load(), platforms=("netsuite",)) as box, httpx.AsyncClient() as levers:
        stand_in = box.stand_ins["netsuite"]
        assert isinstance(stand_in, StandIn)
        made = Bench(box.ready, stand_in, Clock(), levers, tmp_path)
        await made.switch(audit_lag_s=0)
        try:
            yield made
        finally:
            for adapter in made.opened:
                await adapter.aclose()
