"""The one source of time, passed in, so that tests and the sandbox can move it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC time. ``shift`` is zero except while pointed at a sandbox, whose clock we then follow."""

    def __init__(self) -> None:
        self.shift = timedelta(0)

    def now(self) -> datetime:
        """The present, aware UTC."""
        return datetime.now(UTC) + self.shift


class FixedClock(Clock):
    """A clock that stands still until told; for tests."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at + self.shift
