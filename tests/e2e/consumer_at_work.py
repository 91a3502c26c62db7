"""An integration that never rests: it reads its credential where it is kept, signs in with it, and keeps count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.contract import kv2_server

PAUSE_S = 0.05
SignIn = Callable[[aiohttp.ClientSession, Mapping[str, str]], Awaitable[Any]]


@dataclass
class Consumer:
    """``sign_in`` gives None, or what it was refused with; ``told_by`` names the value that tells credentials apart."""

    shelf: kv2_server.Engine
    path: str
    told_by: str
    sign_in: SignIn
    worked: int = 0
    failed: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)  # from a first refusal to the next call that worked
    _down_since: float | None = None

    async def work(self) -> None:
        """Until it is cancelled."""
        headers, now = {"X-Vault-Token": kv2_server.TOKEN}, asyncio.get_running_loop().time
        async with aiohttp.ClientSession() as http:
            while True:
                url = f"{self.shelf.url}/v1/secret/data/{self.path}"
                async with http.get(url, headers=headers) as answer:
                    held = (await answer.json())["data"]["data"]
                began = now()
                if (refusal := await self.sign_in(http, held)) is None:
                    self.worked += 1
                    if self._down_since is not None:
                        self.gaps_s.append(now() - self._down_since)
                    self._down_since = None
                else:
                    self.failed.append(refusal)
                    self._down_since = began if self._down_since is None else self._down_since
                if held[self.told_by] not in self.keys[-1:]:
                    self.keys.append(held[self.told_by])
                await asyncio.sleep(PAUSE_S)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """At work for as long as the block lasts; a consumer that broke down is an error at its end."""
        task = asyncio.create_task(self.work())
        try:
            yield
            assert not task.done(), task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def has_worked_since(self, before: int, times: int = 5) -> bool:
        """Whether it did some more since it had worked ``before`` times."""
        return self.worked >= before + times

    async def reads(self, key: str) -> bool:
        """Whether it has gone over to that credential."""
        return self.keys[-1:] == [key]
