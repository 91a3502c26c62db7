"""An SQLite copy of the account's tables in memory, brought up to date before every query."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.netsuite.account import Account
from sandbox.netsuite.catalogue import DATE, FLAG, REFERENCES, TABLES, TEXT
from sandbox.netsuite.suiteql import dates
from sandbox.netsuite.tables import Row

INDEXES = {
    "loginaudit": ("date", "user"),
    "oauthtoken": ("entity_name",),
    "systemnote": ("recordid", "name", "date"),
    "assignments": ("entity",),
}


class Mirror:
    """The copy. Only rows that changed since the last query are written again."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._zone_name = ""
        self._columns: dict[str, dict[str, str]] = {}
        for name, spec in TABLES.items():
            kept_by = spec.kept_by or name
            self._columns[kept_by] = self._columns.get(kept_by, {}) | spec.columns
        for name, columns in self._columns.items():
            parts = [f'"{column}" {_affinity(kind)}' for column, kind in columns.items()]
            self._database.execute(f'CREATE TABLE "{name}" (_key INTEGER PRIMARY KEY, {", ".join(parts)})')
            for column in INDEXES.get(name, ()):
                self._database.execute(f'CREATE INDEX "{name}_{column}" ON "{name}" ("{column}")')
        self._database.execute("PRAGMA case_sensitive_like = ON")
        self._register()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self._account.switches.time_zone)

    def rows(self, sql: str, values: dict[str, Any], tables: Collection[str]) -> list[tuple[Any, ...]]:
        """
        All rows of a statement that reads these tables only.

        Raises:
            sqlite3.Error: the statement cannot be run.
        """
        if self._zone_name != self._account.switches.time_zone:
            self._zone_name = self._account.switches.time_zone
            for table in self._account.tables.values():
                table.all_stale()
        for name in tables:
            self._refresh(name)
        return self._database.execute(sql, values).fetchall()

    def _refresh(self, name: str) -> None:
        table, columns, zone = self._account[name], self._columns[name], self.zone
        if not table.stale:
            return
        found = [(key, table.get(key)) for key in table.stale]
        table.stale.clear()
        gone = [(key,) for key, row in found if row is None]
        kept = [_values(key, row, columns, zone) for key, row in found if row is not None]
        marks = ", ".join("?" * (len(columns) + 1))
        self._database.execute("BEGIN")
        self._database.executemany(f'DELETE FROM "{name}" WHERE _key = ?', gone)  # noqa: S608 - our own names
        self._database.executemany(f'INSERT OR REPLACE INTO "{name}" VALUES ({marks})', kept)  # noqa: S608
        self._database.execute("COMMIT")

    def _register(self) -> None:
        def make(name: str, arity: int, body: Any) -> None:
            self._database.create_function(name, arity, body, deterministic=True)

        make("ns_written", 2, dates.written)
        make("ns_shown", 1, dates.shown)
        make("ns_read", 2, dates.read)
        make("ns_trunc", 2, dates.truncated)
        make("ns_add_months", 2, dates.months_later)
        make("ns_lower", 1, lambda text: None if text is None else str(text).lower())
        make("ns_upper", 1, lambda text: None if text is None else str(text).upper())
        self._database.create_function("ns_df", 2, self._account.name)  # names change: not deterministic


def _affinity(kind: str) -> str:
    if kind == DATE:
        return "REAL"
    return "TEXT" if kind in (TEXT, FLAG) else "NUMERIC" if kind not in REFERENCES else "INTEGER"


def _values(key: int, row: Row, columns: dict[str, str], zone: ZoneInfo) -> tuple[Any, ...]:
    values: list[Any] = [key]
    for column in columns:
        value = row.get(column)
        values.append(dates.number(value, zone) if isinstance(value, date) else value)
    return tuple(values)
