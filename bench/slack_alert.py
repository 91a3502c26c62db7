"""From a deactivation to its message, and what a storm of unrelated profile edits costs."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator

import psutil  # type: ignore[import-untyped]

from bench.processes import Place, percentile, sandbox
from bench.report import Figure

LEAVERS = 40
APART_S = 1.3  # Slack takes one message a second for each channel; closer ones would wait for that
EDITS = 10_000
TOGETHER = 20
STORM_CPU_S = 5.0
APP = "Gong"


async def _holders(place: Place) -> list[str]:
    """People who each hold something of their own, by e-mail."""
    found: list[str] = []
    for person in (await place.get())["people"]:
        if len(found) == LEAVERS:
            break
        if "salesforce" in person["ids"] and not person["inactive"]:
            body = {"email": person["email"], "app": APP}
            async with place.http.post(f"{place.ready['world']}/salesforce/authorize", json=body) as answer:
                if answer.status == 200:
                    found.append(person["email"])
    return found


async def _untold(place: Place, emails: list[str]) -> list[str]:
    """Those of whom no alert speaks yet: a second source only edits the message that a first one brought."""
    said = json.dumps(await place.messages(), ensure_ascii=False)
    names = {person["email"]: person["name"] for person in (await place.get())["people"]}
    return [email for email in emails if email not in said and names[email] not in said]


async def _latency_ms(place: Place, email: str) -> float:
    """From telling Slack to the message's own time stamp, both by this machine's clock."""
    before = len(await place.messages())
    began = time.time()
    await place.post("/deactivate", email=email, where=["slack"])
    while True:
        messages = await place.messages()
        if len(messages) > before:
            return (float(messages[before]["ts"]) - began) * 1000
        await asyncio.sleep(0.05)


async def _storm(place: Place, bot: psutil.Process, people: list[str]) -> tuple[float, float, int]:
    """Seconds of the bot's CPU for every edit together, until it has taken in the last, and messages it made."""
    said = len(await place.messages())
    taken = await place.counter("slack.deliveries")
    used = sum(bot.cpu_times()[:2])
    began = time.perf_counter()
    for start in range(0, EDITS, TOGETHER):
        edits = ((people[n % len(people)], f"Title {n}") for n in range(start, start + TOGETHER))
        await asyncio.gather(*(place.post("/slack/profile", user=user, title=title) for user, title in edits))
    while await place.counter("slack.deliveries") < taken + EDITS:  # noqa: ASYNC110  the world does not tell
        await asyncio.sleep(0.05)
    calm = 0
    while calm < 5:  # half a second without work
        before = sum(bot.cpu_times()[:2])
        await asyncio.sleep(0.1)
        calm = calm + 1 if sum(bot.cpu_times()[:2]) - before < 0.02 else 0
    wall_s = time.perf_counter() - began - 0.5
    return sum(bot.cpu_times()[:2]) - used, wall_s, len(await place.messages()) - said


async def run() -> AsyncIterator[Figure]:
    """The 95th percentile of alerts, and the CPU of a storm."""
    async with sandbox(people=120) as place:
        await place.init()
        holders = await _holders(place)
        async with place.running(*place.bot()) as (bot, _):
            await place.scanned()
            holders = await _untold(place, holders)
            took_ms: list[float] = []
            for email in holders:
                took_ms.append(await _latency_ms(place, email))
                await asyncio.sleep(max(0.0, APART_S - took_ms[-1] / 1000))
            yield Figure(
                "slack: deactivation to message, p95",
                percentile(took_ms, 0.95),
                "ms",
                1000.0,
                note=f"median {statistics.median(took_ms):.0f} ms; {len(took_ms)} people, {APART_S} s apart",
            )
            people = [p["slack_id"] for p in (await place.get())["people"] if p["email"] not in holders]
            cpu_s, wall_s, said = await _storm(place, bot, people)
    yield Figure(
        f"slack: CPU for {EDITS:,} unrelated profile edits",
        cpu_s,
        "s",
        STORM_CPU_S,
        note=f"{cpu_s / EDITS * 1000:.2f} ms each; taken in within {wall_s:.1f} s",
    )
    yield Figure(f"slack: messages from {EDITS:,} unrelated edits", said, "messages", 0.0)
