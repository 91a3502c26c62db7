"""What we know of each connection between scans."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.records import ConnectionState
from bot.store.data_keys import DataKeys
from bot.store.layout import CONNECTION as LAYOUT
from bot.store.layout import VERSION
from bot.store.repository import Repository, Sealed
from bot.store.tables import CONNECTION


class Connections(Repository):
    """Connection states by name."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, CONNECTION.c.sealed, LAYOUT)

    async def get(self, name: str) -> ConnectionState:
        """The connection as last put; a blank one when it was never scanned."""
        known = select(CONNECTION).where(CONNECTION.c.name == name)
        state = await self._one(known, lambda row: self._sealed.open(row.name, row.layout, row.sealed))
        return state or ConnectionState(connection=name)

    async def put(self, state: ConnectionState) -> None:
        """Replace what is known."""
        sealed = self._sealed.seal(state.connection, state)
        await self._put(CONNECTION, {"name": state.connection, "layout": VERSION, "sealed": sealed})
