"""Days on which much ends, and how the work before them is spread."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.inventory.expiry_clusters import Cliff, by_month, cliffs, stagger

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
ends = st.lists(st.integers(-100, 900).map(lambda hours: NOW + timedelta(hours=hours * 12)), max_size=80)


@given(ends)
def test_every_steep_day_is_found_and_no_other(listed: list[datetime]) -> None:
    """Five or more ends of one day that is ahead, and only those, earliest first."""
    found = cliffs(listed, NOW)
    for cliff in found:
        assert cliff.count == sum(end.date() == cliff.day and end > NOW for end in listed) >= 5
    days = [cliff.day for cliff in found]
    assert days == sorted(set(days))
    rest = [end for end in listed if end > NOW and end.date() not in days]
    assert all(sum(other.date() == end.date() for other in rest) < 5 for end in rest)


@given(st.integers(1, 400), st.integers(5, 500))
def test_the_work_fits_and_is_done_in_time(days: int, count: int) -> None:
    """As many working days as there are, never before today, a week before the day where that can be."""
    cliff = Cliff(day=TODAY + timedelta(days=days), count=count)
    plan = stagger(cliff, TODAY)
    assert TODAY <= plan.first <= plan.last < cliff.day
    if days > 10:
        assert plan.last <= cliff.day - timedelta(days=7)
    working = sum(
        (plan.first + timedelta(days=n)).weekday() < 5 for n in range((plan.last - plan.first).days + 1)
    )
    assert plan.per_day * max(1, working) >= count
    assert plan.per_day >= 1


def test_fourteen_that_end_the_same_day() -> None:
    """Fourteen certificates of the third of March: one a working day, the last a week before."""
    plan = stagger(Cliff(day=date(2027, 3, 3), count=14), TODAY)
    assert (plan.first, plan.last, plan.per_day) == (date(2027, 2, 5), date(2027, 2, 24), 1)


@given(ends, st.integers(1, 24))
def test_months_lose_and_invent_nothing(listed: list[datetime], months: int) -> None:
    """Every end of those months is counted once, empty months included, in order."""
    counted = by_month(listed, NOW, months)
    assert len(counted) == months
    assert [month for month, _ in counted] == sorted(month for month, _ in counted)
    last = (counted[-1][0] + timedelta(days=32)).replace(day=1)
    assert sum(count for _, count in counted) == sum(end > NOW and end.date() < last for end in listed)
