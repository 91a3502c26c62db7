"""The trail: append-only, each line's hash over the one before, its end kept in a sealed record of its own.

What it can show: that, without the keys, no line was changed, removed, put in or moved, also at the end. What it
cannot: that the whole database is not an older copy of itself; for that, compare ``head`` with one noted
elsewhere. Some lines can be proved to somebody who may not read the others (``excerpt``).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.audit.model import AuditEntry
from bot.clock import Clock
from bot.db.columns import Bytes, UTCDateTime
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.repository import Repository, Sealed
from bot.db.tables import TableRow, sealed_column, table_of
from bot.errors import DecryptionFailed, SchemaMismatch, StoreError


class AuditRow(TableRow, table=True):
    """A line of the trail."""

    __tablename__: ClassVar[Any] = "audit"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UTCDateTime)
    subject_bi: bytes = Field(sa_type=Bytes, index=True)
    hash: bytes = Field(sa_type=Bytes)
    layout: int
    sealed: bytes = sealed_column()


class AuditHeadRow(TableRow, table=True):
    """Where the trail ends: one line, there from the first day."""

    __tablename__: ClassVar[Any] = "audit_head"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    layout: int
    sealed: bytes = sealed_column()


AUDIT = table_of("audit")
AUDIT_HEAD = table_of("audit_head")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBody:
    """A line of the trail. The salt keeps its hash, which lies open, from being searched for names."""

    seq: int
    salt: bytes
    at: datetime
    actor: str
    action: str
    subject: str
    detail: tuple[tuple[str, str], ...]  # sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """Where the trail ends."""

    rows: int
    hash: bytes


AUDIT_LAYOUT = Layout(AuditBody, "seq salt at actor action subject detail")
AUDIT_HEAD_LAYOUT = Layout(AuditHead, "rows hash")
SALT_BYTES = 16
START = bytes(32)  # what the first line's hash follows on
_HEAD_ID = 1
_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What reading the whole trail showed. ``at_seq``: the first line that is not as it was written."""

    ok: bool
    rows: int
    problem: str = ""
    at_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A line that is as it was written, opened."""

    body: AuditBody
    written: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line with what its hash is made of: ``written`` is the entry as msgpack, with a salt of its own."""

    entry: AuditEntry
    written: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The trail from one line to its end: some lines whole, of the others the SHA-256 of what was written.

    ``parts`` in order; bytes are the digests of consecutive lines, 32 each. Starting with ``before`` (the hash
    of the line before ``first``), ``chained`` over every digest gives each line's hash, and at last ``head``'s.
    """

    first: int
    before: bytes
    parts: tuple[Line | bytes, ...]
    head: AuditHead


class AuditLog(Repository):
    """The trail, inside the transaction of what it records."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, AUDIT.c.sealed, AUDIT_LAYOUT)
        self._head = Sealed(keys, AUDIT_HEAD.c.sealed, AUDIT_HEAD_LAYOUT)

    async def append(self, actor: str, action: str, subject: str, detail: Mapping[str, str]) -> AuditEntry:
        """Add a line; it lasts if the transaction does.

        Raises:
            StoreError: the record of the trail's end is gone or cannot be read.
        """
        head = await self._end()
        body = AuditBody(
            seq=head.rows + 1,
            salt=os.urandom(SALT_BYTES),
            at=self._clock.now(),
            actor=actor,
            action=action,
            subject=subject,
            detail=tuple(sorted(detail.items())),
        )
        digest = chained(head.hash, hashlib.sha256(AUDIT_LAYOUT.encode(body)).digest())
        row = {
            "seq": body.seq,
            "at": body.at,
            "subject_bi": self._subject(subject),
            "hash": digest,
            "layout": VERSION,
            "sealed": self._sealed.seal(body.seq, body),
        }
        await self._insert(AUDIT, [row])
        await self._set_end(AuditHead(rows=body.seq, hash=digest))
        return _entry(body, digest)

    async def tail(
        self,
        limit: int = 20,
        subject: str | None = None,
        since: datetime | None = None,
        offset: int = 0,
    ) -> tuple[AuditEntry, ...]:
        """The latest lines, newest first. ``subject`` letter for letter; ``since`` inclusive; None: all."""
        where: list[ColumnElement[bool]] = []
        if subject is not None:
            where.append(AUDIT.c.subject_bi == self._subject(subject))
        if since is not None:
            where.append(AUDIT.c.at >= since)
        latest = select(AUDIT).where(*where).order_by(AUDIT.c.seq.desc()).limit(limit).offset(offset)
        return await self._all(
            latest, lambda row: _entry(self._sealed.open(row.seq, row.layout, row.sealed), row.hash)
        )

    async def following(self, seq: int, limit: int) -> tuple[AuditEntry, ...]:
        """The lines after that number, oldest first, at most so many."""
        later = select(AUDIT).where(AUDIT.c.seq > seq).order_by(AUDIT.c.seq).limit(limit)
        return await self._all(
            later, lambda row: _entry(self._sealed.open(row.seq, row.layout, row.sealed), row.hash)
        )

    async def head(self) -> tuple[int, str]:
        """Number and hash (hex) of the last line; note them elsewhere, and an older copy can be told."""
        end = await self._end()
        return end.rows, end.hash.hex()

    async def initialize(self) -> None:
        """Begin the log: its end is on record from the first day, so a log that lacks it was damaged."""
        await self._set_end(AuditHead(rows=0, hash=START))

    async def _set_end(self, head: AuditHead) -> None:
        sealed = self._head.seal(_HEAD_ID, head)
        await self._put(AUDIT_HEAD, {"id": _HEAD_ID, "layout": VERSION, "sealed": sealed})

    async def verify(self) -> Verification:
        """Read every line and compare. Raises nothing for a damaged trail: it is what it tells.

        Cost: one statement for each thousand lines.
        """
        rows, last = 0, START
        try:
            end = await self._end()
        except StoreError as exc:
            return Verification(ok=False, rows=0, problem=f"the record of the log's end: {exc.hint}")
        while True:
            some = select(AUDIT).where(AUDIT.c.seq > rows).order_by(AUDIT.c.seq).limit(_BATCH)
            lines = (await self._conn.execute(some)).all()
            for line in lines:
                found = self._following(line, rows + 1, last)
                if isinstance(found, str):
                    return Verification(ok=False, rows=rows, problem=found, at_seq=rows + 1)
                rows, last = line.seq, line.hash
            if len(lines) < _BATCH:
                break
            await asyncio.sleep(0)
        if rows < end.rows:
            gone = f"the log ends at entry {rows}, but {end.rows} were written: the last are gone"
            return Verification(ok=False, rows=rows, problem=gone, at_seq=rows + 1)
        if rows > end.rows or not hmac.compare_digest(last, end.hash):
            put_in = f"the log goes on after entry {end.rows}, the last that was written"
            return Verification(ok=False, rows=rows, problem=put_in, at_seq=end.rows + 1)
        if await self._count() != rows:
            return Verification(ok=False, rows=rows, problem="a line was put in before the first", at_seq=1)
        return Verification(ok=True, rows=rows)

    async def excerpt(self, subject: str, wanted: Callable[[AuditEntry], bool]) -> Excerpt:
        """From the first line on that subject to the end of the trail; the ``wanted`` lines whole.

        Every line is compared as in ``verify``. Cost: one statement for each thousand lines.

        Raises:
            StoreError: nothing is on record there, or a line or the end is not as it was written.
        """
        end = await self._end()
        about = select(func.min(AUDIT.c.seq)).where(AUDIT.c.subject_bi == self._subject(subject))
        first: int | None = (await self._conn.execute(about)).scalar_one()
        if first is None:
            raise StoreError(f"The audit log has no entry about {subject}.")
        above = await self._conn.execute(select(AUDIT.c.hash).where(AUDIT.c.seq == first - 1))
        before: bytes = START if first == 1 else above.scalar_one_or_none() or b""
        parts: list[Line | bytes] = []
        others, rows, last = bytearray(), first - 1, before
        while rows < end.rows:
            some = select(AUDIT).where(AUDIT.c.seq > rows).order_by(AUDIT.c.seq).limit(_BATCH)
            read = (await self._conn.execute(some)).all()
            if not read:
                break
            for row in read:
                found = self._following(row, rows + 1, last)
                if isinstance(found, str):
                    raise StoreError(f"The audit log proves nothing: {found}.")
                rows, last = row.seq, row.hash
                entry = _entry(found.body, row.hash)
                if not wanted(entry):
                    others += hashlib.sha256(found.written).digest()
                    continue
                if others:
                    parts.append(bytes(others))
                    others.clear()
                parts.append(Line(entry=entry, written=found.written))
            await asyncio.sleep(0)
        if rows != end.rows or not hmac.compare_digest(last, end.hash):
            raise StoreError(
                "The audit log proves nothing: its last entries are not those that were written."
            )
        return Excerpt(
            first=first, before=before, parts=(*parts, bytes(others)) if others else tuple(parts), head=end
        )

    def _following(self, line: Row[Any], seq: int, last: bytes) -> _Read | str:
        """The line with that number, after one with that hash; or why this is not it."""
        if line.seq != seq:
            return f"line {seq} is missing"
        try:
            written = self._sealed.written(line.seq, line.layout, line.sealed)
            body = AUDIT_LAYOUT.decode(written)
        except (DecryptionFailed, SchemaMismatch) as exc:
            return f"line {seq} cannot be read: {exc.hint}"
        if body.seq != seq:
            return f"line {seq} was written as line {body.seq}"
        if not hmac.compare_digest(chained(last, hashlib.sha256(written).digest()), line.hash):
            return f"line {seq} does not follow on the one before"
        if body.at != line.at or self._subject(body.subject) != line.subject_bi:
            return f"line {seq} is filed under another time or subject than it was written with"
        return _Read(body=body, written=written)

    async def _end(self) -> AuditHead:
        held = select(AUDIT_HEAD).where(AUDIT_HEAD.c.id == _HEAD_ID)
        end = await self._one(held, lambda row: self._head.open(row.id, row.layout, row.sealed))
        if end is None:
            raise StoreError("it is gone: the database was tampered with. Restore it from a backup.")
        return end

    async def _count(self) -> int:
        return (await self._conn.execute(select(func.count()).select_from(AUDIT))).scalar_one()

    def _subject(self, subject: str) -> bytes:
        return self._keys.ring.blind("audit.subject", subject)


def chained(last: bytes, digest: bytes) -> bytes:
    """A line's hash: SHA-256 over the hash before it, then the SHA-256 of the line's bytes as they were sealed.

    Of the digest, not of the bytes: so the chain can be shown whole without showing every line.
    """
    return hashlib.sha256(last + digest).digest()


def _entry(body: AuditBody, digest: bytes) -> AuditEntry:
    return AuditEntry(
        seq=body.seq,
        at=body.at,
        actor=body.actor,
        action=body.action,
        subject=body.subject,
        detail=dict(body.detail),
        hash=digest.hex(),
    )
