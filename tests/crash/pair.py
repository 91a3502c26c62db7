"""Two processes of the bot on one PostgreSQL database, killed and started again at random until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.clock import Clock
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from bot.store import open_store
from tests.crash.town import Town

READY_WITHIN_S = 60.0


@dataclass
class Pair:
    """The two, and a look into their database."""

    town: Town
    store: Store
    chance: random.Random
    kills: int = 0
    _running: list[asyncio.subprocess.Process | None] = field(default_factory=lambda: [None, None])

    async def start(self, which: int) -> None:
        """Start one of the two; it need not be ready when this returns."""
        line, environment = self.town._line("run"), self.town._env("")
        with self.output(which).open("wb") as output:
            self._running[which] = await asyncio.create_subprocess_exec(
                *line, env=environment, stdout=output, stderr=output
            )

    def output(self, which: int) -> Path:
        """What the newest of that place in the pair wrote to its terminal."""
        return self.town.output.with_name(f"output-{which}.txt")

    async def up(self, which: int) -> None:
        """Wait until it is ready."""

        async def ready() -> bool:
            assert not self.ended(), self.output(which).read_text()[-3000:]
            return b"bot.ready" in self.output(which).read_bytes()

        await self.town.desk.until(ready, READY_WITHIN_S)

    async def kill(self, which: int) -> None:
        """kill -9, wherever it is."""
        process = self._running[which]
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
            self.kills += 1

    def ended(self) -> list[int]:
        """Exit statuses of those that ended without being killed."""
        return [
            p.returncode
            for p in self._running
            if p is not None and p.returncode is not None and p.returncode != -9
        ]

    async def havoc(self, after_s: tuple[float, float]) -> None:
        """Kill one or the other some time after both were up, start it again, for ever.

        Every fourth time it is killed once more before it is up; every third time its peer dies with it.
        """
        while True:
            for which in range(2):
                await self.up(which)
            await asyncio.sleep(self.chance.uniform(*after_s))
            which = self.chance.randrange(2)
            dying = [which, 1 - which] if self.chance.random() < 0.33 else [which]
            for one in dying:
                await self.kill(one)
            for one in dying:
                await self.start(one)
            if self.chance.random() < 0.25:
                await asyncio.sleep(self.chance.uniform(0.0, 3.0))
                await self.kill(which)
                await self.start(which)

    async def requests(self) -> tuple[ChangeRequest, ...]:
        """Every request there is."""
        async with self.store.read() as unit:
            found, _ = await unit[RequestRepository].page(limit=10_000)
        return found

    async def slash(self, user: str, text: str) -> None:
        """Type a command; whether anybody heard is another question."""
        with contextlib.suppress(AssertionError):  # the world says that nobody acknowledged it
            await self.town.desk.post(
                "/slack/slash", {"user": user, "channel": self.town.desk.channel, "text": text}
            )

    async def asked(self, text: str, title: str) -> ChangeRequest:
        """Ask until there is a request of that title that was not there before; asked for once, if at all possible."""
        before = {one.id for one in await self.requests()}
        desk = self.town.desk
        while True:
            await self.slash(desk.who("operator"), text)
            for _ in range(100):
                new = [r for r in await self.requests() if r.id not in before and title in r.plan.title]
                if new:
                    return new[0]
                await asyncio.sleep(0.1)

    async def approved(self, request: ChangeRequest) -> None:
        """Approve until it is no longer pending."""
        desk = self.town.desk
        while True:
            async with self.store.read() as unit:
                now = await unit[RequestRepository].get(request.id)
            if now.state is not RequestState.PENDING:
                return
            await self.slash(desk.who("approver", self.chance.randrange(2)), f"approve {request.ref}")
            await asyncio.sleep(0.1)


@asynccontextmanager
async def pair(town: Town, url: str, seed: int) -> AsyncIterator[Pair]:
    """Both of them running, on a database that ``init`` made."""
    town.environment["HANDOVER_DATABASE_URL"] = url
    town.environment |= {
        "HANDOVER_WEB__LISTEN": "",
        "HANDOVER_WEB__PUBLIC_URL": "",
    }  # one address serves one bot
    status, said = await town.command("init")
    assert status == 0, said
    key = FileKeySource(Path(town.config.parent) / "data" / "handover.key")
    store = await open_store(url, key, Clock())
    made = Pair(town, store, random.Random(seed))
    try:
        for which in range(2):
            await made.start(which)
            await made.up(which)
        yield made
    finally:
        for which in range(2):
            await made.kill(which)
        await store.aclose()
