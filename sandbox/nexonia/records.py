"""The NetSuite employees and vendors that a sync reads, when no NetSuite is played beside this directory."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal

from sandbox.world import Json, Person, World

Kind = Literal["employee", "vendor"]
FIRST_NUMBER = 4001


@dataclass(frozen=True, slots=True)
class Record:
    """One employee or vendor as NetSuite has it. `manager_id` is an employee's id; `flag` the checkbox "Nexonia"."""

    kind: Kind
    id: str
    first: str
    last: str
    email: str
    active: bool = True
    termination_date: date | None = None
    flag: bool = True
    manager_id: str | None = None

    def shown(self) -> Json:
        row = {field.name: getattr(self, field.name) for field in fields(self)}
        return row | {
            "termination_date": self.termination_date.isoformat() if self.termination_date else None
        }


class Records:
    """
    The records of one company: its people with a NetSuite or Nexonia account, and what the estate adds.

    Where NetSuite is played in this sandbox, only its records count (`World.sync_records`).
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._added: dict[str, Record] = {}
        self._changed: dict[str, Json] = {}
        self._deleted: set[str] = set()

    def all(self) -> list[Record]:
        if self._world.sync_records is not None:
            return [Record(**row) for row in self._world.sync_records()]
        people = [self._of(number, person) for number, person in enumerate(self._world.people.values())]
        known = {person.email for person in self._world.people.values() if self.employed(person)}
        rows = [row for row in people if row.email in known] + list(self._added.values())
        changed = [replace(row, **self._changed.get(row.id, {})) for row in rows]
        return [row for row in changed if row.id not in self._deleted]

    def employed(self, person: Person) -> bool:
        return bool({"netsuite", "nexonia"} & set(person.platforms))

    def id_of(self, person: Person) -> str:
        """The id of this person's employee record."""
        number = FIRST_NUMBER + list(self._world.people).index(person.email)
        return person.ids.get("netsuite", str(number))

    def add(self, record: Record) -> None:
        self._added[record.id] = record

    def change(self, record_id: str, values: dict[str, Any]) -> None:
        """Change fields of a record of ours. Raises LookupError if there is none."""
        if not any(row.id == record_id for row in self.all()):
            raise LookupError(record_id)
        self._changed[record_id] = self._changed.get(record_id, {}) | values

    def delete(self, record_id: str) -> None:
        self._deleted.add(record_id)

    def _of(self, number: int, person: Person) -> Record:
        first, _, last = person.name.rpartition(" ")
        manager = self._world.people.get(person.manager or "")
        return Record(
            kind="employee",
            id=person.ids.get("netsuite", str(FIRST_NUMBER + number)),
            first=first,
            last=last,
            email=person.email,
            active=person.active_on("netsuite"),
            termination_date=person.terminated_on,
            flag="nexonia" in person.platforms,
            manager_id=self.id_of(manager) if manager is not None and self.employed(manager) else None,
        )
