"""Sealing every row with a new data key while the bot runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, bindparam, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.db.columns import Bytes
from bot.db.data_keys import DataKeys
from bot.db.engines import Engines
from bot.db.keyring import HEADER_BYTES, Purpose, header
from bot.db.repository import bound_to
from bot.db.tables import DATA_KEY, layout_of, sealed_columns
from bot.errors import DecryptionFailed

_BATCH = 500  # rows re-sealed in one short transaction


async def rotate(engines: Engines, keys: DataKeys, clock: Clock) -> int:
    """Make new keys, seal with them whatever older ones sealed, destroy the older ones; values sealed anew.

    A value somebody else writes meanwhile is already under the new key and is left alone. Should a value not
    open, the rest is still done, its key is kept, and the error says so.

    Raises:
        DecryptionFailed: some values could not be opened; they are as they were, and so is their key.
    """
    async with engines.write.begin() as conn:
        for purpose in (Purpose.ROWS, Purpose.OUTSIDE):
            await keys.make(conn, purpose, clock.now())
    async with engines.read.connect() as conn:
        await keys.load(conn)
        old = await _retired(conn)
    anew, damaged = 0, 0
    for column in sealed_columns():
        sealed, unopened = await _reseal(engines, keys, column, old)
        anew, damaged = anew + sealed, damaged + unopened
    async with engines.write.begin() as conn:
        kept = [key_id for key_id in old if await _in_use(conn, key_id)]
        gone = [key_id for key_id in old if key_id not in kept]
        ended = update(DATA_KEY).where(DATA_KEY.c.id.in_(gone))
        await conn.execute(ended.values(wrapped=None, destroyed_at=clock.now()))
    await engines.checkpoint()
    async with engines.read.connect() as conn:
        await keys.load(conn)
    if kept:
        raise DecryptionFailed(
            f"{damaged} sealed values could not be opened and were left as they are, so data key {kept[0]} is "
            f"kept; {anew} others are sealed anew",
            key_id=kept[0],
        )
    return anew


async def _retired(conn: AsyncConnection) -> list[int]:
    """Keys that seal nothing new and are not destroyed yet, this rotation's and any broken-off one's."""
    ended = (
        (DATA_KEY.c.purpose == Purpose.ROWS.value)
        & DATA_KEY.c.retired_at.is_not(None)
        & DATA_KEY.c.wrapped.is_not(None)
    )
    return list((await conn.execute(select(DATA_KEY.c.id).where(ended).order_by(DATA_KEY.c.id))).scalars())


async def _reseal(engines: Engines, keys: DataKeys, column: Column[Any], old: list[int]) -> tuple[int, int]:
    """Seal one column's values anew: how many were, and how many could not be opened."""
    table = column.table
    row_id = next(iter(table.primary_key))
    layout = layout_of(column)
    version = literal(0) if layout is None else layout
    behind = _head_of(column).in_([header(key_id) for key_id in old])
    swap = update(table).where(row_id == bindparam("of_row"), column == bindparam("old_value"))
    swap = swap.values({column.name: bindparam("new_value")})
    place, end = bound_to(column)
    anew, damaged, after = 0, 0, None
    while True:
        page = select(row_id.label("of_row"), version.label("version"), column.label("old_value"))
        page = page.where(behind)
        page = page if after is None else page.where(row_id > after)
        async with engines.read.connect() as conn:
            rows = (await conn.execute(page.order_by(row_id).limit(_BATCH))).all()
        if not rows:
            return anew, damaged
        swaps: list[Mapping[str, Any]] = []
        for row in rows:
            bound = f"{place}{row.of_row}{end if layout is None else end % row.version}"
            try:
                plain = keys.ring.open(row.old_value, bound)
            except DecryptionFailed:
                damaged += 1
                continue
            new_value = keys.ring.seal_row(plain, bound)
            swaps.append({"of_row": row.of_row, "old_value": row.old_value, "new_value": new_value})
        if swaps:
            async with engines.write.begin() as conn:
                anew += (await conn.execute(swap, swaps)).rowcount
        after = rows[-1].of_row


async def _in_use(conn: AsyncConnection, key_id: int) -> bool:
    """Whether any value is still sealed with that key."""
    for column in sealed_columns():
        used = select(func.count()).select_from(column.table).where(_head_of(column) == header(key_id))
        if (await conn.execute(used)).scalar_one():
            return True
    return False


def _head_of(column: Column[Any]) -> ColumnElement[bytes]:
    return func.substr(column, 1, HEADER_BYTES, type_=Bytes)
