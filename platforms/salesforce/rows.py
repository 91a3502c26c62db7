"""Reading records as Salesforce prints them: every column asked for must be there, null or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from bot.errors import ProtocolChanged

Row = Mapping[str, Any]


def value(row: Row, path: str) -> Any:
    """
    What stands at ``path`` ("Profile.Name"); None where it, or a record on the way, is null.

    Raises:
        ProtocolChanged: a column that was asked for is absent.
    """
    found: Any = row
    try:
        if "." not in path:  # nearly all; a scan reads hundreds of thousands
            return found[path]
        for part in path.split("."):
            if found is None:
                return None
            found = found[part]
    except (KeyError, TypeError) as exc:
        raise ProtocolChanged(f"an answer of Salesforce lacks {path}", operation="read") from exc
    return found


def text(row: Row, path: str) -> str:
    """The text at ``path``, empty for null. Half a surrogate pair, which JSON can spell, becomes "?"."""
    found = value(row, path)
    if found is None:
        return ""
    said = str(found)
    return said if said.isascii() else said.encode("utf-8", "replace").decode("utf-8")


def flag(row: Row, path: str) -> bool:
    """Whether ``path`` is true; null is not."""
    return value(row, path) is True


def number(row: Row, path: str) -> int:
    """The whole number at ``path``, zero for null."""
    found = value(row, path)
    if found is None:
        return 0
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ProtocolChanged(f"{path} is not a number in an answer of Salesforce", operation="read")
    return int(found)


def instant(row: Row, path: str) -> datetime | None:
    """The aware UTC time at ``path``; Salesforce prints ``2026-11-21T08:00:00.000+0000``."""
    found = text(row, path)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found).astimezone(UTC)
    except ValueError as exc:
        raise ProtocolChanged(f"{path} is not a time in an answer of Salesforce", operation="read") from exc


def end_of(row: Row, path: str) -> datetime | None:
    """The first instant, in UTC, of the day at ``path``: an end date promises nothing for the day itself."""
    found = text(row, path)
    if not found:
        return None
    try:
        day = date.fromisoformat(found[:10])
    except ValueError as exc:
        raise ProtocolChanged(f"{path} is not a date in an answer of Salesforce", operation="read") from exc
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
