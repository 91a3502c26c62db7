"""Both sides put side by side: in order, with the key of everybody, and who is linked to which record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain

from bot.domain.sync.matching import ascending, key
from bot.domain.sync.people import Record, RecordKind, User


@dataclass(frozen=True, slots=True)
class Sides:
    """The two listings in the order in which they are matched: employees first, each kind by ascending id.

    ``keys`` is by the identity of the person's object; ``linked`` by user id, of every user with an Integration ID,
    and None where its record is not listed; ``users_of`` is ``linked`` the other way, by the identity of the record.
    ``shared`` are the ids that an employee and a vendor have.
    """

    records: tuple[Record, ...]
    users: tuple[User, ...]
    keys: Mapping[int, str]
    linked: Mapping[str, Record | None]
    users_of: Mapping[int, Sequence[User]]
    shared: Set[str]

    def ref(self, record: Record) -> str:
        """The record's id; with its kind before it where both kinds have it."""
        return f"{record.kind}:{record.id}" if record.id in self.shared else record.id


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
    keys = {id(person): key(person) for person in chain[Record | User](listed, people)}
    employees = {record.id: record for record in by_kind[RecordKind.EMPLOYEE]}
    vendors = {record.id: record for record in by_kind[RecordKind.VENDOR]}

    shared = employees.keys() & vendors.keys()
    plain = {**vendors, **employees}  # what most links are, and a look-up answers
    for native_id in shared:
        del plain[native_id]

    def record_of(user: User, linked: str) -> Record | None:
        if linked in shared:
            employee, vendor, mine = employees[linked], vendors[linked], keys[id(user)]
            return vendor if keys[id(vendor)] == mine != keys[id(employee)] else employee
        kind, _, native_id = linked.partition(":")
        table = {"employee": employees, "vendor": vendors}.get(kind.strip().casefold(), {})
        return table.get(native_id.strip())

    linked = {u.id: plain.get(text) or record_of(u, text) for u in people if (text := u.integration_id)}
    users_of: dict[int, list[User]] = {}
    for user in people:
        if (theirs := linked.get(user.id)) is not None:
            users_of.setdefault(id(theirs), []).append(user)
    return Sides(tuple(listed), tuple(people), keys, linked, users_of, shared)
