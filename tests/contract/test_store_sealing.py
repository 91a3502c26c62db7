"""What a thief of the database gets, and what becomes of rows whose key is wrong, gone, retired or swapped."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from store_samples import (
    CONNECTION,
    NOW,
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
from bot.domain.identity import Principal
from bot.domain.records import AlertState, Posting, RequestState
from bot.domain.secret import Secret
from bot.errors import DecryptionFailed, StoreError
from bot.store import FileKeySource, Store, Unit

SEALED_TABLES = (
    "item",
    "person",
    "finding",
    "request",
    "decision",
    "receipt",
    "alert",
    "outbox",
    "connection",
)
TABLES = (*SEALED_TABLES, "audit", "audit_head", "secret", "data_key", "posted_copy", "ownership", "counter")


async def fill(store: Store) -> None:
    """One of everything, each field with something to find."""
    async with store.write() as unit:
        await unit.items.put(CONNECTION, [principal(), credential(), application(), tie()], NOW)
        await unit.items.put(CONNECTION, [principal(name="Planted Second")], NOW)
        await unit.people.put(person())
        await unit.findings.put([finding()])
        asked = request(decisions=(decision(),), receipts=(receipt(),))
        await unit.requests.add(asked)
        await unit.requests.transition(
            asked.id, rev=1, sources={RequestState.PENDING}, to=RequestState.HELD, detail="Planted held"
        )
        told = alert()
        await unit.alerts.add(told)
        await unit.alerts.transition(told.id, {AlertState.OPEN}, AlertState.SNOOZED, NOW, "Planted snooze")
        for key in ("planted-key-1", "planted-key-2"):
            posting = Posting(idem_key=key, channel="C1", body=b"Planted message", thread="planted-thread")
            await unit.outbox.put(posting)
        await unit.outbox.delivered(1, "C1", "1.0")
        await unit.outbox.postpone(2, NOW, "Planted trouble")
        await unit.connections.put(connection_state())
        await unit.secrets.put("planted-secret-name", Secret("planted-secret-value"))
        await unit.audit.append("cli:planted", "a:b", "zoe.planted@larkspur.example", {"why": "Planted why"})


async def everything(unit: Unit) -> list[object]:
    """All that ``fill`` left, read through the store."""
    secret = await unit.secrets.get("planted-secret-name")
    requests, _ = await unit.requests.page()
    return [
        sorted(await unit.items.all(), key=lambda item: item.id),
        await unit.items.by_email("zoe.planted@larkspur.example"),
        await unit.people.all(),
        await unit.people.by_email("zoe.planted@larkspur.example"),
        await unit.findings.all(),
        requests,
        await unit.requests.live_on(CONNECTION, "fp-1"),
        await unit.alerts.all(),
        await unit.outbox.due(NOW + timedelta(days=1), 10),
        await unit.outbox.copies("planted-thread"),
        await unit.connections.get(CONNECTION),
        secret.reveal() if secret else None,
        await unit.secrets.names(),
        await unit.audit.tail(),
        await unit.audit.verify(),
    ]


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


async def test_rotation_seals_everything_anew_and_loses_nothing(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> None:
    """After a rotation every record reads as before, nothing is under the old key, and that key is gone."""
    await fill(store)
    outside = store.keyring.seal(b"engine payload", "engine")
    async with store.read() as unit:
        before = await everything(unit)
    resealed = await store.rotate_key()
    async with store.read() as unit:
        assert await everything(unit) == before
    used, keys = await _key_ids(database_url)
    assert len(used) == resealed
    assert set(used) == {4}
    assert [(k.id, k.wrapped is None, k.destroyed_at is None) for k in keys if k.purpose == "rows"] == [
        (1, True, False),
        (4, False, True),
    ]
    assert store.keyring.open(outside, "engine") == b"engine payload"
    reopened = await Store.open(database_url, key_source, clock)
    assert reopened.keyring.open(outside, "engine") == b"engine payload"
    async with reopened.read() as unit:
        assert await everything(unit) == before
    await reopened.aclose()


async def test_a_running_bot_follows_a_rotation_elsewhere(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> None:
    """A process that did not rotate reads what is under the new key and writes under it, at once."""
    await fill(store)
    other = await Store.open(database_url, key_source, clock)
    await other.rotate_key()
    await other.aclose()
    async with store.read() as unit:
        assert len(await everything(unit)) == 15
    await asyncio.sleep(0)
    second = await Store.open(database_url, key_source, clock)
    await second.rotate_key()
    await second.aclose()
    async with store.write() as unit:
        await unit.people.put(person("U77"))
    used, _ = await _key_ids(database_url)
    assert len(set(used)) == 1


async def test_writes_during_a_rotation_are_kept(store: Store, database_url: str) -> None:
    """What others write while rows are sealed anew is neither undone nor left under the old key."""
    bodies = [principal(f"005{n}") for n in range(1500)]
    async with store.write() as unit:
        await unit.items.put(CONNECTION, bodies, NOW)
    done = asyncio.Event()

    async def keep_writing() -> int:
        n = 0
        while not done.is_set():
            async with store.write() as unit:
                await unit.items.put(CONNECTION, [principal(f"005{n % 1500}", name=f"later {n}")], NOW)
            n += 1
        return n

    writing = asyncio.create_task(keep_writing())
    await store.rotate_key()
    done.set()
    written = await writing
    assert written > 0
    async with store.read() as unit:
        names = {
            i.body.native_id: i.body.name for i in await unit.items.all() if isinstance(i.body, Principal)
        }
    for n in range(max(0, written - 1500), written):
        assert names[f"005{n % 1500}"] == f"later {n}"
    used, _ = await _key_ids(database_url)
    assert set(used) == {4}


async def test_a_rotation_broken_off_is_ended_by_the_next(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed half way, everything still reads; the next rotation ends both."""
    await fill(store)
    async with store.read() as unit:
        before = await everything(unit)
    seal, left = store.keyring.seal_row, [5]

    def until_killed(plain: bytes, aad: str) -> bytes:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return seal(plain, aad)

    with monkeypatch.context() as patch:  # stands for the process dying there
        patch.setattr(store.keyring, "seal_row", until_killed)
        with pytest.raises(KeyboardInterrupt):
            await store.rotate_key()
    async with store.read() as unit:
        assert await everything(unit) == before
    await store.rotate_key()
    async with store.read() as unit:
        assert await everything(unit) == before
    used, keys = await _key_ids(database_url)
    assert set(used) == {6}
    assert [k.id for k in keys if k.purpose == "rows" and k.wrapped is not None] == [6]


async def test_a_damaged_value_keeps_its_key_and_stops_nobody_else(store: Store, database_url: str) -> None:
    """A value that does not open is left as it is with its key; the others are sealed anew, and it is told."""
    async with store.write() as unit:
        added = (await unit.items.put(CONNECTION, [principal(f"005{n}") for n in range(3)], NOW)).added
    await _run(
        database_url,
        "UPDATE item SET sealed = (SELECT sealed FROM item WHERE id = :other) WHERE id = :one",
        one=added[0].id,
        other=added[1].id,
    )
    with pytest.raises(DecryptionFailed, match="1 sealed values") as failed:
        await store.rotate_key()
    assert failed.value.key_id == 1
    used, keys = await _key_ids(database_url)
    assert sorted(set(used)) == [1, 4]
    assert used.count(1) == 1
    assert [k.id for k in keys if k.purpose == "rows" and k.wrapped is not None] == [1, 4]
    async with store.read() as unit:
        assert (await unit.items.get(added[1].id)).body == principal("0051")


async def test_a_value_moved_to_another_row_is_refused(store: Store, database_url: str) -> None:
    """A ciphertext opens in its own row only, and the error names the key, not the content."""
    async with store.write() as unit:
        await unit.people.put(person("U1"))
        await unit.people.put(person("U2", name="Planted Other"))
    await _run(
        database_url,
        "UPDATE person SET sealed = (SELECT sealed FROM person WHERE slack_id = 'U1') WHERE slack_id = 'U2'",
    )
    async with store.read() as unit:
        assert await unit.people.get("U1") == person("U1")
        with pytest.raises(DecryptionFailed, match="key 1") as failed:
            await unit.people.get("U2")
    assert failed.value.key_id == 1
    assert "lanted" not in str(failed.value)


async def test_a_state_set_by_hand_is_not_believed(store: Store, database_url: str) -> None:
    """Whoever can write to the database but has no key cannot approve a request: it is refused, and told."""
    asked, other = request(), request()
    async with store.write() as unit:
        await unit.requests.add(asked)
        await unit.requests.add(other)
    await _run(database_url, "UPDATE request SET state = 'approved' WHERE id = :id", id=asked.id)
    async with store.read() as unit:
        assert await unit.requests.get(other.id) == other
        with pytest.raises(StoreError, match=asked.ref):
            await unit.requests.get(asked.id)


async def test_a_decision_is_for_its_request_and_by_its_approver(store: Store, database_url: str) -> None:
    """A yes moved to another request, or put in another's mouth, does not open."""
    asked, other = request(decisions=(decision("U3"),)), request()
    async with store.write() as unit:
        await unit.requests.add(asked)
        await unit.requests.add(other)
    await _run(database_url, "UPDATE decision SET request_id = :other", other=other.id)
    async with store.read() as unit:
        with pytest.raises(DecryptionFailed):
            await unit.requests.get(other.id)
    await _run(database_url, "UPDATE decision SET request_id = :asked, approver = 'U4'", asked=asked.id)
    async with store.read() as unit:
        with pytest.raises(DecryptionFailed):
            await unit.requests.get(asked.id)


async def test_what_was_asked_is_read_from_what_was_sealed(store: Store, database_url: str) -> None:
    """Columns that repeat who asked and until when are for searching: changed by hand, they convince nobody."""
    asked = request()
    async with store.write() as unit:
        await unit.requests.add(asked)
    await _run(
        database_url, "UPDATE request SET requester = 'U9', expires_at = 9999999999999999, created_at = 1"
    )
    async with store.read() as unit:
        assert await unit.requests.get(asked.id) == asked


@pytest.mark.parametrize(
    ("key_id", "why"), [(999, "does not hold"), (2, "does not open")], ids=["missing", "wrong"]
)
async def test_a_value_under_another_key_names_it(
    store: Store, database_url: str, key_id: int, why: str
) -> None:
    """A missing or wrong data key is named in the error; the other rows are read as ever."""
    async with store.write() as unit:
        await unit.people.put(person("U1"))
        await unit.people.put(person("U2"))
    engine = create_async_engine(database_url)
    async with engine.begin() as conn:
        held = (await conn.execute(text("SELECT sealed FROM person WHERE slack_id = 'U2'"))).scalar_one()
        forged = held[:1] + key_id.to_bytes(2, "big") + held[3:]
        await conn.execute(text("UPDATE person SET sealed = :s WHERE slack_id = 'U2'"), {"s": forged})
    await engine.dispose()
    async with store.read() as unit:
        assert await unit.people.get("U1") == person("U1")
        with pytest.raises(DecryptionFailed, match=why) as failed:
            await unit.people.get("U2")
    assert failed.value.key_id == key_id


async def test_a_value_under_a_destroyed_key_says_when_it_went(
    store: Store, database_url: str, clock: FixedClock
) -> None:
    """A row restored from before a rotation names the key and the day that key was destroyed."""
    async with store.write() as unit:
        await unit.people.put(person("U1"))
    engine = create_async_engine(database_url)
    async with engine.begin() as conn:
        old = (await conn.execute(text("SELECT sealed FROM person"))).scalar_one()
    clock.at = datetime.fromisoformat("2026-12-24T12:00:00+00:00")
    await store.rotate_key()
    async with engine.begin() as conn:
        await conn.execute(text("UPDATE person SET sealed = :s"), {"s": old})
    await engine.dispose()
    async with store.read() as unit:
        with pytest.raises(DecryptionFailed, match="data key 1, which a rotation destroyed on 2026-12-24"):
            await unit.people.get("U1")


async def test_swapped_data_keys_are_noticed_and_put_back_lose_nothing(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> None:
    """Data keys moved to each other's lines are not used; moved back, everything reads again."""
    await fill(store)
    async with store.read() as unit:
        before = await everything(unit)
    await _swap_first_two_keys(database_url)
    broken = await Store.open(database_url, key_source, clock)
    async with broken.read() as unit:
        with pytest.raises(DecryptionFailed, match="data key 1, which the key source could not unwrap"):
            await unit.people.all()

    async def write() -> None:
        async with broken.write() as unit:
            await unit.people.put(person("U9"))

    with pytest.raises(DecryptionFailed):
        await write()
    await broken.aclose()
    await _swap_first_two_keys(database_url)
    mended = await Store.open(database_url, key_source, clock)
    async with mended.read() as unit:
        assert await everything(unit) == before
    await mended.aclose()


async def test_an_error_of_the_database_shows_no_value(store: Store) -> None:
    """What a statement was given is in no error's text, nor in that of its cause."""

    async def fail() -> None:
        async with store.write() as unit:
            await unit.ownerships.add(ownership("no-such-item", person="planted-person"))

    with pytest.raises(StoreError) as failed:
        await fail()
    assert "planted" not in f"{failed.value} {failed.value.__cause__} {failed.value.__cause__!r}"


async def _run(url: str, statement: str, **values: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        assert (await conn.execute(text(statement), values)).rowcount == 1
    await engine.dispose()


async def _swap_first_two_keys(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        rows = (await conn.execute(text("SELECT id, wrapped FROM data_key WHERE id < 3"))).all()
        wrapped = {row.id: row.wrapped for row in rows}
        for key_id in (1, 2):
            statement = text("UPDATE data_key SET wrapped = :wrapped WHERE id = :id")
            await conn.execute(statement, {"wrapped": wrapped[3 - key_id], "id": key_id})
    await engine.dispose()


async def _key_ids(url: str) -> tuple[list[int], list[Any]]:
    """The key id of every sealed value there is, and the lines of the data keys."""
    columns = [(table, "sealed") for table in (*SEALED_TABLES, "audit", "audit_head")]
    columns += [("request", "standing"), ("secret", "label"), ("secret", "value")]
    engine = create_async_engine(url)
    used = []
    async with engine.connect() as conn:
        for table, column in columns:
            values = text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
            used += [int.from_bytes(blob[1:3], "big") for blob in (await conn.execute(values)).scalars()]
        keys = (await conn.execute(text("SELECT * FROM data_key ORDER BY id"))).all()
    await engine.dispose()
    return used, list(keys)
