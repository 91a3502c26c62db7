"""/healthz, /readyz and /metrics for whatever supervises the bot. Nothing here names a person or an account."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import ConfigError
from bot.platform.ports import Pulse

Pulses = Callable[[], Awaitable[tuple[Pulse, ...]]]


def application(pulses: Pulses, more: Sequence[BaseRoute] = ()) -> Starlette:
    """The three routes, and ``more``. Ready means every part works; alive only means that we answer."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        found = await pulses()
        body = {pulse.name: {"ok": pulse.ok, "detail": pulse.detail} for pulse in found}
        return JSONResponse(body, status_code=200 if all(pulse.ok for pulse in found) else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *more,
        ]
    )


@asynccontextmanager
async def serving(listen: str, pulses: Pulses, more: Sequence[BaseRoute] = ()) -> AsyncIterator[None]:
    """Serve while inside; ``listen`` is host:port, or empty for nothing at all.

    Raises:
        ConfigError: the address cannot be had.
    """
    if not listen:
        yield
        return
    config = uvicorn.Config(
        application(pulses, more),
        log_level="warning",  # paths of the sealed page are in no log of ours
        lifespan="off",
        server_header=False,
    )
    bound = _bound(listen)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are ours
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _bound(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        return socket.create_server(
            (host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except (OSError, OverflowError) as exc:
        why = getattr(exc, "strerror", None) or "no such port"
        raise ConfigError(f"web.listen: {listen} cannot be had: {why}.") from exc
