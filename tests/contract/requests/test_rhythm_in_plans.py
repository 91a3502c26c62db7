"""What a plan takes from a rhythm that was seen: an old credential rests for a beat, and never for less than told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from estate import CONNECTION, Estate, grant, person

from bot.clock import FixedClock
from bot.config import SafetyLimitSettings
from bot.config.policies import Policies
from bot.db.store import Store
from bot.inventory.usage_interval import USES
from bot.platform.model import Application
from bot.platform.plan import How
from bot.requests.planning import Planner
from bot.requests.safety_limit import SafetyLimit

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def estate(store: Store, clock: FixedClock) -> Estate:
    """One integration with one credential, on each database."""
    made = Estate(store, clock)
    made.lists(person("ana"), Application(native_id="a1", name="Marketo sync"), grant("g1"))
    await made.scan()
    return made


async def seen(estate: Estate, beat: timedelta, times: int = USES) -> None:
    """Scans that find the credential used, a beat after each other."""
    for _ in range(times):
        estate.clock.at += beat
        estate.use("g1")
        await estate.scan()


async def how(
    estate: Estate, policies: Policies | None = None, waits: Mapping[str, timedelta] | None = None
) -> How:
    """What the planner makes of it."""
    safety_limit = SafetyLimit(SafetyLimitSettings(), estate.clock)
    planner = Planner(estate.store, {}, safety_limit, (), policies or Policies(), waits=waits or {})
    (entry,) = [e for e in (await estate.inventory.catalogue()).entries if e.item.body.native_id == "g1"]
    return await planner.how(entry)


@pytest.mark.parametrize("beat", [2 * DAY, 7 * DAY, 31 * DAY])
async def test_a_beat_longer_than_a_day_lengthens_the_wait(estate: Estate, beat: timedelta) -> None:
    """A whole beat and a quarter pass before silence says anything."""
    await seen(estate, beat)
    assert (await how(estate)).cadence == beat * 1.25


@pytest.mark.parametrize("beat", [timedelta(minutes=15), HOUR, 18 * HOUR])
async def test_a_shorter_beat_never_shortens_it(estate: Estate, beat: timedelta) -> None:
    """Used every quarter of an hour, it still rests for as long as its connection waits."""
    await seen(estate, beat, times=12)
    assert (await how(estate)).cadence is None


async def test_a_daily_beat_is_longer_than_a_day_with_its_patience(estate: Estate) -> None:
    """A nightly job that is an hour late is not silent."""
    await seen(estate, DAY)
    assert (await how(estate)).cadence == 30 * HOUR


async def test_too_few_uses_say_nothing(estate: Estate) -> None:
    """A rhythm is not told from less than six uses."""
    await seen(estate, 7 * DAY, times=USES - 1)
    assert (await how(estate)).cadence is None


async def test_what_somebody_said_counts_more(estate: Estate) -> None:
    """A policy's cadence is taken as it stands, be it shorter."""
    await seen(estate, 7 * DAY)
    said = Policies(usage_interval_h={"Marketo sync": 6})
    assert (await how(estate, said)).cadence == 6 * HOUR


async def test_a_connection_told_to_wait_longer_waits_longer(estate: Estate) -> None:
    """A week in the configuration is not cut to a beat of two days; a beat of a month lengthens it."""
    waits = {CONNECTION: 7 * DAY}
    await seen(estate, 2 * DAY)
    assert (await how(estate, waits=waits)).cadence is None
    await seen(estate, 31 * DAY)
    assert (await how(estate, waits=waits)).cadence == 31 * DAY * 1.25
    assert (await how(estate, waits={CONNECTION: HOUR})).cadence == 31 * DAY * 1.25
