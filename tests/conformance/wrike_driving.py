"""A Wrike stand-in running alone, as its clients and the world's levers see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.company import load
from sandbox.running import Sandbox, running

PERSON = "beatriz.quispe@larkspur.example"
COLLABORATOR = "thandeka.nkosi@larkspur.example"
OWNER = "margarethe.lindqvist@larkspur.example"
SEVERAL_ACCOUNTS = "hannah.bergqvist@larkspur.example"


@dataclass(frozen=True, slots=True)
class Wrike:
    """One stand-in. `url` is the API's address as the ready line gives it, `token` the bot's."""

    box: Sandbox
    http: httpx.AsyncClient

    @property
    def ready(self) -> dict[str, Any]:
        block: dict[str, Any] = self.box.ready["wrike"]
        return block

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    @property
    def token(self) -> str:
        return str(self.ready["token"])

    async def call(self, verb: str, path: str, *, token: str | None = None, **how: Any) -> httpx.Response:
        """One request with the bot's token or another."""
        headers = {"Authorization": f"Bearer {token or self.token}"} | how.pop("headers", {})
        return await self.http.request(verb, f"{self.url}{path}", headers=headers, **how)

    async def data(self, verb: str, path: str, **how: Any) -> list[dict[str, Any]]:
        """The records of a request that must succeed."""
        answer = await self.call(verb, path, **how)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def refused(self, verb: str, path: str, **how: Any) -> tuple[int, str]:
        """Status and error code of a request that must be refused, in Wrike's shape."""
        answer = await self.call(verb, path, **how)
        body = answer.json()
        assert set(body) == {"error", "errorDescription"}, body
        return answer.status_code, body["error"]

    async def lever(self, name: str, **asked: Any) -> dict[str, Any]:
        """What a person does, through the world's API."""
        answer = await self.http.post(f"{self.box.world_url}/wrike/{name}", json=asked)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def world(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = await self.http.post(f"{self.box.world_url}/{path}", json=asked)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def state(self) -> dict[str, Any]:
        said: dict[str, Any] = (await self.http.get(f"{self.box.world_url}/wrike/state")).json()
        return said

    async def token_of(self, email: str) -> str:
        return str((await self.lever("token", email=email))["token"])

    async def id_of(self, email: str) -> str:
        return next(str(one["id"]) for one in (await self.state())["contacts"] if one["email"] == email)

    async def folder(self, title: str) -> str:
        return next(str(one["id"]) for one in (await self.state())["folders"] if one["title"] == title)


@asynccontextmanager
async def wrike_alone(*, traffic: bool = False) -> AsyncIterator[Wrike]:
    """Without a rate limit, which the tests about it bring back."""
    async with (
        running(load(), platforms=("wrike",), traffic=traffic) as box,
        httpx.AsyncClient(timeout=10) as http,
    ):
        wrike = Wrike(box, http)
        await wrike.lever("switches", rate_per_minute=0)
        yield wrike
