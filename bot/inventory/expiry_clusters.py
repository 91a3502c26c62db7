"""Days on which much ends at once, and how to spread the work before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

CLIFF = 5  # ends of one day that are worth spreading
DONE_BEFORE = timedelta(days=7)  # the last is renewed at least this long before the day
AHEAD = timedelta(days=28)  # and the first no longer than this before the last has to be


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliff:
    """One day with many ends."""

    day: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Staggering:
    """Renew at most ``per_day`` on each working day from ``first`` to ``last``."""

    first: date
    last: date
    per_day: int


def cliffs(ends: Iterable[datetime], now: datetime, at_least: int = CLIFF) -> tuple[Cliff, ...]:
    """The days ahead with that many ends or more, earliest first; by the calendar of UTC."""
    counted = Counter(end.date() for end in ends if end > now)
    return tuple(Cliff(day=day, count=count) for day, count in sorted(counted.items()) if count >= at_least)


def stagger(cliff: Cliff, today: date) -> Staggering:
    """How to spread the work: as thin as the working days left allow, the last a week before the day.

    Where there is no week left, from today to the day; where there is no working day left, all of it today.
    """
    last = max(cliff.day - DONE_BEFORE, today)
    if last == today:
        last = max(today, cliff.day - timedelta(days=1))
    first = max(today, last - AHEAD)
    days = [day for n in range((last - first).days + 1) if (day := first + timedelta(days=n)).weekday() < 5]
    days = days[-cliff.count :] or [today]
    return Staggering(first=days[0], last=days[-1], per_day=-(-cliff.count // len(days)))


def by_month(ends: Iterable[datetime], now: datetime, months: int) -> tuple[tuple[date, int], ...]:
    """How many end in this month (from now on) and in each of the next ones, empty ones included."""
    first = now.date().replace(day=1)
    listed = [first]
    while len(listed) < months:
        listed.append((listed[-1] + timedelta(days=32)).replace(day=1))
    counted = Counter(end.date().replace(day=1) for end in ends if end > now)
    return tuple((month, counted[month]) for month in listed)
