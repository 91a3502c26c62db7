"""Reading records as Wrike prints them: what the documentation promises must be there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.errors import ProtocolChanged

Row = Mapping[str, Any]


def needed(row: Row, name: str) -> str:
    """The text of a field that every such record has.

    Raises:
        ProtocolChanged: it is absent, empty or not text.
    """
    found = row.get(name)
    if not isinstance(found, str) or not found:
        raise ProtocolChanged(f"an answer of Wrike lacks {name}", operation="read")
    return whole(found)


def text(row: Row, name: str) -> str:
    """The text of a field that may be absent."""
    found = row.get(name)
    return whole(found) if isinstance(found, str) else ""


def whole(said: str) -> str:
    """Without half surrogate pairs, which JSON can spell and nothing else can hold."""
    return said if said.isascii() else said.encode("utf-8", "replace").decode("utf-8")


def flag(row: Row, name: str) -> bool:
    """Whether a field is true; absent is not."""
    return row.get(name) is True


def texts(row: Row, name: str) -> tuple[str, ...]:
    """A list of ids; absent is empty.

    Raises:
        ProtocolChanged: it is something else.
    """
    found = row.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ProtocolChanged(f"{name} is not a list of ids in an answer of Wrike", operation="read")
    return tuple(found)


def tables(row: Row, name: str) -> tuple[Row, ...]:
    """A list of records; absent is empty."""
    found = row.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ProtocolChanged(f"{name} is not a list of records in an answer of Wrike", operation="read")
    return tuple(found)


def instant(row: Row, name: str) -> datetime | None:
    """The aware UTC time of a field, ``2026-11-21T08:00:00Z``; None where it is absent."""
    found = text(row, name)
    if not found:
        return None
    try:
        at = datetime.fromisoformat(found)
    except ValueError as exc:
        raise ProtocolChanged(f"{name} is not a time in an answer of Wrike", operation="read") from exc
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def stamp(at: datetime) -> str:
    """A time as Wrike takes it: whole seconds, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
