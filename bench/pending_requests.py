"""Ten thousand requests that wait for somebody: what they cost while nothing happens, and how soon a page is there."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

from bench.processes import Place, sandbox
from bench.report import Figure
from bot.clock import Clock
from bot.config import Settings, load
from bot.db.key_sources import FileKeySource
from bot.platform.plan import Action, Plan, PlanKind, Step, StepMode
from bot.requests.model import ChangeRequest, RequestState, Rule
from bot.requests.repository import RequestRepository
from bot.store import open_store
from bot.text import ALPHABET

MANY = 10_000
AT_ONCE = 1000  # requests written in one transaction
SETTLE_S = 8.0
IDLE_S = 30.0
PAGES = 40
MEGABYTE = 1024 * 1024


def _request(number: int, now_from: Clock) -> ChangeRequest:
    steps = tuple(
        Step(
            key=key,
            mode=StepMode.AUTO,
            title=f"{key.title()} the grant of Marketo sync {number}",
            action=Action(verb=key, subject=f"fp-{number}", params={"user": "005A"}),
            instructions=("Setup", "Users", "Connected Apps OAuth Usage"),
            evidence="the platform lists it",
            undo="Approve the app again as the old user",
            destructive=key == "revoke",
        )
        for key in ("preflight", "approve", "prove", "silence", "revoke")
    )
    plan = Plan(
        kind=PlanKind.HANDOVER,
        connection="salesforce:prod",
        title=f"Hand over Marketo sync {number} from Marcus Delacroix to svc.orders",
        subject_id=f"fp-{number}",
        subject_label=f"Marketo sync {number}",
        steps=steps,
        holder_email="marcus.delacroix@larkspur.example",
        target_id="005B",
        target_label="svc.orders@integrations.larkspur.example",
    )
    now = now_from.now() - timedelta(seconds=MANY - number)
    return ChangeRequest(
        id=uuid4().hex,
        ref="".join(ALPHABET[(number >> shift) & 31] for shift in range(25, -1, -5)),
        state=RequestState.PENDING,
        rev=1,
        plan=plan,
        digest=plan.digest,
        requester="U0REQUESTER",
        reason="They leave at the end of the week",
        created_at=now,
        expires_at=now + timedelta(days=14),
        needed=1,
        rule=Rule(),
    )


async def _fill(settings: Settings) -> float:
    """Put them into the bot's own database; megabytes of it afterwards."""
    clock = Clock()
    store = await open_store(settings.store_url, FileKeySource(settings.key_file), clock)
    for start in range(0, MANY, AT_ONCE):
        async with store.write() as unit:
            for number in range(start, start + AT_ONCE):
                await unit[RequestRepository].add(_request(number, clock))
    await store.aclose()
    return (settings.data_dir / "inventory.db").stat().st_size / MEGABYTE


async def _pages(place: Place, text: str) -> float:
    """Median milliseconds from typing to the acknowledgement that holds the answer."""
    user = next(p["slack_id"] for p in (await place.get())["people"] if p["role"] == "viewer")
    took = []
    for _ in range(PAGES):
        began = time.perf_counter()
        await place.post("/slack/slash", user=user, channel=place.channel, text=text)
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.02)
    return statistics.median(took)


async def _measured(*, full: bool) -> tuple[float, float, dict[str, float], float]:
    """Percent of one core and megabytes while idle, milliseconds of pages, megabytes of the database."""
    async with sandbox() as place:
        await place.init()
        stored = await _fill(load(place.config)) if full else 0.0
        async with place.running(*place.bot()) as (bot, _):
            await place.scanned()
            await asyncio.sleep(SETTLE_S)
            used = sum(bot.cpu_times()[:2])
            await asyncio.sleep(IDLE_S)
            percent = (sum(bot.cpu_times()[:2]) - used) * 100 / IDLE_S
            megabytes = bot.memory_info().rss / MEGABYTE
            texts = ("requests", "requests --page 500", "requests 00009Z", "menu") if full else ("requests",)
            return percent, megabytes, {text: await _pages(place, text) for text in texts}, stored


async def run() -> AsyncIterator[Figure]:
    """CPU and memory beside none pending; the first page, a late page, one request, the menu."""
    none, none_mb, empty, _ = await _measured(full=False)
    many, many_mb, pages, stored = await _measured(full=True)
    yield Figure(
        f"requests: CPU while idle, {MANY:,} pending",
        many,
        "% of a core",
        none + 2.0,
        f"none pending {none:.1f} %",
        f"{IDLE_S:.0f} s; a sandbox's upkeep comes every 2 s, elsewhere every 60 s",
    )
    yield Figure(
        f"requests: resident memory, {MANY:,} pending",
        many_mb,
        "MB",
        none_mb + 30.0,
        f"none pending {none_mb:.0f} MB",
        f"{stored:.0f} MB in the database",
    )
    names = {
        "requests": "first page",
        "requests --page 500": "page 500",
        "requests 00009Z": "one",
        "menu": "menu",
    }
    for text, name in names.items():
        peer = f"none pending {empty['requests']:.0f} ms" if text == "requests" else ""
        note = f"median of {PAGES}, from Slack's request to the answer"
        yield Figure(f"requests: {name}, {MANY:,} pending", pages[text], "ms", 50.0, peer, note)
