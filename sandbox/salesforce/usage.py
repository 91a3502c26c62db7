"""The org's allowance of API calls: a rolling day, and long requests at once."""

from collections import deque
from datetime import datetime, timedelta

_SLICE = timedelta(minutes=5)
_DAY = timedelta(hours=24)


class Usage:
    """Calls of the last 24 hours, counted in slices of five minutes of the world's clock."""

    def __init__(self) -> None:
        self._slices: deque[tuple[datetime, int]] = deque()
        self._total = 0

    def spend(self, now: datetime, calls: int = 1) -> None:
        """Note calls made at an instant that is not before the last one."""
        if self._slices and now - self._slices[-1][0] < _SLICE:
            since, count = self._slices[-1]
            self._slices[-1] = (since, count + calls)
        else:
            self._slices.append((now, calls))
        self._total += calls

    def spent(self, now: datetime) -> int:
        """How many calls the rolling day holds."""
        while self._slices and now - self._slices[0][0] >= _DAY:
            self._total -= self._slices.popleft()[1]
        return self._total


def daily_allowance(licences: int, override: int | None) -> int:
    """
    Calls per rolling day: 100,000 and 1,000 for each user licence, unless the switch says otherwise.

    Source: Salesforce Developer Limits and Allocations, "API Request Limits and Allocations", 2026-11-21.
    """
    return override if override is not None else 100_000 + 1_000 * licences
