"""Results of checks, with their life."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.finding import FindingState
from bot.domain.records import FindingRow
from bot.domain.reference import new_ref, normal_ref
from bot.store.data_keys import DataKeys
from bot.store.layout import FINDING as LAYOUT
from bot.store.layout import VERSION
from bot.store.repository import MANY, Repository, Sealed
from bot.store.tables import FINDING


class Findings(Repository):
    """Findings by connection, state or reference."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, FINDING.c.sealed, LAYOUT)

    async def all(
        self, connection: str | None = None, states: Collection[FindingState] | None = None
    ) -> tuple[FindingRow, ...]:
        """Those of a connection (None: of all) in these states (None: in any), oldest first."""
        where = []
        if connection is not None:
            where.append(FINDING.c.connection == connection)
        if states is not None:
            where.append(FINDING.c.state.in_([state.value for state in states]))
        ordered = select(FINDING).where(*where).order_by(FINDING.c.opened_at, FINDING.c.id)
        return await self._all(ordered, self._finding)

    async def by_ref(self, ref: str) -> FindingRow | None:
        """The finding people call by that reference, in any case, look-alikes forgiven."""
        return await self._one(select(FINDING).where(FINDING.c.ref == normal_ref(ref)), self._finding)

    async def put(self, rows: Iterable[FindingRow]) -> tuple[FindingRow, ...]:
        """Insert, or replace the one of the same id; the rows as they are now stored.

        A new row whose reference another finding has gets a new one. A row keeps its first reference for ever.
        """
        wanted = {row.id: row for row in rows}
        held = await self._refs_of(list(wanted))
        taken = await self._taken(FINDING.c.ref, [r.ref for r in wanted.values() if r.id not in held])
        stored = []
        for row in wanted.values():
            ref = held.get(row.id, row.ref)
            while row.id not in held and ref in taken:
                ref = new_ref(secrets.randbits)
            taken.add(ref)
            stored.append(replace(row, ref=ref))
        if fresh := [self._row(row) for row in stored if row.id not in held]:
            await self._insert(FINDING, fresh)
        if again := [self._row(row) | {"row_id": row.id} for row in stored if row.id in held]:
            await self._write(update(FINDING).where(FINDING.c.id == bindparam("row_id")), again)
        return tuple(stored)

    async def _refs_of(self, ids: list[str]) -> dict[str, str]:
        held = select(FINDING.c.id, FINDING.c.ref)
        if len(ids) <= MANY:
            held = held.where(FINDING.c.id.in_(ids))
        return {row.id: row.ref for row in await self._conn.execute(held)}

    def _row(self, row: FindingRow) -> dict[str, Any]:
        return {
            "id": row.id,
            "ref": row.ref,
            "connection": row.connection,
            "state": row.state.value,
            "opened_at": row.opened_at,
            "last_seen": row.last_seen,
            "resolved_at": row.resolved_at,
            "layout": VERSION,
            "sealed": self._sealed.seal(row.id, row.finding),
        }

    def _finding(self, row: Row[Any]) -> FindingRow:
        return FindingRow(
            id=row.id,
            ref=row.ref,
            connection=row.connection,
            finding=self._sealed.open(row.id, row.layout, row.sealed),
            state=FindingState(row.state),
            opened_at=row.opened_at,
            last_seen=row.last_seen,
            resolved_at=row.resolved_at,
        )
