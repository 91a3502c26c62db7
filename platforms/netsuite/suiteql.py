"""SuiteQL as text: nothing that comes from outside ever stands in a query but as an id, a day or a quoted text.

Parameters cannot be bound over REST. Sources: NetSuite help, section_157909186990, section_158394344595, read
2026-11-24.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.errors import BadArgument

PAGE = 1000  # the most rows of one answer
CAP = 100_000  # the most rows of one query, over all its pages
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
_FORM = "YYYY-MM-DD HH24:MI:SS"


def name(raw: str) -> str:
    """``raw``, if it can be a column or table: letters, digits and underscores.

    Raises:
        BadArgument: it cannot.
    """
    if not _NAME.fullmatch(raw):
        raise BadArgument(f"“{raw[:40]}” is not the id of a field.")
    return raw


def record_id(raw: str) -> str:
    """``raw``, if it is an internal id.

    Raises:
        BadArgument: it is not.
    """
    if not re.fullmatch(r"-?\d{1,12}", raw):
        raise BadArgument(f"“{raw[:40]}” is not an internal id of NetSuite.")
    return raw


def quoted(raw: str) -> str:
    """A text literal. A quotation mark in it is doubled; nothing else has a meaning inside one."""
    return "'" + raw.replace("\x00", "").replace("'", "''") + "'"


def ids(raw: Iterable[str]) -> str:
    """A list of internal ids for ``IN``."""
    return ", ".join(record_id(one) for one in raw)


def at(column: str) -> str:
    """An expression that prints a time, in the zone of the bot's user."""
    return f"TO_CHAR({column}, '{_FORM}')"


def day(column: str) -> str:
    """An expression that prints a day."""
    return f"TO_CHAR({column}, 'YYYY-MM-DD')"


def moment(when: datetime, zone: ZoneInfo) -> str:
    """A time literal."""
    local = when.astimezone(UTC).astimezone(zone)
    return f"TO_DATE('{local:%Y-%m-%d %H:%M:%S}', '{_FORM}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One query over one table whose alias is ``t``. ``columns``: output name → expression."""

    columns: tuple[tuple[str, str], ...]
    table: str
    where: tuple[str, ...] = ()
    joins: str = ""
    group: str = ""
    order: str = ""

    def text(self, *more: str) -> str:
        """As SuiteQL, with further conditions."""
        shown = ", ".join(f"{expression} AS {output}" for output, expression in self.columns)
        conditions = " AND ".join((*self.where, *more))
        return " ".join(
            part
            for part in (
                f"SELECT {shown} FROM {self.table} t",  # noqa: S608  made of our own words, ids and quoted texts
                self.joins,
                f"WHERE {conditions}" if conditions else "",
                f"GROUP BY {self.group}" if self.group else "",
                f"ORDER BY {self.order}" if self.order else "",
            )
            if part
        )

    def without(self, output: str) -> Select:
        """The same without one column, for accounts that do not show it."""
        return Select(
            columns=tuple(pair for pair in self.columns if pair[0] != output),
            table=self.table,
            where=self.where,
            joins=self.joins,
            group=self.group,
            order=self.order,
        )

    def count(self, column: str = "t.id") -> str:
        """How many rows it has; ``column`` is never null in it."""
        conditions = f" WHERE {' AND '.join(self.where)}" if self.where else ""
        return f"SELECT COUNT({column}) AS n FROM {self.table} t{conditions}"  # noqa: S608  as above
