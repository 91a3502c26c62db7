"""How soon the bot is ready, and what it needs when nothing happens."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator

from bench.processes import sandbox
from bench.report import Figure

STARTS = 5
IDLE_S = 20.0
SETTLE_S = 5.0
MANY = 10_000  # people of a large workspace and org
MEGABYTE = 1024 * 1024


async def _idle(people: int, starts: int) -> tuple[list[float], float, float]:
    """Seconds of each start; then megabytes and percent of one core while idle, after a scan."""
    took: list[float] = []
    async with sandbox(people=people) as place:
        await place.init()
        for _ in range(starts - 1):
            async with place.running(*place.bot()) as (_, seconds):
                took.append(seconds)
                await asyncio.sleep(0.5)
        async with place.running(*place.bot()) as (bot, seconds):
            took.append(seconds)
            await place.scanned()
            await asyncio.sleep(SETTLE_S)
            used = sum(bot.cpu_times()[:2])
            await asyncio.sleep(IDLE_S)
            percent = (sum(bot.cpu_times()[:2]) - used) * 100 / IDLE_S
            return took, bot.memory_info().rss / MEGABYTE, percent


async def run() -> AsyncIterator[Figure]:
    """Time to readiness, memory and CPU."""
    took, megabytes, percent = await _idle(0, STARTS)
    yield Figure(
        "bot: ready, median",
        statistics.median(took),
        "s",
        2.5,
        note=f"process start to Slack's connection, bytecode compiled; slowest of {STARTS}: {max(took):.1f} s",
    )
    yield Figure("bot: resident memory while idle", megabytes, "MB", 150.0, note="after a scan, 60 people")
    yield Figure(
        "bot: CPU while idle",
        percent,
        "% of a core",
        None,
        note=f"{IDLE_S:.0f} s; following a sandbox's clock",
    )
    _, large, busy = await _idle(MANY, 1)
    yield Figure(
        f"bot: resident memory with {MANY:,} people",
        large,
        "MB",
        None,
        note=f"{busy:.1f} % CPU while idle",
    )
