"""When somebody may be spoken to, by the clock on their own wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From ``start`` to ``end`` of each day, over midnight where ``end`` is earlier. Equal: never quiet."""

    start: time
    end: time

    def holds(self, at: datetime, zone: tzinfo) -> bool:
        """Whether it is quiet there then."""
        local = at.astimezone(zone).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def over(self, at: datetime, zone: tzinfo) -> datetime:
        """The first instant from ``at`` on at which it is not quiet there, aware UTC.

        Where clocks go forward over the end of quiet, that is the first instant that exists after it.
        """
        if not self.holds(at, zone):
            return at
        local = at.astimezone(zone)
        day = local.date() if local.time() < self.end else local.date() + timedelta(days=1)
        return max(at, datetime.combine(day, self.end, zone).astimezone(UTC))


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC where there is none, or nobody said."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def day_of(now: datetime, zone: tzinfo, at: time) -> date | None:
    """The local day whose ``at`` has come; None while it has not."""
    local = now.astimezone(zone)
    return local.date() if local.time() >= at else None
