"""Something on the way to a server that answers for it, swallows its answers, or sends a request twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web


@dataclass
class Wire:
    """Passes all on. ``swallow`` and ``twice`` count writes; ``refuse``: a status and headers for every request."""

    url: str = ""
    swallow: int = 0
    twice: int = 0
    refuse: tuple[int, dict[str, str]] | None = None
    seen: list[str] = field(default_factory=list)


@asynccontextmanager
async def between(upstream: str) -> AsyncIterator[Wire]:
    """A wire to that server, on a free port."""
    wire = Wire()

    async def passed(request: web.Request) -> web.StreamResponse:
        target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        writes = target.startswith(("Put", "Update")) if target else request.method != "GET"
        wire.seen.append(target or f"{request.method} {request.path}")
        if wire.refuse is not None:
            status, headers = wire.refuse
            return web.Response(status=status, headers=headers, text="{}")
        body = await request.read()
        for _ in range(2 if writes and wire.twice else 1):
            sent = session.request(
                request.method, upstream + request.path_qs, data=body, headers=request.headers
            )
            async with sent as answer:
                content, status = await answer.read(), answer.status
                kind = answer.headers.get("Content-Type", "")
        wire.twice -= bool(writes and wire.twice)
        if writes and wire.swallow:
            wire.swallow -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.Response(body=content, status=status, headers={"Content-Type": kind} if kind else {})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", passed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        await site.start()
        wire.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield wire
        finally:
            await runner.cleanup()
