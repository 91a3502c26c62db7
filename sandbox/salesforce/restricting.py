"""Changing a profile's login ranges and hours, with the permissions and checks that go with it."""

import re
from collections.abc import Mapping, Sequence

from sandbox.salesforce.audit import note
from sandbox.salesforce.callers import Caller
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import DAYS, IpRange, Restrictions
from sandbox.salesforce.tables import Row

MIDNIGHT = 1440
_MINUTES = re.compile(r"[0-9]{1,4}")


def restrict(
    org: Org,
    caller: Caller,
    profile: Row,
    ranges: Sequence[tuple[str, str, str | None]] | None,
    timetable: Mapping[str, str] | None,
) -> None:
    """
    Replace the whole list of ranges, and the whole timetable; None leaves either as it is.

    A range is (start, end, description). The timetable's keys are `mondayStart`, `mondayEnd` and so on, its
    values minutes after midnight in whole hours; an empty one lifts the restriction.

    Raises:
        ApiError: INSUFFICIENT_ACCESS for a missing permission, FIELD_INTEGRITY_EXCEPTION for bad values.
    Source: Metadata API Developer Guide, Profile; Security Implementation Guide, login hours; 2026-11-21.
    """
    before = org.restrictions.get(profile["Id"], Restrictions())
    spans = before.ranges if ranges is None else tuple(_range(*entry) for entry in ranges)
    hours = before.hours if timetable is None else _hours(timetable)
    if (
        profile.get("_standard")
        and spans != before.ranges
        and not org.switches.standard_profile_ranges_editable
    ):
        raise ApiError(
            400, "INSUFFICIENT_ACCESS", "You cannot edit the login IP ranges of this standard profile."
        )
    if spans != before.ranges:
        gone = [span for span in before.ranges if span not in spans]
        _require(caller, "ManageUsers")
        if gone and len(spans) < len(before.ranges):
            _require(caller, "ModifyAllData")
    if hours != before.hours:
        _require(caller, "ManageProfilesPermissionsets")
    org.restrictions[profile["Id"]] = Restrictions(spans, hours)
    org.on_undo(lambda: org.restrictions.update({profile["Id"]: before}))
    for span in spans:
        if span not in before.ranges:
            note(
                org,
                caller.id,
                "loginIpRange",
                "Manage Users",
                f"Added Login Ip Range to {profile['Name']} from {span.start} to {span.end}",
            )
    for span in before.ranges:
        if span not in spans:
            note(
                org,
                caller.id,
                "loginIpRange",
                "Manage Users",
                f"Deleted Login Ip Range from {profile['Name']}: {span.start} to {span.end}",
            )
    if hours != before.hours:
        note(org, caller.id, "loginHours", "Manage Users", f"Changed Login Hours of {profile['Name']}")


def _range(start: str, end: str, description: str | None) -> IpRange:
    try:
        return IpRange.parse(start, end, description)
    except ValueError:
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", f"Invalid IP range: {start} - {end}") from None


def _hours(timetable: Mapping[str, str]) -> dict[str, tuple[int, int]] | None:
    found: dict[str, tuple[int, int]] = {}
    for day in DAYS:
        start, end = timetable.get(f"{day}Start"), timetable.get(f"{day}End")
        if start is None and end is None:
            continue
        if not _MINUTES.fullmatch(start or "") or not _MINUTES.fullmatch(end or ""):
            raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", f"Login hours of {day} need a start and an end")
        first, last = int(start or 0), int(end or 0)
        if first % 60 or last % 60 or not 0 <= first <= last <= MIDNIGHT:
            raise ApiError(
                400, "FIELD_INTEGRITY_EXCEPTION", f"Login hours of {day} must be whole hours in order"
            )
        found[day] = (first, last)
    return found or None


def _require(caller: Caller, permission: str) -> None:
    if permission not in caller.held:
        raise ApiError(400, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")
