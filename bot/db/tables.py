"""The tables. Clear columns hold opaque ids, kinds, states, instants and blind indexes; the rest is sealed.

``sealed`` columns are ciphertext bound to table, row and layout version (see ``bot.db.repository``); the
rotation of keys finds them here by their mark. No object of these classes leaves the store.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, MetaData, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from bot.db.columns import Bytes, UTCDateTime

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
SEALED = "sealed"  # the mark of a sealed column: what it holds
RECORD = "record"  # an array of ``bot.db.layout``, in the version that the column's layout column names
TEXT = "text"


def sealed_column(holds: str = RECORD, *, nullable: bool = False) -> Any:
    return Field(sa_column=Column(Bytes, nullable=nullable, info={SEALED: holds}))


def where_given(column: str) -> Index:
    """An index of the rows that have a value there."""
    given = text(f"{column} IS NOT NULL")
    return Index(None, column, sqlite_where=given, postgresql_where=given)


class TableRow(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the store's tables, with a catalogue of their own."""


class DataKeyRow(TableRow, table=True):
    """A data key, wrapped by the key source. Destroyed ones keep their line, without the key."""

    __tablename__: ClassVar[Any] = "data_key"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    purpose: str
    wrapped: bytes | None = Field(sa_type=Bytes)
    source: str
    created_at: datetime = Field(sa_type=UTCDateTime)
    retired_at: datetime | None = Field(sa_type=UTCDateTime)
    destroyed_at: datetime | None = Field(sa_type=UTCDateTime)


class CounterRow(TableRow, table=True):
    """Numbers that tell readers that something changed."""

    __tablename__: ClassVar[Any] = "counter"
    name: str = Field(primary_key=True)
    value: int


def table_of(name: str) -> Table:
    return METADATA.tables[name]


DATA_KEY = table_of("data_key")
COUNTER = table_of("counter")
PROBE = "probe"  # the counter that ``Store.check`` writes: it tells readers nothing


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
