"""What every stand-in's HTTP port has in common: latency, planted faults and the request log."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.masking import mask_path
from sandbox.world import Fault, World

WHO = web.RequestKey("who", str)
"""A handler notes here who called, for the request log."""
SHORT_LISTING = web.RequestKey("short_listing", bool)
"""True when the stand-in shall leave out half of its listing while claiming that it is complete."""
NEVER_S = 120.0
"""How long a request that is never answered is held before its connection is dropped, in real seconds."""

Refusal = Callable[[web.Request, int, float], web.StreamResponse]
"""A vendor's own way to say 429 or 500: (request, status, retry_after_s) to a response."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def plain_refusal(request: web.Request, status: int, retry_after_s: float) -> web.StreamResponse:
    """A JSON error with the bare status, for stand-ins whose vendor documents no shape of its own."""
    headers = {"Retry-After": f"{retry_after_s:g}"} if status == 429 else {}
    return web.json_response({"error": str(status)}, status=status, headers=headers)


def middleware(
    world: World, platform: str, *, refuse: Refusal = plain_refusal, listings: str = ""
) -> Middleware:
    """
    Delay, break and log the requests of one stand-in.

    `listings` is a regular expression on the path: a short_listing fault waits for a request it finds.

    A handler says who called through `request[WHO]`, and obeys `request[SHORT_LISTING]`. bad_json does the work
    and then cuts the body in half; slow waits `retry_after_s` first.
    """

    list_paths = re.compile(listings)

    @web.middleware
    async def on_the_wire(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.monotonic()
        status: int | None = None
        try:
            if world.latency_ms:
                await asyncio.sleep(world.latency_ms / 1000)
            response = await _answer(
                world, platform, refuse, request, handler, bool(list_paths.search(request.path))
            )
            status = response.status if response is not None else None
            if response is None:
                _drop(request)
                return web.Response(status=444)  # never sent: the connection is gone
            return response
        except web.HTTPException as refusal:
            status = refusal.status
            raise
        finally:
            world.record_call(
                platform=platform,
                method=request.method,
                path=mask_path(request.raw_path),
                status=status,
                who=request.get(WHO, ""),
                took_ms=round((time.monotonic() - started) * 1000, 1),
            )

    return on_the_wire


async def _answer(
    world: World, platform: str, refuse: Refusal, request: web.Request, handler: Handler, listing: bool
) -> web.StreamResponse | None:
    """The response, or None when there shall be none."""
    fault = world.take_fault(platform, _spellings(request), listing=listing)
    if fault is None:
        return await handler(request)
    world.counters[f"{platform}.fault.{fault.kind}"] += 1
    match fault.kind:
        case "429" | "500":
            return refuse(request, int(fault.kind), fault.retry_after_s)
        case "reset":
            _reset(request)
            return None
        case "timeout":
            await _hold(request, fault)
            return None
        case "timeout_after_effect":
            await handler(request)
            await _hold(request, fault)
            return None
        case "slow":
            await asyncio.sleep(fault.retry_after_s)
        case "short_listing":
            request[SHORT_LISTING] = True
    response = await handler(request)
    return _cut(response) if fault.kind == "bad_json" else response


def _spellings(request: web.Request) -> tuple[str, ...]:
    """How a fault's pattern may mean this request: bare path, with the query as sent, with it decoded."""
    start = f"{request.method} {request.path}"
    if not request.query_string:
        return (start,)
    return (start, f"{request.method} {request.raw_path}", f"{start}?{request.query_string}")


async def _hold(request: web.Request, fault: Fault) -> None:
    """Keep silent until the caller hangs up, the fault is cleared, or NEVER_S is over."""
    until = time.monotonic() + NEVER_S
    while request.transport is not None and not fault.cleared.is_set() and time.monotonic() < until:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):  # wait_for of Python 3.11 can swallow a cancellation
                await fault.cleared.wait()


def _reset(request: web.Request) -> None:
    """Make closing send RST: zero linger discards what is unsent."""
    if request.transport is not None:
        sock = request.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _cut(response: web.StreamResponse) -> web.StreamResponse:
    """The same answer with half its body, still called complete JSON."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    whole = response.body or b'{"ok":true}'
    kept = {k: v for k, v in response.headers.items() if k.lower() not in ("content-length", "content-type")}
    return web.Response(
        body=whole[: max(1, len(whole) // 2)], status=response.status, headers=kept,
        content_type="application/json",
    )  # fmt: skip
