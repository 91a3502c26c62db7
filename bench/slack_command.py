"""How long ``/svc show`` takes over Socket Mode, beside a bare Bolt app that does nothing, and in a crowd."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator

from bench.processes import Place, percentile, sandbox
from bench.report import Figure

ROUNDS = 3
COMMANDS = 60
WARM = 10
AT_ONCE = 200
TEXT = "show marketo"


async def _one(place: Place, user: str) -> float:
    """Milliseconds from typing a command to its acknowledgement, which holds the answer."""
    began = time.perf_counter()
    answer = await place.post("/slack/slash", user=user, channel=place.channel, text=TEXT)
    took_ms = (time.perf_counter() - began) * 1000
    if "error" in (answer["ack"] or {}):
        raise RuntimeError(f"not acknowledged: {answer['ack']['error']}")
    return took_ms


async def _sequence(place: Place, user: str) -> list[float]:
    for _ in range(WARM):
        await _one(place, user)
    return [await _one(place, user) for _ in range(COMMANDS)]


async def _crowd(place: Place, users: list[str]) -> list[float]:
    return list(await asyncio.gather(*(_one(place, users[n % len(users)]) for n in range(AT_ONCE))))


async def _answers(place: Place) -> int:
    """How many answers people were shown so far."""
    return await place.counter("slack.ephemerals")


async def _all_answered(place: Place, before: int) -> None:
    while await _answers(place) < before + AT_ONCE:  # noqa: ASYNC110  the stand-in is asked, it tells nobody
        await asyncio.sleep(0.02)


async def run() -> AsyncIterator[Figure]:
    """Median of one command after another, and the slowest of many at once."""
    ours: list[float] = []
    noop: list[float] = []
    crowd: list[float] = []
    noop_crowd: list[float] = []
    answered: list[float] = []
    async with sandbox() as place:
        await place.init()
        users = [person["slack_id"] for person in (await place.get())["people"]]
        given = {key: place.ready["slack"][key] for key in ("api", "bot_token", "app_token")}
        for number in range(ROUNDS):
            async with place.running("-m", "bench.bolt_noop", json.dumps(given)):
                noop += await _sequence(place, users[0])
                noop_crowd += await _crowd(place, users)
            async with place.running(*place.bot()):
                if number == 0:
                    await place.scanned()
                ours += await _sequence(place, users[0])
                shown, began = await _answers(place), time.perf_counter()
                crowd += await _crowd(place, users)
                await _all_answered(place, shown)
                answered.append(time.perf_counter() - began)
    median, bare = statistics.median(ours), statistics.median(noop)
    p99, bare_p99 = percentile(crowd, 0.99), percentile(noop_crowd, 0.99)
    yield Figure(
        "slack: /svc show beyond a bare Bolt no-op, median",
        median - bare,
        "ms",
        5.0,
        f"no-op {bare:.1f} ms",
        f"{median:.1f} ms in all, answer included; {ROUNDS} × {COMMANDS}, one after another",
    )
    yield Figure(
        "slack: acknowledgement of 200 commands at once, p99",
        p99,
        "ms",
        1000.0,
        f"no-op {bare_p99:.0f} ms",
        f"/svc {TEXT}, {ROUNDS} rounds; every answer shown after {statistics.median(answered):.1f} s",
    )
