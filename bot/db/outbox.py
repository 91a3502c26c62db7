"""Messages committed together with the state they speak of, and where they came to stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    Index,
    Row,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.clock import Clock
from bot.db.columns import Bytes, UTCDateTime
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.repository import Repository, Sealed
from bot.db.tables import TableRow, sealed_column, table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A message to send or edit, committed with the state it speaks of.

    ``thread`` names what it is about (``request:…``, ``alert:…``): the first posting of a thread is its
    message, later ones with ``edit`` replace that message, and those without answer in its thread.
    """

    idem_key: str  # delivered once per key
    channel: str  # channel id, or a member's id for a direct message
    body: bytes  # a Reply, encoded
    thread: str = ""
    edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedPosting:
    """A posting waiting in the outbox."""

    seq: int
    posting: Posting
    attempts: int
    created_at: datetime
    begun: bool = False  # it was handed to Slack before and no answer is on record: it may stand there


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCopy:
    """Where a message about something stands in Slack."""

    thread: str
    recipient: str  # what ``Posting.channel`` named
    channel: str  # where Slack put it (``D…`` for direct messages)
    ts: str


class OutboxRow(TableRow, table=True):
    """A message. Sent ones keep their line without content, so that a key is never sent twice."""

    __tablename__: ClassVar[Any] = "outbox"
    __table_args__ = (Index(None, "state", "seq"), Index(None, "thread_bi", "recipient"))
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    idem_bi: bytes = Field(sa_type=Bytes, unique=True)
    thread_bi: bytes | None = Field(sa_type=Bytes)
    recipient: str
    state: str
    due_at: datetime = Field(sa_type=UTCDateTime)
    attempts: int
    created_at: datetime = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes | None = sealed_column(nullable=True)


class OutboxKeyRow(TableRow, table=True):
    """A key that was used by a message whose line is gone: it stays used."""

    __tablename__: ClassVar[Any] = "outbox_key"
    idem_bi: bytes = Field(sa_type=Bytes, primary_key=True)


class PostedCopyRow(TableRow, table=True):
    """Where a message stands: Slack's own opaque ids."""

    __tablename__: ClassVar[Any] = "posted_copy"
    thread_bi: bytes = Field(sa_type=Bytes, primary_key=True)
    recipient: str = Field(primary_key=True)
    channel: str
    ts: str


OUTBOX = table_of("outbox")
OUTBOX_KEY = table_of("outbox_key")
POSTED_COPY = table_of("posted_copy")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxBody:
    """A message, and why it could not be sent the last time."""

    posting: Posting
    error: str = ""


POSTING_LAYOUT = Layout(Posting, "idem_key channel body thread edit")
OUTBOX_LAYOUT = Layout(OutboxBody, "posting error")


class _State(StrEnum):
    """Where a posting is."""

    WAITING = "waiting"  # to be sent, now or later
    SENDING = "sending"  # handed to Slack, and no answer is on record: it may stand there
    DELIVERED = "delivered"  # Slack took it; its content is gone from here
    DROPPED = "dropped"  # given up; kept with the reason


_UNSETTLED = (_State.WAITING.value, _State.SENDING.value)
_SETTLED = (_State.DELIVERED.value, _State.DROPPED.value)


class Outbox(Repository):
    """Postings in the order they were put.

    A sender calls ``begin``, hands the message to Slack, and records what came of it. One that dies in between
    leaves a posting that is due again as ``begun``: only Slack knows whether it arrived.
    """

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, OUTBOX.c.sealed, OUTBOX_LAYOUT)

    async def put(self, posting: Posting, not_before: datetime | None = None) -> bool:
        """Queue a message, to be sent at once or from a stated time on; False when its key was ever queued before."""
        key = self._keys.ring.blind("outbox.idem", posting.idem_key)
        used = select(exists().where(OUTBOX_KEY.c.idem_bi == key))
        if (await self._conn.execute(used)).scalar_one():
            return False
        last = (await self._conn.execute(select(func.max(OUTBOX.c.seq)))).scalar_one()
        seq = (last or 0) + 1
        now = self._clock.now()
        row = {
            "seq": seq,
            "idem_bi": key,
            "thread_bi": self._thread(posting.thread) if posting.thread else None,
            "recipient": posting.channel,
            "state": _State.WAITING.value,
            "due_at": max(now, not_before or now),
            "attempts": 0,
            "created_at": now,
            "layout": VERSION,
            "sealed": self._sealed.seal(seq, OutboxBody(posting=posting)),
        }
        return await self._insert_new(OUTBOX, row)

    async def due(self, now: datetime, limit: int) -> tuple[QueuedPosting, ...]:
        """What may be sent now, in the order it was put.

        A posting waits for those before it of the same thread and recipient: a thread is told in order.
        """
        before = OUTBOX.alias("before")
        held_up = exists().where(
            before.c.state.in_(_UNSETTLED),
            before.c.thread_bi == OUTBOX.c.thread_bi,
            before.c.recipient == OUTBOX.c.recipient,
            before.c.seq < OUTBOX.c.seq,
            before.c.due_at > now,
        )
        due = select(OUTBOX).where(OUTBOX.c.state.in_(_UNSETTLED), OUTBOX.c.due_at <= now, ~held_up)
        return await self._all(due.order_by(OUTBOX.c.seq).limit(limit), self._queued)

    async def begin(self, seq: int, now: datetime, lease: timedelta, *, begun: bool = False) -> bool:
        """It is about to be handed to Slack; nobody else may for as long as ``lease``.

        False when it is not due, or not as it was seen: ``begun`` is what ``due`` said of it.
        """
        seen = (_State.SENDING if begun else _State.WAITING).value
        mine = (OUTBOX.c.seq == seq) & (OUTBOX.c.state == seen) & (OUTBOX.c.due_at <= now)
        taken = {"state": _State.SENDING.value, "due_at": now + lease}
        return await self._write(update(OUTBOX).where(mine).values(taken)) == 1

    async def release(self, now: datetime) -> int:
        """Make due what senders left in the middle, for a process that knows them all to be gone; how many."""
        left = (OUTBOX.c.state == _State.SENDING.value) & (OUTBOX.c.due_at > now)
        return await self._write(update(OUTBOX).where(left).values(due_at=now))

    async def delivered(self, seq: int, channel: str, ts: str) -> bool:
        """Slack took it, and it stands there. Its content goes; the first of a thread is the thread's message.

        False, and nothing changed, when it was not waiting.
        """
        row = await self._waiting(seq)
        if row is None:
            return False
        gone = {"state": _State.DELIVERED.value, "sealed": None}
        await self._write(update(OUTBOX).where(OUTBOX.c.seq == seq).values(gone))
        if row.thread_bi is not None:
            copy = {"thread_bi": row.thread_bi, "recipient": row.recipient, "channel": channel, "ts": ts}
            await self._insert_new(POSTED_COPY, copy)
        return True

    async def postpone(self, seq: int, until: datetime, error: str, *, begun: bool = False) -> bool:
        """Try again then. ``begun``: it may have arrived all the same. False when it was not waiting."""
        return await self._failed(seq, error, _State.SENDING if begun else _State.WAITING, until)

    async def drop(self, seq: int, reason: str) -> bool:
        """Give it up: its key stays taken. False when it was not waiting."""
        return await self._failed(seq, reason, _State.DROPPED, None)

    async def copies(self, thread: str) -> tuple[PostedCopy, ...]:
        """Every place where the thread's message stands, one for each recipient."""
        here = select(POSTED_COPY).where(POSTED_COPY.c.thread_bi == self._thread(thread))
        return await self._all(
            here.order_by(POSTED_COPY.c.recipient),
            lambda row: PostedCopy(thread=thread, recipient=row.recipient, channel=row.channel, ts=row.ts),
        )

    async def moved(self, copy: PostedCopy) -> None:
        """A message was gone and stands anew elsewhere."""
        here = (POSTED_COPY.c.thread_bi == self._thread(copy.thread)) & (
            POSTED_COPY.c.recipient == copy.recipient
        )
        await self._write(update(POSTED_COPY).where(here).values(channel=copy.channel, ts=copy.ts))

    async def pending(self) -> int:
        """How many wait, due or not."""
        waiting = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.state.in_(_UNSETTLED))
        return (await self._conn.execute(waiting)).scalar_one()

    async def prune(self, before: datetime, most: int) -> int:
        """Forget at most so many settled messages that were put before then; how many.

        Their keys stay used for ever, at sixteen bytes each. The newest line stays, so that numbers never repeat.
        """
        newest = select(func.max(OUTBOX.c.seq)).scalar_subquery()
        over = OUTBOX.c.state.in_(_SETTLED) & (OUTBOX.c.created_at < before) & (OUTBOX.c.seq < newest)
        old = select(OUTBOX.c.seq, OUTBOX.c.idem_bi).where(over).order_by(OUTBOX.c.seq).limit(most)
        rows = (await self._conn.execute(old)).all()
        if rows:
            await self._insert(OUTBOX_KEY, [{"idem_bi": row.idem_bi} for row in rows])
            await self._write(delete(OUTBOX).where(OUTBOX.c.seq.in_([row.seq for row in rows])))
        return len(rows)

    async def _failed(self, seq: int, error: str, state: _State, until: datetime | None) -> bool:
        row = await self._waiting(seq)
        if row is None:
            return False
        body = replace(self._sealed.open(seq, row.layout, row.sealed), error=error)
        values = {
            "state": state.value,
            "due_at": until or row.due_at,
            "attempts": row.attempts + 1,
            "layout": VERSION,
            "sealed": self._sealed.seal(seq, body),
        }
        await self._write(update(OUTBOX).where(OUTBOX.c.seq == seq).values(values))
        return True

    async def _waiting(self, seq: int) -> Row[Any] | None:
        waiting = select(OUTBOX).where(OUTBOX.c.seq == seq, OUTBOX.c.state.in_(_UNSETTLED))
        return (await self._conn.execute(waiting)).one_or_none()

    def _queued(self, row: Row[Any]) -> QueuedPosting:
        body = self._sealed.open(row.seq, row.layout, row.sealed)
        return QueuedPosting(
            seq=row.seq,
            posting=body.posting,
            attempts=row.attempts,
            created_at=row.created_at,
            begun=row.state == _State.SENDING.value,
        )

    def _thread(self, thread: str) -> bytes:
        return self._keys.ring.blind("outbox.thread", thread)
