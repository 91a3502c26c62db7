"""How one Nexonia company syncs, as its connection is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.sync.people import RecordKind
from bot.domain.sync.qualifying import Rules

UNVERIFIED = "a configured REST mapping, not verified against Nexonia"
OURS = "the sandbox's own directory, which is ours and not Nexonia's"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """The settings of the sync, where its records come from, and when we speak of it."""

    kinds: frozenset[RecordKind] = frozenset(RecordKind)
    employee_filter: bool = False
    notify: bool = False  # "Notify new Users": a login mail to whom the sync creates
    records: str = ""  # the connection that lists employees and vendors; "" for files of this connection
    time_zone: str = ""  # IANA; "" where the records' source says it
    forecast_at: str = "18:00"  # each day, in that zone
    approver_roles: frozenset[str] = frozenset()  # whose loss is an alarm, folded
    writes: bool = False  # whether a plan may be carried out by us
    label: str = ""  # what kind of directory this is, where that must be said; "" for an export by Nexonia

    def rules(self, at: datetime, zone: str) -> Rules:
        """The rules on the day it is in ``zone`` at an aware instant."""
        today: date = at.astimezone(ZoneInfo(zone)).date()
        return Rules(today=today, kinds=self.kinds, employee_filter=self.employee_filter)
