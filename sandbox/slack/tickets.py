"""Socket Mode tickets: the temporary address that apps.connections.open hands out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sandbox.world import World

LIVES = timedelta(seconds=60)


class Tickets:
    """Tickets issued and not yet used. A ticket opens one connection, within a minute."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._issued: dict[str, datetime] = {}

    def issue(self) -> str:
        ticket = secrets.token_urlsafe(24)
        self._issued[ticket] = self._world.now
        return ticket

    def use(self, ticket: str) -> bool:
        at = self._issued.pop(ticket, None)
        return at is not None and self._world.now - at <= LIVES
