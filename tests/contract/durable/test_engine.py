"""One behaviour of the engine, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from bot.datadir import LOCK_NAME
from bot.durable import Engine, Run, RunState
from bot.durable import engine as core
from bot.durable.runs import FINAL
from bot.errors import ConfigError, InvariantBroken, OutcomeUnknown, RateLimited

KEY = AESGCM.generate_key(128)
PLANTED = "planted-7c1f-token"


def seal(text: bytes, aad: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(KEY).encrypt(nonce, text, aad.encode())


def unseal(blob: bytes, aad: str) -> bytes:
    return AESGCM(KEY).decrypt(blob[:12], blob[12:], aad.encode())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/engine.db"
    base = str(request.getfixturevalue("postgres"))
    name = f"engine_{uuid4().hex}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    head, _, query = base.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


Flows = dict[str, Callable[..., Awaitable[object]]]


@asynccontextmanager
async def engine(
    url: str, flows: Callable[[Engine], Flows] = lambda engine: {}, grace_s: float = 5.0
) -> AsyncIterator[Engine]:
    """A launched engine, closed again."""
    opened = await Engine.open(url, data_dir=None, seal=seal, unseal=unseal)
    try:
        for name, fn in flows(opened).items():
            opened.workflow(name, fn)
        await opened.launch()
        yield opened
    finally:
        await opened.aclose(grace_s)


async def final(engine: Engine, run_id: str) -> Run:
    """The run, once it has ended."""
    async with asyncio.timeout(30):
        while True:
            run = await engine.status(run_id)
            if run is not None and run.state in FINAL:
                return run
            await asyncio.sleep(0.02)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 (what runs has no event of the test)
            await asyncio.sleep(0.02)


def counted(calls: list[Any]) -> Callable[[Engine], Flows]:
    """A workflow ``add`` of one step, which notes its argument."""

    def flows(engine: Engine) -> Flows:
        async def note(value: Any) -> Any:
            calls.append(value)
            return value

        step = engine.step("note", note)

        async def add(value: Any) -> None:
            await step(value)

        return {"add": add, "other": add}

    return flows


async def test_a_run_runs_and_is_known(url: str) -> None:
    """A started run ends as DONE, with aware UTC times, and can be listed by the beginning of its id."""
    calls: list[Any] = []
    began = datetime.now(UTC) - timedelta(seconds=5)
    async with engine(url, counted(calls)) as opened:
        assert await opened.status("add:1") is None
        await opened.start("add", {"n": 1}, id="add:1")
        run = await final(opened, "add:1")
        assert (run.state, run.workflow, run.error) == (RunState.DONE, "add", "")
        assert began < run.started <= run.updated <= datetime.now(UTC) + timedelta(seconds=5)
        await opened.start("add", 2, id="add:2")
        await opened.start("add", 3, id="sub:3")
        await final(opened, "sub:3")
        await final(opened, "add:2")
        assert [one.id for one in await opened.runs("add:")] == ["add:2", "add:1"]
        assert [one.id for one in await opened.runs("add:", limit=1)] == ["add:2"]
        assert await opened.runs(states={RunState.FAILED, RunState.RUNNING}) == ()
        assert len(await opened.runs(states={RunState.DONE})) == 3
    assert calls == [{"n": 1}, 2, 3]


async def test_the_same_id_is_one_run(url: str) -> None:
    """However often and from wherever an id is started, also after it ended, it runs once."""
    calls: list[Any] = []
    async with engine(url, counted(calls)) as opened:
        await asyncio.gather(*(opened.start("add", n, id="add:1") for n in range(40)))
        await final(opened, "add:1")
        await opened.start("add", 99, id="add:1")
    async with engine(url, counted(calls)) as opened:
        await opened.start("add", 100, id="add:1")
        await final(opened, "add:1")
        await asyncio.sleep(0.3)
    assert len(calls) == 1


async def test_an_id_belongs_to_one_workflow(url: str) -> None:
    """Starting another workflow under a used id is a bug of ours and says so."""
    async with engine(url, counted([])) as opened:
        await opened.start("add", 1, id="x:1")
        await final(opened, "x:1")
        with pytest.raises(InvariantBroken):
            await opened.start("other", 1, id="x:1")


@pytest.mark.parametrize("odd", [object(), float("nan"), {1, 2}, b"bytes", datetime.now(UTC)])
async def test_only_plain_data_is_stored(tmp_path: Path, odd: object) -> None:
    """What would not come back as it went in is refused before anything is stored."""
    async with engine(f"sqlite:///{tmp_path}/e.db", counted([])) as opened:
        with pytest.raises(InvariantBroken, match="not plain"):
            await opened.start("add", odd, id="add:1")
        assert await opened.status("add:1") is None
        with pytest.raises(InvariantBroken):
            await opened.start("unheard-of", id="add:1")
        with pytest.raises(InvariantBroken):
            await opened.start("add", 1, id=" ")


def interrupted(seen: list[Any], hold: asyncio.Event) -> Callable[[Engine], Flows]:
    """A workflow that looks at a failing step's error, waits for ``hold`` in a step, and notes the error."""

    def flows(engine: Engine) -> Flows:
        async def mint() -> None:
            seen.append("mint")
            raise OutcomeUnknown("It may have happened.", connection="crm:prod", operation="mint")

        async def busy() -> None:
            seen.append("busy")
            raise RateLimited("Slow down.", retry_after_s=7.5, connection="crm:prod")

        async def fault() -> None:
            seen.append("fault")
            raise LookupError(PLANTED)

        async def pair() -> Any:
            seen.append("pair")
            return (1, {2: "two"})

        async def wait() -> None:
            await hold.wait()

        steps = {fn.__name__: engine.step(fn.__name__, fn) for fn in (mint, busy, fault, pair, wait)}

        async def flow() -> None:
            found: list[Any] = [await steps["pair"]()]
            for name in ("mint", "busy", "fault"):
                try:
                    await steps[name]()
                except (OutcomeUnknown, RateLimited, InvariantBroken) as exc:
                    found.append((type(exc).__name__, str(exc), dict(sorted(vars(exc).items()))))
            seen.append(found)
            await steps["wait"]()

        return {"flow": flow}

    return flows


async def test_a_resumed_run_sees_what_the_first_saw(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """After a restart recorded steps are not run again: results and errors come back the same, field by field."""
    seen: list[Any] = []
    hold = asyncio.Event()
    with caplog.at_level(logging.DEBUG):
        async with engine(url, interrupted(seen, hold), grace_s=0.1) as opened:
            await opened.start("flow", id="flow:1")
            await until(lambda: len(seen) == 5)
        hold.set()
        async with engine(url, interrupted(seen, hold)) as opened:
            assert (await final(opened, "flow:1")).state is RunState.DONE
    assert seen[:4] == ["pair", "mint", "busy", "fault"]
    first, second = seen[4:]
    assert first == second
    assert first[0] == [1, {"2": "two"}]
    assert first[1][0] == "OutcomeUnknown"
    assert first[1][2]["operation"] == "mint"
    assert first[2][2]["retry_after_s"] == 7.5
    assert first[3][0] == "InvariantBroken"
    assert "LookupError at test_engine.py" in first[3][1]
    assert PLANTED not in str(seen)
    assert PLANTED not in caplog.text


def notifier(engine: Engine) -> Flows:
    """Workflows that handle the planted token in every way there is."""

    async def echo(value: str) -> str:
        return value

    async def blow(value: str) -> None:
        raise ValueError(value)

    echo_step, blow_step = engine.step("echo", echo), engine.step("blow", blow)

    async def give(value: str) -> str:
        return await echo_step(value)

    async def fail(value: str) -> None:
        await blow_step(value)

    async def fail_outside_a_step(value: str) -> None:
        raise KeyError(value)

    async def reject(value: str) -> None:
        raise OutcomeUnknown("It may have happened.", connection="crm:prod")

    return {"give": give, "fail": fail, "fail-bare": fail_outside_a_step, "reject": reject}


async def test_nothing_is_stored_or_logged_in_clear(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Arguments, results and errors are sealed in the tables; logs and console hold no value of them."""
    states = {"give": RunState.DONE, "fail": RunState.FAILED, "fail-bare": RunState.FAILED}
    with caplog.at_level(logging.DEBUG):
        async with engine(url, notifier) as opened:
            for name in [*states, "reject"]:
                await opened.start(name, PLANTED, id=f"{name}:1")
            runs = {name: await final(opened, f"{name}:1") for name in [*states, "reject"]}
            stored = _everything_in(url)
    assert {name: runs[name].state for name in states} == states
    assert runs["reject"].error == "outcome_unknown: It may have happened."
    assert "ValueError" in runs["fail"].error
    assert "KeyError" in runs["fail-bare"].error
    assert "handover_sealed_json" in stored  # that we looked in the right place
    printed = capfd.readouterr()
    for place in (stored, str(runs), caplog.text, printed.out, printed.err):
        assert PLANTED not in place
        assert "It may have happened" not in place or place is not stored
    assert "DBOS" not in printed.out + printed.err


def _everything_in(url: str) -> str:
    if url.startswith("sqlite"):
        directory = Path(url.removeprefix("sqlite:///")).parent
        return "".join(one.read_bytes().decode("latin-1") for one in directory.iterdir())
    with psycopg.connect(url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'dbos'").fetchall()
        return "".join(
            str(connection.execute(sql.SQL("select * from dbos.{}").format(sql.Identifier(name))).fetchall())
            for (name,) in tables
        )


async def test_starting_is_not_cut_off_half_way(url: str) -> None:
    """A caller that is cancelled while it starts a run never leaves one stored that nobody runs."""
    calls: list[Any] = []
    async with engine(url, counted(calls)) as opened:
        for n in range(25):
            task = asyncio.create_task(opened.start("add", n, id=f"add:{n}"))
            await asyncio.sleep(0.0005 * n)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0.2)
        for run in await opened.runs("add:"):
            assert (await final(opened, run.id)).state is RunState.DONE
        assert len(calls) == len(await opened.runs("add:"))


async def test_runs_start_and_look_at_runs(url: str) -> None:
    """Workflows and steps may start and list runs; that is no step of theirs and may be repeated."""
    calls: list[Any] = []

    def flows(engine: Engine) -> Flows:
        async def from_step() -> None:
            await engine.start("add", "step", id="add:step")
            await engine.runs("add:")

        step = engine.step("from_step", from_step)

        async def parent() -> None:
            await engine.start("add", "flow", id="add:flow")
            await engine.status("add:flow")
            await step()

        return {"parent": parent, **counted(calls)(engine)}

    async with engine(url, flows) as opened:
        await opened.start("parent", id="parent:1")
        for name in ("parent:1", "add:step", "add:flow"):
            assert (await final(opened, name)).state is RunState.DONE
    assert sorted(calls) == ["flow", "step"]


async def test_workflows_run_on_our_loop(url: str) -> None:
    """A workflow may use what belongs to the loop that launched the engine, resumed or not."""
    loops: list[asyncio.AbstractEventLoop] = []
    hold = asyncio.Event()

    def flows(engine: Engine) -> Flows:
        async def flow() -> None:
            loops.append(asyncio.get_running_loop())
            await hold.wait()

        return {"flow": flow}

    async with engine(url, flows, grace_s=0.1) as opened:
        await opened.start("flow", id="flow:1")
        await until(lambda: bool(loops))
    hold.set()
    async with engine(url, flows) as opened:
        await final(opened, "flow:1")
    assert loops == [asyncio.get_running_loop()] * 2


async def test_closing_gives_the_loop_its_threads_back(url: str) -> None:
    """Names are looked up in the loop's threads: a closed engine must not have taken them along."""
    async with engine(url, counted([])) as opened:
        await opened.start("add", 1, id="add:1")
    assert await asyncio.to_thread(lambda: "works") == "works"


async def test_runs_that_finish_while_closing_may_start_others(url: str) -> None:
    """A run in its grace works as ever: what it starts is stored, for the next launch if need be."""
    calls: list[Any] = []

    def flows(engine: Engine) -> Flows:
        async def last() -> None:
            await asyncio.sleep(0.4)
            await engine.start("add", 1, id="add:1")

        step = engine.step("last", last)

        async def parent() -> None:
            await step()

        return {"parent": parent, **counted(calls)(engine)}

    async with engine(url, flows) as opened:
        await opened.start("parent", id="parent:1")
    async with engine(url, flows) as opened:
        assert (await final(opened, "parent:1")).state is RunState.DONE
        assert (await final(opened, "add:1")).state is RunState.DONE
    assert calls == [1]


async def test_closing_lets_runs_finish(url: str) -> None:
    """A run that ends within the grace is not interrupted."""
    ended: list[bool] = []

    def flows(engine: Engine) -> Flows:
        async def flow() -> None:
            await asyncio.sleep(0.5)
            ended.append(True)

        return {"flow": flow}

    async with engine(url, flows) as opened:
        await opened.start("flow", id="flow:1")
    assert ended == [True]
    async with engine(url, flows) as opened:
        found = await opened.status("flow:1")
        assert found is not None
        assert found.state is RunState.DONE


async def test_old_runs_are_forgotten(url: str) -> None:
    """Final runs older than asked go, younger and unfinished ones stay; under eight days is refused."""
    hold = asyncio.Event()

    def flows(engine: Engine) -> Flows:
        async def wait() -> None:
            await hold.wait()

        return {"wait": wait, **counted([])(engine)}

    async with engine(url, flows) as opened:
        for name in ("old", "new"):
            await opened.start("add", 1, id=name)
            await final(opened, name)
        await opened.start("wait", id="open")
        _age(url, ["old", "open"], timedelta(days=20))
        assert await opened.prune(timedelta(days=14)) == 1
        assert {run.id for run in await opened.runs()} == {"new", "open"}
        assert await opened.prune(timedelta(days=14)) == 0
        with pytest.raises(ConfigError, match="8 days"):
            await opened.prune(timedelta(days=7))
        hold.set()


def _age(url: str, ids: list[str], by: timedelta) -> None:
    """Make runs older than they are, behind the engine's back: nothing else can."""
    ms = int(by.total_seconds() * 1000)
    for one in ids:
        if url.startswith("sqlite"):
            with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10) as connection:
                connection.execute(
                    "update workflow_status set created_at=created_at-?, completed_at=completed_at-?"
                    " where workflow_uuid=?",
                    (ms, ms, one),
                )
            connection.close()
        else:
            with psycopg.connect(url) as session:
                session.execute(
                    "update dbos.workflow_status set created_at=created_at-%s, completed_at=completed_at-%s"
                    " where workflow_uuid=%s",
                    (ms, ms, one),
                )


async def test_a_run_that_ends_every_process_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recovery is counted, so that a run which kills the bot cannot do so for ever."""
    monkeypatch.setattr(core, "TAKEN_UP_MOST", 2)  # the real hundred restarts take minutes
    url = f"sqlite:///{tmp_path}/e.db"
    entered: list[int] = []

    def flows(engine: Engine) -> Flows:
        async def poison() -> None:
            entered.append(1)
            await asyncio.Event().wait()

        return {"poison": poison}

    for n in range(5):
        async with engine(url, flows, grace_s=0.0) as opened:
            if n == 0:
                await opened.start("poison", id="poison:1")
            async with asyncio.timeout(10):
                while len(entered) == n:
                    run = await opened.status("poison:1")
                    if run is not None and run.state is RunState.STOPPED:
                        assert n == 3
                        return
                    await asyncio.sleep(0.02)
    pytest.fail("never given up")


async def test_a_process_has_one_engine(tmp_path: Path) -> None:
    """DBOS keeps one state per process; a second engine is refused instead of sharing it."""
    async with engine(f"sqlite:///{tmp_path}/e.db") as opened:
        with pytest.raises(InvariantBroken):
            await Engine.open(f"sqlite:///{tmp_path}/f.db", data_dir=None, seal=seal, unseal=unseal)
        with pytest.raises(InvariantBroken):
            opened.workflow("late", opened.recover)


async def test_a_data_directory_has_one_bot(tmp_path: Path) -> None:
    """A second process is refused by name of the first, and welcome once the first is gone."""
    url = f"sqlite:///{tmp_path}/e.db"
    program = f"""
import asyncio
from bot.durable import Engine
from bot.errors import ConfigError
async def main():
    try:
        await Engine.open({url!r}, data_dir=None, seal=lambda b, a: b, unseal=lambda b, a: b)
    except ConfigError as exc:
        print(exc)
    else:
        print("welcome")
asyncio.run(main())
"""

    def second() -> str:
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return run.stdout.strip()

    async with engine(url):
        assert await asyncio.to_thread(second) == (
            f"Another bot is using the data directory {tmp_path} (pid {os.getpid()})."
        )
    assert second() == "welcome"
    assert (tmp_path / LOCK_NAME).exists()


async def test_the_file_is_private_and_in_wal_mode(tmp_path: Path) -> None:
    """The engine's file is for our user only, and readers do not block its writer."""
    async with engine(f"sqlite:///{tmp_path}/data/e.db"):
        assert (tmp_path / "data" / "e.db").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "data" / "e.db-wal").exists()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x/y",
        "sqlite://",
        "engine.db",
        "sqlite:////proc/nowhere/e.db",
        "postgresql://someone:s3cr3t@127.0.0.1:1/none",
    ],
)
async def test_an_unusable_database_stops_the_boot(url: str) -> None:
    """The error is for the one who configures, and holds no password."""
    with pytest.raises(ConfigError) as caught:
        await Engine.open(url, data_dir=None, seal=seal, unseal=unseal)
    assert "s3cr3t" not in caught.value.hint


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """A wrong path stops the boot, keeps its file as it was, and leaves the directory free."""
    (tmp_path / "e.db").write_text("something else altogether, longer than a database header is " * 20)
    before = (tmp_path / "e.db").read_bytes()
    for _ in range(2):
        with pytest.raises(ConfigError, match="cannot be used as a database"):
            await Engine.open(f"sqlite:///{tmp_path}/e.db", data_dir=None, seal=seal, unseal=unseal)
    assert (tmp_path / "e.db").read_bytes() == before


async def test_a_step_outside_a_workflow_is_a_plain_call(tmp_path: Path) -> None:
    """The same function serves where nothing need be durable."""
    async with engine(f"sqlite:///{tmp_path}/e.db") as opened:

        async def double(n: int) -> int:
            return 2 * n

        assert await opened.step("double", double)(21) == 42
