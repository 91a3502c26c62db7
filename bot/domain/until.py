"""Until when, as people type it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.errors import BadArgument


def end_of(typed: str, now: datetime) -> datetime:
    """So many days from now (``3`` or ``3d``), or the first minute of a day, UTC (``2026-12-01``).

    Raises:
        BadArgument: neither; the hint shows both.
    """
    days = typed.removesuffix("d")
    if days.isascii() and days.isdecimal() and len(days) < 4:
        return now + timedelta(days=int(days))
    try:
        return datetime.combine(date.fromisoformat(typed), time(), UTC)
    except ValueError as exc:
        raise BadArgument(
            "Give the days as a whole number, for example `3`, or the date it ends, for example `2026-12-01`."
        ) from exc
