"""Both sides put side by side: in order, with the key of everybody, and who is linked to which record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.sync.matching import ascending, key
from bot.domain.sync.people import Record, RecordKind, User


@dataclass(frozen=True, slots=True)
class Sides:
    """The two listings in the order in which they are matched: employees first, each kind by ascending id.

    ``keys`` is by the identity of the person's object; ``linked`` by user id, of every user with an Integration ID,
    and None where its record is not listed.
    """

    records: tuple[Record, ...]
    users: tuple[User, ...]
    employees: Mapping[str, Record]
    vendors: Mapping[str, Record]
    keys: Mapping[int, str]
    linked: Mapping[str, Record | None]

    def ref(self, record: Record) -> str:
        """The record's id; with its kind before it where both kinds have it."""
        other = self.vendors if record.kind is RecordKind.EMPLOYEE else self.employees
        return f"{record.kind}:{record.id}" if record.id in other else record.id

    def shared(self, native_id: str | None) -> bool:
        """Whether an employee and a vendor have this id."""
        return native_id in self.employees and native_id in self.vendors


def sides(records: Iterable[Record], users: Iterable[User]) -> Sides:
    """Order and index both sides.

    Employees and vendors may bear the same id. An Integration ID is taken as written where it names the kind
    (``vendor:7``); a bare one means the employee, unless there is none, or only the vendor is the user's namesake.
    """
    people = ascending(users)
    by_kind: dict[RecordKind, list[Record]] = {kind: [] for kind in RecordKind}
    for record in records:
        by_kind[record.kind].append(record)
    listed = [record for kind in RecordKind for record in ascending(by_kind[kind])]
    keys = {id(record): key(record) for record in listed}
    keys |= {id(user): key(user) for user in people}
    employees = {record.id: record for record in by_kind[RecordKind.EMPLOYEE]}
    vendors = {record.id: record for record in by_kind[RecordKind.VENDOR]}

    shared = employees.keys() & vendors.keys()
    by_id = {**vendors, **employees}

    def record_of(user: User, linked: str) -> Record | None:
        if linked in shared:
            employee, vendor, mine = employees[linked], vendors[linked], keys[id(user)]
            return vendor if keys[id(vendor)] == mine != keys[id(employee)] else employee
        kind, _, native_id = linked.partition(":")
        table = {"employee": employees, "vendor": vendors}.get(kind.strip().casefold(), {})
        return table.get(native_id.strip())

    linked = {user.id: by_id.get(user.integration_id) for user in people if user.integration_id}
    for user in people:  # the few that a look-up does not answer
        if user.integration_id and (linked[user.id] is None or user.integration_id in shared):
            linked[user.id] = record_of(user, user.integration_id)
    return Sides(tuple(listed), tuple(people), employees, vendors, keys, linked)
