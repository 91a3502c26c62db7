"""Rows of the pretended account, and which of them changed since somebody last looked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]
"""A row. Keys that start with an underscore are the stand-in's own; `_key` is its place in the table."""


class Table:
    """Rows by key in the order they came. Writing goes through these methods, so that the mirror learns of it."""

    def __init__(self, first_id: int = 1) -> None:
        self._rows: dict[int, Row] = {}
        self._next = first_id
        self.stale: set[int] = set()

    def insert(self, row: Row) -> Row:
        """Add a row. A number in `id` becomes its key, else the next free number does."""
        given = row.get("id")
        key = given if isinstance(given, int) else self._next
        self._next = max(self._next, key) + 1
        row["_key"] = key
        self._rows[key] = row
        self.stale.add(key)
        return row

    def numbered(self, row: Row) -> Row:
        """Add a row whose `id` is the next free number."""
        return self.insert({"id": self._next} | row)

    def change(self, row: Row, **values: Any) -> None:
        row.update(values)
        self.stale.add(row["_key"])

    def delete(self, row: Row) -> None:
        del self._rows[row["_key"]]
        self.stale.add(row["_key"])

    def clear(self) -> None:
        self.stale.update(self._rows)
        self._rows.clear()

    def all_stale(self) -> None:
        self.stale.update(self._rows)

    def get(self, key: int | None) -> Row | None:
        return None if key is None else self._rows.get(key)

    def where(self, **values: Any) -> list[Row]:
        return [row for row in self._rows.values() if all(row.get(k) == v for k, v in values.items())]

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)
