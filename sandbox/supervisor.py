"""The bot as a process of its own: started, watched, stopped and killed for the demo and its World panel."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sandbox.world import World

LOG_LINES = 200
SHOWN_LINES = 20
STOPS_WITHIN_S = 25.0
READY_WITHIN_S = 30.0
NOTICED_WITHIN_S = 1.0


class Supervisor:
    """
    One bot process. Implements `sandbox.control.BotSupervisor`; it never starts the bot again by itself.

    `connected` tells whether the bot is connected to Slack, which is what "ready" means here. Its output goes
    to `bot.log` in `directory`, and the last lines are kept for showing.
    """

    def __init__(
        self,
        world: World,
        *,
        command: Sequence[str],
        config: Path,
        connected: Callable[[], bool],
        died: Callable[[int, list[str]], None],
    ) -> None:
        self._world = world
        self._command = tuple(command)
        self._config = config
        self._connected = connected
        self._died = died
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._readiness: asyncio.Task[None] | None = None
        self._wanted = False
        self._busy = asyncio.Lock()
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self.ready_s: float | None = None
        """How long the bot took from its start to its connection; None until it is there."""

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def do(self, deed: str) -> dict[str, Any]:
        """
        start, stop (SIGTERM), kill (SIGKILL), restart or status.

        A start waits until the bot is ready or gone, at most 30 seconds; other deeds need not wait for that.
        """
        async with self._busy:
            if deed in ("stop", "restart"):
                await self._end(signal.SIGTERM)
            if deed == "kill":
                await self._end(signal.SIGKILL)
            if deed in ("start", "restart") and not self.running:
                await self._start()
        if deed in ("start", "restart"):
            await self._until_ready()
        return self.status()

    def status(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "pid": self._process.pid if self._process is not None and self.running else None,
            "ready_s": self.ready_s,
            "log": self.last_lines(),
        }

    def last_lines(self) -> list[str]:
        return list(self._log)[-SHOWN_LINES:]

    async def _start(self) -> None:
        self.ready_s = None
        self._wanted = True
        self._process = await self._spawn()
        self._watching = asyncio.create_task(self._watch(self._process))
        self._readiness = asyncio.create_task(self._measure(self._process, time.monotonic()))
        self._changed()

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            *("run", "--init"),  # makes its data directory, key and database when they are not there yet
            "--config",
            str(self._config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is for the demo, which then stops the bot
        )

    async def _until_ready(self) -> None:
        if self._readiness is not None:
            await asyncio.wait({self._readiness}, timeout=READY_WITHIN_S)

    async def _measure(self, process: asyncio.subprocess.Process, started: float) -> None:
        while process.returncode is None and not self._connected():  # noqa: ASYNC110 - the bot tells nobody else
            await asyncio.sleep(0.02)
        if process.returncode is None:
            self.ready_s = round(time.monotonic() - started, 2)
            self._changed()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await self._read(process)
        status = await process.wait()
        self._changed()
        if self._wanted:
            self._wanted = False
            self._died(status, self.last_lines())

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            raise RuntimeError("the bot's output is not read through a pipe")
        with (self._config.parent / "bot.log").open("a", encoding="utf-8") as log:
            async for raw in process.stdout:
                line = raw.decode(errors="replace").rstrip()
                self._log.append(line)
                log.write(line + "\n")
                log.flush()

    async def _end(self, how: signal.Signals) -> None:
        """Stop the bot and wait until it is gone; SIGKILL when SIGTERM did not suffice."""
        self._wanted = False
        if self._process is None or self._watching is None:
            return
        if self.running:
            self._process.send_signal(how)
        done, _ = await asyncio.wait({self._watching}, timeout=STOPS_WITHIN_S)
        if not done:
            self._process.kill()
            await self._watching
        if self._readiness is not None:
            self._readiness.cancel()
        await self._until_hung_up()

    async def _until_hung_up(self) -> None:
        """Wait until Slack has noticed that the bot is gone, so that the next bot's readiness is its own."""
        until = time.monotonic() + NOTICED_WITHIN_S
        while self._connected() and time.monotonic() < until:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        async with self._busy:
            await self._end(signal.SIGTERM)

    def _changed(self) -> None:
        self._world.notify("bot:changed", {"running": self.running, "ready_s": self.ready_s})
