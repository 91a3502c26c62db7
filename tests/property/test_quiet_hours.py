"""Quiet hours: never spoken to in them, never kept waiting beyond them, whatever clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.quiet_hours import QuietHours, day_of, zone_of

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
instants = st.integers(0, 5 * 366 * 1440).map(
    lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)
times = st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None))


@given(instants, times, times, st.sampled_from(ZONES))
def test_after_quiet_is_not_quiet_and_not_later_than_a_day(
    at: datetime, start: time, end: time, name: str
) -> None:
    """What waits for the end of quiet is said then, within a day and the hour a clock may jump."""
    quiet, zone = QuietHours(start=start, end=end), ZoneInfo(name)
    over = quiet.over(at, zone)
    assert at <= over <= at + timedelta(hours=26)
    if not quiet.holds(at, zone):
        assert over == at
    # where clocks fall back, the end of quiet comes twice: the first time may still read as quiet
    assert not quiet.holds(over, zone) or zone.utcoffset(over) != zone.utcoffset(over + timedelta(hours=2))


@given(instants, times, st.sampled_from(ZONES))
def test_equal_ends_are_never_quiet(at: datetime, start: time, name: str) -> None:
    """A company that wants no quiet hours writes the same time twice."""
    assert not QuietHours(start=start, end=start).holds(at, ZoneInfo(name))


def test_nights_are_quiet_where_the_person_is() -> None:
    """Ten in the evening in Berlin is four in the afternoon in New York."""
    quiet = QuietHours(start=time(20), end=time(8))
    at = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert quiet.over(at, zone_of("Europe/Berlin")) == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    assert quiet.over(at, zone_of("America/New_York")) == at


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "a\0b"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    """Slack's word for a zone is data from outside."""
    assert zone_of(name) is UTC


def test_a_day_begins_at_its_hour() -> None:
    """The digest of a day is due from its hour on, by the local calendar."""
    zone = zone_of("Asia/Kathmandu")
    before = datetime(2026, 11, 24, 3, 14, tzinfo=UTC)  # 08:59 there
    assert day_of(before, zone, time(9)) is None
    assert day_of(before + timedelta(minutes=1), zone, time(9)) == date(2026, 11, 24)
