"""The two engines of a database: one that writes, one writer at a time, and one that can only read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiosqlite
from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import ConfigError

QUEUE_S = 30  # how long a transaction waits for its turn within this process
READERS = 5
_WRITER_LOCK = 0x48414E44  # advisory lock of the one writer, "HAND"
_SQLITE_PRAGMAS = (
    "busy_timeout=5000",  # how long a transaction waits for another process, in ms
    "synchronous=FULL",  # a secret lost to a power cut is a lost credential
    "foreign_keys=ON",
    "secure_delete=FAST",
    "cache_size=-2000",  # KiB; each connection has its own
    "temp_store=MEMORY",
)
_PG_SESSION = {
    "timezone": "utc",
    "lock_timeout": "30s",  # how long a transaction waits for other processes
    "idle_in_transaction_session_timeout": "60s",  # a stuck writer does not stop the others for ever
    "application_name": "handover",
}


@dataclass(frozen=True, slots=True)
class Engines:
    """Both engines. A writing transaction sees all that earlier ones committed; a reading one sees one instant."""

    write: AsyncEngine
    read: AsyncEngine

    async def checkpoint(self) -> None:
        """Let nothing of what was overwritten linger in SQLite's log, as far as readers allow it now."""
        if self.write.dialect.name == "sqlite":
            async with self.write.connect() as conn:
                # Straight to the driver: SQLAlchemy would begin a transaction, in which this does nothing.
                driver = cast("aiosqlite.Connection", (await conn.get_raw_connection()).driver_connection)
                await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def dispose(self) -> None:
        """Close every connection."""
        await self.read.dispose()
        await self.write.dispose()


def engines(url: str) -> Engines:
    """Engines for ``sqlite+aiosqlite:///path`` or ``postgresql+psycopg://…``; connects to nothing yet.

    Writing transactions queue for the one connection of the write engine; SQLite's file lock or PostgreSQL's
    advisory lock queues those of other processes. So what a transaction read is still so when it writes, on
    both databases, and none is ever refused for having been second.

    Raises:
        ConfigError: another kind of address. The hint holds no password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as exc:
        raise ConfigError("database_url is not a database address") from exc
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database not in (None, "", ":memory:"):
        return _sqlite(url)
    if parsed.drivername == "postgresql+psycopg":
        return _postgres(url)
    raise ConfigError(
        "database_url must begin with sqlite+aiosqlite:/// (and name a file) or postgresql+psycopg://"
    )


def create_file(url: str) -> None:
    """Make SQLite's file readable by its owner alone, before SQLite makes it readable by more."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        Path(str(parsed.database)).touch(mode=0o600)


def _create(url: str, *, size: int, overflow: int, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,  # errors print statements, and would print secrets with them
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=QUEUE_S,
        **options,
    )


def _sqlite(url: str) -> Engines:
    write = _create(url, size=1, overflow=0)
    read = _create(url, size=READERS, overflow=READERS)
    # SQLAlchemy leaves BEGIN to the driver, which begins too late: 474 of 500 concurrent updates were lost.
    _on_sqlite(write, ("journal_mode=WAL", *_SQLITE_PRAGMAS), "BEGIN IMMEDIATE")
    _on_sqlite(read, (*_SQLITE_PRAGMAS, "query_only=ON"), "BEGIN")
    return Engines(write, read)


def _on_sqlite(engine: AsyncEngine, pragmas: tuple[str, ...], begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_with(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgres(url: str) -> Engines:
    session = {"options": " ".join(f"-c {name}={value}" for name, value in _PG_SESSION.items())}
    write = _create(url, size=1, overflow=0, pool_pre_ping=True, connect_args=session)
    read = _create(
        url,
        size=READERS,
        overflow=READERS,
        pool_pre_ping=True,
        connect_args=session,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )

    @event.listens_for(write.sync_engine, "begin")
    def queue(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    return Engines(write, read)
