"""
Instants as the data API writes them: `2026-11-21T02:38:00.000+0000`, always UTC, always 28 characters.

Rows hold this form, so that comparing text compares instants and nothing is converted while paging.
"""

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """An aware instant in wire form, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def day(at: datetime) -> str:
    """The UTC calendar day of an instant."""
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def instant(text: str) -> datetime:
    """
    The aware UTC instant behind a wire form, a SOQL literal (`…Z`, `…+01:00`) or a bare day.

    Raises:
        ValueError: the text is none of these.
    """
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
