"""The store: one database, its keys, its transactions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as QueueTimeout

from bot.clock import Clock
from bot.db import key_rotation, schema
from bot.db.data_keys import DataKeys
from bot.db.engines import QUEUE_S, Engines, create_file, engines
from bot.db.key_sources import KeySource
from bot.db.keyring import Keyring, Purpose
from bot.db.repository import Repository
from bot.db.tables import COUNTER, PROBE
from bot.db.unit import Unit
from bot.errors import InvariantBroken, SchemaMismatch, StoreError

CHECK_EVERY_S = 5.0
TROUBLES = {  # what SQLite and PostgreSQL say: in our words, with what to do
    "disk is full": "The disk is full. Free space where the database lies, then try again.",
    "no space left": "The disk is full. Free space where the database lies, then try again.",
    "readonly": "The database can only be read. Check its file's owner and how its disk is mounted.",
    "read-only": "The database can only be read. Check its rights and how its disk is mounted.",
    "locked": "Another program holds the database. Close it, then try again.",
    "malformed": "The database file is damaged. Restore a backup (docs/runbook.md).",
    "not a database": "The database file is damaged. Restore a backup (docs/runbook.md).",
    "disk i/o error": "The disk cannot be read or written. Check the disk, then try again.",
    "connection": "The database does not answer. Check that it runs; Handover tries again by itself.",
}


class Store:
    """The sealed inventory, on SQLite or PostgreSQL, with the same promises on both.

    Writing transactions happen one after another, in all processes together, so what one has read is still so
    when it writes. Reading ones see one instant and hold up nobody.
    """

    def __init__(self, engines: Engines, keys: DataKeys, clock: Clock) -> None:
        self._engines = engines
        self._keys = keys
        self._clock = clock
        self._writer: asyncio.Task[Any] | None = None
        self._checked, self._trouble = -CHECK_EVERY_S, ""
        self.commits = 0  # of this process, so far
        self.committed = (
            asyncio.Event()
        )  # set after each commit of this process; whoever waits for it clears it

    @classmethod
    async def open(
        cls,
        url: str,
        keys: KeySource,
        clock: Clock,
        repositories: Collection[type[Repository]],
        *,
        migrate: bool = True,
    ) -> Store:
        """Open a database; create or upgrade it if need be, all in one transaction.

        A new database begins with what ``repositories`` initialize in it.

        Raises:
            ConfigError: the address is off, or the key source belongs to another database; nothing was written.
            SchemaMismatch: a newer release made it, or an older one did and ``migrate`` is False.
            StoreError: the database does not answer.
        """
        store = cls(engines(url), DataKeys(keys, Keyring()), clock)
        try:
            with _told():
                await store._ready(url, repositories, migrate=migrate)
        except BaseException:
            await store.aclose()
            raise
        return store

    @property
    def keyring(self) -> Keyring:
        """Seals what lies outside of the store, and makes blind indexes."""
        return self._keys.ring

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """A transaction that may change things: kept when the block ends well, undone when it raises.

        Keep it short: other writers wait. Do not talk to other systems inside.

        Raises:
            StoreError: it could not be had in time, or the database refused; nothing was kept.
            InvariantBroken: this task is in a write block already.
        """
        task = asyncio.current_task()
        if task is not None and task is self._writer:
            raise InvariantBroken("write() inside write(): it would wait for itself")
        with _told():
            async with self._engines.write.begin() as conn:
                self._writer = task
                try:
                    await self._keys.catch_up(conn)
                    yield Unit(conn, self._keys, self._clock)
                finally:
                    self._writer = None
            self.commits += 1
            self.committed.set()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """A transaction that sees one instant and can change nothing: the database itself refuses.

        Raises:
            StoreError: it could not be had in time, or the database refused.
        """
        with _told():
            async with self._engines.read.connect() as conn:
                yield Unit(conn, self._keys, self._clock)

    async def rotate_key(self) -> int:
        """Seal every row with a new data key, beside the running bot, and destroy the old one.

        Returns how many sealed values were sealed anew. Safe to break off: the next run ends what this began.
        What the keyring sealed for others keeps its key. Blind indexes keep theirs.
        """
        with _told():
            return await key_rotation.rotate(self._engines, self._keys, self._clock)

    async def check(self) -> str:
        """Why nothing can be stored now, or "": one number is written, durably, at most once in a few seconds."""
        now = time.monotonic()
        if now - self._checked >= CHECK_EVERY_S:
            self._checked, self._trouble = now, ""
            try:
                with _told():
                    async with self._engines.write.begin() as conn:
                        again = update(COUNTER).where(COUNTER.c.name == PROBE)
                        if not (await conn.execute(again.values(value=COUNTER.c.value + 1))).rowcount:
                            await conn.execute(insert(COUNTER).values(name=PROBE, value=1))
            except StoreError as exc:
                self._trouble = exc.hint
        return self._trouble

    async def aclose(self) -> None:
        """Close every connection."""
        await self._engines.dispose()

    async def _ready(self, url: str, repositories: Collection[type[Repository]], *, migrate: bool) -> None:
        await self._keys.check_source()
        create_file(url)
        async with self._engines.read.connect() as conn:
            if await schema.revision(conn) == schema.HEAD and await self._keys.load(conn):
                return
        async with self._engines.write.begin() as conn:
            found = await schema.revision(conn)  # again: another process may have been quicker
            if found != schema.HEAD and not migrate:
                raise SchemaMismatch(
                    f"the database has shape {found or 'none'}, this Handover needs {schema.HEAD}: "
                    "start it once with migrations allowed"
                )
            if found:
                await self._keys.load(conn)  # a wrong key stops here, before anything is written
            if found != schema.HEAD:
                await schema.upgrade(conn)
            if not await self._keys.load(conn):
                for purpose in Purpose:
                    await self._keys.make(conn, purpose, self._clock.now())
                await self._keys.load(conn)
                for kind in repositories:
                    await kind(conn, self._keys, self._clock).initialize()


@contextmanager
def _told() -> Iterator[None]:
    """A database's troubles in our words. Values never show: the engines hide parameters."""
    try:
        yield
    except QueueTimeout as exc:
        raise StoreError(
            f"The database was busy for {QUEUE_S} s. Nothing was saved. Try again in a minute."
        ) from exc
    except StatementError as exc:
        raise StoreError(_trouble(exc)) from exc


def _trouble(exc: StatementError) -> str:
    """What is wrong and what to do, by what SQLite or PostgreSQL said; their text holds no values."""
    said = str(exc.orig).lower()
    for words, what in TROUBLES.items():
        if words in said:
            return f"{what} Nothing was saved."
    return f"The database refused this or did not answer ({type(exc.orig).__name__}). Nothing was saved."
