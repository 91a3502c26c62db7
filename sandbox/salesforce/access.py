"""Who may see and do what: permissions from profile and permission sets, gates per object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sandbox.salesforce.catalogue import PERMISSIONS
from sandbox.salesforce.tables import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Sight = Literal["all", "own", "none"]

_SETUP = frozenset({"ViewSetup"})
_SETS = frozenset(
    {"ViewSetup", "ManageSessionPermissionSets", "AssignPermissionSets", "ManageProfilesPermissionsets"}
)

READ: dict[str, frozenset[str]] = {
    "UserLogin": frozenset({"ManageUsers"}),
    "LoginHistory": frozenset({"ManageUsers", "MonitorLoginHistory"}),
    "OauthToken": frozenset({"CustomizeApplication"}),
    "AuthSession": frozenset({"ManageUsers"}),
    "UserLicense": _SETUP,
    "PermissionSetLicense": _SETUP,
    "PermissionSet": _SETS,
    "PermissionSetAssignment": frozenset({"ViewSetup", "AssignPermissionSets", "ManageUsers"}),
    "PermissionSetLicenseAssign": frozenset({"ViewSetup", "AssignPermissionSets"}),
    "SetupEntityAccess": _SETS,
    "SetupAuditTrail": _SETUP,
    "AsyncApexJob": _SETUP,
    "NamedCredential": _SETUP,
    "Certificate": _SETUP,
}
"""Any one of these permissions lets the caller see every row. Objects left out are open to everybody."""

OWN_ROWS = {"LoginHistory": "UserId", "OauthToken": "UserId", "AuthSession": "UsersId"}
"""Where the permission is missing, these show the caller's own rows, without a word about the others."""

WRITE: dict[str, frozenset[str]] = {
    "User": frozenset({"ManageInternalUsers"}),
    "UserLogin": frozenset({"ManageUsers"}),
    "AuthSession": frozenset({"ManageUsers"}),
    "LoginIp": frozenset({"ManageUsers"}),
    "Profile": frozenset({"ManageProfilesPermissionsets"}),
    "PermissionSet": frozenset({"ManageProfilesPermissionsets"}),
    "SetupEntityAccess": frozenset({"ManageProfilesPermissionsets"}),
    "PermissionSetAssignment": frozenset({"AssignPermissionSets", "ManageUsers"}),
    "PermissionSetLicenseAssign": frozenset({"AssignPermissionSets", "ManageUsers"}),
}
"""Any one of these lets the caller write."""


def permission_sets(org: Org, user_id: str) -> list[Row]:
    """The sets in force for a user, that of the profile included."""
    assignments = org["PermissionSetAssignment"].where("AssigneeId", user_id)
    live = [a for a in assignments if a["ExpirationDate"] is None or a["ExpirationDate"] > org.stamp]
    found = [org["PermissionSet"].get(a["PermissionSetId"]) for a in live]
    return [row for row in found if row is not None]


def permissions(org: Org, user_id: str) -> frozenset[str]:
    """The names, without the prefix Permissions, of all a user may do."""
    sets = permission_sets(org, user_id)
    return frozenset(name for name in PERMISSIONS if any(row[f"Permissions{name}"] for row in sets))


def sight(object_name: str, held: frozenset[str]) -> Sight:
    """Which rows of an object somebody with these permissions sees."""
    needed = READ.get(object_name)
    if needed is None or needed & held:
        return "all"
    return "own" if object_name in OWN_ROWS else "none"


def hidden(object_name: str, column: str, held: frozenset[str]) -> bool:
    """Claims that a column is kept from somebody with these permissions, as if it did not exist."""
    if object_name == "Profile" and column.startswith("Permissions"):
        return "ViewSetup" not in held
    return object_name == "User" and column == "NumberOfFailedLogins" and "ManageUsers" not in held


def may_write(object_name: str, held: frozenset[str]) -> bool:
    """Claims that somebody with these permissions may change rows of an object."""
    return bool(WRITE.get(object_name, frozenset()) & held)


def approved_for(org: Org, user_id: str, app_id: str) -> bool:
    """Claims that an administrator approved the user for an app, by profile or permission set."""
    parents = {row["ParentId"] for row in org["SetupEntityAccess"].where("SetupEntityId", app_id)}
    return any(row["Id"] in parents for row in permission_sets(org, user_id))
