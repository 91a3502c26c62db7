"""Who is accountable for what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from bot.domain.records import Ownership, OwnershipState, Rank
from bot.errors import NotFound
from bot.store.repository import Repository
from bot.store.tables import OWNERSHIP

COUNTED = "ownership"
_LIVE = (OwnershipState.PROPOSED.value, OwnershipState.ACCEPTED.value)
_IN_ORDER = (OWNERSHIP.c.proposed_at, OWNERSHIP.c.id)


class Ownerships(Repository):
    """Ownerships of every state; nothing here is deleted."""

    async def live(self) -> tuple[Ownership, ...]:
        """Those proposed or accepted, oldest first."""
        live = select(OWNERSHIP).where(OWNERSHIP.c.state.in_(_LIVE)).order_by(*_IN_ORDER)
        return await self._all(live, _ownership)

    async def of(self, item_id: str) -> tuple[Ownership, ...]:
        """All there ever were of one item, oldest first."""
        of = select(OWNERSHIP).where(OWNERSHIP.c.item_id == item_id).order_by(*_IN_ORDER)
        return await self._all(of, _ownership)

    async def get(self, ownership_id: str) -> Ownership:
        """
        Raises:
            NotFound: there is no such ownership.
        """
        found = await self._one(select(OWNERSHIP).where(OWNERSHIP.c.id == ownership_id), _ownership)
        if found is None:
            raise NotFound("That ownership is not known.")
        return found

    async def add(self, ownership: Ownership) -> None:
        """Keep a new one. Its item must exist."""
        row = asdict(ownership) | {"state": ownership.state.value, "rank": ownership.rank.value}
        await self._insert(OWNERSHIP, [row])
        await self._changed(COUNTED)

    async def settle(
        self, ownership_id: str, from_state: OwnershipState, to_state: OwnershipState, at: datetime
    ) -> bool:
        """Move it from one state to another; False, and nothing changed, when it is no longer in the first."""
        here = (OWNERSHIP.c.id == ownership_id) & (OWNERSHIP.c.state == from_state.value)
        settled = update(OWNERSHIP).where(here).values(state=to_state.value, settled_at=at)
        if not await self._write(settled):
            return False
        await self._changed(COUNTED)
        return True

    async def asked(self, ids: Collection[str], at: datetime) -> None:
        """Note that their owners were asked whether these are still theirs."""
        await self._write(update(OWNERSHIP).where(OWNERSHIP.c.id.in_(ids)).values(asked_at=at))

    async def attested(self, ownership_id: str, at: datetime) -> bool:
        """Note that the owner says it is still theirs; False, and nothing changed, when it is not accepted."""
        here = (OWNERSHIP.c.id == ownership_id) & (OWNERSHIP.c.state == OwnershipState.ACCEPTED.value)
        return await self._write(update(OWNERSHIP).where(here).values(attested_at=at)) == 1


def _ownership(row: Row[Any]) -> Ownership:
    return Ownership(**{**row._mapping, "state": OwnershipState(row.state), "rank": Rank(row.rank)})
