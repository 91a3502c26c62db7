"""Processes with an engine, killed at every named point. Run as a program, this file is such a process."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from bot.durable import Engine, RunState
from bot.durable.runs import VARIABLE

ROOT = Path(__file__).parents[2]
STEPS = ("mint", "store", "switch", "prove", "retire")
POINTS = [f"{step}:{point}" for step in STEPS for point in ("before", "done", "recorded")]
KEY = bytes(16)


# The process: a five-step flow against a "vendor" that is a directory of files.


def _note(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


async def _process(url: str, vendor: Path, wanted: list[str], step_s: float) -> None:
    """Start the runs of ``wanted``, wait until all of them have ended, and keep the engine up until killed."""
    engine = await Engine.open(
        url,
        data_dir=None,
        seal=lambda text, aad: KEY[:12] + AESGCM(KEY).encrypt(KEY[:12], text, aad.encode()),
        unseal=lambda blob, aad: AESGCM(KEY).decrypt(blob[:12], blob[12:], aad.encode()),
    )

    def act(step: str) -> object:
        async def body(key: str) -> str:
            _note(vendor / "calls", f"{step} {key}")
            await asyncio.sleep(step_s)
            done = vendor / f"{key}.{step}"
            if not done.exists():  # look up by a deterministic key, act if absent
                done.touch()
                _note(vendor / "effects", f"{step} {key}")
            return f"{step}-result"

        return engine.step(step, body)

    steps = [act(step) for step in STEPS]

    async def move(key: str) -> list[str]:
        return [await step(key) for step in steps]  # type: ignore[operator]

    engine.workflow("move", move)
    await engine.launch()
    _note(vendor / "up", str(os.getpid()))
    for key in wanted:
        await engine.start("move", key, id=f"move:{key}")
    ended: set[str] = set()
    while True:
        for run in await engine.runs("move:", limit=1000):
            if run.id not in ended and run.state in (RunState.DONE, RunState.FAILED, RunState.STOPPED):
                ended.add(run.id)
                _note(vendor / "ended", f"{run.id} {run.state}")
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    asyncio.run(_process(given["url"], Path(given["vendor"]), given["wanted"], given["step_s"]))


# The tests.


class Bench:
    """A vendor, a database, and the processes around them."""

    def __init__(self, url: str, vendor: Path) -> None:
        self.url = url
        self.vendor = vendor
        self._processes: list[subprocess.Popen[bytes]] = []

    def process(
        self, wanted: list[str], *, crash_at: str = "", step_s: float = 0.0
    ) -> subprocess.Popen[bytes]:
        given = {"url": self.url, "vendor": str(self.vendor), "wanted": wanted, "step_s": step_s}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: crash_at}
        process = subprocess.Popen([sys.executable, __file__, json.dumps(given)], env=environment)
        self._processes.append(process)
        return process

    def noted(self, what: str) -> list[str]:
        path = self.vendor / what
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, what: str, lines: set[str], timeout_s: float = 40.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not lines <= set(self.noted(what)):
            assert time.monotonic() < deadline, f"{what}: {lines - set(self.noted(what))} missing"
            assert any(one.poll() is None for one in self._processes), "every process has ended"
            time.sleep(0.05)

    def kill_all(self) -> None:
        for one in self._processes:
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)
                one.kill()
            one.wait()


def _bench(url: str, tmp_path: Path) -> Iterator[Bench]:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    bench = Bench(url, vendor)
    yield bench
    bench.kill_all()


@pytest.fixture
def on_postgres(server: str, tmp_path: Path) -> Iterator[Bench]:
    """Processes that share a PostgreSQL database."""
    name = f"kill_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    head, _, query = server.partition("?")
    yield from _bench(f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else ""), tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """One process at a time, on either database."""
    if request.param == "sqlite":
        yield from _bench(f"sqlite:///{tmp_path}/engine.db", tmp_path)
    else:
        yield request.getfixturevalue("on_postgres")


@pytest.mark.timeout(300)  # sixteen processes, one after the other
def test_killed_at_every_point(bench: Bench) -> None:
    """
    Killed at each point of each step in turn and restarted, a run finishes; a step's body runs at most twice,
    twice only where the kill fell between effect and record, and its effect happens once.
    """
    for point in POINTS:
        process = bench.process(["a"], crash_at=f"{point}:1")
        assert process.wait(timeout=40) == -signal.SIGKILL, point
    bench.process([])
    bench.wait_for("ended", {"move:a done"})
    assert Counter(bench.noted("calls")) == {f"{step} a": 2 for step in STEPS}
    assert Counter(bench.noted("effects")) == {f"{step} a": 1 for step in STEPS}


@pytest.mark.postgres
def test_the_living_take_over_from_the_dead(on_postgres: Bench) -> None:
    """A replica that is killed is missed without anybody restarting it: a peer finishes its runs in seconds."""
    dead = on_postgres.process(["a", "b"], crash_at="switch:done:2")
    assert dead.wait(timeout=40) == -signal.SIGKILL
    on_postgres.process([])
    on_postgres.wait_for("ended", {"move:a done", "move:b done"})
    alive = on_postgres.process(["c"], step_s=0.5)
    on_postgres.wait_for("calls", {"store c"})
    alive.kill()
    began = time.monotonic()
    on_postgres.wait_for("ended", {"move:c done"})
    assert time.monotonic() - began < 15
    effects = Counter(on_postgres.noted("effects"))
    assert effects == {f"{step} {key}": 1 for step in STEPS for key in "abc"}
    calls = Counter(on_postgres.noted("calls"))
    assert calls["mint a"] == calls["mint b"] == calls["mint c"] == 1
    assert max(calls.values()) == 2


@pytest.mark.postgres
def test_one_that_is_cut_off_loses_its_runs_and_comes_back(on_postgres: Bench) -> None:
    """A frozen replica whose session breaks is taken for dead; thawed, it neither doubles a run nor stays out."""
    frozen = on_postgres.process(["a"], step_s=0.7)
    on_postgres.wait_for("calls", {"mint a"})
    frozen.send_signal(signal.SIGSTOP)
    with psycopg.connect(on_postgres.url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 42"
        )
    on_postgres.process([])
    on_postgres.wait_for("calls", {"store a"})
    frozen.send_signal(signal.SIGCONT)
    on_postgres.wait_for("ended", {"move:a done"})
    time.sleep(4)  # the thawed one appears again within one look at its peers
    assert frozen.poll() is None
    with psycopg.connect(on_postgres.url, autocommit=True) as connection:
        row = connection.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and classid = 42 and granted"
        ).fetchone()
    assert row == (2,)
    assert Counter(on_postgres.noted("effects")) == {f"{step} a": 1 for step in STEPS}
    calls = Counter(on_postgres.noted("calls"))
    assert calls.pop("mint a") == 2
    assert set(calls.values()) == {1}


@pytest.mark.postgres
def test_replicas_killed_at_random(on_postgres: Bench) -> None:
    """Two replicas that start the same runs and are killed over and over lose none and repeat no recorded step."""
    chance = random.Random(20261121)  # the same kills every time
    keys = [f"k{n}" for n in range(24)]
    replicas = [on_postgres.process(keys[:8], step_s=0.05) for _ in range(2)]
    for n in range(8):
        time.sleep(chance.uniform(0.8, 2.5))
        victim = chance.randrange(2)
        replicas[victim].kill()
        replicas[victim] = on_postgres.process(keys[: 8 + 2 * (n + 1)], step_s=0.05)
    on_postgres.wait_for("ended", {f"move:{key} done" for key in keys}, timeout_s=60)
    assert Counter(on_postgres.noted("effects")) == {f"{step} {key}": 1 for step in STEPS for key in keys}
    for key in keys:
        order = [STEPS.index(step) for step, of in map(str.split, on_postgres.noted("calls")) if of == key]
        assert order == sorted(order), f"{key}: a recorded step was run again"
