"""What time does to rows: history is forgotten, sessions run out, scheduled jobs fire."""

from datetime import timedelta

from sandbox.salesforce import sessions
from sandbox.salesforce.org import Org
from sandbox.salesforce.stamps import instant, stamp

LOGIN_HISTORY = timedelta(days=183)
AUDIT_TRAIL = timedelta(days=180)


def refresh(org: Org, object_name: str) -> None:
    """Bring one object's rows up to the world's clock, before they are read."""
    match object_name:
        case "LoginHistory":
            _forget(org, "LoginHistory", "LoginTime", LOGIN_HISTORY)
        case "SetupAuditTrail":
            _forget(org, "SetupAuditTrail", "CreatedDate", AUDIT_TRAIL)
        case "AuthSession":
            sessions.sweep(org)
        case "CronTrigger":
            _fire(org)


def _forget(org: Org, name: str, column: str, kept: timedelta) -> None:
    oldest = stamp(org.now - kept)
    for row in [row for row in org[name] if row[column] < oldest]:
        org[name].delete(row)


def _fire(org: Org) -> None:
    """Jobs whose time has come have run; those of an inactive owner stand in ERROR instead."""
    now = org.stamp
    for row in org["CronTrigger"]:
        due = row["NextFireTime"]
        if row["State"] != "WAITING" or due is None or due > now:
            continue
        owner = org["User"].get(row["OwnerId"])
        if owner is None or not owner["IsActive"]:
            org["CronTrigger"].change(row, {"State": "ERROR", "NextFireTime": None})
            continue
        step = timedelta(seconds=row["_every_s"])
        missed = int((org.now - instant(due)) / step)
        org["CronTrigger"].change(
            row,
            {
                "PreviousFireTime": stamp(instant(due) + missed * step),
                "NextFireTime": stamp(instant(due) + (missed + 1) * step),
                "TimesTriggered": row["TimesTriggered"] + missed + 1,
            },
        )
