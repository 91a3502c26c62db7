"""While pointed at a sandbox, our clock goes with the sandbox's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog

from bot import http
from bot.clock import Clock
from bot.config import SandboxSettings
from bot.errors import PlatformError

log = structlog.get_logger()
EVERY_S = 0.5


async def follow(settings: SandboxSettings, clock: Clock) -> None:
    """Keep the shift right for ever; a sandbox that does not answer leaves it as it is."""
    async with _client(settings) as client:
        while True:
            await _once(client, settings.world_url, clock)
            await asyncio.sleep(EVERY_S)


async def catch_up(settings: SandboxSettings, clock: Clock) -> None:
    """Set the shift once, before anything looks at the clock: a restart is no leap back in time."""
    async with _client(settings) as client:
        await _once(client, settings.world_url, clock)


def _client(settings: SandboxSettings) -> http.AsyncClient:
    return http.client(settings.world_url, connection="sandbox", read_s=5.0)


async def _once(client: http.AsyncClient, url: str, clock: Clock) -> None:
    try:
        with http.translating(connection="sandbox", operation="read the clock", wrote=False):
            answer = await client.get(url, params={"only": "now"})
        now = datetime.fromisoformat(answer.json()["now"])
    except (PlatformError, ValueError, KeyError) as exc:
        log.warning("sandbox.clock_unread", error=type(exc).__name__)
        return
    clock.shift = now - datetime.now(UTC)
