"""Rows in memory: one table per object type, indexed by every reference and by name."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sandbox.salesforce.ids import Mint, canonical
from sandbox.salesforce.schema import SObject

Row = dict[str, Any]
"""One record in wire form. Keys that start with an underscore are the org's own and cannot be queried."""

_INDEXED_TOO = frozenset({"Username", "Name", "DeveloperName", "Email", "DeleteToken"})


class Table:
    """
    The rows of one object type, in the order of their creation.

    Every change goes through `insert`, `change` and `delete`, which keep the indexes right and hand the
    way back to `journal`, so that a transaction can be undone.
    """

    def __init__(self, kind: SObject, mint: Mint, journal: Callable[[Callable[[], None]], None]) -> None:
        self.kind = kind
        self._mint = mint
        self._journal = journal
        self._rows: dict[str, Row] = {}
        self.defaults: Row = {c.name: False if c.kind == "boolean" else None for c in kind.fields}
        self._indexes: dict[str, dict[str, dict[str, Row]]] = {
            c.name: {} for c in kind.fields if c.kind == "reference" or c.name in _INDEXED_TOO
        }

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def insert(self, values: Row) -> Row:
        """Add a row; columns left out get their default. Gives the row with its new Id (null where none)."""
        row = self.defaults | values
        key = self._mint.new("zz0" if self.kind.prefix == "---" else self.kind.prefix)
        row["Id"] = None if self.kind.prefix == "---" else key
        row["_key"] = key
        self._put(row)
        self._journal(lambda: self._take(row))
        return row

    def change(self, row: Row, values: Row) -> None:
        """Set columns of a row of this table."""
        before = {name: row.get(name) for name in values}
        self._set(row, values)
        self._journal(lambda: self._set(row, before))

    def delete(self, row: Row) -> None:
        """Remove a row of this table."""
        self._take(row)
        self._journal(lambda: self._put(row))

    def get(self, record_id: Any) -> Row | None:
        """The row of an Id in either length."""
        return self._rows.get(canonical(record_id)) if isinstance(record_id, str) else None

    def where(self, column: str, value: Any) -> list[Row]:
        """Rows whose indexed column equals the value; text compares without case."""
        return list(self._indexes[column].get(_fold(value), {}).values())

    def candidates(self, column: str, values: Iterable[Any]) -> list[Row] | None:
        """Rows that may hold one of the values, or None when the column has no index."""
        if column == "Id" and self.kind.prefix != "---":
            found = [self.get(value) for value in values]
            return list({row["_key"]: row for row in found if row is not None}.values())
        index = self._indexes.get(column)
        if index is None:
            return None
        merged: dict[str, Row] = {}
        for value in values:
            merged |= index.get(_fold(value), {})
        return sorted(merged.values(), key=lambda row: str(row["_key"]))

    def _put(self, row: Row) -> None:
        self._rows[row["_key"]] = row
        for column, index in self._indexes.items():
            index.setdefault(_fold(row.get(column)), {})[row["_key"]] = row

    def _take(self, row: Row) -> None:
        del self._rows[row["_key"]]
        for column, index in self._indexes.items():
            index[_fold(row.get(column))].pop(row["_key"], None)

    def _set(self, row: Row, values: Row) -> None:
        for column, index in self._indexes.items():
            if column in values and row.get(column) != values[column]:
                index[_fold(row.get(column))].pop(row["_key"], None)
                index.setdefault(_fold(values[column]), {})[row["_key"]] = row
        row.update(values)


def _fold(value: Any) -> str:
    return canonical(value).casefold() if isinstance(value, str) else ""
