"""Turns at a vendor's door, counted over every process that shares our database.

A turn is held by the kernel (a locked file) or by PostgreSQL (a session's advisory lock), so it ends with the
process that holds it and nothing stale is ever left behind. Who waits in this process is served in order;
between processes whoever asks first after one is free.

Sources: flock(2); PostgreSQL documentation, "Advisory Locks", read 2026-11-24.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from weakref import WeakValueDictionary

import psycopg

from bot.errors import InvariantBroken, StoreError

LOOK_AGAIN_S = (0.02, 0.06)  # how long to wait before another process is asked again
SPACE = 43  # first half of the lock's name; the engine's presence has 42
Slot = Callable[[], Awaitable[None]]  # gives it back


class _Queue(asyncio.Semaphore):
    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.width = width


class _InOrder:
    """One queue for each name in this process; a slot among all processes for whoever is at its head."""

    def __init__(self) -> None:
        self._queues: WeakValueDictionary[str, _Queue] = (
            WeakValueDictionary()
        )  # as long as somebody stands there

    def turn(self, name: str, width: int) -> AbstractAsyncContextManager[None]:
        """See ``bot.platform.ports.Turns``.

        Raises:
            InvariantBroken: others stand there who were told of another ``width``, or it is under one.
        """
        queue = self._queues.setdefault(name, _Queue(width))
        if width < 1 or queue.width != width:
            raise InvariantBroken(f"turns at {name} are {queue.width} wide, not {width}")
        return self._turn(queue, name, width)

    @asynccontextmanager
    async def _turn(self, queue: _Queue, name: str, width: int) -> AsyncIterator[None]:
        async with queue:
            while (slot := await self._any(name, width)) is None:  # noqa: ASYNC110  others are processes
                await asyncio.sleep(random.uniform(*LOOK_AGAIN_S))  # noqa: S311  jitter, not a secret
            try:
                yield
            finally:
                await slot()

    async def _any(self, name: str, width: int) -> Slot | None:
        for number in range(width):
            if (slot := await self._take(f"{name}.{number}")) is not None:
                return slot
        return None

    async def _take(self, slot: str) -> Slot | None:
        raise NotImplementedError


class FileTurns(_InOrder):
    """For SQLite: the processes of one machine, the command line beside the bot among them."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory / "turns"

    async def _take(self, slot: str) -> Slot | None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._directory / slot.replace(":", "_")
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise StoreError(f"{self._directory} cannot be written: {exc.strerror}") from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if not _is_at(path, descriptor):  # who had it before removed it between our open and our lock
            os.close(descriptor)
            return None

        async def release() -> None:
            path.unlink(missing_ok=True)  # while it is locked, so nobody else's is removed
            os.close(descriptor)

        return release

    async def aclose(self) -> None:
        """Nothing to let go of: each turn lets go of its own."""


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return there.st_ino == os.fstat(descriptor).st_ino


class PostgresTurns(_InOrder):
    """For replicas: one session of this process holds all its turns, and they go with it."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._session: psycopg.AsyncConnection | None = None
        self._one = asyncio.Lock()  # a session takes one statement at a time
        self._held: set[str] = set()  # a session may lock twice, so we look here first

    async def _take(self, slot: str) -> Slot | None:
        async with self._one:
            if slot in self._held or not await self._ask("select pg_try_advisory_lock(%s, %s)", slot):
                return None
            self._held.add(slot)

        async def release() -> None:
            async with self._one:
                self._held.discard(slot)
                await self._ask("select pg_advisory_unlock(%s, %s)", slot)

        return release

    async def _ask(self, question: str, slot: str) -> bool:
        try:
            if self._session is None or self._session.closed:
                self._session = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                self._held.clear()  # they went with the session that is gone
            answer = await self._session.execute(question, (SPACE, zlib.crc32(slot.encode()) - 2**31))
            row = await answer.fetchone()
        except psycopg.Error as exc:
            raise StoreError(f"PostgreSQL does not answer ({type(exc).__name__})") from exc
        return bool(row and row[0])

    async def aclose(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def turns(url: str, directory: Path) -> FileTurns | PostgresTurns:
    """The turns that go with a database: ``url`` as the store has it, ``directory`` of a SQLite one."""
    scheme, _, rest = url.partition("://")
    return PostgresTurns(f"postgresql://{rest}") if scheme.startswith("postgres") else FileTurns(directory)
