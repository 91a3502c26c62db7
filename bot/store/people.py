"""The members of the workspace, as Slack last told of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.records import Person
from bot.domain.text import fold
from bot.store.data_keys import DataKeys
from bot.store.layout import PERSON as LAYOUT
from bot.store.layout import VERSION
from bot.store.repository import Repository, Sealed
from bot.store.tables import COUNTER, PERSON

COUNTED = "person"
TURNED = "departure"
HEEDED = "departure heeded"


class People(Repository):
    """People by Slack id or e-mail."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, PERSON.c.sealed, LAYOUT)

    async def get(self, slack_id: str) -> Person | None:
        """Whoever has that Slack id."""
        return await self._one(select(PERSON).where(PERSON.c.slack_id == slack_id), self._person)

    async def by_email(self, email: str) -> Person | None:
        """Whoever has that e-mail, however it is spelt; of several, the one Slack last spoke of."""
        same = PERSON.c.email_bi == self._email(email)
        return await self._one(
            select(PERSON).where(same).order_by(PERSON.c.updated.desc(), PERSON.c.slack_id), self._person
        )

    async def all(self) -> tuple[Person, ...]:
        """Everybody, ascending Slack id."""
        return await self._all(select(PERSON).order_by(PERSON.c.slack_id), self._person)

    async def put(self, person: Person) -> bool:
        """Keep what Slack says; False, and nothing changed, when it is older than what is kept."""
        known = select(PERSON.c.updated).where(PERSON.c.slack_id == person.slack_id)
        kept = (await self._conn.execute(known)).scalar_one_or_none()
        if kept is not None and kept > person.updated:
            return False
        row = {
            "slack_id": person.slack_id,
            "email_bi": self._email(person.email) if person.email else None,
            "updated": person.updated,
            "layout": VERSION,
            "sealed": self._sealed.seal(person.slack_id, person),
        }
        await self._put(PERSON, row)
        await self._changed(COUNTED)
        return True

    async def turned(self) -> None:
        """Somebody left, became a guest, or came back: ``Unit.marks`` counts it under "departure"."""
        await self._changed(TURNED)

    async def heeded(self, mark: int) -> None:
        """What follows from departures up to that mark is done: ``Unit.marks`` has it under "departure heeded"."""
        await self._put(COUNTER, {"name": HEEDED, "value": mark})

    def _person(self, row: Row[Any]) -> Person:
        return self._sealed.open(row.slack_id, row.layout, row.sealed)

    def _email(self, email: str) -> bytes:
        return self._keys.ring.blind("person.email", fold(email))
