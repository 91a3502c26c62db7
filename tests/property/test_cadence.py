"""The rhythm of an integration, learnt from its use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.inventory.usage_interval import USES, cadence

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
gaps = st.lists(st.integers(1, 60 * 24 * 40).map(lambda m: timedelta(minutes=m)), min_size=0, max_size=60)


def uses(pauses: list[timedelta]) -> list[datetime]:
    at = [START]
    for pause in pauses:
        at.append(at[-1] + pause)
    return at


@given(gaps)
def test_few_uses_tell_nothing(pauses: list[timedelta]) -> None:
    """A rhythm is never guessed from fewer uses than the least."""
    assert (cadence(uses(pauses)) is None) == (len(pauses) + 1 < USES)


@given(gaps.filter(lambda g: len(g) + 1 >= USES))
def test_the_beat_is_a_pause_that_was_seen_and_all_but_one_are_within_it(pauses: list[timedelta]) -> None:
    """Whatever was seen twice is ordinary, so that no weekend or month end is an alarm."""
    found = cadence(uses(pauses))
    assert found
    assert found.beat in pauses
    assert sum(pause > found.beat for pause in pauses) <= 1
    assert found.patience > found.beat


@given(gaps, st.randoms())
def test_order_and_repetition_change_nothing(pauses: list[timedelta], random: object) -> None:
    """Deliveries come late, twice and out of order."""
    at = uses(pauses)
    shuffled = [*at, *at]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cadence(shuffled) == cadence(at)


@given(gaps, st.integers(1, 60 * 24 * 60).map(lambda m: timedelta(minutes=m)))
def test_what_was_said_is_believed_unless_use_shows_longer_pauses(
    pauses: list[timedelta], said: timedelta
) -> None:
    """A written cadence makes us no more hasty than the use that was seen."""
    learnt, found = cadence(uses(pauses)), cadence(uses(pauses), said)
    assert found
    assert found.beat == max(said, learnt.beat if learnt else said)


def test_a_nightly_job_of_weekdays_may_rest_over_the_weekend() -> None:
    """Monday's run is late only after a weekend and a quarter."""
    nights = [START + DAY * n for n in range(26) if n % 7 < 5]
    found = cadence(nights)
    assert found
    assert found.beat == 3 * DAY
    friday = max(n for n in nights if n.weekday() == 4)
    assert not found.missed(friday, friday + 3 * DAY + timedelta(hours=2))
    assert found.missed(friday, friday + 4 * DAY)


def test_a_month_end_job_is_not_missed_in_the_middle_of_the_month() -> None:
    """Bursts at each month's end: the pause between them is the beat."""
    ends = [datetime(2026, month, 28, hour, tzinfo=UTC) for month in range(1, 7) for hour in (1, 9, 17)]
    found = cadence(ends)
    assert found
    assert found.beat > 30 * DAY
    assert not found.missed(ends[-1], ends[-1] + 30 * DAY)
    assert found.silent_for_long_enough(ends[-1], ends[-1] + 40 * DAY)


def test_one_outage_among_many_runs_is_not_the_rhythm() -> None:
    """Hourly for two days, silent for ten, hourly again: the next ten silent days are news."""
    hours = [START + timedelta(hours=n) for n in range(48)]
    hours += [hours[-1] + 10 * DAY + timedelta(hours=n) for n in range(48)]
    found = cadence(hours)
    assert found
    assert found.beat == timedelta(hours=1)
