"""The world's clock, faults and changes."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from sandbox.company import load
from sandbox.world import CHANGES_KEPT_PER_READER, Fault, World


@pytest.fixture
def world() -> World:
    return World(load())


async def test_advancing_ends_a_sleep(world: World) -> None:
    """A sleep of a day ends as soon as the clock is moved by a day."""
    started = time.monotonic()
    sleeping = asyncio.ensure_future(world.sleep(86_400))
    await asyncio.sleep(0)
    world.advance(seconds=86_399)
    await asyncio.sleep(0.01)
    assert not sleeping.done()
    world.advance(seconds=1)
    await asyncio.wait_for(sleeping, 1)
    assert time.monotonic() - started < 1


def test_the_clock_never_goes_back(world: World) -> None:
    """Going back is refused, and two readings are never in the wrong order."""
    with pytest.raises(ValueError, match="only moves forward"):
        world.advance(seconds=-1)
    readings = [world.now for _ in range(1000)]
    assert readings == sorted(readings)


def test_a_fault_is_used_up(world: World) -> None:
    """A fault hits as many matching requests as its count says, of its platform alone."""
    world.add_fault(Fault("slack", "500", re.compile("^POST /api/x"), count=2))
    assert world.take_fault("salesforce", ("POST /api/x",)) is None
    assert world.take_fault("slack", ("GET /api/x",)) is None
    assert world.take_fault("slack", ("POST /api/x?a=1", "POST /api/x")) is not None
    assert world.take_fault("slack", ("POST /api/x",)) is not None
    assert world.take_fault("slack", ("POST /api/x",)) is None


def test_faults_are_lifted_by_platform_or_number(world: World) -> None:
    """Clearing touches only the platform, or the one fault, that was named."""
    for platform in ("slack", "salesforce", "salesforce"):
        world.add_fault(Fault(platform, "500", re.compile(""), count=None))
    first, second, third = world.faults
    assert world.clear_faults(number=second.id) == 1
    assert world.faults == [first, third]
    assert world.clear_faults("salesforce") == 1
    assert world.faults == [first]
    assert (first.cleared.is_set(), second.cleared.is_set(), third.cleared.is_set()) == (False, True, True)


async def test_a_slow_reader_is_dropped(world: World) -> None:
    """A reader that does not keep up gets what was kept for it and then the end; others are not held back."""
    slow, quick = world.subscribe(), world.subscribe()
    heard = 0
    for number in range(CHANGES_KEPT_PER_READER + 5):
        world.notify("test:happened", {"number": number})
        assert (await anext(quick)).data == {"number": number}
    async for _ in slow:
        heard += 1
    assert heard == CHANGES_KEPT_PER_READER
    quick.close()
