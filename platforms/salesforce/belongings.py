"""What stops when a user goes though it is no token, and what the org has a bounded supply of."""

from __future__ import annotations

from collections.abc import Iterable

from bot.platform.model import Capacity, Tie
from platforms.salesforce.rows import Row, number, text

# Source: Object Reference, CronJobDetail, JobType, read 2026-11-21.
_JOB_TYPES = {
    "1": "data export",
    "3": "dashboard refresh",
    "4": "reporting snapshot",
    "6": "scheduled flow",
    "7": "scheduled Apex",
    "8": "report run",
    "9": "batch job",
    "A": "report notification",
}
_OVER = frozenset({"COMPLETE", "DELETED", "ERROR"})  # they fire no more
JOB = "scheduled job"
DASHBOARD = "dashboard"


def jobs(rows: Iterable[Row]) -> list[Tie]:
    """Scheduled jobs that will still fire, tied to their owner."""
    return [
        Tie(
            native_id=text(row, "Id"),
            principal_id=text(row, "OwnerId"),
            kind=JOB,
            name=text(row, "CronJobDetail.Name"),
            detail=_JOB_TYPES.get(text(row, "CronJobDetail.JobType"), "job"),
        )
        for row in rows
        if text(row, "State").upper() not in _OVER
    ]


def dashboards(rows: Iterable[Row]) -> list[Tie]:
    """Dashboards that show what one named user may see; those run as whoever looks have no such tie."""
    return [
        Tie(
            native_id=text(row, "Id"),
            principal_id=text(row, "RunningUserId"),
            kind=DASHBOARD,
            name=text(row, "Title"),
            detail="shows what this user may see",
        )
        for row in rows
        if text(row, "RunningUserId") and text(row, "Type") in {"", "SpecifiedUser"}
    ]


def licences(users: Iterable[Row], sets: Iterable[Row]) -> list[Capacity]:
    """Licences the org has any of."""
    found = [
        Capacity(
            name=f"licence {text(row, 'Name')}",
            used=number(row, "UsedLicenses"),
            total=number(row, "TotalLicenses"),
        )
        for row in users
    ]
    found += [
        Capacity(
            name=f"permission set licence {text(row, 'MasterLabel')}",
            used=number(row, "UsedLicenses"),
            total=number(row, "TotalLicenses"),
        )
        for row in sets
    ]
    return [capacity for capacity in found if capacity.total > 0]
