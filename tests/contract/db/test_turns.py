"""Turns at a vendor's door: never more than there are, over tasks and processes, and none lost with a process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db.leases import FileLimiter, PostgresLimiter, limiter
from bot.errors import InvariantBroken

HOLDER = """
import asyncio, sys
from pathlib import Path
from bot.db.leases import limiter
async def main():
    async with limiter(sys.argv[1], Path(sys.argv[2])).lease("netsuite:prod", 1):
        print("mine", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
Either = FileLimiter | PostgresLimiter


@pytest.fixture
async def doors(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Either, Either]]:
    """What two processes would have."""
    two = limiter(database_url, tmp_path), limiter(database_url, tmp_path)
    yield two
    for one in two:
        await one.aclose()


async def test_there_are_never_more_at_once_than_are_allowed(doors: tuple[Either, Either]) -> None:
    """Forty callers of two processes pass a door that is two wide: two at most are inside, and all get in."""
    inside = most = done = 0

    async def pass_through(door: Either) -> None:
        nonlocal inside, most, done
        async with door.lease("netsuite:prod", 2):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1
            done += 1

    await asyncio.gather(*(pass_through(doors[n % 2]) for n in range(40)))
    assert (most, done) == (2, 40)


async def test_other_doors_are_not_in_the_way(doors: tuple[Either, Either]) -> None:
    """Whoever waits for one connection does not hold up another."""
    async with doors[0].lease("netsuite:prod", 1), doors[1].lease("netsuite:uat", 1):
        pass


async def test_a_turn_comes_back_from_an_error_and_from_a_cancellation(doors: tuple[Either, Either]) -> None:
    """However a caller ends, the next one gets in."""
    with pytest.raises(RuntimeError):
        async with doors[0].lease("netsuite:prod", 1):
            raise RuntimeError
    async with doors[0].lease("netsuite:prod", 1):
        waiting = asyncio.create_task(_enter(doors[1]))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.wait_for(_enter(doors[1]), 5)


async def _enter(door: Either) -> None:
    async with door.lease("netsuite:prod", 1):
        pass


async def test_a_killed_process_gives_its_turn_back(
    database_url: str, tmp_path: Path, doors: tuple[Either, Either]
) -> None:
    """The turn of a process that was killed is free at once, with nothing to clean up."""
    command = [sys.executable, "-c", HOLDER, database_url, str(tmp_path)]
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"mine\n"
    waiting = asyncio.create_task(_enter(doors[0]))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    holder.kill()
    await asyncio.wait_for(waiting, 10)
    await holder.wait()


async def test_a_door_has_one_width(doors: tuple[Either, Either]) -> None:
    """Two widths for one door would let more in than either allows."""
    async with doors[0].lease("netsuite:prod", 1):
        with pytest.raises(InvariantBroken, match="1 wide"):
            async with doors[0].lease("netsuite:prod", 2):
                pass


async def test_nothing_is_left_lying_about(tmp_path: Path) -> None:
    """A thousand names leave neither files nor queues behind."""
    door = FileLimiter(tmp_path)
    for number in range(1000):
        async with door.lease(f"request:{number}", 1):
            pass
    assert not any((tmp_path / "turns").iterdir())
    assert not door._queues
