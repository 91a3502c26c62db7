"""The trail: what was written stays, and anything else shows."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from store_samples import NOW

from bot.audit.repository import START, AuditLog, Line, Verification
from bot.clock import FixedClock
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.errors import StoreError
from bot.store import open_store

LINES = 6


async def trail(store: Store, clock: FixedClock, lines: int = LINES) -> None:
    """Lines one to ``lines``, a minute apart."""
    for n in range(1, lines + 1):
        clock.at = NOW + timedelta(minutes=n)
        async with store.write() as unit:
            await unit[AuditLog].append(
                f"U{n}", "request:approved", f"subject-{n % 2}", {"n": str(n), "a": "ä"}
            )


async def tamper(url: str, *statements: str) -> None:
    """Change the database behind the store's back."""
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        for statement in statements:
            assert (await conn.execute(text(statement))).rowcount, "the tampering changed nothing"
    await engine.dispose()


async def verified(store: Store) -> Verification:
    async with store.read() as unit:
        return await unit[AuditLog].verify()


async def test_lines_are_numbered_and_read_newest_first(store: Store, clock: FixedClock) -> None:
    """Each line comes back as it was written, by subject, time, and page."""
    await trail(store, clock)
    async with store.read() as unit:
        latest = await unit[AuditLog].tail(limit=2)
        assert [(e.seq, e.actor, e.subject) for e in latest] == [
            (6, "U6", "subject-0"),
            (5, "U5", "subject-1"),
        ]
        assert latest[0].detail == {"n": "6", "a": "ä"}
        assert latest[0].at == NOW + timedelta(minutes=6)
        assert [e.seq for e in await unit[AuditLog].tail(subject="subject-1")] == [5, 3, 1]
        assert [e.seq for e in await unit[AuditLog].tail(since=NOW + timedelta(minutes=5))] == [6, 5]
        assert [e.seq for e in await unit[AuditLog].tail(limit=2, offset=3)] == [3, 2]
        assert await unit[AuditLog].tail(subject="SUBJECT-1") == ()
        assert await unit[AuditLog].head() == (6, latest[0].hash)


async def test_an_untouched_trail_verifies(store: Store, clock: FixedClock) -> None:
    """A trail nobody touched is right, empty or not, and says how long it is."""
    assert await verified(store) == Verification(ok=True, rows=0)
    await trail(store, clock)
    assert await verified(store) == Verification(ok=True, rows=LINES)


async def test_lines_written_together_are_chained(store: Store) -> None:
    """Several lines of one transaction follow on each other, also past one batch of reading."""
    async with store.write() as unit:
        for n in range(1100):
            await unit[AuditLog].append("system", "n:written", "s", {"n": str(n)})
    assert await verified(store) == Verification(ok=True, rows=1100)


@pytest.mark.parametrize(
    ("statements", "at_seq"),
    [
        pytest.param(["UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 2) WHERE seq = 3"], 3, id="hash"),
        pytest.param(
            ["UPDATE audit SET sealed = (SELECT sealed FROM audit WHERE seq = 2) WHERE seq = 3"], 3, id="content"
        ),
        pytest.param(["UPDATE audit SET subject_bi = (SELECT subject_bi FROM audit WHERE seq = 2) WHERE seq = 3"], 3,
                     id="subject"),
        pytest.param(["UPDATE audit SET at = (SELECT at FROM audit WHERE seq = 2) WHERE seq = 3"], 3, id="time"),
        pytest.param(["DELETE FROM audit WHERE seq = 3"], 3, id="removed"),
        pytest.param(["DELETE FROM audit WHERE seq = 1"], 1, id="first-removed"),
        pytest.param(["DELETE FROM audit WHERE seq = 6"], 6, id="last-removed"),
        pytest.param(["DELETE FROM audit WHERE seq > 2"], 3, id="tail-removed"),
        pytest.param(["DELETE FROM audit WHERE seq > 0"], 1, id="all-removed"),
        pytest.param(["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3"], 3,
                     id="removed-and-renumbered"),
        pytest.param(
            [
                "UPDATE audit SET seq = 99 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 4",
                "UPDATE audit SET seq = 4 WHERE seq = 99",
            ],
            3,
            id="reordered",
        ),
        pytest.param(
            ["INSERT INTO audit SELECT 7, at, subject_bi, hash, layout, sealed FROM audit WHERE seq = 6"],
            7,
            id="put-in-after-the-last",
        ),
        pytest.param(
            ["INSERT INTO audit SELECT 0, at, subject_bi, hash, layout, sealed FROM audit WHERE seq = 1"],
            1,
            id="put-in-before-the-first",
        ),
    ],
)  # fmt: skip
async def test_a_touched_trail_shows_where(
    store: Store, clock: FixedClock, database_url: str, statements: list[str], at_seq: int
) -> None:
    """A line changed, removed, moved or put in is found, and named by its number."""
    await trail(store, clock)
    await tamper(database_url, *statements)
    found = await verified(store)
    assert (found.ok, found.at_seq) == (False, at_seq)
    assert found.problem


async def test_an_older_end_does_not_cover_for_removed_lines(
    store: Store, clock: FixedClock, database_url: str
) -> None:
    """Without the record of its end the trail is not right, and nothing more is written to it."""
    await trail(store, clock)
    await tamper(database_url, "DELETE FROM audit_head", "DELETE FROM audit")
    found = await verified(store)
    assert not found.ok
    assert "end" in found.problem
    with pytest.raises(StoreError):
        await trail(store, clock, 1)


async def test_an_end_from_another_installation_is_refused(
    store: Store, clock: FixedClock, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The record of the end opens with this store's keys only."""
    await trail(store, clock)
    elsewhere = tmp_path_factory.mktemp("other")
    url = f"sqlite+aiosqlite:///{elsewhere / 'other.db'}"
    other = await open_store(url, FileKeySource.create(elsewhere / "key"), clock)
    await other.aclose()
    engine = create_async_engine(url)
    async with engine.connect() as conn:
        sealed = (await conn.execute(text("SELECT sealed FROM audit_head"))).scalar_one()
    await engine.dispose()
    mine = create_async_engine(database_url)
    async with mine.begin() as conn:
        await conn.execute(text("UPDATE audit_head SET sealed = :sealed"), {"sealed": sealed})
    await mine.dispose()
    assert not (await verified(store)).ok


async def test_a_hash_in_the_open_cannot_be_searched_for_names(store: Store, clock: FixedClock) -> None:
    """Two lines that say the same have unlike hashes: what is hashed holds a secret salt."""
    hashes = set()
    for _ in range(3):
        async with store.write() as unit:
            hashes.add((await unit[AuditLog].append("U1", "a:b", "zoe@larkspur.example", {})).hash)
    assert len(hashes) == 3


async def test_an_excerpt_leads_from_its_first_line_to_the_head(store: Store, clock: FixedClock) -> None:
    """Chosen lines come whole, the others as digests only, and together they give the head's hash."""
    await trail(store, clock, 1100)
    async with store.read() as unit:
        found = await unit[AuditLog].excerpt("subject-0", lambda line: line.detail["n"] in {"2", "3", "1090"})
        head = await unit[AuditLog].head()
    assert found.first == 2
    whole = [part for part in found.parts if isinstance(part, Line)]
    assert [line.entry.seq for line in whole] == [2, 3, 1090]
    assert all(line.entry.actor.encode() in line.written for line in whole)
    last = found.before
    hashes = []
    for part in found.parts:
        for digest in digests(part):
            hashes.append(last := hashlib.sha256(last + digest).digest())
    assert (found.head.rows, found.head.hash.hex()) == head == (found.first + len(hashes) - 1, last.hex())
    assert [hashes[line.entry.seq - 2].hex() for line in whole] == [line.entry.hash for line in whole]


def digests(part: Line | bytes) -> list[bytes]:
    """The SHA-256 of each line of a part."""
    if isinstance(part, Line):
        return [hashlib.sha256(part.written).digest()]
    return [part[at : at + 32] for at in range(0, len(part), 32)]


async def test_an_excerpt_may_begin_with_the_first_line_of_all(store: Store, clock: FixedClock) -> None:
    """Before the first line stands the hash that every trail begins with."""
    await trail(store, clock, 1)
    async with store.read() as unit:
        found = await unit[AuditLog].excerpt("subject-1", lambda line: True)
    assert (found.first, found.before) == (1, START)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM audit WHERE seq = 1", id="before-it"),
        pytest.param("DELETE FROM audit WHERE seq = 3", id="inside"),
        pytest.param("DELETE FROM audit WHERE seq > 4", id="the-last"),
        pytest.param("UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 3) WHERE seq = 5", id="hash"),
        pytest.param("UPDATE audit SET subject_bi = (SELECT subject_bi FROM audit WHERE seq = 6) WHERE seq = 5",
                     id="subject"),
    ],
)  # fmt: skip
async def test_nothing_is_excerpted_from_a_damaged_trail(
    store: Store, clock: FixedClock, database_url: str, statement: str
) -> None:
    """What would not verify is not handed out as proof."""
    await trail(store, clock)
    await tamper(database_url, statement)
    async with store.read() as unit:
        with pytest.raises(StoreError, match="proves nothing"):
            await unit[AuditLog].excerpt("subject-0", lambda line: True)


async def test_what_is_not_on_record_has_no_excerpt(store: Store, clock: FixedClock) -> None:
    """A subject without a line is an error, not an empty proof."""
    await trail(store, clock)
    async with store.read() as unit:
        with pytest.raises(StoreError, match="no entry about"):
            await unit[AuditLog].excerpt("subject-9", lambda line: True)
