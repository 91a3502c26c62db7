"""Findings that somebody said may wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.records import Suppression
from bot.store.data_keys import DataKeys
from bot.store.layout import SUPPRESSION as LAYOUT
from bot.store.layout import VERSION, SuppressionBody
from bot.store.repository import Repository, Sealed
from bot.store.tables import SUPPRESSION


class Suppressions(Repository):
    """At most one for each finding; the trail keeps what was."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, SUPPRESSION.c.sealed, LAYOUT)

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
