"""One transaction, and everything that can be read or written in it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.store.alerts import Alerts
from bot.store.audit import Audit
from bot.store.connections import Connections
from bot.store.data_keys import DataKeys
from bot.store.findings import Findings
from bot.store.items import Items
from bot.store.kept_secrets import Secrets
from bot.store.outbox import Outbox
from bot.store.ownerships import Ownerships
from bot.store.people import People
from bot.store.requests import Requests
from bot.store.rhythms import Rhythms
from bot.store.step_ups import StepUps
from bot.store.suppressions import Suppressions
from bot.store.tables import COUNTER


class Unit:
    """What ``Store.read`` and ``Store.write`` give. Of no use once their block is left."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        self._conn = conn
        self.items = Items(conn, keys, clock)
        self.people = People(conn, keys, clock)
        self.ownerships = Ownerships(conn, keys, clock)
        self.findings = Findings(conn, keys, clock)
        self.suppressions = Suppressions(conn, keys, clock)
        self.rhythms = Rhythms(conn, keys, clock)
        self.requests = Requests(conn, keys, clock)
        self.alerts = Alerts(conn, keys, clock)
        self.outbox = Outbox(conn, keys, clock)
        self.connections = Connections(conn, keys, clock)
        self.audit = Audit(conn, keys, clock)
        self.secrets = Secrets(conn, keys, clock)
        self.step_ups = StepUps(conn, keys, clock)

    async def marks(self) -> Mapping[str, int]:
        """A number for "item", "person" and "ownership": another one once the content of any of that kind changed.

        "departure" counts members who left, became guests, or came back.
        Kinds of which there never was one are missing.
        """
        return {row.name: row.value for row in await self._conn.execute(select(COUNTER))}
