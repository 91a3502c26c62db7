"""Users: who they are, whether programs or people sign in with them, whether they can act, what they may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from bot.errors import Forbidden
from bot.platform.model import Capacity, Principal, PrincipalKind, PrincipalStatus, Tie
from platforms.salesforce.answers import Listing, Row, flag, instant, number, text
from platforms.salesforce.permissions import API_ONLY, DANGEROUS, LABELS, Columns, held

INTEGRATION_LICENCE = "Salesforce Integration"
# The built-in name of the profile that every org has; its metadata name is Admin.
ADMINISTRATOR = "System Administrator"


_NOTHING: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def _privileges(held: frozenset[str]) -> tuple[str, ...]:
    """The dangerous ones by their names in Setup; thousands of users share a few combinations."""
    return tuple(sorted(LABELS[column] for column in held if column in DANGEROUS))


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with the rights that matter."""

    id: str
    name: str
    license: str
    held: frozenset[str]


@dataclass(frozen=True, slots=True)
class Directory:
    """
    What is needed to read users. ``None`` marks what could not be seen: then a user's kind, status or rights
    are unknown, never assumed.
    """

    profiles: Mapping[str, Profile] | None
    set_rights: Mapping[str, frozenset[str]] | None  # user → columns held through permission sets
    frozen: frozenset[str] | None
    set_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def held(self, user: str, profile: str) -> frozenset[str]:
        """Every column that a user holds, as far as we see."""
        own = self.profiles.get(profile) if self.profiles is not None else None
        more = (self.set_rights or {}).get(user)
        of_profile = own.held if own else _NOTHING
        return of_profile | more if more else of_profile

    def read(self, row: Row) -> Principal:
        """One User record."""
        user, profile_id = text(row, "Id"), text(row, "ProfileId")
        profile = self.profiles.get(profile_id) if self.profiles is not None else None
        rights = self.held(user, profile_id)
        return Principal(
            native_id=user,
            name=text(row, "Name"),
            username=text(row, "Username"),
            email=text(row, "Email"),
            kind=self._kind(profile, rights),
            status=self._status(row, user),
            profile=profile.name if profile else "",
            license=profile.license if profile else "",
            privileges=_privileges(rights),
            created_at=instant(row, "CreatedDate"),
            last_login_at=instant(row, "LastLoginDate"),
        )

    def _kind(self, profile: Profile | None, rights: frozenset[str]) -> PrincipalKind:
        if API_ONLY in rights or (profile and profile.license == INTEGRATION_LICENCE):
            return PrincipalKind.SERVICE
        # without the profile, or the permission sets, an API-only right could be hidden from us
        return PrincipalKind.PERSON if profile and self.set_rights is not None else PrincipalKind.UNKNOWN

    def _status(self, row: Row, user: str) -> PrincipalStatus:
        if not flag(row, "IsActive"):
            return PrincipalStatus.INACTIVE
        if self.frozen is None:
            return PrincipalStatus.UNKNOWN
        return PrincipalStatus.FROZEN if user in self.frozen else PrincipalStatus.ACTIVE


def profiles(answer: Listing | Forbidden, columns: Columns) -> Mapping[str, Profile] | None:
    """Profiles by id, or None when they could not be seen."""
    if isinstance(answer, Forbidden) or not answer.rows:  # every org has profiles
        return None
    found = (
        Profile(text(r, "Id"), text(r, "Name"), text(r, "UserLicense.Name"), held(r, columns.profile))
        for r in answer.rows
    )
    return {profile.id: profile for profile in found}


def set_rights(
    sets: Listing | Forbidden, assignments: Listing | Forbidden, columns: Columns, now: datetime
) -> Mapping[str, frozenset[str]] | None:
    """User → columns held through permission sets that are in force, or None when they could not be seen."""
    if isinstance(sets, Forbidden) or isinstance(assignments, Forbidden):
        return None
    rights = {text(row, "Id"): held(row, columns.permission_set) for row in sets.rows}
    found: dict[str, frozenset[str]] = {}
    for row in assignments.rows:
        ends = instant(row, "ExpirationDate")
        if ends is None or ends > now:
            user = text(row, "AssigneeId")
            more = rights.get(text(row, "PermissionSetId"), frozenset())
            found[user] = found.get(user, frozenset()) | more
    return found


def frozen(answer: Listing | Forbidden) -> frozenset[str] | None:
    """Ids of frozen users, or None when it could not be seen."""
    if isinstance(answer, Forbidden):
        return None
    return frozenset(text(row, "UserId") for row in answer.rows)


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


def licenses(users: Iterable[Row], sets: Iterable[Row]) -> list[Capacity]:
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
