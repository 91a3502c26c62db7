"""When items were used, as far as listings showed it move: what a cadence is learnt from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.store.data_keys import DataKeys
from bot.store.layout import RHYTHM as LAYOUT
from bot.store.layout import VERSION, RhythmBody
from bot.store.repository import NAMED, Repository, Sealed, parts
from bot.store.tables import RHYTHM

KEPT = 64  # uses of one item: two months of nights, five years of month ends


class Rhythms(Repository):
    """Uses by item."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, RHYTHM.c.sealed, LAYOUT)

    async def of(self, ids: Collection[str] | None = None) -> dict[str, tuple[datetime, ...]]:
        """The uses of these items (None: of all), oldest first; items never seen used are missing."""
        found: dict[str, tuple[datetime, ...]] = {}
        groups = [None] if ids is None else list(parts(sorted(ids), NAMED))
        for group in groups:
            wanted = select(RHYTHM) if group is None else select(RHYTHM).where(RHYTHM.c.item_id.in_(group))
            rows = await self._all(
                wanted, lambda row: (row.item_id, self._sealed.open(row.item_id, row.layout, row.sealed).uses)
            )
            found.update(rows)
        return found

    async def seen(self, uses: Mapping[str, datetime]) -> None:
        """Add one use of each item; what is not later than the latest kept adds nothing. Old ones are forgotten."""
        held = await self.of(uses)
        for item_id, at in uses.items():
            before = held.get(item_id, ())
            if before and at <= before[-1]:
                continue
            body = RhythmBody(uses=(*before, at)[-KEPT:])
            sealed = self._sealed.seal(item_id, body)
            await self._put(RHYTHM, {"item_id": item_id, "layout": VERSION, "sealed": sealed})
