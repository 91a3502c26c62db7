"""Create, update and delete one record: what is checked for every object type, then the type's own rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce import access
from sandbox.salesforce.callers import Caller
from sandbox.salesforce.catalogue import catalogue
from sandbox.salesforce.errors import ApiError, not_found, read_only
from sandbox.salesforce.ids import canonical, well_formed
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.tables import Row

Create = Callable[[Org, Caller, Row], Row]
Update = Callable[[Org, Caller, Row, Row], None]
Delete = Callable[[Org, Caller, Row], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What an object type adds to the common checks. Each function makes the change it allows.

    create(org, caller, values) gives the row; update(org, caller, row, values); delete(org, caller, row).
    """

    create: Create | None = None
    update: Update | None = None
    delete: Delete | None = None


class Records:
    """The data API's writing half. `rules` is by object name; types without rules are simply stored."""

    def __init__(self, org: Org, rules: dict[str, Rules]) -> None:
        self._org = org
        self._rules = rules

    def create(self, caller: Caller, name: str, body: Any) -> str:
        """
        A new record's Id.

        Raises:
            ApiError: with the code and fields of whatever is wrong; nothing is changed then.
        """
        kind = visible(self._org, caller, name)
        _verb(kind, "c", "POST")
        values = _typed(kind, body, creating=True)
        if missing := [column for column in kind.required() if values.get(column) in (None, "")]:
            raise ApiError(
                400,
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                tuple(missing),
            )
        if not access.may_write(kind.name, caller.held):
            raise read_only()
        rules = self._rules.get(kind.name, Rules())
        _references(self._org, kind, values)
        with self._org.transaction():
            row = (
                rules.create(self._org, caller, values)
                if rules.create
                else self._org[kind.name].insert(values)
            )
            self._stamp(kind, row, caller, created=True)
        record_id: str = row["Id"]
        return record_id

    def update(self, caller: Caller, name: str, record_id: str, body: Any) -> None:
        """
        Change a record's columns.

        Raises:
            ApiError: as `create`; also NOT_FOUND and MALFORMED_ID.
        """
        kind = visible(self._org, caller, name)
        row = self.find(caller, kind, record_id)
        _verb(kind, "u", "PATCH")
        values = _typed(kind, body, creating=False)
        if not access.may_write(kind.name, caller.held):
            raise read_only()
        rules = self._rules.get(kind.name, Rules())
        _references(self._org, kind, values)
        with self._org.transaction():
            if rules.update:
                rules.update(self._org, caller, row, values)
            else:
                self._org[kind.name].change(row, values)
            self._stamp(kind, row, caller, created=False)

    def delete(self, caller: Caller, name: str, record_id: str) -> None:
        """
        Remove a record.

        Raises:
            ApiError: METHOD_NOT_ALLOWED for types that are never deleted, and as `update`.
        """
        kind = visible(self._org, caller, name)
        row = self.find(caller, kind, record_id)
        _verb(kind, "d", "DELETE")
        own = access.OWN_ROWS.get(kind.name)
        if not access.may_write(kind.name, caller.held) and (own is None or row[own] != caller.id):
            raise read_only()
        rules = self._rules.get(kind.name, Rules())
        with self._org.transaction():
            if rules.delete:
                rules.delete(self._org, caller, row)
            else:
                self._org[kind.name].delete(row)

    def find(self, caller: Caller, kind: SObject, record_id: str) -> Row:
        """The row of an Id, if the caller may see it."""
        if not well_formed(record_id):
            raise ApiError(
                400, "MALFORMED_ID", f"{kind.name} ID: id value of incorrect type: {record_id}", ("Id",)
            )
        row = self._org[kind.name].get(record_id)
        hidden = access.sight(kind.name, caller.held) == "own"
        if row is None or (hidden and row[access.OWN_ROWS[kind.name]] != caller.id):
            raise not_found()
        return row

    def _stamp(self, kind: SObject, row: Row, caller: Caller, *, created: bool) -> None:
        columns = {
            "lastmodifieddate": self._org.stamp,
            "lastmodifiedbyid": caller.id,
            "systemmodstamp": self._org.stamp,
        }
        if created:
            columns |= {"createddate": self._org.stamp, "createdbyid": caller.id}
        known = {kind.by_name[name].name: value for name, value in columns.items() if name in kind.by_name}
        self._org[kind.name].change(row, known)


def visible(org: Org, caller: Caller, name: str, *, tooling: bool = False) -> SObject:
    """
    The object type of an address.

    Raises:
        ApiError: NOT_FOUND when there is none at this endpoint, or none for this caller.
    """
    kind = catalogue().get(name.lower())
    if kind is None or kind.tooling not in (("only", "both") if tooling else ("no", "both")):
        raise not_found()
    if access.sight(kind.name, caller.held) == "none":
        raise not_found()
    return kind


def _verb(kind: SObject, verb: str, method: str) -> None:
    if verb in kind.verbs:
        return
    allowed = ["HEAD", "GET"] + [
        name for mark, name in (("u", "PATCH"), ("d", "DELETE")) if mark in kind.verbs
    ]
    raise ApiError(
        405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}"
    )


def _typed(kind: SObject, body: Any, *, creating: bool) -> Row:
    """The body's columns by their exact names, each of its column's type and length."""
    if not isinstance(body, dict):
        raise ApiError(
            400, "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body."
        )
    values, closed = Row(), list[str]()
    for name, value in body.items():
        if name == "attributes":
            continue
        column = kind.by_name.get(name.lower())
        if column is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
        if not (column.createable if creating else column.updateable):
            closed.append(column.name)
        values[column.name] = _value(column, value)
    if closed:
        raise ApiError(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(closed)}. Please check the security settings of this"
            " field and verify that it is read/write for your profile or permission set.",
            tuple(closed),
        )
    return values


def _value(column: Field, value: Any) -> Any:
    wanted = {"boolean": bool, "int": int}.get(column.kind, str)
    if value is None and column.kind == "boolean":
        raise ApiError(
            400,
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            f"{column.name}: value not of required type: null",
            (column.name,),
        )
    if value is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        raise ApiError(
            400,
            "JSON_PARSER_ERROR",
            f"Cannot deserialize instance of {column.kind} from value {value!r} on field {column.name}",
        )
    if isinstance(value, str) and column.length and len(value) > column.length:
        raise ApiError(
            400,
            "STRING_TOO_LONG",
            f"{column.name}: data value too large: {value} (max length={column.length})",
            (column.name,),
        )
    return canonical(value) if column.kind == "reference" and isinstance(value, str) else value


def _references(org: Org, kind: SObject, values: Row) -> None:
    """Every reference leads to a row of a type the column takes."""
    for name, value in values.items():
        column = kind.by_name[name.lower()]
        if column.kind != "reference" or value is None:
            continue
        if not well_formed(value):
            raise ApiError(400, "MALFORMED_ID", f"{name}: id value of incorrect type: {value}", (name,))
        tables = [org[target] for target in column.refers_to if target.lower() in catalogue()]
        if all(table.get(value) is None for table in tables):
            raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (name,))
