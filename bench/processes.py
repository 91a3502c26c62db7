"""A sandbox and a bot as processes of their own, and a hand on the world's API: what the benchmarks of Slack share."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psutil  # type: ignore[import-untyped]

READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Place:
    """A running sandbox and the environment of programs beside it."""

    ready: dict[str, Any]
    http: aiohttp.ClientSession
    environment: Mapping[str, str]
    directory: Path

    @property
    def config(self) -> Path:
        """The bot's configuration."""
        return Path(self.ready["bot_config"])

    @property
    def channel(self) -> str:
        """The alert channel."""
        return str(self.ready["slack"]["channel"])

    async def post(self, path: str, **body: object) -> Any:
        """POST to the world."""
        async with self.http.post(f"{self.ready['world']}{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def get(self, path: str = "", **query: str) -> Any:
        """GET from the world."""
        async with self.http.get(f"{self.ready['world']}{path}", params=query) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def counter(self, name: str) -> int:
        """One of the sandbox's counters."""
        return int((await self.get(only="counters"))["counters"].get(name, 0))

    async def messages(self) -> list[dict[str, Any]]:
        """What stands in the alert channel, oldest first."""
        return list((await self.get("/slack/messages", channel=self.channel))["messages"])

    async def connected(self) -> bool:
        """Whether a program has its socket open."""
        return bool((await self.get("/slack/connections"))["connected"])

    async def program(self, *line: str) -> asyncio.subprocess.Process:
        """Start a Python program; what it says goes to a file in ``directory``."""
        with (self.directory / "output.txt").open("ab") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable, *line, env=self.environment, stdout=output, stderr=output
            )

    async def init(self) -> None:
        """Make a new installation of the bot."""
        made = await self.program("-m", "bot", "init", "--config", str(self.config))
        if await made.wait() != 0:
            raise RuntimeError((self.directory / "output.txt").read_text())

    @asynccontextmanager
    async def running(self, *line: str) -> AsyncIterator[tuple[psutil.Process, float]]:
        """A program until the block ends, from when it is connected to Slack; with the seconds that took."""
        began = time.perf_counter()
        process = await self.program(*line)
        try:
            while not await self.connected():
                if process.returncode is not None or time.perf_counter() - began > READY_WITHIN_S:
                    raise RuntimeError((self.directory / "output.txt").read_text()[-2000:])
                await asyncio.sleep(0.005)
            yield psutil.Process(process.pid), time.perf_counter() - began
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            while await self.connected():  # noqa: ASYNC110  the world tells this to nobody
                await asyncio.sleep(0.01)

    def bot(self) -> tuple[str, ...]:
        """What follows ``python`` to run the bot."""
        return "-m", "bot", "run", "--config", str(self.config)

    async def scanned(self) -> None:
        """Wait until the first scan has been spoken of: end dates that came near."""
        while not await self.messages():  # noqa: ASYNC110  the bot tells this to nobody
            await asyncio.sleep(0.05)
        await asyncio.sleep(3.0)  # and the rest of its messages are sent


@asynccontextmanager
async def sandbox(*, people: int = 0, scan_every_s: int = 3600) -> AsyncIterator[Place]:
    """A sandbox process; compiled bytecode is kept and used, as an installation has it after its first start."""
    with tempfile.TemporaryDirectory() as directory:
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment = inherited | {"PYTHONPYCACHEPREFIX": f"{directory}/bytecode"}
        line = ["-m", "sandbox", "--port", "0", "--json", "--dir", f"{directory}/world"]
        if people:
            line += ["--people", str(people)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *line, env=environment, stdout=subprocess.PIPE, limit=1 << 20
        )
        try:
            assert process.stdout is not None  # noqa: S101  a pipe was asked for
            ready = msgspec.json.decode(await process.stdout.readline())
            _scan_every(Path(ready["bot_config"]), scan_every_s)
            timeout = aiohttp.ClientTimeout(total=120)
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(timeout=timeout, connector=connector) as http:
                yield Place(ready, http, environment, Path(directory))
        finally:
            process.terminate()
            await process.wait()


def _scan_every(config: Path, seconds: int) -> None:
    text = config.read_text()
    config.write_text(text.replace("scan_every_s = 5\n", f"scan_every_s = {seconds}\n"))


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))]
