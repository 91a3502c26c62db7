"""A store on SQLite and on PostgreSQL, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import FixedClock
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.store import open_store
from tests import postgres_server

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server where databases may be made."""
    with postgres_server.serving() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database, gone after the test."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'inventory.db'}"
        return
    with postgres_server.database(str(request.getfixturevalue("postgres"))) as url:
        yield url


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
    opened = await open_store(database_url, key_source, clock)
    yield opened
    await opened.aclose()
