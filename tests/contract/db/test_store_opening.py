"""Opening a database: made once, upgraded in one piece, refused with a reason."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from store_samples import CONNECTION, NOW, principal

from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.db.key_sources import EnvKeySource, FileKeySource
from bot.db.schema import HEAD
from bot.db.store import Store
from bot.errors import ConfigError, InvariantBroken, SchemaMismatch, StoreError
from bot.inventory.repository import ItemRepository
from bot.store import open_store

MIGRATIONS = Path(__file__).parents[3] / "bot" / "db" / "migrations"


async def test_what_was_written_is_there_when_opened_again(
    database_url: str, key_source: FileKeySource, clock: Clock
) -> None:
    """A closed store opens with what it held, under the same keys."""
    first = await open_store(database_url, key_source, clock)
    async with first.write() as unit:
        await unit[ItemRepository].put(CONNECTION, [principal()], NOW)
    sealed = first.keyring.seal(b"elsewhere", "engine")
    await first.aclose()
    second = await open_store(database_url, key_source, clock, migrate=False)
    async with second.read() as unit:
        assert [item.body for item in await unit[ItemRepository].all()] == [principal()]
    assert second.keyring.open(sealed, "engine") == b"elsewhere"
    await second.aclose()


async def test_an_empty_database_is_not_migrated_unasked(
    database_url: str, key_source: FileKeySource, clock: Clock
) -> None:
    """Without leave to migrate, opening a database of an older shape fails and leaves it as it was."""
    with pytest.raises(SchemaMismatch, match=HEAD):
        await open_store(database_url, key_source, clock, migrate=False)
    assert await _tables(database_url) == 0


async def test_a_newer_database_is_refused(
    database_url: str, key_source: FileKeySource, clock: Clock
) -> None:
    """A database of a later release is not touched by this one."""
    await (await open_store(database_url, key_source, clock)).aclose()
    await _run(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaMismatch, match="9999"):
        await open_store(database_url, key_source, clock)


async def test_another_key_is_refused_before_anything_is_written(
    database_url: str, key_source: FileKeySource, clock: Clock, tmp_path: Path
) -> None:
    """A wrong key file stops the boot with its name, and the right one still opens everything."""
    store = await open_store(database_url, key_source, clock)
    async with store.write() as unit:
        await unit[ItemRepository].put(CONNECTION, [principal()], NOW)
    await store.aclose()
    await _run(database_url, "UPDATE alembic_version SET version_num = '0000'")  # so that there is work to do
    with pytest.raises(ConfigError, match=r"other\.key does not belong to this database"):
        await open_store(database_url, FileKeySource.create(tmp_path / "other.key"), clock)
    await _run(database_url, "UPDATE alembic_version SET version_num = :head", head=HEAD)
    again = await open_store(database_url, key_source, clock)
    async with again.read() as unit:
        assert [item.body for item in await unit[ItemRepository].all()] == [principal()]
    await again.aclose()


async def test_a_database_opened_twice_at_once_is_made_once(
    database_url: str, key_source: FileKeySource, clock: Clock
) -> None:
    """Two processes that meet on an empty database end up with the same keys."""
    stores = await asyncio.gather(*(open_store(database_url, key_source, clock) for _ in range(4)))
    sealed = stores[0].keyring.seal(b"x", "y")
    assert [store.keyring.open(sealed, "y") for store in stores] == [b"x"] * 4
    for store in stores:
        await store.aclose()


async def test_the_migrations_make_what_the_tables_say(
    database_url: str, key_source: FileKeySource, clock: Clock
) -> None:
    """A column added without a migration is found here, on both databases."""
    await (await open_store(database_url, key_source, clock)).aclose()

    def check(conn: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = conn
        command.check(config)  # raises where they differ

    engine = create_async_engine(database_url)
    async with engine.connect() as conn:
        await conn.run_sync(check)
    await engine.dispose()


def test_the_newest_migration_is_the_one_the_store_asks_for() -> None:
    """The quick look at start-up compares with the last migration there is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_a_reading_transaction_cannot_write(store: Store) -> None:
    """A read block is refused by the database itself when it tries to change something."""
    with pytest.raises(StoreError):
        async with store.read() as unit:
            await unit[ItemRepository].put(CONNECTION, [principal()], NOW)
    async with store.read() as unit:
        assert await unit[ItemRepository].all() == ()


async def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    """What a failed transaction wrote is undone, the trail included."""

    async def fail() -> None:
        async with store.write() as unit:
            await unit[ItemRepository].put(CONNECTION, [principal()], NOW)
            await unit[AuditLog].append("U1", "item:added", "x", {})
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail()
    async with store.read() as unit:
        assert await unit[ItemRepository].all() == ()
        assert await unit[AuditLog].tail() == ()
        assert (await unit[AuditLog].verify()).ok


async def test_a_cancelled_block_leaves_nothing_behind_and_lets_go(store: Store) -> None:
    """A cancelled writer is undone, and the next writer need not wait for it."""
    inside = asyncio.Event()

    async def stuck() -> None:
        async with store.write() as unit:
            await unit[ItemRepository].put(CONNECTION, [principal()], NOW)
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(stuck())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), store.write() as unit:
        assert await unit[ItemRepository].all() == ()


async def test_a_reader_does_not_see_or_wait_for_a_writer(store: Store) -> None:
    """While a transaction writes, others read what was before it."""
    async with store.write() as writer:
        await writer[ItemRepository].put(CONNECTION, [principal()], NOW)
        async with asyncio.timeout(5), store.read() as reader:
            assert await reader[ItemRepository].all() == ()
    async with store.read() as reader:
        assert len(await reader[ItemRepository].all()) == 1


async def test_a_write_inside_a_write_is_told_at_once(store: Store) -> None:
    """A task that would wait for itself is told so, and its transaction is undone."""

    async def twice() -> None:
        async with store.write() as unit:
            await unit[ItemRepository].put(CONNECTION, [principal()], NOW)
            async with store.write():
                pass

    with pytest.raises(InvariantBroken, match="inside"):
        await twice()
    async with store.write() as unit:
        assert await unit[ItemRepository].all() == ()


async def test_the_file_is_readable_by_its_owner_alone(tmp_path: Path, clock: Clock) -> None:
    """SQLite's file and log show others nothing, not even sealed rows."""
    path = tmp_path / "inventory.db"
    store = await open_store(
        f"sqlite+aiosqlite:///{path}", FileKeySource.create(tmp_path / "handover.key"), clock
    )
    modes = _modes(tmp_path)
    await store.aclose()
    assert set(modes) == {"inventory.db", "inventory.db-wal", "inventory.db-shm"}
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:///x.db", "sqlite+aiosqlite://", "postgresql://u:hunter2@h/d"]
)
async def test_an_address_of_another_kind_is_refused(url: str, clock: Clock) -> None:
    """Only addresses both engines can serve are taken, and a password in one is not repeated."""
    key = EnvKeySource("KEY", {"KEY": "A" * 43 + "="})
    with pytest.raises(ConfigError) as refused:
        await open_store(url, key, clock)
    assert "hunter2" not in str(refused.value)


@pytest.mark.postgres
async def test_a_server_that_does_not_answer_is_told_without_the_password(clock: Clock) -> None:
    """A database that cannot be reached is an error of ours, with no address or password in it."""
    key = EnvKeySource("KEY", {"KEY": "A" * 43 + "="})
    with pytest.raises(StoreError) as refused:
        await open_store("postgresql+psycopg://u:hunter2@127.0.0.1:1/d", key, clock)
    assert "hunter2" not in str(refused.value)


def _modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.glob("inventory.db*")}


async def _run(url: str, statement: str, **values: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        await conn.execute(text(statement), values)
    await engine.dispose()


async def _tables(url: str) -> int:
    engine = create_async_engine(url)
    catalogue = "sqlite_master" if url.startswith("sqlite") else "pg_tables WHERE schemaname = 'public'"
    async with engine.connect() as conn:
        count = (await conn.execute(text(f"SELECT count(*) FROM {catalogue}"))).scalar_one()
    await engine.dispose()
    return int(count)
