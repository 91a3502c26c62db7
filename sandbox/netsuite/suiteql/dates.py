"""
Dates inside the mirror: days since 1970 in the account's own time zone, as a number.

Oracle counts dates in days too, so that SYSDATE - 30, comparisons and differences need no translation.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1)
_START = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock time of the account
ACCOUNT_FORMAT = "%m/%d/%Y"
_TOKENS = {
    "YYYY": "%Y", "YY": "%y", "MM": "%m", "MON": "%b", "MONTH": "%B", "DD": "%d", "DDD": "%j", "DY": "%a",
    "DAY": "%A", "HH24": "%H", "HH12": "%I", "HH": "%I", "MI": "%M", "SS": "%S", "AM": "%p", "PM": "%p",
    "IW": "%V", "D": "%w",
}  # fmt: skip
_PLAIN = {"%Y", "%m", "%d", "%H", "%M", "%S"}
_NAMES = sorted(_TOKENS, key=len, reverse=True)


def number(value: datetime | date, zone: ZoneInfo) -> float:
    """The day number of an aware instant, or of a calendar day."""
    if isinstance(value, datetime):
        wall = value.astimezone(zone).replace(tzinfo=None, microsecond=0)
        return (wall - _START).total_seconds() / 86400
    return float((value - _EPOCH).days)


def wall(days: float) -> datetime:
    """Wall-clock time of a day number, to the second."""
    return _START + timedelta(seconds=round(days * 86400))


def strftime_format(oracle: str) -> str | None:
    """An Oracle format in strftime's spelling; None for an element this stand-in does not know."""
    made, at = "", 0
    while at < len(oracle):
        if oracle[at] == '"':
            end = oracle.find('"', at + 1)
            if end < 0:
                return None
            made, at = made + oracle[at + 1 : end].replace("%", "%%"), end + 1
            continue
        name = next((one for one in _NAMES if oracle[at : at + len(one)].upper() == one), None)
        if name is not None:
            made, at = made + _TOKENS[name], at + len(name)
        elif oracle[at].isalpha():
            return None
        else:
            made, at = made + oracle[at].replace("%", "%%"), at + 1
    return made


def is_plain(python_format: str) -> bool:
    """Claims that SQLite's own strftime writes this format alike."""
    rest = python_format
    for token in _PLAIN:
        rest = rest.replace(token, "")
    return "%" not in rest


def written(days: float | None, python_format: str) -> str | None:
    return None if days is None else wall(days).strftime(python_format)


def shown(days: float | None) -> str | None:
    """A date that nobody formatted, as an account with American settings shows it: 1/5/2026, without the time."""
    if days is None:
        return None
    at = wall(days)
    return f"{at.month}/{at.day}/{at.year}"


def read(text: str | None, python_format: str) -> float | None:
    """The day number of a text. Raises ValueError when it has another format."""
    if text is None:
        return None
    return (datetime.strptime(text, python_format) - _START).total_seconds() / 86400  # noqa: DTZ007


def truncated(days: float | None, unit: str) -> float | None:
    """TRUNC(date, unit): the start of the day, month, quarter or year; of the hour or minute."""
    if days is None:
        return None
    at, unit = wall(days), unit.upper()
    if unit in ("MM", "MON", "MONTH"):
        at = at.replace(day=1)
    elif unit in ("YYYY", "YEAR", "Y", "YY"):
        at = at.replace(month=1, day=1)
    elif unit in ("Q", "QUARTER"):
        at = at.replace(month=3 * ((at.month - 1) // 3) + 1, day=1)
    elif unit in ("HH", "HH24", "HOUR"):
        return (at.replace(minute=0, second=0) - _START).total_seconds() / 86400
    elif unit in ("MI", "MINUTE"):
        return (at.replace(second=0) - _START).total_seconds() / 86400
    return float((at.date() - _EPOCH).days)


def months_later(days: float | None, months: float) -> float | None:
    """ADD_MONTHS: the last day of a month stays the last day."""
    if days is None:
        return None
    at = wall(days)
    total = at.year * 12 + at.month - 1 + int(months)
    year, month = divmod(total, 12)
    last = calendar.monthrange(year, month + 1)[1]
    was_last = at.day == calendar.monthrange(at.year, at.month)[1]
    moved = at.replace(year=year, month=month + 1, day=last if was_last else min(at.day, last))
    return (moved - _START).total_seconds() / 86400
