"""What drives a sandbox from outside in these tests: its HTTP API, and bolt's own Socket Mode handler."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

T = TypeVar("T")
ADMIN = "ada.okonkwo@larkspur.example"
APPROVER = "dan.kowalczyk@larkspur.example"
OPERATOR = "carol.ferreira@larkspur.example"
VIEWER = "tomasz.zielinski@larkspur.example"


@dataclass(frozen=True, slots=True)
class WorldClient:
    """The world's HTTP API as anything outside would use it."""

    url: str
    http: aiohttp.ClientSession

    async def get(self, path: str = "", **query: str) -> Any:
        async with self.http.get(f"{self.url}{path}", params=query) as answer:
            return await _checked(answer)

    async def post(self, path: str, **body: Any) -> Any:
        async with self.http.post(f"{self.url}{path}", json=body) as answer:
            return await _checked(answer)

    async def refused(self, path: str, **body: Any) -> tuple[int, str]:
        """The status and the error text of a request that must be refused."""
        async with self.http.post(f"{self.url}{path}", json=body) as answer:
            said = await answer.json()
            assert answer.status >= 400, said
            return answer.status, said["error"]

    async def counter(self, name: str) -> int:
        return int((await self.get())["counters"].get(name, 0))

    async def channel(self, name: str) -> str:
        channels = (await self.get())["channels"]
        return str(next(one["id"] for one in channels if one["name"] == name))

    async def slack_id(self, email: str) -> str:
        people = (await self.get())["people"]
        return str(next(one["slack_id"] for one in people if one["email"] == email))


async def _checked(answer: aiohttp.ClientResponse) -> Any:
    said = await answer.json()
    assert answer.status == 200, said
    return said


async def eventually(probe: Callable[[], Awaitable[T]], within_s: float = 5.0) -> T:
    """The first true answer of `probe`, asked again and again; fails when there is none in time."""
    until = time.monotonic() + within_s
    while True:
        found = await probe()
        if found:
            return found
        assert time.monotonic() < until, f"nothing within {within_s} s; last answer: {found!r}"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def connected(app: AsyncApp, app_token: str) -> AsyncIterator[AsyncSocketModeHandler]:
    """bolt's own Socket Mode handler, connected."""
    handler = AsyncSocketModeHandler(app, app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
