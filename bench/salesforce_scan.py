"""A scan of 10,000 users and 5,000 grants at 30 ms latency, beside the lower bound of its own critical path.

Two things bound it from below, and the larger counts. The pages of users, each of which names the next, and after
them the slowest call that needs the users: each timed alone, with its transfer and decoding. And the org itself,
which works on one call at a time: one latency, and what every call takes beyond it. Both sides are the best of
several, so that a busy machine spoils the figure less.
"""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bench.report import Figure
from bot.clock import Clock
from bot.db.leases import FileLimiter
from bot.platform import http
from bot.platform.model import CredentialKind, Snapshot
from bot.text import Secret
from platforms.salesforce import permissions, snapshot
from platforms.salesforce.auth import Auth
from platforms.salesforce.client import QUERIES_PER_COMPOSITE, Client
from platforms.salesforce.config import parse
from platforms.salesforce.queries import USERS
from platforms.salesforce.slots import Slots
from platforms.salesforce.wire import Call, Meter, Wire

PEOPLE = 10_000
LATENCY_MS = 30
SCANS = 7
PAGE = 2_000  # rows of a page of users
GRANT_PAGE = 500

T = TypeVar("T")


@dataclass(frozen=True)
class Sent:
    """One call of a scan: what was asked, how its answer is read, when it was under way."""

    call: Call
    read: Callable[[bytes], Any]
    began: float
    ended: float


class RecordingWire(Wire):
    """A wire that remembers what passed, and can send it again alone."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.sent: list[Sent] = []

    async def send(self, call: Call, meter: Meter, read: Callable[[bytes], T]) -> T:
        began = time.perf_counter()
        answer = await super().send(call, meter, read)
        self.sent.append(Sent(call, read, began, time.perf_counter()))
        return answer

    async def alone_s(self, sent: Sent) -> float:
        """How long one call takes when nothing else is under way; the best of five."""
        took = []
        for _ in range(5):
            began = time.perf_counter()
            await super().send(sent.call, Meter(), sent.read)
            took.append(time.perf_counter() - began)
        return min(took)


async def _bounds_s(wire: RecordingWire, sent: list[Sent]) -> tuple[float, float, int]:
    """Seconds of the longest chain of calls that need each other, seconds of the org's own work, and the rounds."""
    alone = {id(one): await wire.alone_s(one) for one in sent}
    pages = [one for one in sent if one.call.operation == USERS.operation]
    listed = max(one.ended for one in pages)
    last = max(alone[id(one)] for one in sent if one.began >= listed)
    empty = Sent(Call(operation="list API versions", path="/services/data/", open=True), bytes, 0, 0)
    latency = await wire.alone_s(empty)  # what any call costs, however little it asks for
    work = latency + sum(max(0.0, took - latency) for took in alone.values())
    return sum(alone[id(one)] for one in pages) + last, work, len(pages) + 1


def _fewest(sent: list[Sent], found: Snapshot) -> int:
    """The fewest calls that could bring the same: full pages, full composites, users' first page among them."""
    composites = [one.call.body for one in sent if one.call.path.endswith("/composite")]
    asked = [
        part["url"]
        for body in composites
        if isinstance(body, bytes)
        for part in msgspec.json.decode(body)["compositeRequest"]
    ]
    grants = sum(c.kind is CredentialKind.OAUTH_GRANT for c in found.credentials)
    other = sum("OauthToken%20WHERE" not in url for url in asked)
    in_composites = other + math.ceil(grants / GRANT_PAGE) + 1
    pages = math.ceil(len(found.principals) / PAGE) - 1
    outside = sum("/Soap/" in one.call.path or "/tooling/" in one.call.path for one in sent)
    return math.ceil(in_composites / QUERIES_PER_COMPOSITE) + pages + outside


class _Forgetful:
    """A memory that keeps nothing: what is measured does not depend on it."""

    async def recall(self, name: str) -> Secret | None:
        return None

    async def keep(self, name: str, value: Secret) -> None:
        pass


async def _measure(hello: dict[str, str], directory: Path) -> AsyncIterator[Figure]:
    table = {"url": hello["url"], "client_id": hello["client_id"], "username": hello["username"]}
    settings = parse("salesforce:bench", table | {"max_daily_share": 1.0}, lambda name: Secret(hello[name]))
    client = http.client(settings.url, connection="salesforce:bench")
    clock = Clock()
    auth = Auth(client, settings, clock, connection="salesforce:bench")
    limiter = FileLimiter(directory)
    wire = RecordingWire(client, auth, settings, clock, limiter, connection="salesforce:bench")
    origin = Client(wire)
    columns = await permissions.columns(origin)
    slots = Slots(_Forgetful(), settings.client_id)
    await snapshot.take(origin.metered(scan=True), columns, None, settings, slots)  # the org and we warm up
    walls: list[float] = []
    for _ in range(SCANS):
        wire.sent.clear()
        began = time.perf_counter()
        found = await snapshot.take(origin.metered(scan=True), columns, clock.now(), settings, slots)
        walls.append(time.perf_counter() - began)
    sent = list(wire.sent)
    chain_s, work_s, rounds = await _bounds_s(wire, sent)
    bound_s = max(chain_s, work_s)
    await client.aclose()
    grants = sum(c.kind is CredentialKind.OAUTH_GRANT for c in found.credentials)
    wall_s = min(walls)
    yield Figure(
        "salesforce: scan against its critical path",
        wall_s / bound_s,
        "×",
        1.5,
        f"{rounds} calls that need each other {chain_s * 1000:.0f} ms, the org's work {work_s * 1000:.0f} ms",
        f"{wall_s * 1000:.0f} ms, best of {SCANS}; {len(found.principals):,} users, {grants:,} grants",
    )
    yield Figure(
        "salesforce: calls of a scan",
        found.requests,
        "calls",
        None,
        f"minimum {_fewest(sent, found)}",
    )


async def run() -> AsyncIterator[Figure]:
    """Wall time of a scan, and the number of its calls."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--json"]
    command += ["--people", str(PEOPLE), "--latency-ms", str(LATENCY_MS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, limit=1 << 20)
    try:
        assert process.stdout is not None  # noqa: S101  a pipe was asked for
        ready = msgspec.json.decode(await process.stdout.readline())
        with tempfile.TemporaryDirectory() as directory:
            async for figure in _measure(ready["salesforce"], Path(directory)):
                yield figure
    finally:
        process.terminate()
        await process.wait()
