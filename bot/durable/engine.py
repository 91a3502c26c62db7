"""The engine: DBOS, with everything set that was found to matter. No other module knows it.

Source: docs.dbos.dev/python, and its source 3.4.0, read 2026-11-21. On an upgrade run ``tests/crash`` first:
two things are internal to DBOS. ``_recover_pending_workflows``, unlike the public resume, leaves a run alone
that somebody else took up meanwhile, and keeps count of how often a run was taken up. ``_workflow_tasks`` are
the runs to wait for when closing.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import psycopg
from dbos import DBOS, DBOSConfig, SetWorkflowID, error

from bot.datadir import DataDir
from bot.durable.codec import Discreet, Seal, SealedJson, describe, plain
from bot.durable.presence import Presence
from bot.durable.runs import FINAL, Run, RunState, crash_point, run_of, stored_as
from bot.errors import BotError, ConfigError, InvariantBroken

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

VERSION = "1"  # pinned: by default every edit of a workflow strands its unfinished runs for ever
PEERS_EVERY_S = 2.0
TAKEN_UP_MOST = 100  # a run that ended this many processes is STOPPED
REMEMBERED = timedelta(
    days=8
)  # "one run, ever" holds this long at least; bot.durable.schedule looks back 7 days


class Engine:
    """Durable runs on SQLite (one process) or PostgreSQL (replicas). One engine per process at a time."""

    _open: Engine | None = None  # DBOS keeps its state per process, so a second one would share it

    def __init__(self, serializer: SealedJson, name: str) -> None:
        self._url = ""
        self._serializer = serializer
        self._name = name
        self._executor = uuid.uuid4().hex  # a new one each time: a draining process keeps its own
        self._hold: DataDir | None = None
        self._presence: Presence | None = None
        self._bodies: dict[str, Callable[..., Awaitable[object]]] = {}
        self._flows: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()  # calls into DBOS that must not be cut off half-way
        self._dbos: DBOS | None = None
        self._janitor: asyncio.Task[None] | None = None
        self._launched = False

    @classmethod
    async def open(
        cls, url: str, *, data_dir: Path | None, seal: Seal, unseal: Seal, name: str = "handover"
    ) -> Engine:
        """
        Take what an engine needs; nothing runs before ``launch``.

        ``url`` is ``sqlite:///path`` or ``postgresql://…``. On SQLite ``data_dir``, or else the file's own
        directory, is held against a second bot. On PostgreSQL it is ignored: replicas are welcome.

        Raises:
            ConfigError: another bot holds the directory, the file or the server cannot be used.
            InvariantBroken: this process has an engine already.
        """
        if cls._open is not None:
            raise InvariantBroken("This process has an open engine already.")
        scheme, _, rest = url.partition("://")
        engine = cls(SealedJson(seal, unseal), name)
        match scheme.partition("+")[0]:
            case "sqlite" if rest.startswith("/") and len(rest) > 1:
                path = Path(rest[1:])
                engine._url = f"sqlite:///{path}"
                engine._hold = DataDir.hold(data_dir or path.parent)
                _prepare(path, engine._hold)
            case "postgresql":
                engine._url = f"postgresql://{rest}"
                engine._presence = Presence(engine._url, engine._executor)
                await engine._presence.open()
            case _:
                raise ConfigError("engine.url must begin with sqlite:/// or postgresql://")
        cls._open = engine
        return engine

    def workflow(self, name: str, fn: Callable[..., Awaitable[object]]) -> None:
        """Make ``fn`` known as ``name``, before ``launch``. The name is stored: it never changes again."""
        if self._launched or name in self._bodies:
            raise InvariantBroken(f"Workflow {name} was registered twice or after launch.")
        self._bodies[name] = fn

    def step(self, name: str, fn: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
        """
        ``fn`` as a step: at least once, its result or BotError recorded, and never run again once recorded.

        Any other error leaves as InvariantBroken, which says where it arose but not what it said. Outside a
        workflow the step is a plain call.
        """

        @wraps(fn)
        async def body(*args: P.args, **kwargs: P.kwargs) -> R:
            crash_point(f"{name}:before")
            try:
                result = await fn(*args, **kwargs)
            except BotError:
                raise
            except Exception as exc:
                raise InvariantBroken(f"A fault of ours in {name}: {describe(exc)}") from exc
            crash_point(f"{name}:done")
            found: R = plain(result, f"The result of {name}")
            return found

        @wraps(fn)
        async def call(*args: P.args, **kwargs: P.kwargs) -> R:
            result = await DBOS.run_step_async({"name": name}, body, *args, **kwargs)
            crash_point(f"{name}:recorded")
            return result

        return call

    async def launch(self) -> None:
        """
        Begin to run: new runs, and those that ended processes left unfinished.

        Raises:
            ConfigError: the engine's tables cannot be made or read.
        """
        logger = logging.getLogger("dbos")
        if not any(isinstance(one, Discreet) for one in logger.filters):
            logger.addFilter(Discreet())
            logger.addHandler(logging.NullHandler())  # else DBOS prints to the console
        settings: DBOSConfig = {
            "name": self._name,
            "system_database_url": self._url,
            "executor_id": self._executor,
            "application_version": VERSION,
            "serializer": self._serializer,
            "log_level": "ERROR",  # warnings print arguments
            "enable_otlp": False,
            "db_engine_kwargs": {"hide_parameters": True},
        }
        try:
            self._dbos = DBOS(config=settings)
            self._flows = {name: self._flow(name, fn) for name, fn in self._bodies.items()}
            DBOS.launch()
        except Exception as exc:  # DBOS has no one error for this
            raise ConfigError(f"engine.url: the engine cannot start on it ({type(exc).__name__}).") from exc
        self._launched = True
        await self.recover()
        if self._presence is not None:
            self._janitor = asyncio.create_task(self._look_after_peers(self._presence))
            self._janitor.add_done_callback(_report)

    def _flow(
        self, name: str, fn: Callable[..., Awaitable[object]]
    ) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def run(*args: object) -> object:
            return plain(await fn(*args), f"The result of {name}")

        return DBOS.workflow(name=name, max_recovery_attempts=TAKEN_UP_MOST)(run)

    async def start(self, workflow: str, *args: object, id: str) -> None:  # noqa: A002
        """
        Begin a run, or do nothing if ``id`` was ever started, whatever became of it. Returns once it is stored.

        May be called from anywhere, workflows and steps too: the run belongs to nobody.

        Raises:
            InvariantBroken: no such workflow, an ``id`` of another workflow, or arguments that are not plain.
        """
        flow = self._flows.get(workflow)
        if flow is None or not id.strip():
            raise InvariantBroken(f"Workflow {workflow} is not registered and running, or its run has no id.")
        stored = plain(args, f"An argument of {workflow}")

        async def begin() -> None:
            with SetWorkflowID(id):
                await DBOS.start_workflow_async(flow, *stored)

        try:
            await self._apart(begin())
        except error.DBOSException as exc:
            raise InvariantBroken(f"Workflow {workflow} could not be started: {type(exc).__name__}.") from exc

    async def status(self, id: str) -> Run | None:  # noqa: A002
        """The run with this id; None when it was never started, or pruned."""
        found = await self._apart(DBOS.list_workflows_async(workflow_ids=[id], load_input=False))
        return run_of(found[0]) if found else None

    async def runs(
        self, prefix: str = "", states: Collection[RunState] = frozenset(RunState), limit: int = 50
    ) -> tuple[Run, ...]:
        """At most ``limit`` runs whose id begins with ``prefix``, the newest first."""
        found = await self._apart(
            DBOS.list_workflows_async(
                workflow_id_prefix=prefix or None,
                status=stored_as(states),
                limit=limit,
                sort_desc=True,
                load_input=False,
            )
        )
        return tuple(run_of(one) for one in found)

    async def recover(self) -> int:
        """
        Hand the unfinished runs of ended processes to the living; how many there were.

        On SQLite every other process has ended, since we hold the directory. On PostgreSQL this repeats by
        itself every two seconds.
        """
        unfinished = await self._apart(
            DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        )
        count = 0
        for executor in {one.executor_id for one in unfinished} - {self._executor, None}:
            async with self._claim(str(executor)) as gone:
                if gone:
                    taken = await asyncio.to_thread(DBOS._recover_pending_workflows, [str(executor)])
                    count += len(taken)
        if count:
            log.warning("took up %d unfinished runs of processes that ended", count)
        return count

    @asynccontextmanager
    async def _claim(self, executor: str) -> AsyncIterator[bool]:
        if self._presence is None:
            yield True
            return
        async with self._presence.claim(executor) as gone:
            yield gone

    async def _look_after_peers(self, presence: Presence) -> None:
        while True:
            await asyncio.sleep(PEERS_EVERY_S)
            try:
                await presence.renew()
                await self.recover()
            except (psycopg.Error, error.DBOSException) as exc:
                log.warning("other replicas not visible: %s", type(exc).__name__)

    async def prune(self, older_than: timedelta) -> int:
        """
        Forget final runs that ended longer ago; how many. A forgotten id could run again.

        Raises:
            ConfigError: ``older_than`` is under eight days, less than the schedule looks back.
        """
        if older_than < REMEMBERED:
            raise ConfigError(f"Runs must be kept for at least {REMEMBERED.days} days.")
        before = (datetime.now(UTC) - older_than).isoformat()
        count = 0
        while True:
            found = await self._apart(
                DBOS.list_workflows_async(
                    status=stored_as(FINAL),
                    completed_before=before,
                    limit=500,
                    load_input=False,
                    load_output=False,
                )
            )
            if not found:
                return count
            await self._apart(DBOS.delete_workflows_async([one.workflow_id for one in found]))
            count += len(found)

    async def aclose(self, grace_s: float = 5.0) -> None:
        """
        Stop. Runs get ``grace_s`` to finish, then are left as they stand and resume at the next launch.

        The data directory is free afterwards, and peers may take over what is left.
        """
        self._launched, launched = False, self._launched
        if self._janitor is not None:
            self._janitor.cancel()
            await asyncio.wait({self._janitor})
        await self._end_runs(grace_s)
        self._flows = {}
        loop = asyncio.get_running_loop()
        threads = ThreadPoolExecutor(thread_name_prefix="asyncio")
        with ThreadPoolExecutor(1) as pool:
            if launched:  # DBOS made its own threads the loop's, and ends them
                loop.set_default_executor(threads)
            await loop.run_in_executor(pool, lambda: DBOS.destroy(destroy_registry=True))
        await self._end_runs(0.0)  # the queue may have taken one up meanwhile
        if launched:
            loop.set_default_executor(threads)
        if self._presence is not None:
            await self._presence.aclose()
        if self._hold is not None:
            self._hold.release()
        Engine._open = None

    async def _end_runs(self, grace_s: float) -> None:
        """Wait for what is under way, then cut it off: a run that is cut off stays stored as running."""
        runs: set[asyncio.Task[Any]] = set() if self._dbos is None else self._dbos._workflow_tasks
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while under_way := self._tasks | runs:
                    await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        if runs:
            for task in runs:
                task.cancel()
            await asyncio.wait(set(runs), timeout=5.0)

    async def _apart(self, call: Coroutine[Any, Any, R]) -> R:
        """
        Await ``call`` outside whatever run or request we are in, and to its end even if we are cancelled.

        Inside a workflow DBOS would record it as a step; cut off half-way it could leave a run stored as
        running that nobody runs.
        """
        task = asyncio.create_task(call, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)


def _report(janitor: asyncio.Task[None]) -> None:
    if not janitor.cancelled() and (exc := janitor.exception()) is not None:
        log.critical("runs of ended replicas are no longer taken up, restart: %s", describe(exc))


def _prepare(path: Path, hold: DataDir) -> None:
    """Make the file for our eyes only and in WAL mode, which stays with it; DBOS would use neither."""
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as exc:
        hold.release()
        raise ConfigError(f"engine.url: {path} cannot be used as a database ({type(exc).__name__}).") from exc
