"""A scan of 5,000 employees, 500 tokens and 50,000 sign-ins at 100 ms latency, one request at a time.

Its lower bound is its own requests sent again one after the other, bytes only: nothing decoded, nothing signed,
no turn taken. The second scan, after one in a hundred of everything changed, is counted in requests.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from oauthlib.oauth1 import Client as OAuthlib  # type: ignore[import-untyped]

from bench.report import Figure
from bot.clock import Clock
from bot.db.leases import FileLimiter
from bot.platform import http
from bot.platform.ports import ConnectionContext
from bot.text import Secret
from platforms.netsuite import snapshot
from platforms.netsuite.client import Client
from platforms.netsuite.config import parse
from platforms.netsuite.signing import Signer
from platforms.netsuite.snapshot import Held
from platforms.netsuite.wire import Call, Meter, Wire

LATENCY_MS = 100
EMPLOYEES, TOKENS, ROWS = 5_000, 500, 50_000
CHANGED = 100  # one in so many
SIGNATURES = 2_000
AGO_S = 3600  # since when nobody touched the generated records


class Nothing:
    """A memory that keeps nothing."""

    async def recall(self, name: str) -> Secret | None:
        """Never anything."""

    async def keep(self, name: str, value: Secret) -> None:
        """Forgotten at once."""


class RecordingWire(Wire):
    """A wire that remembers what it sent."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.sent: list[Call] = []

    async def _exchange_once(self, call: Call, meter: Meter) -> http.Response:
        self.sent.append(call)
        return await super()._exchange_once(call, meter)


async def _again_s(wire: RecordingWire, url: str) -> float:
    """Seconds that the same requests take with nothing done to their answers."""
    sign = await wire.session.ready()
    async with httpx.AsyncClient(base_url=url, timeout=60) as bare:
        began = time.perf_counter()
        for call in wire.sent:
            headers = {**call.headers, "Authorization": sign(call.method, call.url)}
            await bare.request(call.method, call.url, headers=headers, content=call.body or None)
        return time.perf_counter() - began


async def _measure(ready: dict[str, Any], directory: Path) -> AsyncIterator[Figure]:
    hello, world = ready["netsuite"], ready["world"]
    async with httpx.AsyncClient(timeout=600) as levers:
        for lever, asked in (
            ("switches", {"audit_lag_s": 0}),
            ("generate", {"employees": EMPLOYEES, "tokens": TOKENS, "audit_rows": ROWS}),
        ):
            (await levers.post(f"{world}/netsuite/{lever}", json=asked)).raise_for_status()
        (await levers.post(f"{world}/advance", json={"seconds": AGO_S})).raise_for_status()
        clock = Clock()
        clock.shift = timedelta(seconds=AGO_S)
        table = {name: hello[name] for name in ("account", "url", "client_id", "certificate_id")}
        settings = parse("netsuite:bench", table, lambda name: Secret(hello[name]))
        around = ConnectionContext(
            secret=lambda name: Secret(hello[name]),
            clock=clock,
            limiter=FileLimiter(directory),
            memory=Nothing(),
        )
        client = http.client(settings.suitetalk_url, connection="netsuite:bench")
        wire, held = RecordingWire(client, settings, around, connection="netsuite:bench"), Held()
        whole = clock.now().replace(year=clock.now().year - 1)  # so that every row is read
        await snapshot.take(Client(wire), Held(), whole)  # the account and we warm up
        wire.sent.clear()
        began = time.perf_counter()
        first = await snapshot.take(Client(wire), held, whole)
        wall_s = time.perf_counter() - began
        bound_s = await _again_s(wire, hello["url"])
        people = [p.email for p in first.principals if p.email][: EMPLOYEES // CHANGED]
        for email in people:
            (
                await levers.post(f"{world}/netsuite/employee", json={"email": email, "nexonia": True})
            ).raise_for_status()
        used = {"token": "AvaTax", "times": ROWS // CHANGED}
        (await levers.post(f"{world}/netsuite/use", json=used)).raise_for_status()
        (
            await levers.post(f"{world}/netsuite/generate", json={"tokens": TOKENS // CHANGED})
        ).raise_for_status()
        second = await snapshot.take(Client(wire), held, first.taken_at)
        await client.aclose()
    people_seen, logins_seen = len(first.principals), len(first.logins)
    said = f"{people_seen:,} employees, {len(first.credentials):,} credentials, {logins_seen:,} sign-ins"
    yield Figure(
        "netsuite: scan against its own requests",
        wall_s / bound_s,
        "×",
        1.3,
        f"{first.requests} requests again, undecoded: {bound_s:.2f} s",
        f"{wall_s:.2f} s; {said}",
    )
    yield Figure(
        "netsuite: second scan, 1 % changed",
        second.requests / first.requests * 100,
        "%",
        25,
        f"first scan {first.requests} requests",
        f"{second.requests} requests",
    )


def _signing() -> Figure:
    url = "https://123456.suitetalk.api.netsuite.com/services/rest/query/v1/suiteql?limit=1000&offset=0"
    keys = ["c" * 64, "s" * 64, "t" * 64, "r" * 64]
    ours = Signer("123456", keys[0], keys[2], Secret(keys[1]), Secret(keys[3]))
    theirs = OAuthlib(
        keys[0],
        client_secret=keys[1],
        resource_owner_key=keys[2],
        resource_owner_secret=keys[3],
        signature_method="HMAC-SHA256",
        realm="123456",
    )

    def us() -> None:
        ours.header("POST", url, nonce=os.urandom(10).hex(), timestamp=int(time.time()))

    mine_s = min(timeit.repeat(us, number=SIGNATURES, repeat=5)) / SIGNATURES
    peer_s = min(timeit.repeat(lambda: theirs.sign(url, "POST"), number=SIGNATURES, repeat=5)) / SIGNATURES
    return Figure(
        "netsuite: signing a request, against oauthlib",
        mine_s / peer_s,
        "×",
        0.5,
        f"oauthlib {peer_s * 1e6:.0f} µs",
        f"{mine_s * 1e6:.0f} µs, nonce and time included",
    )


async def run() -> AsyncIterator[Figure]:
    """Wall time of a scan, requests of the next, and the cost of a signature."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--json", "--latency-ms", str(LATENCY_MS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, limit=1 << 20)
    try:
        assert process.stdout is not None  # noqa: S101  a pipe was asked for
        ready = msgspec.json.decode(await process.stdout.readline())
        with tempfile.TemporaryDirectory() as directory:
            async for figure in _measure(ready, Path(directory)):
                yield figure
        yield _signing()
    finally:
        process.terminate()
        await process.wait()
