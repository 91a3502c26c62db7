"""What a thief of the database gets, and what becomes of values that were moved or lack their key."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from store_contents import TABLES, by_hand, everything, fill
from store_samples import (
    CONNECTION,
    alert,
    application,
    connection_state,
    credential,
    decision,
    finding,
    ownership,
    person,
    plan,
    principal,
    receipt,
    request,
    tie,
)

from bot.clock import FixedClock
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.errors import DecryptionFailed, StoreError
from bot.inventory.repository import OwnershipRepository
from bot.people.repository import PersonRepository
from bot.requests.repository import RequestRepository
from bot.store import open_store


def planted(record: object) -> set[str]:
    """Every text in a record that tells something, by walking its fields."""
    if isinstance(record, Enum):
        return set()
    if isinstance(record, str):
        return {record} if len(record) > 5 else set()
    if is_dataclass(record):
        return set().union(*(planted(getattr(record, field.name)) for field in fields(record)))
    if isinstance(record, Mapping):
        return set().union(*(planted(part) for pair in record.items() for part in pair))
    if isinstance(record, tuple | list):
        return set().union(*(planted(part) for part in record))
    return set()


async def stolen(url: str, folder: Path) -> bytes:
    """The bytes a thief of the database has: SQLite's files, or every value of every table."""
    if url.startswith("sqlite"):
        return await asyncio.to_thread(
            lambda: b"".join(file.read_bytes() for file in folder.glob("inventory.db*"))
        )
    engine = create_async_engine(url)
    held = bytearray()
    async with engine.connect() as conn:
        for table in TABLES:
            for row in await conn.execute(text(f"SELECT * FROM {table}")):
                held += b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in row) + b"\n"
    await engine.dispose()
    return bytes(held)


async def test_a_stolen_database_tells_no_name(store: Store, database_url: str, tmp_path: Path) -> None:
    """No name, e-mail, label, reason, message, secret, or what else records say, lies open; not in the log either."""
    empty = await stolen(database_url, tmp_path)
    await fill(store)
    samples = [
        principal(),
        credential(),
        application(),
        tie(),
        person(),
        finding().finding,
        plan(),
        receipt(),
    ]
    told = set().union(*(planted(sample) for sample in (*samples, connection_state(), alert().subject)))
    told |= {"planted", "Planted", "PLANTED", "larkspur", "Zoë", "owner-inactive", "cli:"}
    told = {word for word in told if word.encode() not in empty} - {CONNECTION}  # names of columns, years
    assert len(told) > 45
    held = await stolen(database_url, tmp_path)
    assert CONNECTION.encode() in held, "looked in the wrong place"
    assert [word for word in told if word.encode() in held] == []
    for encoding in ("utf-16-le", "utf-16-be"):
        assert "Planted".encode(encoding) not in held
    assert not re.search(rb"(?i)p.?l.?a.?n.?t.?e.?d", held)


async def test_one_key_file_opens_it_and_lies_elsewhere(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """The key that opens the data keys is not in the database."""
    await fill(store)
    key = await asyncio.to_thread((tmp_path / "handover.key").read_bytes)
    assert key.strip() not in await stolen(database_url, tmp_path)


async def test_a_value_moved_to_another_row_is_refused(store: Store, database_url: str) -> None:
    """A ciphertext opens in its own row only, and the error names the key, not the content."""
    async with store.write() as unit:
        await unit[PersonRepository].put(person("U1"))
        await unit[PersonRepository].put(person("U2", name="Planted Other"))
    await by_hand(
        database_url,
        "UPDATE person SET sealed = (SELECT sealed FROM person WHERE slack_id = 'U1') WHERE slack_id = 'U2'",
    )
    async with store.read() as unit:
        assert await unit[PersonRepository].get("U1") == person("U1")
        with pytest.raises(DecryptionFailed, match="key 1") as failed:
            await unit[PersonRepository].get("U2")
    assert failed.value.key_id == 1
    assert "lanted" not in str(failed.value)


async def test_a_state_set_by_hand_is_not_believed(store: Store, database_url: str) -> None:
    """Whoever can write to the database but has no key cannot approve a request: it is refused, and told."""
    asked, other = request(), request()
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        await unit[RequestRepository].add(other)
    await by_hand(database_url, "UPDATE request SET state = 'approved' WHERE id = :id", id=asked.id)
    async with store.read() as unit:
        assert await unit[RequestRepository].get(other.id) == other
        with pytest.raises(StoreError, match=asked.ref):
            await unit[RequestRepository].get(asked.id)


async def test_a_decision_is_for_its_request_and_by_its_approver(store: Store, database_url: str) -> None:
    """A yes moved to another request, or put in another's mouth, does not open."""
    asked, other = request(decisions=(decision("U3"),)), request()
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        await unit[RequestRepository].add(other)
    await by_hand(database_url, "UPDATE decision SET request_id = :other", other=other.id)
    async with store.read() as unit:
        with pytest.raises(DecryptionFailed):
            await unit[RequestRepository].get(other.id)
    await by_hand(database_url, "UPDATE decision SET request_id = :asked, approver = 'U4'", asked=asked.id)
    async with store.read() as unit:
        with pytest.raises(DecryptionFailed):
            await unit[RequestRepository].get(asked.id)


async def test_what_was_asked_is_read_from_what_was_sealed(store: Store, database_url: str) -> None:
    """Columns that repeat who asked and until when are for searching: changed by hand, they convince nobody."""
    asked = request()
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
    await by_hand(
        database_url, "UPDATE request SET requester = 'U9', expires_at = 9999999999999999, created_at = 1"
    )
    async with store.read() as unit:
        assert await unit[RequestRepository].get(asked.id) == asked


@pytest.mark.parametrize(
    ("key_id", "why"), [(999, "does not hold"), (2, "does not open")], ids=["missing", "wrong"]
)
async def test_a_value_under_another_key_names_it(
    store: Store, database_url: str, key_id: int, why: str
) -> None:
    """A missing or wrong data key is named in the error; the other rows are read as ever."""
    async with store.write() as unit:
        await unit[PersonRepository].put(person("U1"))
        await unit[PersonRepository].put(person("U2"))
    engine = create_async_engine(database_url)
    async with engine.begin() as conn:
        held = (await conn.execute(text("SELECT sealed FROM person WHERE slack_id = 'U2'"))).scalar_one()
        forged = held[:1] + key_id.to_bytes(2, "big") + held[3:]
        await conn.execute(text("UPDATE person SET sealed = :s WHERE slack_id = 'U2'"), {"s": forged})
    await engine.dispose()
    async with store.read() as unit:
        assert await unit[PersonRepository].get("U1") == person("U1")
        with pytest.raises(DecryptionFailed, match=why) as failed:
            await unit[PersonRepository].get("U2")
    assert failed.value.key_id == key_id


async def test_swapped_data_keys_are_noticed_and_put_back_lose_nothing(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> None:
    """Data keys moved to each other's lines are not used; moved back, everything reads again."""
    await fill(store)
    async with store.read() as unit:
        before = await everything(unit)
    await _swap_first_two_keys(database_url)
    broken = await open_store(database_url, key_source, clock)
    async with broken.read() as unit:
        with pytest.raises(DecryptionFailed, match="data key 1, which the key source could not unwrap"):
            await unit[PersonRepository].all()

    async def write() -> None:
        async with broken.write() as unit:
            await unit[PersonRepository].put(person("U9"))

    with pytest.raises(DecryptionFailed):
        await write()
    await broken.aclose()
    await _swap_first_two_keys(database_url)
    mended = await open_store(database_url, key_source, clock)
    async with mended.read() as unit:
        assert await everything(unit) == before
    await mended.aclose()


async def test_an_error_of_the_database_shows_no_value(store: Store) -> None:
    """What a statement was given is in no error's text, nor in that of its cause."""

    async def fail() -> None:
        async with store.write() as unit:
            await unit[OwnershipRepository].add(ownership("no-such-item", person="planted-person"))

    with pytest.raises(StoreError) as failed:
        await fail()
    assert "planted" not in f"{failed.value} {failed.value.__cause__} {failed.value.__cause__!r}"


async def _swap_first_two_keys(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        rows = (await conn.execute(text("SELECT id, wrapped FROM data_key WHERE id < 3"))).all()
        wrapped = {row.id: row.wrapped for row in rows}
        for key_id in (1, 2):
            statement = text("UPDATE data_key SET wrapped = :wrapped WHERE id = :id")
            await conn.execute(statement, {"wrapped": wrapped[3 - key_id], "id": key_id})
    await engine.dispose()
