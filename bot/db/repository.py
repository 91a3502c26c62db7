"""What the repositories share: sealed columns, reading rows, and statements that say what they changed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Executable, Row, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.tables import COUNTER, SEALED, TEXT
from bot.errors import DecryptionFailed

T = TypeVar("T")
R = TypeVar("R")
BATCH = 2000  # rows built or sealed before other tasks get a turn
MANY = 500  # from here on, reading a whole table is quicker than naming its rows
NAMED = 5000  # values named in one statement, below what either database allows


def bound_to(column: Column[Any]) -> tuple[str, str]:
    """What a sealed value of a column is bound to, before and after the id of its row.

    Its table and column, its row, and how its content is laid out: ``%d`` stands for the row's layout version.
    """
    return f"{column.table.name}.{column.name}|", "|text" if column.info[SEALED] == TEXT else "|%d"


def parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The values in runs of at most ``size``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def new_id() -> str:
    """A random UUID (version 4) in hex, at a third of the cost of ``uuid.uuid4``."""
    drawn = os.urandom(16).hex()
    return f"{drawn[:12]}4{drawn[13:16]}{'89ab'[int(drawn[16], 16) & 3]}{drawn[17:]}"


class Sealed(Generic[T]):
    """A sealed column of records."""

    def __init__(self, keys: DataKeys, column: Column[Any], layout: Layout[T]) -> None:
        self._ring = keys.ring
        self._layout = layout
        self._place, self._tail = bound_to(column)
        self._end = self._tail % VERSION

    def seal(self, row_id: object, record: T) -> bytes:
        """The record, sealed for that row."""
        return self._ring.seal_row(self._layout.encode(record), f"{self._place}{row_id}{self._end}")

    def open(self, row_id: object, version: int, blob: bytes) -> T:
        """The record of that row.

        Raises:
            DecryptionFailed, SchemaMismatch: it cannot be read; it is not lost.
        """
        return self._layout.decode(self.written(row_id, version, blob))

    def written(self, row_id: object, version: int, blob: bytes) -> bytes:
        """The record's bytes as they were sealed, whatever release wrote them."""
        end = self._end if version == VERSION else self._tail % version
        return self._ring.open(blob, f"{self._place}{row_id}{end}")


class SealedText:
    """A sealed column of text."""

    def __init__(self, keys: DataKeys, column: Column[Any]) -> None:
        self._ring = keys.ring
        self._place, self._end = bound_to(column)

    def seal(self, row_id: object, text: str) -> bytes:
        """The text, sealed for that row."""
        return self._ring.seal_row(text.encode("utf-8", "surrogatepass"), f"{self._place}{row_id}{self._end}")

    def open(self, row_id: object, blob: bytes) -> str:
        """The text of that row.

        Raises:
            DecryptionFailed: it cannot be read; it is not lost.
        """
        return self._ring.open(blob, f"{self._place}{row_id}{self._end}").decode("utf-8", "surrogatepass")


class Repository:
    """Reads and writes one kind of record inside a transaction."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        self._conn = conn
        self._keys = keys
        self._clock = clock

    async def initialize(self) -> None:
        """Write what a new database begins with, in the transaction that creates it."""

    async def _all(self, statement: Executable, build: Callable[[Row[Any]], T]) -> tuple[T, ...]:
        """Every row of the statement, built."""
        return await self._built((await self._conn.execute(statement)).all(), build)

    async def _built(self, rows: Sequence[R], build: Callable[[R], T]) -> tuple[T, ...]:
        """What the rows hold; other tasks get a turn in between."""
        built: list[T] = []
        for part in parts(rows, BATCH):
            try:
                built.extend([build(row) for row in part])
            except DecryptionFailed as exc:
                if self._keys.ring.knows(exc.key_id):
                    raise
                await self._keys.load(self._conn)  # another process made a key since this one looked
                built.extend([build(row) for row in part])
            if len(rows) > BATCH:
                await asyncio.sleep(0)
        return tuple(built)

    async def _one(self, statement: Executable, build: Callable[[Row[Any]], T]) -> T | None:
        found = await self._all(statement, build)
        return found[0] if found else None

    async def _write(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Run an insert, update or delete; how many rows it changed."""
        if rows is None:
            return (await self._conn.execute(statement)).rowcount
        return sum([(await self._conn.execute(statement, part)).rowcount for part in parts(rows, NAMED)])

    async def _changed(self, what: str) -> None:
        """Let readers know that something of this kind has another content now; see ``Unit.marks``."""
        again = update(COUNTER).where(COUNTER.c.name == what).values(value=COUNTER.c.value + 1)
        if not await self._write(again):
            await self._write(insert(COUNTER).values(name=what, value=1))

    async def _insert_new(self, table: Table, row: Mapping[str, Any]) -> bool:
        """Insert unless a unique column already holds the value; whether it was new."""
        dialect = sqlite if self._conn.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).values(row).on_conflict_do_nothing()
        made = await self._conn.execute(statement.returning(*table.primary_key))  # its rowcount tells nothing
        return made.first() is not None

    async def _put(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert, or replace the row of the same primary key."""
        dialect = sqlite if self._conn.dialect.name == "sqlite" else postgresql
        keys = [column.name for column in table.primary_key]
        fresh = {name: value for name, value in row.items() if name not in keys}
        statement = dialect.insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=fresh)
        await self._write(statement)

    async def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        await self._write(insert(table), rows)

    async def _taken(self, column: Column[str], values: Sequence[str]) -> set[str]:
        """Which of these values the column holds already; may hold others besides, where there are many."""
        wanted = select(column) if len(values) > MANY else select(column).where(column.in_(values))
        return set((await self._conn.execute(wanted)).scalars())
