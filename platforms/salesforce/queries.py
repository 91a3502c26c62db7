"""Every SOQL query we send. Nothing typed by a person goes in, but ids and user names that passed a strict form."""

# ruff: noqa: S608  SOQL, and only literals that passed record_id(), address() or moment() go into it

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.errors import BadArgument
from platforms.salesforce.answers import Query

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
# Neither quote nor backslash can pass, so the literal cannot be left.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,80}")

USER_COLUMNS = "Id,Username,Name,Email,IsActive,UserType,LastLoginDate,CreatedDate,ProfileId"
GRANT_COLUMNS = "DeleteToken,AppName,AppMenuItem.ApplicationId,UserId,CreatedDate,LastUsedDate,UseCount"
LOGIN_COLUMNS = "Id,UserId,LoginTime,LoginType,LoginSubType,SourceIp,Status,Application,ApiVersion"

USERS = Query("list users", f"SELECT {USER_COLUMNS} FROM User WHERE UserType = 'Standard'")
USER_COUNT = Query("count users", "SELECT COUNT() FROM User WHERE UserType = 'Standard'", counts=True)
FROZEN = Query("list frozen users", "SELECT UserId FROM UserLogin WHERE IsFrozen = true")
GRANT_COUNT = Query("count OAuth grants", "SELECT COUNT() FROM OauthToken", counts=True)
# Source: Object Reference, OauthToken (pages of 500, nothing after row 2,500, no error), read 2026-11-21.
GRANT_ROWS = 2_500
GRANTS = Query("list OAuth grants", f"SELECT {GRANT_COLUMNS} FROM OauthToken", stops_at=GRANT_ROWS)
CONNECTED_APPS = Query(
    "list connected apps", "SELECT Id,Name,OptionsAllowAdminApprovedUsersOnly FROM ConnectedApplication"
)
CLIENT_APPS = Query(
    "list external client apps",
    "SELECT Id,MasterLabel,DeveloperName,NamespacePrefix,ContactEmail FROM ExternalClientApplication",
)
CLIENT_APP_POLICIES = Query(
    "list policies of external client apps",
    "SELECT ExternalClientApplicationId,PermittedUsersPolicyType FROM ExtlClntAppOauthPlcyCnfg",
)
CERTIFICATES = Query(
    "list certificates", "SELECT Id,DeveloperName,MasterLabel,ExpirationDate FROM Certificate"
)
CERTIFICATE_COUNT = Query("count certificates", "SELECT COUNT() FROM Certificate", counts=True)
USER_LICENCES = Query(
    "list user licenses", "SELECT Id,Name,Status,TotalLicenses,UsedLicenses FROM UserLicense"
)
SET_LICENCES = Query(
    "list permission set licenses",
    "SELECT Id,DeveloperName,MasterLabel,Status,TotalLicenses,UsedLicenses FROM PermissionSetLicense",
)
JOBS = Query(
    "list scheduled jobs",
    "SELECT Id,OwnerId,CronJobDetail.Name,CronJobDetail.JobType,State,NextFireTime FROM CronTrigger",
)
DASHBOARDS = Query("list dashboards", "SELECT Id,Title,Type,RunningUserId FROM Dashboard")


def record_id(raw: str) -> str:
    """``raw`` when it has the form of a record id.

    Raises:
        BadArgument: it has not.
    """
    if not _ID.fullmatch(raw):
        raise BadArgument("a Salesforce id has 15 or 18 letters and digits")
    return raw


def is_id(raw: str) -> bool:
    """Whether ``raw`` has the form of a user's id."""
    return bool(_ID.fullmatch(raw)) and raw.startswith("005")


def address(raw: str) -> str:
    """``raw`` in lower case when it is a user name or e-mail that is safe inside a query.

    Raises:
        BadArgument: it is not; the record's id always works.
    """
    if not _ADDRESS.fullmatch(raw):
        raise BadArgument(
            "that is not a user name or e-mail we can look up: give one like svc-crm@example.com, or the user's id"
        )
    return raw.lower()


def listed(ids: Iterable[str]) -> str:
    """An IN list of ids."""
    return "(" + ",".join(f"'{record_id(one)}'" for one in ids) + ")"


def moment(at: datetime) -> str:
    """A dateTime literal, whole seconds, rounded down so that nothing falls between two scans."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def own_permissions(user: str, columns: Sequence[str]) -> Query:
    """Our own rights: the profile's hidden set and every assigned one, a row each."""
    asked = ",".join(f"PermissionSet.{column}" for column in columns)
    return Query(
        "read our own permissions",
        f"SELECT {asked} FROM PermissionSetAssignment WHERE AssigneeId = '{record_id(user)}'",
    )


def profiles(columns: Sequence[str]) -> Query:
    """Profiles with their rights."""
    return Query("list profiles", f"SELECT Id,Name,UserLicense.Name,{','.join(columns)} FROM Profile")


def strong_sets(columns: Sequence[str], notifier: Sequence[str]) -> Query:
    """Permission sets that hold any right of ``telling``; those owned by a profile are the profile's."""
    some = " OR ".join(f"{column} = true" for column in notifier)
    return Query(
        "list permission sets with rights that matter",
        f"SELECT Id,Label,{','.join(columns)} FROM PermissionSet WHERE IsOwnedByProfile = false AND ({some})",
    )


def strong_assignments(notifier: Sequence[str]) -> Query:
    """Who holds a permission set with any right of ``telling``."""
    some = " OR ".join(f"PermissionSet.{column} = true" for column in notifier)
    return Query(
        "list holders of rights that matter",
        "SELECT AssigneeId,PermissionSetId,ExpirationDate FROM PermissionSetAssignment"
        f" WHERE PermissionSet.IsOwnedByProfile = false AND ({some})",
    )


def audit_trail(since: datetime) -> Query:
    """Administrators' acts. Section and Display cannot be filtered on, nor safely the actor."""
    return Query(
        "read the setup audit trail",
        "SELECT Id,Action,Display,CreatedDate,CreatedById FROM SetupAuditTrail"
        f" WHERE CreatedDate >= {moment(since)}",
    )


def program_logins(since: datetime) -> Query:
    """Sign-ins that did not come through the login page. Status and Application cannot be filtered on."""
    return Query(
        "read sign-ins of programs",
        f"SELECT {LOGIN_COLUMNS} FROM LoginHistory"
        f" WHERE LoginTime >= {moment(since)} AND LoginType != 'Application'",
    )


def logins_of(users: Sequence[str], since: datetime) -> Query:
    """Every sign-in of these users."""
    return Query(
        "read sign-ins of integration users",
        f"SELECT {LOGIN_COLUMNS} FROM LoginHistory"
        f" WHERE LoginTime >= {moment(since)} AND UserId IN {listed(users)}",
    )


def users_by_id(ids: Sequence[str]) -> Query:
    """Users of any type."""
    return Query("look up users", f"SELECT {USER_COLUMNS} FROM User WHERE Id IN {listed(ids)}")


def users_by_address(raw: str) -> Query:
    """Users whose user name or e-mail this is."""
    literal = f"'{address(raw)}'"
    return Query(
        "look up a user", f"SELECT {USER_COLUMNS} FROM User WHERE Username = {literal} OR Email = {literal}"
    )


def active_users_of(profiles: Sequence[str]) -> Query:
    """Active users of some profiles."""
    return Query(
        "list users of a profile",
        f"SELECT {USER_COLUMNS} FROM User WHERE ProfileId IN {listed(profiles)} AND IsActive = true",
    )


def login_state(user: str) -> Query:
    """A user's UserLogin row, if there is one."""
    return Query(
        "read whether a user is frozen",
        f"SELECT Id,IsFrozen FROM UserLogin WHERE UserId = '{record_id(user)}'",
    )


def grants_of(users: Sequence[str]) -> Query:
    """OAuth grants of these users."""
    return replace(GRANTS, soql=f"{GRANTS.soql} WHERE UserId IN {listed(users)}")


def grant_count_of(user: str) -> Query:
    """How many grants a user has."""
    return replace(GRANT_COUNT, soql=f"{GRANT_COUNT.soql} WHERE UserId = '{record_id(user)}'")


def grants_from(offset: int) -> Query:
    """A run of as many grants as the org brings at most, in the order it happens to have."""
    return replace(GRANTS, soql=f"{GRANTS.soql} LIMIT {GRANT_ROWS} OFFSET {int(offset)}")


def app_access(app: str) -> Query:
    """Profiles' hidden sets and permission sets that admit their users to an app."""
    return Query(
        "list who is admitted to an app",
        "SELECT ParentId,Parent.Label,Parent.IsOwnedByProfile,Parent.ProfileId,Parent.LicenseId"
        f" FROM SetupEntityAccess WHERE SetupEntityId = '{record_id(app)}'",
    )


def sets_of(user: str) -> Query:
    """Permission sets of a user, the profile's included."""
    return Query(
        "list permission sets of a user",
        "SELECT Id,PermissionSetId,PermissionSet.Label,PermissionSet.IsOwnedByProfile,ExpirationDate"
        f" FROM PermissionSetAssignment WHERE AssigneeId = '{record_id(user)}'",
    )


def set_licences_of(user: str) -> Query:
    """Permission set licences of a user."""
    return Query(
        "list permission set licenses of a user",
        "SELECT Id,PermissionSetLicenseId FROM PermissionSetLicenseAssign"
        f" WHERE AssigneeId = '{record_id(user)}'",
    )


def jobs_of(user: str) -> Query:
    """Scheduled jobs that a user owns."""
    return Query(JOBS.operation, f"{JOBS.soql} WHERE OwnerId = '{record_id(user)}'")


def dashboards_of(user: str) -> Query:
    """Dashboards that run as a user."""
    return Query(DASHBOARDS.operation, f"{DASHBOARDS.soql} WHERE RunningUserId = '{record_id(user)}'")


PERMISSION_SETS = Query(
    "list permission sets",
    "SELECT Id,Name,Label,LicenseId FROM PermissionSet WHERE IsOwnedByProfile = false",
)
