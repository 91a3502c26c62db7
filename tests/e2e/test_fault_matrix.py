"""Every fault on every platform: whatever a failed look brings, nobody is called a leaver and no token dead.

The sibling of ``test_platform_faults``, which looks deeper into one platform.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import stamina
from desk import Desk

from bot.alerts.model import CREDENTIAL_GONE, INCIDENT, MISSED_BEAT, OWNER_GONE
from bot.config import Settings
from bot.findings.model import FindingState
from bot.findings.repository import FindingRepository
from bot.inventory.repository import ItemRepository
from bot.scans.scan import ScanOutcome, ScanReport

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLATFORMS = ("salesforce", "netsuite", "wrike", "nexonia")
KINDS = ("429", "500", "timeout", "timeout_after_effect", "reset", "slow", "bad_json", "short_listing")
FROM_A_FAILED_LOOK_NEVER = (OWNER_GONE, CREDENTIAL_GONE, INCIDENT, MISSED_BEAT)
PLACES = 8  # calls of a scan that each break once, spread over it


def change(settings: Settings) -> Settings:
    """All platforms, impatient, and looked at only when a test says so."""
    tables = {
        name: {**table, "timeout_s": 0.5, "scan_every_s": 86_400}
        for name, table in settings.connections.items()
    }
    for name in tables:
        if name.startswith("wrike:"):
            tables[name] |= {"requests_per_minute": 100_000, "burst": 1_000}
    return settings.model_copy(update={"connections": tables})


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def healed(desk: Desk) -> AsyncIterator[None]:
    """No test leaves a fault to the next, and no platform counts how often it is asked."""
    await desk.post("/wrike/switches", {"rate_per_minute": 0.0})
    yield
    await desk.heal()


@pytest.fixture(autouse=True)
def no_retries() -> Iterator[None]:
    """Reads are tried once, so that lasting faults are quick and passing ones count."""
    stamina.set_active(False)
    yield
    stamina.set_active(True)


def connections(desk: Desk, platform: str) -> list[str]:
    return [name for name in desk.settings.connections if name.startswith(f"{platform}:")]


async def scan(desk: Desk, platform: str) -> list[ScanReport]:
    assert desk.app
    return [await desk.app.services.scanning.scan(c, force=True) for c in connections(desk, platform)]


async def known(desk: Desk) -> tuple[object, ...]:
    """What a false conclusion would change: who is there and how, what is open, who was spoken of."""
    assert desk.app
    async with desk.app.store.read() as unit:
        items = sorted(
            (i.connection, i.ref, i.missing_since, str(getattr(i.body, "status", "")))
            for i in await unit[ItemRepository].all()
        )
        lasting = frozenset({FindingState.OPEN, FindingState.UNKNOWN})
        findings = sorted(f.ref for f in await unit[FindingRepository].all(None, lasting))
    told = [
        (alert.rule, alert.ref, alert.state)
        for rule in FROM_A_FAILED_LOOK_NEVER
        for alert in await desk.alerts(rule)
    ]
    return items, findings, sorted(told)


async def whole(desk: Desk, platform: str) -> bool:
    """A healed platform is soon looked at in full; a busy machine may take longer than its short timeout once."""
    for _ in range(5):
        if {r.outcome for r in await scan(desk, platform)} == {ScanOutcome.COMPLETE}:
            return True
    return False


async def paths(desk: Desk, platform: str) -> list[str]:
    """Where a whole scan goes, first call first, each place once."""
    earlier = (await desk.get("/calls", platform=platform))["calls"]
    since = str(earlier[-1]["seq"] if earlier else 0)
    assert {r.outcome for r in await scan(desk, platform)} == {ScanOutcome.COMPLETE}
    calls = (await desk.get("/calls", platform=platform, since=since))["calls"]
    return list(dict.fromkeys(re.escape(call["path"].partition("?")[0]) for call in calls))


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_source_that_breaks_altogether_says_nothing_of_what_is_in_it(
    desk: Desk, platform: str, kind: str
) -> None:
    """Three looks at a source that is broken in one way: nothing is concluded, then or when it is whole again."""
    await scan(desk, platform)
    before = await known(desk)
    await desk.fault(platform, kind, "", count=None, retry_after_s=0.05)
    for _ in range(3):
        reports = await scan(desk, platform)
        if kind not in ("slow", "short_listing"):
            assert ScanOutcome.COMPLETE not in {report.outcome for report in reports}, reports
        assert await known(desk) == before
    await desk.heal()
    assert await whole(desk, platform)
    assert await known(desk) == before


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", ["429", "500", "reset", "bad_json", "short_listing"])
async def test_one_broken_answer_says_nothing_of_what_is_in_the_source(
    desk: Desk, platform: str, kind: str
) -> None:
    """Whichever call of a scan breaks, once: half a listing is never taken for a whole one."""
    places = await paths(desk, platform)
    before = await known(desk)
    step = max(1, len(places) // PLACES)
    for place in places[::step][:PLACES]:
        await desk.fault(platform, kind, place, count=1, retry_after_s=0.05)
        await scan(desk, platform)
        await desk.heal()
        assert await known(desk) == before, place
    assert await whole(desk, platform)
    assert await known(desk) == before
