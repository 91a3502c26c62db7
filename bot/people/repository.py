"""The members of the workspace, as Slack last told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.clock import Clock
from bot.db.columns import Bytes
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.repository import Repository, Sealed
from bot.db.tables import COUNTER, TableRow, sealed_column, table_of
from bot.errors import StoreError
from bot.people.model import Person, StepUp
from bot.text import fold


class PersonRow(TableRow, table=True):
    """A member of the workspace."""

    __tablename__: ClassVar[Any] = "person"
    slack_id: str = Field(primary_key=True)
    email_bi: bytes | None = Field(sa_type=Bytes, index=True)
    updated: int = Field(sa_type=BigInteger)
    layout: int
    sealed: bytes = sealed_column()


class StepUpRow(TableRow, table=True):
    """What proves a member a second time. ``rev`` guards it against two changes crossing."""

    __tablename__: ClassVar[Any] = "step_up"
    slack_id: str = Field(primary_key=True)
    rev: int
    layout: int
    sealed: bytes = sealed_column()


PERSON = table_of("person")
STEP_UP = table_of("step_up")
PERSON_LAYOUT = Layout(
    Person, "slack_id name email deactivated restricted tz updated disabled_by_idp idp_said_at former erased"
)
STEP_UP_LAYOUT = Layout(
    StepUp, "slack_id secret pending enrolled_at last_step wrong locked_until recovery rev"
)
PEOPLE = "person"
DEPARTURES = "departure"
DEPARTURES_HANDLED = "departure heeded"


class PersonRepository(Repository):
    """People by Slack id or e-mail."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, PERSON.c.sealed, PERSON_LAYOUT)

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
        await self._changed(PEOPLE)
        return True

    async def turned(self) -> None:
        """Somebody left, became a guest, or came back: ``Unit.marks`` counts it under "departure"."""
        await self._changed(DEPARTURES)

    async def heeded(self, mark: int) -> None:
        """What follows from departures up to that mark is done: ``Unit.marks`` has it under "departure heeded"."""
        await self._put(COUNTER, {"name": DEPARTURES_HANDLED, "value": mark})

    def _person(self, row: Row[Any]) -> Person:
        return self._sealed.open(row.slack_id, row.layout, row.sealed)

    def _email(self, email: str) -> bytes:
        return self._keys.ring.blind("person.email", fold(email))


class StepUpRepository(Repository):
    """Enrolments by Slack id."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, STEP_UP.c.sealed, STEP_UP_LAYOUT)

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
