"""Dates as numbers of days, and Oracle's formats."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.netsuite.suiteql import dates

instants = st.integers(631_152_000, 3_786_912_000).map(lambda second: datetime.fromtimestamp(second, UTC))
zones = st.sampled_from(["Etc/UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Chatham"]).map(ZoneInfo)


@given(instants, zones)
def test_an_instant_survives_to_the_second(at: datetime, zone: ZoneInfo) -> None:
    """Written in the account's zone, every second is the one that went in."""
    wall = at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    assert dates.written(dates.number(at, zone), "%Y-%m-%d %H:%M:%S") == wall


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), zones)
def test_a_calendar_day_has_no_zone(day: date, zone: ZoneInfo) -> None:
    """A day is the same day everywhere, and a day later is one more."""
    assert dates.shown(dates.number(day, zone)) == f"{day.month}/{day.day}/{day.year}"
    assert dates.number(day + timedelta(days=1), zone) - dates.number(day, zone) == 1


@pytest.mark.parametrize(
    ("oracle", "python"),
    [
        ("YYYY-MM-DD HH24:MI:SS", "%Y-%m-%d %H:%M:%S"),
        ("yyyy/mm/dd", "%Y/%m/%d"),
        ("DD-MON-YY", "%d-%b-%y"),
        ("HH12:MI AM", "%I:%M %p"),
        ('YYYY-MM-DD"T"HH24:MI:SS"Z"', "%Y-%m-%dT%H:%M:%SZ"),
        ("YYYY 100%", None),
        ("QQ", None),
        ('YYYY"x', None),
    ],
)
def test_formats(oracle: str, python: str | None) -> None:
    """Elements in any case, quoted text as it is, and None for what is not known."""
    if oracle == "YYYY 100%":
        assert dates.strftime_format(oracle) == "%Y 100%%"
    else:
        assert dates.strftime_format(oracle) == python


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-02-28", 1, "2026-03-31"),
        ("2026-03-15", -3, "2025-12-15"),
        ("2024-01-30", 1, "2024-02-29"),
    ],
)
def test_adding_months(start: str, months: int, end: str) -> None:
    """The last day of a month stays the last day; a day that a month lacks is its last."""
    moved = dates.months_later(dates.number(date.fromisoformat(start), ZoneInfo("Etc/UTC")), months)
    assert dates.written(moved, "%Y-%m-%d") == end


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        ("DD", "2026-08-20 00:00"),
        ("MM", "2026-08-01 00:00"),
        ("Q", "2026-07-01 00:00"),
        ("YYYY", "2026-01-01 00:00"),
        ("HH24", "2026-08-20 17:00"),
        ("MI", "2026-08-20 17:45"),
    ],
)
def test_truncation(unit: str, start: str) -> None:
    """TRUNC gives the start of the unit."""
    number = dates.number(datetime(2026, 8, 20, 17, 45, 12, tzinfo=UTC), ZoneInfo("Etc/UTC"))
    assert dates.written(dates.truncated(number, unit), "%Y-%m-%d %H:%M") == start


def test_nothing_stays_nothing() -> None:
    """Every function passes a null on."""
    assert dates.written(None, "%Y") is None
    assert dates.shown(None) is None
    assert dates.read(None, "%Y") is None
    assert dates.truncated(None, "DD") is None
    assert dates.months_later(None, 1) is None
