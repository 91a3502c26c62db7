"""Results of checks, with their life."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    Row,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.clock import Clock
from bot.db.columns import UTCDateTime
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.repository import MANY, Repository, Sealed
from bot.db.tables import TableRow, sealed_column, table_of
from bot.findings.model import Finding, FindingRow, FindingState, Suppression
from bot.text import new_ref, normal_ref


class FindingTableRow(TableRow, table=True):
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
    sealed: bytes = sealed_column()


class SuppressionRow(TableRow, table=True):
    """Somebody's word that a finding may wait, until a stated time."""

    __tablename__: ClassVar[Any] = "suppression"
    finding_id: str = Field(primary_key=True, foreign_key="finding.id")
    until: datetime = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes = sealed_column()


FINDING = table_of("finding")
SUPPRESSION = table_of("suppression")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionBody:
    """Why a finding may wait, and who says so."""

    by: str
    at: datetime
    reason: str


FINDING_LAYOUT = Layout(Finding, "rule subject title severity evidence remedy bucket lasting")
SUPPRESSION_LAYOUT = Layout(SuppressionBody, "by at reason")


class FindingRepository(Repository):
    """Findings by connection, state or reference."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, FINDING.c.sealed, FINDING_LAYOUT)

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


class SuppressionRepository(Repository):
    """At most one for each finding; the trail keeps what was."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, SUPPRESSION.c.sealed, SUPPRESSION_LAYOUT)

    async def live(self, now: datetime) -> dict[str, Suppression]:
        """Those whose end has not come, by the id of their finding."""
        lasting = select(SUPPRESSION).where(SUPPRESSION.c.until > now)
        return {each.finding_id: each for each in await self._all(lasting, self._suppression)}

    async def put(self, suppression: Suppression) -> None:
        """Keep it, in the place of an earlier one of the same finding, which must exist."""
        body = SuppressionBody(by=suppression.by, at=suppression.at, reason=suppression.reason)
        row = {
            "finding_id": suppression.finding_id,
            "until": suppression.until,
            "layout": VERSION,
            "sealed": self._sealed.seal(suppression.finding_id, body),
        }
        await self._put(SUPPRESSION, row)

    async def lift(self, finding_id: str) -> bool:
        """End it now; False when there was none."""
        return bool(await self._write(delete(SUPPRESSION).where(SUPPRESSION.c.finding_id == finding_id)))

    def _suppression(self, row: Row[Any]) -> Suppression:
        body = self._sealed.open(row.finding_id, row.layout, row.sealed)
        return Suppression(
            finding_id=row.finding_id, until=row.until, by=body.by, at=body.at, reason=body.reason
        )
