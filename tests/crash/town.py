"""A sandbox, and beside it the bot as a process of its own: started, killed at named points, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.config import load
from bot.durable.runs import VARIABLE
from bot.slack.scopes import SCOPES
from sandbox.company import Company
from sandbox.running import running
from tests.e2e.desk import Desk, words_of

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 40.0
DIES_WITHIN_S = 40.0
QUICK = {"HANDOVER_APPROVAL__WATCH_EVERY_S": "1"}


@dataclass
class Town:
    """One workspace and one installation of the bot, of which at most one process runs."""

    desk: Desk
    config: Path
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ("-m", "bot")
    process: asyncio.subprocess.Process | None = None

    @property
    def data(self) -> Path:
        """Where the bot keeps its files."""
        return self.config.parent / "data"

    @property
    def output(self) -> Path:
        """What every process of the bot wrote to its terminal."""
        return self.config.parent / "output.txt"

    async def may_read_history(self) -> None:
        """Give the app the scopes that are an administrator's to add: it can look for what it posted."""
        scopes = [*SCOPES, "channels:history", "groups:history", "im:history"]
        await self.desk.post("/slack/scopes", {"bot": scopes})

    async def command(self, *words: str, stdin: str = "") -> tuple[int, str]:
        """Run another command of the bot to its end: exit status and everything it said."""
        process = await asyncio.create_subprocess_exec(
            *self._line(*words),
            env=self._env(""),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate(stdin.encode())
        status = process.returncode
        assert status is not None
        return status, said.decode()

    async def start(self, crash_at: str = "") -> None:
        """Start the bot; returns once it is connected to Slack, or dead of ``crash_at`` before that."""
        assert self.process is None or self.process.returncode is not None
        with self.output.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *self._line("run"), env=self._env(crash_at), stdout=output, stderr=output
            )

        async def up() -> bool:
            assert self.process is not None
            if self.process.returncode is not None:
                assert crash_at, f"the bot ended:\n{self.output.read_text()[-3000:]}"
                return True
            return bool((await self.desk.get("/slack/connections"))["connected"])

        await self.desk.until(up, READY_WITHIN_S)

    async def dies(self, within_s: float = DIES_WITHIN_S) -> None:
        """Wait until the bot has died of its crash point, and until Slack knows."""
        assert self.process is not None
        async with asyncio.timeout(within_s):
            assert await self.process.wait() == -signal.SIGKILL
        await self._hung_up()

    async def kill(self) -> None:
        """kill -9, wherever it is."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._hung_up()

    async def stop(self) -> int:
        """Let it end by itself; its exit status."""
        assert self.process is not None
        self.process.terminate()
        return await self.process.wait()

    async def _hung_up(self) -> None:
        async def gone() -> bool:
            return not (await self.desk.get("/slack/connections"))["connected"]

        await self.desk.until(gone)

    def _line(self, *words: str) -> list[str]:
        return [sys.executable, *self.program, *words, "--config", str(self.config)]

    def _env(self, crash_at: str) -> dict[str, str]:
        ours = {"PYTHONPATH": str(ROOT), VARIABLE: crash_at}
        return {**os.environ, **QUICK, **ours, **self.environment}

    # what is asserted -------------------------------------------------------------------------------

    async def posts(self, channel: str = "") -> Counter[str]:
        """How often each message stands in a channel, by its words."""
        return Counter(words_of(message) for message in await self.desk.messages(channel))

    async def said_once(self, *words: str, channel: str = "", within_s: float = 30.0) -> dict[str, Any]:
        """The one message that holds all words."""
        found = await self.desk.said(*words, channel=channel, within_s=within_s)
        hits = [m for m in await self.desk.messages(channel) if all(w in words_of(m) for w in words)]
        assert len(hits) == 1, [words_of(hit) for hit in hits]
        return found

    def took(self, method: str, path: str) -> list[int | None]:
        """The status of every call that the Salesforce stand-in got for a method and the end of a path."""
        return [
            call.status
            for call in self.desk.sandbox.world.calls
            if call.platform == "salesforce"
            and call.method == method
            and call.path.partition("?")[0].endswith(path)
        ]

    def users(self, username: str) -> list[Mapping[str, Any]]:
        """The org's users of that name."""
        org = self.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
        return [row for row in org["User"] if row["Username"] == username]

    async def trail_is_whole(self) -> None:
        """The bot's own verification, from its command line."""
        status, said = await self.command("audit", "verify")
        assert status == 0, said


@asynccontextmanager
async def town(directory: Path, company: Company) -> AsyncIterator[Town]:
    """A sandbox with an initialised installation beside it; the bot does not run yet."""
    started = running(company, directory=directory, platforms=("salesforce",))
    async with started as sandbox, aiohttp.ClientSession() as http:
        config = Path(sandbox.ready["bot_config"])
        made = Town(Desk(sandbox, http, load(config)), config)
        status, said = await made.command("init")
        assert status == 0, said
        try:
            yield made
        finally:
            if made.process is not None and made.process.returncode is None:
                made.process.kill()
                await made.process.wait()
