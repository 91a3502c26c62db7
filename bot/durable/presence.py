"""Which replicas are alive, told by PostgreSQL itself: no heartbeats, no clocks, no leases to tune.

Each process holds a session advisory lock named after its executor id. The lock goes when the session goes, so
whoever can take it knows that its owner is dead or cut off. One that is only cut off loses its work too: the
engine lets the new owner's records in and refuses the old one's.

Needs a session of its own: connect to the server itself, not through a pooler in transaction mode.
Source: PostgreSQL documentation, "Advisory Locks", read 2026-11-21.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from bot.errors import ConfigError

SPACE = 42  # first half of the lock's name, the same in all replicas
# The server notices within about 25 s that a machine is gone; a process that ends is noticed at once.
OPTIONS = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    " -c statement_timeout=10000"
)


def _lock(executor: str) -> int:
    return zlib.crc32(executor.encode()) - 2**31  # int4


class Presence:
    """One session with PostgreSQL, holding the lock of ``executor``."""

    def __init__(self, url: str, executor: str) -> None:
        self._url = url
        self.executor = executor
        self._session: psycopg.AsyncConnection | None = None

    async def open(self) -> None:
        """
        Appear.

        Raises:
            ConfigError: PostgreSQL cannot be reached with this address.
        """
        try:
            await self.renew()
        except psycopg.Error as exc:
            raise ConfigError(
                f"engine.url: PostgreSQL cannot be used ({type(exc).__name__}): check host, database, user."
            ) from exc

    async def renew(self) -> None:
        """Check that the session lives and holds our lock, else make it so. Raises psycopg.Error."""
        if self._session is not None:
            with suppress(psycopg.Error):
                await self._session.execute("select 1")
                return
            await self._session.close()
            self._session = None
        session = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=10, options=OPTIONS, application_name="handover"
        )
        try:  # waits for a peer that is just taking over what we had before the old session broke
            await session.execute("select pg_advisory_lock(%s, %s)", (SPACE, _lock(self.executor)))
        except psycopg.Error:
            await session.close()
            raise
        self._session = session

    @asynccontextmanager
    async def claim(self, executor: str) -> AsyncIterator[bool]:
        """Whether ``executor`` is gone and its work ours to pass on while the context lasts."""
        session = self._session
        if session is None:  # cut off ourselves: nothing can be told of others
            yield False
            return
        key = (SPACE, _lock(executor))
        row = await (await session.execute("select pg_try_advisory_lock(%s, %s)", key)).fetchone()
        if row != (True,):
            yield False
            return
        try:
            yield True
        finally:
            await session.execute("select pg_advisory_unlock(%s, %s)", key)

    async def aclose(self) -> None:
        """Disappear: peers may take up at once what we leave unfinished."""
        if self._session is not None:
            await self._session.close()
