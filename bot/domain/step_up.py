"""Step-up: a second proof of who approves, by a code that an authenticator app shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WRONG_AT_MOST = 5  # wrong codes in a row, then it is locked
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """What is kept for one member. Secrets are out of its repr; ``recovery`` holds hashes only."""

    slack_id: str
    secret: bytes = field(default=b"", repr=False)  # empty: not enrolled
    pending: bytes = field(default=b"", repr=False)  # shown, and not yet confirmed by a code
    enrolled_at: datetime | None = None
    last_step: int = -1  # number of the newest time-step a code of which was accepted
    wrong: int = 0  # wrong codes since the last right one
    locked_until: datetime | None = None
    recovery: tuple[bytes, ...] = field(default=(), repr=False)  # of the recovery codes left
    rev: int = 0  # 0: never stored

    @property
    def enrolled(self) -> bool:
        """Whether codes of theirs are accepted."""
        return bool(self.secret)

    def locked(self, now: datetime) -> bool:
        """Whether no code of theirs is looked at now."""
        return self.locked_until is not None and now < self.locked_until
