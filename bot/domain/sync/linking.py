"""Which record a user is linked to, by its hidden Integration ID."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.sync.matching import key, order
from bot.domain.sync.people import Record, RecordKind, User


@dataclass(frozen=True, slots=True)
class Links:
    """The records of both kinds by id, and the users linked to each.

    Employees and vendors may bear the same id. An Integration ID is taken as written where it names the kind
    (``vendor:7``); a bare one means the employee, unless there is none, or only the vendor is the user's namesake.
    """

    employees: Mapping[str, Record]
    vendors: Mapping[str, Record]

    def record_of(self, user: User) -> Record | None:
        """The record a user is linked to; None where it is not linked, or linked to one that is not listed."""
        linked = user.integration_id
        if not linked:
            return None
        employee, vendor = self.employees.get(linked), self.vendors.get(linked)
        if employee is not None and vendor is not None:
            mine = key(user)
            return vendor if mine and key(vendor) == mine != key(employee) else employee
        if found := employee or vendor:
            return found
        kind, _, native_id = linked.partition(":")
        table = {"employee": self.employees, "vendor": self.vendors}.get(kind.strip().casefold(), {})
        return table.get(native_id.strip())

    def ref(self, record: Record) -> str:
        """The record's id; with its kind before it where both kinds have it."""
        if record.id in self.employees and record.id in self.vendors:
            return f"{record.kind}:{record.id}"
        return record.id


def links(records: Iterable[Record]) -> Links:
    """Index the records."""
    employees: dict[str, Record] = {}
    vendors: dict[str, Record] = {}
    for record in records:
        (employees if record.kind is RecordKind.EMPLOYEE else vendors)[record.id] = record
    return Links(employees, vendors)


def in_order(records: Iterable[Record]) -> list[Record]:
    """Employees first, each kind by ascending id: the order in which they are matched."""
    return sorted(records, key=lambda record: (record.kind is RecordKind.VENDOR, order(record.id)))
