"""What durability costs: the engine beside bare DBOS, each on a fresh SQLite file in WAL mode."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from dbos import DBOS, SetWorkflowID

from bench.report import Figure
from bot.durable import Engine

ROUNDS = 3
RUNS = 40
STEPS = 5
IDLE_S = 5.0
CARGO = {"account": "acme", "note": "x" * 200}  # what a step is given and gives back


class Rounds:
    """Runs, one after another, each timing its own steps."""

    def __init__(self, step: Callable[[object], Awaitable[object]]) -> None:
        self._step = step
        self._ended = asyncio.Event()
        self.per_step_ms: list[float] = []

    async def flow(self, n: int) -> None:
        began = time.perf_counter()
        for _ in range(STEPS):
            await self._step(CARGO)
        self.per_step_ms.append((time.perf_counter() - began) * 1000 / STEPS)
        self._ended.set()

    async def all(self, start: Callable[[int], Awaitable[object]]) -> float:
        for n in range(RUNS):
            self._ended.clear()
            await start(n)
            await self._ended.wait()
        return statistics.median(self.per_step_ms)


async def _echo(cargo: object) -> object:
    return cargo


async def _ours(path: Path, idle_s: float) -> tuple[float, float, float]:
    """Median milliseconds a step, milliseconds to open and launch, and percent of one core while idle."""
    cipher = AESGCM(AESGCM.generate_key(256))

    def seal(text: bytes, aad: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, text, aad.encode())

    def unseal(blob: bytes, aad: str) -> bytes:
        return cipher.decrypt(blob[:12], blob[12:], aad.encode())

    began = time.perf_counter()
    engine = await Engine.open(f"sqlite:///{path}", data_dir=None, seal=seal, unseal=unseal)
    rounds = Rounds(engine.step("echo", _echo))
    engine.workflow("flow", rounds.flow)
    await engine.launch()
    launch_ms = (time.perf_counter() - began) * 1000
    per_step_ms = await rounds.all(lambda n: engine.start("flow", n, id=f"flow:{n}"))
    used = time.process_time()
    await asyncio.sleep(idle_s)
    idle = (time.process_time() - used) * 100 / idle_s
    await engine.aclose()
    return per_step_ms, launch_ms, idle


async def _bare(path: Path) -> float:
    """Median milliseconds a step of DBOS as it comes, but in WAL mode."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    DBOS(config={"name": "bare", "system_database_url": f"sqlite:///{path}", "log_level": "ERROR"})
    rounds = Rounds(DBOS.step(name="echo")(_echo))

    @DBOS.workflow(name="flow")
    async def flow(n: int) -> None:
        await rounds.flow(n)

    DBOS.launch()

    async def start(n: int) -> None:
        with SetWorkflowID(f"flow:{n}"):
            await DBOS.start_workflow_async(flow, n)

    per_step_ms = await rounds.all(start)
    await asyncio.sleep(0.2)  # the last run's own record
    with ThreadPoolExecutor(1) as pool:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(pool, lambda: DBOS.destroy(destroy_registry=True))
        loop.set_default_executor(ThreadPoolExecutor())
    return per_step_ms


async def run() -> AsyncIterator[Figure]:
    """Time per step, time to launch, CPU while idle."""
    ours: list[float] = []
    bare: list[float] = []
    launches: list[float] = []
    idle: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        for n in range(ROUNDS):
            per_step_ms, launch_ms, percent = await _ours(Path(directory) / f"ours{n}.db", IDLE_S)
            ours.append(per_step_ms)
            launches.append(launch_ms)
            idle.append(percent)
            bare.append(await _bare(Path(directory) / f"bare{n}.db"))
    rounds = f"median of {ROUNDS} rounds of {RUNS} runs of {STEPS} steps"
    yield Figure(
        "engine: one durable step",
        statistics.median(ours),
        "ms",
        10.0,
        f"bare DBOS {statistics.median(bare):.1f} ms",
        f"{rounds}, sealed, SQLite WAL",
    )
    yield Figure("engine: open and launch", statistics.median(launches), "ms", 500.0, note="new file")
    yield Figure(
        "engine: CPU while idle", statistics.median(idle), "% of a core", 2.0, note=f"{IDLE_S:.0f} s"
    )
