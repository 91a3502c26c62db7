"""Who hears of an alert that nobody takes: owner, backup, everybody, those who decide; each later than the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum

from bot.domain.finding import Severity


class Rung(IntEnum):
    """How far an alert has climbed."""

    OPENED = 0  # it stands in the channel
    OWNER = 1  # whoever answers for what it is about was told
    BACKUP = 2  # and the backup
    CHANNEL = 3  # the channel was told that nobody takes it
    APPROVERS = 4  # and those who decide

    @property
    def next(self) -> Rung | None:
        """The rung above; None at the top."""
        return None if self is Rung.APPROVERS else Rung(self + 1)


SLOWER: dict[Severity, int] = {Severity.P1: 1, Severity.P2: 6}  # P3 never climbs: it is in the weekly digest


def rung_at(severity: Severity, opened_at: datetime, now: datetime, after_h: Sequence[float]) -> Rung:
    """The rung an alert that nobody took should be on. ``after_h``: hours to each rung of a P1, ascending."""
    if severity not in SLOWER:
        return Rung.OPENED
    slower = SLOWER[severity]
    due = [opened_at + timedelta(hours=hours * slower) <= now for hours in after_h]
    return Rung(sum(due))
