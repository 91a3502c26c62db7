"""One transaction, and everything that can be read or written in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.db.data_keys import DataKeys
from bot.db.outbox import Outbox
from bot.db.repository import Repository
from bot.db.tables import COUNTER, PROBE

R = TypeVar("R", bound=Repository)


class Unit:
    """What ``Store.read`` and ``Store.write`` give: ``unit[AlertRepository]`` is alerts in this transaction.

    Of no use once its block is left.
    """

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        self._conn = conn
        self._keys = keys
        self._clock = clock
        self._repositories: dict[type[Repository], Repository] = {}
        self.outbox = Outbox(conn, keys, clock)

    def __getitem__(self, kind: type[R]) -> R:
        found = self._repositories.get(kind)
        if not isinstance(found, kind):
            found = self._repositories[kind] = kind(self._conn, self._keys, self._clock)
        return found

    async def marks(self) -> Mapping[str, int]:
        """A number for "item", "person" and "ownership": another one once the content of any of that kind changed.

        "departure" counts members who left, became guests, or came back.
        Kinds of which there never was one are missing.
        """
        return {
            row.name: row.value
            for row in await self._conn.execute(select(COUNTER).where(COUNTER.c.name != PROBE))
        }
