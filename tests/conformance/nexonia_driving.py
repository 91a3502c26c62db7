"""A Nexonia stand-in running alone, as its clients and the world's levers see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.company import load
from sandbox.running import Sandbox, running


@dataclass(frozen=True, slots=True)
class Nexonia:
    box: Sandbox
    http: httpx.AsyncClient

    @property
    def url(self) -> str:
        return str(self.box.ready["nexonia"]["url"])

    @property
    def token(self) -> str:
        return str(self.box.ready["nexonia"]["token"])

    async def call(self, verb: str, path: str, **how: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | how.pop("headers", {})
        return await self.http.request(verb, f"{self.url}{path}", headers=headers, **how)

    async def refused(self, verb: str, path: str, **how: Any) -> tuple[int, str]:
        answer = await self.call(verb, path, **how)
        return answer.status_code, answer.json()["error"]["code"]

    async def lever(self, name: str, **asked: Any) -> dict[str, Any]:
        answer = await self.http.post(f"{self.box.world_url}/nexonia/{name}", json=asked)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def sync(self, **asked: Any) -> list[dict[str, Any]]:
        said = await self.lever("sync", **asked)
        assert said["status"] == "Success"
        rows: list[dict[str, Any]] = said["rows"]
        return rows

    async def state(self) -> dict[str, Any]:
        said: dict[str, Any] = (await self.http.get(f"{self.box.world_url}/nexonia/state")).json()
        return said

    async def users(self, email: str) -> list[dict[str, Any]]:
        return [user for user in (await self.state())["users"] if user["email"] == email]

    async def record_id(self, email: str) -> str:
        return next(str(row["id"]) for row in (await self.state())["records"] if row["email"] == email)


@asynccontextmanager
async def nexonia_alone() -> AsyncIterator[Nexonia]:
    async with running(load(), platforms=("nexonia",)) as box, httpx.AsyncClient(timeout=10) as http:
        yield Nexonia(box, http)
