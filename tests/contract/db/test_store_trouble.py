"""A database that cannot be written says so, in words with what to do, and is found well again by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from bot.audit.repository import AuditLog
from bot.db import store as module
from bot.db.store import Store
from bot.errors import StoreError

Break = Callable[[Store], None]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHECK_EVERY_S", 0.0)  # every look is a new one


@contextmanager
def held(database_url: str, tmp_path: Path) -> Iterator[None]:
    """Somebody else holds what a writer needs, and lets go of it afterwards."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(tmp_path / "inventory.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as other:
        name = other.info.dbname
        other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                      " AND datname = current_database()")  # fmt: skip
        yield
        other.execute("SET default_transaction_read_only = off")
        other.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                      " AND datname = current_database()")  # fmt: skip


async def test_a_store_that_cannot_be_written_is_not_well_until_it_can(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """The reason names what to do; nothing of the failed write is there; the look changes nothing for readers."""
    async with store.read() as unit:
        marks = await unit.marks()
    assert await store.check() == ""
    with held(database_url, tmp_path):
        for _ in range(3):  # the pool's connections die one after the other
            trouble = await store.check()
        assert "Nothing was saved." in trouble
        assert (
            "Another program holds" if database_url.startswith("sqlite") else "database can only be read"
        ) in trouble
        with pytest.raises(StoreError, match="Nothing was saved"):
            async with store.write() as unit:
                await unit[AuditLog].append("system", "request:opened", "X", {})
    for _ in range(3):
        trouble = await store.check()
    assert trouble == ""
    async with store.read() as unit:
        assert await unit.marks() == marks
        assert (await unit[AuditLog].head())[0] == 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database or disk is full", "The disk is full. Free space"),
        ("attempt to write a readonly database", "can only be read"),
        ("database disk image is malformed", "Restore a backup"),
        ("disk I/O error", "Check the disk"),
        ("connection to server at 127.0.0.1 refused", "Check that it runs"),
        ("something new", "(OperationalError). Nothing was saved."),
    ],
)
def test_what_a_database_says_is_told_with_what_to_do(said: str, told: str) -> None:
    """Its own words may change; ours name the cause and the next step."""
    exc = module.StatementError("", None, None, sqlite3.OperationalError(said))
    assert told in module._trouble(exc)
