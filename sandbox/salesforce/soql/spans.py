"""
Date literals: the stretch of days each one means, at an instant.

Days begin at midnight UTC and weeks on Sunday, as for the stand-in's users (time zone GMT, locale en_US).
Source: SOQL and SOSL Reference, "Date Formats and Date Literals", read 2026-11-21.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

_DAY = timedelta(days=1)


def span(name: str, n: int | None, now: datetime) -> tuple[date, date]:
    """
    First day, and the day after the last, of a literal such as TODAY or LAST_N_DAYS:30.

    Raises:
        KeyError: there is no such literal, or it lacks its number, or has one it should not have.
    """
    today = now.astimezone(UTC).date()
    if n is None:
        return _FIXED[name](today)
    return _ROLLING[name](today, n)


def _week(today: date, step: int) -> tuple[date, date]:
    first = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=step)
    return first, first + timedelta(weeks=1)


def _month_start(today: date, step: int) -> date:
    years, month = divmod(today.month - 1 + step, 12)
    return date(today.year + years, month + 1, 1)


def _month(today: date, step: int) -> tuple[date, date]:
    return _month_start(today, step), _month_start(today, step + 1)


def _year(today: date, step: int) -> tuple[date, date]:
    return date(today.year + step, 1, 1), date(today.year + step + 1, 1, 1)


_FIXED: dict[str, Callable[[date], tuple[date, date]]] = {
    "YESTERDAY": lambda today: (today - _DAY, today),
    "TODAY": lambda today: (today, today + _DAY),
    "TOMORROW": lambda today: (today + _DAY, today + 2 * _DAY),
    "LAST_WEEK": lambda today: _week(today, -1),
    "THIS_WEEK": lambda today: _week(today, 0),
    "NEXT_WEEK": lambda today: _week(today, 1),
    "LAST_MONTH": lambda today: _month(today, -1),
    "THIS_MONTH": lambda today: _month(today, 0),
    "NEXT_MONTH": lambda today: _month(today, 1),
    "LAST_YEAR": lambda today: _year(today, -1),
    "THIS_YEAR": lambda today: _year(today, 0),
    "NEXT_YEAR": lambda today: _year(today, 1),
    "LAST_90_DAYS": lambda today: (today - 90 * _DAY, today + _DAY),
    "NEXT_90_DAYS": lambda today: (today + _DAY, today + 91 * _DAY),
}
_ROLLING: dict[str, Callable[[date, int], tuple[date, date]]] = {
    "LAST_N_DAYS": lambda today, n: (today - n * _DAY, today + _DAY),
    "NEXT_N_DAYS": lambda today, n: (today + _DAY, today + (n + 1) * _DAY),
    "N_DAYS_AGO": lambda today, n: (today - n * _DAY, today - (n - 1) * _DAY),
    "LAST_N_WEEKS": lambda today, n: (_week(today, -n)[0], _week(today, 0)[0]),
    "NEXT_N_WEEKS": lambda today, n: (_week(today, 1)[0], _week(today, n)[1]),
    "LAST_N_MONTHS": lambda today, n: (_month_start(today, -n), _month_start(today, 0)),
    "NEXT_N_MONTHS": lambda today, n: (_month_start(today, 1), _month_start(today, n + 1)),
    "LAST_N_YEARS": lambda today, n: (_year(today, -n)[0], _year(today, 0)[0]),
    "NEXT_N_YEARS": lambda today, n: (_year(today, 1)[0], _year(today, n)[1]),
}
ROLLING_BACK = frozenset({"LAST_N_DAYS", "LAST_90_DAYS", "LAST_N_WEEKS", "LAST_N_MONTHS", "LAST_N_YEARS"})
ROLLING_ON = frozenset({"NEXT_N_DAYS", "NEXT_90_DAYS", "NEXT_N_WEEKS", "NEXT_N_MONTHS", "NEXT_N_YEARS"})
