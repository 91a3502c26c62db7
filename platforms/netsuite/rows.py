"""Reading SuiteQL rows: every value is text, a null column is left out, flags are "T" and "F"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import ProtocolChanged

Row = Mapping[str, Any]


def text(row: Row, column: str) -> str:
    """The text at ``column``, empty where it is left out. Half a surrogate pair becomes "?"."""
    found = row.get(column)
    if found is None:
        return ""
    said = str(found)
    return said if said.isascii() else said.encode("utf-8", "replace").decode("utf-8")


def key(row: Row, column: str) -> str:
    """An internal id. These are never null where we ask for them.

    Raises:
        ProtocolChanged: it is absent, or no whole number.
    """
    found = text(row, column)
    if not found.lstrip("-").isdecimal():
        raise ProtocolChanged(f"an answer of NetSuite has no id in {column}", operation="read")
    return found


def flag(row: Row, column: str) -> bool:
    """Whether a flag is set; one that is left out is not."""
    found = row.get(column)
    if found in ("T", True):
        return True
    if found in ("F", False, None):
        return False
    raise ProtocolChanged(f"{column} is neither T nor F in an answer of NetSuite", operation="read")


def number(row: Row, column: str) -> int:
    """The whole number at ``column``, zero where it is left out."""
    found = text(row, column)
    try:
        return int(float(found)) if found else 0
    except ValueError as exc:
        raise ProtocolChanged(f"{column} is not a number in an answer of NetSuite", operation="read") from exc


def instant(row: Row, column: str, zone: ZoneInfo) -> datetime | None:
    """The aware UTC time at ``column``, printed by ``suiteql.at`` in the zone of the bot's user."""
    found = text(row, column)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found).replace(tzinfo=zone).astimezone(UTC)
    except ValueError as exc:
        raise ProtocolChanged(f"{column} is not a time in an answer of NetSuite", operation="read") from exc


def day(row: Row, column: str) -> date | None:
    """The day at ``column``, printed by ``suiteql.day``."""
    found = text(row, column)
    if not found:
        return None
    try:
        return date.fromisoformat(found[:10])
    except ValueError as exc:
        raise ProtocolChanged(f"{column} is not a day in an answer of NetSuite", operation="read") from exc


def midnight(at: date | None, zone: ZoneInfo) -> datetime | None:
    """The first instant of a day in the company's zone, in UTC."""
    return datetime(at.year, at.month, at.day, tzinfo=zone).astimezone(UTC) if at else None
