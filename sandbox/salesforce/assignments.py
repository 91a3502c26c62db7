"""Profiles, permission sets, their licences and who has them."""

from sandbox.salesforce import licences
from sandbox.salesforce.audit import note
from sandbox.salesforce.callers import Caller
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Rules
from sandbox.salesforce.tables import Row


def assign_set(org: Org, caller: Caller, values: Row) -> Row:
    """
    Give a permission set to a user.

    A set bound to a licence goes only to users who have that licence. A set that opens objects
    (`_needs`) goes to a user of the integration licence only after the permission set licence.
    Source: Object Reference, PermissionSetAssignment; order of steps as reported by users, 2026-11-21.
    """
    user = org["User"].get(values["AssigneeId"])
    held = org["PermissionSet"].get(values["PermissionSetId"])
    if user is None or held is None or held["IsOwnedByProfile"]:
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("PermissionSetId",))
    for row in org["PermissionSetAssignment"].where("AssigneeId", user["Id"]):
        if row["PermissionSetId"] == held["Id"]:
            raise ApiError(
                400,
                "DUPLICATE_VALUE",
                f"Duplicate PermissionSetAssignment. Assignee: {user['Id']}; Permission Set: {held['Id']}",
                (),
            )
    licence = licences.licence_of(org, user["ProfileId"])
    seats = {
        row["PermissionSetLicenseId"]
        for row in org["PermissionSetLicenseAssign"].where("AssigneeId", user["Id"])
    }
    bound = held["LicenseId"]
    integration = licence["Name"] == "Salesforce Integration"
    psl = next(iter(org["PermissionSetLicense"].where("DeveloperName", "SalesforceAPIIntegrationPsl")), None)
    lacks_seat = integration and held.get("_needs") and (psl is None or psl["Id"] not in seats)
    if (bound is not None and bound != licence["Id"] and bound not in seats) or lacks_seat:
        raise ApiError(
            400,
            "FIELD_INTEGRITY_EXCEPTION",
            f"Can't assign permission set {held['Label']} to user {user['Name']}. The user license doesn't allow"
            f" the permission: {held.get('_needs') or held['Label']}",
            ("PermissionSetId",),
        )
    note(
        org,
        caller.id,
        "PermSetAssign",
        "Manage Users",
        f"Permission set {held['Label']}: assigned to user {user['Name']}",
    )
    return org["PermissionSetAssignment"].insert(values | {"IsActive": True})


def unassign_set(org: Org, caller: Caller, row: Row) -> None:
    """Take a permission set away; a profile's own set cannot be."""
    held, user = org["PermissionSet"].get(row["PermissionSetId"]), org["User"].get(row["AssigneeId"])
    if held is not None and held["IsOwnedByProfile"]:
        raise ApiError(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", ())
    org["PermissionSetAssignment"].delete(row)
    if held is not None and user is not None:
        note(
            org,
            caller.id,
            "PermSetUnassign",
            "Manage Users",
            f"Permission set {held['Label']}: unassigned from user {user['Name']}",
        )


def assign_licence(org: Org, caller: Caller, values: Row) -> Row:
    """Give a permission set licence to a user, if one is free and they have none yet."""
    user = org["User"].get(values["AssigneeId"])
    licence = org["PermissionSetLicense"].get(values["PermissionSetLicenseId"])
    if user is None or licence is None:
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    for row in org["PermissionSetLicenseAssign"].where("AssigneeId", user["Id"]):
        if row["PermissionSetLicenseId"] == licence["Id"]:
            raise ApiError(
                400,
                "DUPLICATE_VALUE",
                f"duplicate value found: duplicates value on record with id: {row['Id']}",
                (),
            )
    if user["IsActive"]:
        licences.take(org, "PermissionSetLicense", licence)
    note(
        org,
        caller.id,
        "PermSetLicenseAssign",
        "Manage Users",
        f"Permission set license {licence['MasterLabel']}: assigned to user {user['Name']}",
    )
    return org["PermissionSetLicenseAssign"].insert(values)


def unassign_licence(org: Org, caller: Caller, row: Row) -> None:
    """Take a permission set licence away, unless a set that needs it is still assigned."""
    licence = org["PermissionSetLicense"].get(row["PermissionSetLicenseId"])
    user = org["User"].get(row["AssigneeId"])
    if licence is None or user is None:
        raise LookupError(row["Id"])
    for assigned in org["PermissionSetAssignment"].where("AssigneeId", user["Id"]):
        held = org["PermissionSet"].get(assigned["PermissionSetId"])
        if held is not None and (held["LicenseId"] == licence["Id"] or held.get("_needs")):
            raise ApiError(
                400,
                "FIELD_INTEGRITY_EXCEPTION",
                f"Can't remove the permission set license: permission set {held['Label']} requires it",
                (),
            )
    org["PermissionSetLicenseAssign"].delete(row)
    if user["IsActive"]:
        licences.give_back(org, "PermissionSetLicense", licence)
    note(
        org,
        caller.id,
        "PermSetLicenseUnassign",
        "Manage Users",
        f"Permission set license {licence['MasterLabel']}: unassigned from user {user['Name']}",
    )


def grant_app(org: Org, caller: Caller, values: Row) -> Row:
    """Approve a permission set for an app."""
    external = org["ExternalClientApplication"].get(values["SetupEntityId"]) is not None
    kind = "ExternalClientApplication" if external else "ConnectedApplication"
    return org["SetupEntityAccess"].insert(values | {"SetupEntityType": kind})


def create_profile(org: Org, caller: Caller, values: Row) -> Row:
    """An empty profile of a licence, with the hidden permission set it owns."""
    if org["Profile"].where("Name", values["Name"]):
        raise ApiError(
            400,
            "DUPLICATE_VALUE",
            "duplicate value found: Name duplicates value on another profile",
            ("Name",),
        )
    profile = org["Profile"].insert({"UserType": "Standard"} | values)
    own = {name: value for name, value in values.items() if name.startswith("Permissions")}
    org["PermissionSet"].insert(
        {
            "Name": f"X{profile['Id']}",
            "Label": f"{profile['Id']}",
            "LicenseId": profile["UserLicenseId"],
            "ProfileId": profile["Id"],
            "IsOwnedByProfile": True,
            "IsCustom": True,
            "Type": "Profile",
            "CreatedDate": org.stamp,
            "CreatedById": caller.id,
        }
        | own
    )
    return profile


def update_profile(org: Org, caller: Caller, profile: Row, values: Row) -> None:
    """Change a profile; its permissions are those of the set it owns."""
    org["Profile"].change(profile, values)
    own = {name: value for name, value in values.items() if name.startswith("Permissions")}
    for row in org["PermissionSet"].where("ProfileId", profile["Id"]):
        org["PermissionSet"].change(row, own)
    if own:
        note(
            org,
            caller.id,
            "profilePermChangedCustom",
            "Manage Users",
            f"Changed profile {profile['Name']}: {', '.join(own)}",
        )


def delete_profile(org: Org, caller: Caller, profile: Row) -> None:
    """Remove a profile nobody has."""
    if org["User"].where("ProfileId", profile["Id"]):
        raise ApiError(
            400,
            "DELETE_FAILED",
            "Your attempt to delete this profile could not be completed because it is assigned to users.",
            (),
        )
    for row in org["PermissionSet"].where("ProfileId", profile["Id"]):
        org["PermissionSet"].delete(row)
    org["Profile"].delete(profile)


def delete_set(org: Org, caller: Caller, row: Row) -> None:
    """Remove a permission set nobody has."""
    if row["IsOwnedByProfile"] or org["PermissionSetAssignment"].where("PermissionSetId", row["Id"]):
        raise ApiError(
            400,
            "DELETE_FAILED",
            "Your attempt to delete this permission set could not be completed because"
            " it is assigned to users.",
            (),
        )
    org["PermissionSet"].delete(row)


RULES = {
    "PermissionSetAssignment": Rules(create=assign_set, delete=unassign_set),
    "PermissionSetLicenseAssign": Rules(create=assign_licence, delete=unassign_licence),
    "SetupEntityAccess": Rules(create=grant_app),
    "Profile": Rules(create=create_profile, update=update_profile, delete=delete_profile),
    "PermissionSet": Rules(delete=delete_set),
}
