"""A scan of 5,000 contacts and 10,000 folders at 100 ms latency, beside the lower bound that Wrike's limit allows.

Wrike lets about 400 requests a minute pass, and the stand-in does so by the second, after a burst of 20. Nothing that
brings the same listing can be faster than that many requests leave: (fewest requests - burst) / (400 / 60) seconds.
The bound is computed from the sizes, not from what our scan sent; it takes well under a minute, so nothing is scaled.
"""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from bench.report import Figure
from bot.clock import Clock
from bot.db.leases import FileLimiter
from bot.platform.ports import ConnectionContext
from bot.text import Secret
from platforms.wrike import build

CONTACTS = 5_000
FOLDERS = 10_000
LATENCY_MS = 100
PER_MINUTE = 400.0
BURST = 20
# Who we are; contacts, deleted ones, active, inactive; invitations; tree, spaces; two looks at the audit log; webhooks;
# the account: one request each, however big the account is.
LISTINGS = 11
IDS_PER_CALL = 100


class _Notes:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[str, Secret] = {}

    async def recall(self, name: str) -> Secret | None:
        return self._kept.get(name)

    async def keep(self, name: str, value: Secret) -> None:
        self._kept[name] = value


async def _measure(ready: dict[str, Any], directory: Path) -> AsyncIterator[Figure]:
    hello = ready["wrike"]
    async with httpx.AsyncClient(timeout=60) as levers:
        grown = await levers.post(
            f"{ready['world']}/wrike/generate", json={"contacts": CONTACTS, "folders": FOLDERS}
        )
        grown.raise_for_status()
        limit = {"rate_per_minute": PER_MINUTE, "rate_burst": BURST}
        (await levers.post(f"{ready['world']}/wrike/switches", json=limit)).raise_for_status()
    around = ConnectionContext(
        secret=lambda name: Secret(hello[name]),
        clock=Clock(),
        limiter=FileLimiter(directory),
        memory=_Notes(),
    )
    adapter = build("wrike:bench", {"url": hello["url"], "token": hello["token"]}, around)
    await asyncio.sleep(
        BURST / (PER_MINUTE / 60)
    )  # the bucket is full again, as it is before a scan by the clock
    began = time.perf_counter()
    found = await adapter.snapshot(None)
    wall_s = time.perf_counter() - began
    seen = await adapter.find_content("Bulk", FOLDERS)
    await adapter.aclose()
    async with httpx.AsyncClient(timeout=60) as levers:
        counters = (await levers.get(ready["world"])).json()["counters"]
    fewest = LISTINGS + math.ceil(len(seen) / IDS_PER_CALL)
    bound_s = (fewest - BURST) / (PER_MINUTE / 60)
    note = f"{wall_s:.1f} s; {len(found.principals):,} contacts, {len(seen):,} folders"
    yield Figure(
        "wrike: scan against its rate limit", wall_s / bound_s, "×", 1.2, f"bound {bound_s:.1f} s", note
    )
    yield Figure("wrike: requests of a scan", found.requests, "requests", None, f"minimum {fewest}")
    yield Figure("wrike: refusals for asking too fast", counters.get("wrike.429", 0), "429s", 0)


async def run() -> AsyncIterator[Figure]:
    """Wall time of a scan at Wrike's pace, and what it sent."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--json", "--latency-ms", str(LATENCY_MS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, limit=1 << 20)
    try:
        assert process.stdout is not None  # noqa: S101  a pipe was asked for
        ready = msgspec.json.decode(await process.stdout.readline())
        with tempfile.TemporaryDirectory() as directory:
            async for figure in _measure(ready, Path(directory)):
                yield figure
    finally:
        process.terminate()
        await process.wait()
