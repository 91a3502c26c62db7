"""How often something is used, learnt from when it was: a beat that is late is news, and nothing ends before one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

USES = 6  # fewer say nothing: five gaps are the least a rhythm is told from
MANY = 20  # with this many gaps a single long one is an outage, not the rhythm
LONE = 3  # a gap this many times the next longest, seen once, is not the rhythm
GRACE = 0.25  # of the beat: months have 28 to 31 days, and a queue may be late
GRACE_AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """The longest ordinary pause between two uses, weekends and month ends included."""

    beat: timedelta
    learnt_from: int = 0  # pauses; 0: somebody said so

    @property
    def patience(self) -> timedelta:
        """How long after the last use its absence says something: the beat and a quarter, at least an hour more."""
        return self.beat + max(self.beat * GRACE, GRACE_AT_LEAST)

    def missed(self, last: datetime, now: datetime) -> bool:
        """Whether a use should have been seen by now."""
        return now - last > self.patience

    def silent_for_long_enough(self, last: datetime, now: datetime) -> bool:
        """Whether a full beat has passed without a use, with the same patience: then it may be retired."""
        return self.missed(last, now)


def cadence(uses: Iterable[datetime], said: timedelta | None = None) -> Cadence | None:
    """The rhythm of these uses, in any order; None where they are too few to tell.

    ``said``: what somebody has written down, which is believed unless the uses show longer pauses. Uses are those
    that were seen: what is used more often than it is looked at seems to be used once for each look.
    """
    at = sorted(set(uses))
    gaps = sorted(later - earlier for earlier, later in pairwise(at))
    learnt = _longest_ordinary(gaps) if len(at) >= USES else None
    if said is not None:
        return Cadence(beat=max(said, learnt or said), learnt_from=0)
    return None if learnt is None else Cadence(beat=learnt, learnt_from=len(gaps))


def _longest_ordinary(gaps: list[timedelta]) -> timedelta:
    """The longest gap, but for one that stands alone among many."""
    longest, next_longest = gaps[-1], gaps[-2]
    return next_longest if len(gaps) >= MANY and longest > next_longest * LONE else longest
