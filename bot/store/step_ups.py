"""What proves a member a second time, changed by compare-and-swap only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.step_up import StepUp
from bot.errors import StoreError
from bot.store.data_keys import DataKeys
from bot.store.layout import STEP_UP as LAYOUT
from bot.store.layout import VERSION
from bot.store.repository import Repository, Sealed
from bot.store.tables import STEP_UP


class StepUps(Repository):
    """Enrolments by Slack id."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, STEP_UP.c.sealed, LAYOUT)

    async def get(self, slack_id: str) -> StepUp:
        """What is kept for a member; somebody who never began has an empty one.

        Raises:
            StoreError: the row was changed by hand.
        """
        kept = select(STEP_UP).where(STEP_UP.c.slack_id == slack_id)
        return await self._one(kept, self._opened) or StepUp(slack_id=slack_id)

    async def swap(self, seen: StepUp, to: StepUp) -> bool:
        """Keep ``to`` in the place of ``seen``; False, and nothing changed, when it is no longer what is kept."""
        fresh = replace(to, slack_id=seen.slack_id, rev=seen.rev + 1)
        row = {
            "slack_id": fresh.slack_id,
            "rev": fresh.rev,
            "layout": VERSION,
            "sealed": self._sealed.seal(fresh.slack_id, fresh),
        }
        if not seen.rev:
            return await self._insert_new(STEP_UP, row)
        as_seen = (STEP_UP.c.slack_id == seen.slack_id) & (STEP_UP.c.rev == seen.rev)
        return await self._write(update(STEP_UP).where(as_seen).values(row)) == 1

    async def remove(self, slack_id: str) -> bool:
        """Forget an enrolment; False when there was none."""
        return await self._write(delete(STEP_UP).where(STEP_UP.c.slack_id == slack_id)) == 1

    def _opened(self, row: Row[Any]) -> StepUp:
        kept = self._sealed.open(row.slack_id, row.layout, row.sealed)
        if kept.rev != row.rev:
            raise StoreError(
                "a step-up was changed by hand in the database. Reset it: `python -m bot step-up reset`."
            )
        return kept
