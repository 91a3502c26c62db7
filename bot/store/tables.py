"""The tables. Clear columns hold opaque ids, kinds, states, instants and blind indexes; the rest is sealed.

``sealed`` columns are ciphertext bound to table, row and layout version (see ``bot.store.repository``); the
rotation of keys finds them here by their mark. No object of these classes leaves the store.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from bot.store.columns import Bytes, UTCDateTime

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
SEALED = "sealed"  # the mark of a sealed column: what it holds
RECORD = "record"  # an array of ``bot.store.layout``, in the version that the column's layout column names
TEXT = "text"


def _sealed(holds: str = RECORD, *, nullable: bool = False) -> Any:
    return Field(sa_column=Column(Bytes, nullable=nullable, info={SEALED: holds}))


def _where_given(column: str) -> Index:
    """An index of the rows that have a value there."""
    given = text(f"{column} IS NOT NULL")
    return Index(None, column, sqlite_where=given, postgresql_where=given)


class Row(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the store's tables, with a catalogue of their own."""


class DataKeyRow(Row, table=True):
    """A data key, wrapped by the key source. Destroyed ones keep their line, without the key."""

    __tablename__: ClassVar[Any] = "data_key"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    purpose: str
    wrapped: bytes | None = Field(sa_type=Bytes)
    source: str
    created_at: datetime = Field(sa_type=UTCDateTime)
    retired_at: datetime | None = Field(sa_type=UTCDateTime)
    destroyed_at: datetime | None = Field(sa_type=UTCDateTime)


class CounterRow(Row, table=True):
    """Numbers that tell readers that something changed."""

    __tablename__: ClassVar[Any] = "counter"
    name: str = Field(primary_key=True)
    value: int


class ItemRow(Row, table=True):
    """One thing of the inventory."""

    __tablename__: ClassVar[Any] = "item"
    __table_args__ = (_where_given("email_bi"),)  # few items have one
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    connection: str
    kind: str
    native_bi: bytes = Field(sa_type=Bytes, unique=True)
    email_bi: bytes | None = Field(sa_type=Bytes)
    first_seen: datetime = Field(sa_type=UTCDateTime)
    last_seen: datetime = Field(sa_type=UTCDateTime)
    missing_since: datetime | None = Field(sa_type=UTCDateTime)
    version: int
    layout: int
    sealed: bytes = _sealed()


class PersonRow(Row, table=True):
    """A member of the workspace."""

    __tablename__: ClassVar[Any] = "person"
    slack_id: str = Field(primary_key=True)
    email_bi: bytes | None = Field(sa_type=Bytes, index=True)
    updated: int = Field(sa_type=BigInteger)
    layout: int
    sealed: bytes = _sealed()


class OwnershipRow(Row, table=True):
    """Who is accountable for an item: opaque ids only."""

    __tablename__: ClassVar[Any] = "ownership"
    id: str = Field(primary_key=True)
    item_id: str = Field(foreign_key="item.id", index=True)
    person: str
    state: str
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UTCDateTime)
    settled_at: datetime | None = Field(sa_type=UTCDateTime)
    rank: str = Field(sa_column_kwargs={"server_default": "owner"})
    attested_at: datetime | None = Field(sa_type=UTCDateTime)
    asked_at: datetime | None = Field(sa_type=UTCDateTime)


class FindingTableRow(Row, table=True):
    """A finding with its life."""

    __tablename__: ClassVar[Any] = "finding"
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    connection: str
    state: str
    opened_at: datetime = Field(sa_type=UTCDateTime)
    last_seen: datetime = Field(sa_type=UTCDateTime)
    resolved_at: datetime | None = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes = _sealed()


class SuppressionRow(Row, table=True):
    """Somebody's word that a finding may wait, until a stated time."""

    __tablename__: ClassVar[Any] = "suppression"
    finding_id: str = Field(primary_key=True, foreign_key="finding.id")
    until: datetime = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes = _sealed()


class RhythmRow(Row, table=True):
    """When an item was last used, as often as that was seen to move."""

    __tablename__: ClassVar[Any] = "rhythm"
    item_id: str = Field(primary_key=True, foreign_key="item.id")
    layout: int
    sealed: bytes = _sealed()


class RequestRow(Row, table=True):
    """A request. ``standing`` is sealed apart, so that a transition is one statement that reads nothing."""

    __tablename__: ClassVar[Any] = "request"
    __table_args__ = (
        _where_given("remind_at"),
        Index(None, "state", "expires_at"),
        Index(None, "state", "created_at", "id", "requester", "cursor", "ref"),  # lists, without the rows
        Index(None, "requester", "created_at"),
    )
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    state: str
    rev: int
    requester: str
    subject_bi: bytes | None = Field(sa_type=Bytes, index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    cursor: int
    step_since: datetime | None = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes = _sealed()
    standing_layout: int
    standing: bytes = _sealed()
    remind_at: datetime | None = Field(
        sa_type=UTCDateTime
    )  # None: reminded, or there is nothing to remind of
    routing: str = Field(sa_column_kwargs={"server_default": ""})  # see ``domain.records.Routing``


class DecisionRow(Row, table=True):
    """One yes or no. Its id is request and approver, so nobody has two."""

    __tablename__: ClassVar[Any] = "decision"
    id: str = Field(primary_key=True)
    request_id: str = Field(foreign_key="request.id", index=True)
    approver: str
    layout: int
    sealed: bytes = _sealed()


class ReceiptRow(Row, table=True):
    """Proof of one step. Its id is request and cursor, so no step has two."""

    __tablename__: ClassVar[Any] = "receipt"
    id: str = Field(primary_key=True)
    request_id: str = Field(foreign_key="request.id", index=True)
    cursor: int
    layout: int
    sealed: bytes = _sealed()


class AlertRow(Row, table=True):
    """An incident; ``identity_bi`` is that it is told once, ever."""

    __tablename__: ClassVar[Any] = "alert"
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    identity_bi: bytes = Field(sa_type=Bytes, unique=True)
    state: str = Field(index=True)
    opened_at: datetime = Field(sa_type=UTCDateTime)
    snoozed_until: datetime | None = Field(sa_type=UTCDateTime)
    settled_at: datetime | None = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes = _sealed()


class OutboxRow(Row, table=True):
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
    sealed: bytes | None = _sealed(nullable=True)


class OutboxKeyRow(Row, table=True):
    """A key that was used by a message whose line is gone: it stays used."""

    __tablename__: ClassVar[Any] = "outbox_key"
    idem_bi: bytes = Field(sa_type=Bytes, primary_key=True)


class PostedCopyRow(Row, table=True):
    """Where a message stands: Slack's own opaque ids."""

    __tablename__: ClassVar[Any] = "posted_copy"
    thread_bi: bytes = Field(sa_type=Bytes, primary_key=True)
    recipient: str = Field(primary_key=True)
    channel: str
    ts: str


class ConnectionRow(Row, table=True):
    """What we know of a connection between scans."""

    __tablename__: ClassVar[Any] = "connection"
    name: str = Field(primary_key=True)
    layout: int
    sealed: bytes = _sealed()


class AuditRow(Row, table=True):
    """A line of the trail."""

    __tablename__: ClassVar[Any] = "audit"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UTCDateTime)
    subject_bi: bytes = Field(sa_type=Bytes, index=True)
    hash: bytes = Field(sa_type=Bytes)
    layout: int
    sealed: bytes = _sealed()


class AuditHeadRow(Row, table=True):
    """Where the trail ends: one line, there from the first day."""

    __tablename__: ClassVar[Any] = "audit_head"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    layout: int
    sealed: bytes = _sealed()


class SecretRow(Row, table=True):
    """A secret under the blind index of its name."""

    __tablename__: ClassVar[Any] = "secret"
    id: str = Field(primary_key=True)
    label: bytes = _sealed(TEXT)
    value: bytes = _sealed(TEXT)


class StepUpRow(Row, table=True):
    """What proves a member a second time. ``rev`` guards it against two changes crossing."""

    __tablename__: ClassVar[Any] = "step_up"
    slack_id: str = Field(primary_key=True)
    rev: int
    layout: int
    sealed: bytes = _sealed()


def _table(name: str) -> Table:
    return METADATA.tables[name]


DATA_KEY = _table("data_key")
COUNTER = _table("counter")
ITEM = _table("item")
PERSON = _table("person")
OWNERSHIP = _table("ownership")
FINDING = _table("finding")
SUPPRESSION = _table("suppression")
RHYTHM = _table("rhythm")
REQUEST = _table("request")
DECISION = _table("decision")
RECEIPT = _table("receipt")
ALERT = _table("alert")
OUTBOX = _table("outbox")
OUTBOX_KEY = _table("outbox_key")
POSTED_COPY = _table("posted_copy")
CONNECTION = _table("connection")
AUDIT = _table("audit")
AUDIT_HEAD = _table("audit_head")
SECRET = _table("secret")
STEP_UP = _table("step_up")


def layout_of(column: Column[Any]) -> Column[int] | None:
    """The column with the layout versions of a sealed column; None where it holds text."""
    if column.info[SEALED] == TEXT:
        return None
    own = f"{column.name}_layout"
    return column.table.columns[own if own in column.table.columns else "layout"]


def sealed_columns() -> tuple[Column[Any], ...]:
    """Every column that holds sealed values."""
    return tuple(
        column for table in METADATA.sorted_tables for column in table.columns if column.info.get(SEALED)
    )
