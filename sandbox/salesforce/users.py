"""Users: what a new one needs, what keeps one from being deactivated, what deactivation ends."""

import re
from collections.abc import Callable
from functools import cache
from zoneinfo import available_timezones

from sandbox.salesforce import grants, licences, logins, sessions
from sandbox.salesforce.audit import note
from sandbox.salesforce.callers import Caller
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Rules
from sandbox.salesforce.tables import Row

ADMINISTRATOR = "System Administrator"
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_LOCALES = re.compile(
    r"en_(US|GB|AU|CA|IE|IN|ZA)|de_(DE|CH|AT)|fr_(FR|CA|BE)|es_(ES|MX|CO)|pt_(BR|PT)|zh_(CN|TW)"
    r"|it_IT|nl_NL|pl_PL|sv_SE|da_DK|fi_FI|no_NO|ja_JP|ko_KR|tr_TR|he_IL|cs_CZ"
)
_LANGUAGES = re.compile(
    r"en_US|en_GB|de|fr|es|es_MX|it|nl_NL|pt_BR|pl|sv|da|fi|no|ja|ko|zh_CN|zh_TW|tr|iw|cs"
)
_ENCODINGS = re.compile(r"UTF-8|ISO-8859-1|Shift_JIS|ISO-2022-JP|EUC-JP|ks_c_5601-1987|Big5|GB2312")
_DUPLICATE = (
    "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames"
    " must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need"
    " to match the user's email address). "
)


def create(org: Org, caller: Caller, values: Row) -> Row:
    """
    A new user, with the hidden permission set of the profile assigned.

    Raises:
        ApiError: DUPLICATE_USERNAME, LICENSE_LIMIT_EXCEEDED and the checks on single columns.
    """
    defaults: Row = {"IsActive": True, "UserType": "Standard", "NumberOfFailedLogins": 0}
    values = defaults | values
    _check(org, values, None)
    values["CommunityNickname"] = values.get("CommunityNickname") or _nickname(org, values)
    values["Name"] = _name(values)
    if values["IsActive"]:
        licences.take(org, "UserLicense", licences.licence_of(org, values["ProfileId"]))
    user = org["User"].insert(values)
    _assign_profile_set(org, user)
    if org.switches.user_login_row_from_creation:
        logins.add_login_row(org, user["Id"])
    note(org, caller.id, "createduser", "Manage Users", f"Created new user {user['Name']}")
    return user


def update(org: Org, caller: Caller, user: Row, values: Row) -> None:
    """
    Change a user; a change of IsActive or ProfileId has its consequences at once.

    Raises:
        ApiError: as `create`; CANNOT_DISABLE_LAST_ADMIN; the switch `deactivation_blocked` for a user who
            holds an org-wide post.
    """
    _check(org, values, user)
    before = dict(user)
    merged = before | values
    if merged["IsActive"] != before["IsActive"] or merged["ProfileId"] != before["ProfileId"]:
        _keep_an_administrator(org, before, merged)
    if before["IsActive"] and not merged["IsActive"]:
        _refuse_posts(org, user)
    org.on_undo(lambda: _tell_world(org, user))  # runs last, when the row is as it was
    if (before["IsActive"], before["ProfileId"]) != (merged["IsActive"], merged["ProfileId"]):
        if before["IsActive"]:
            licences.give_back(org, "UserLicense", licences.licence_of(org, before["ProfileId"]))
        if merged["IsActive"]:
            licences.take(org, "UserLicense", licences.licence_of(org, merged["ProfileId"]))
    org["User"].change(user, values | {"Name": _name(merged)})
    if merged["ProfileId"] != before["ProfileId"]:
        _assign_profile_set(org, user)
    if before["IsActive"] != merged["IsActive"]:
        _licence_seats(org, user, active=merged["IsActive"])
        if not merged["IsActive"]:
            _end_access(org, user)
    _note_changes(org, caller, before, user)
    _tell_world(org, user)


def _tell_world(org: Org, user: Row) -> None:
    """Whoever looks at the world sees the person as this org does."""
    email = org.people.get(user["Id"])
    if email is not None:
        person = org.world.people[email]
        (person.inactive.discard if user["IsActive"] else person.inactive.add)("salesforce")
        org.world.notify("salesforce:user_changed", {"email": email, "active": user["IsActive"]})


def _end_access(org: Org, user: Row) -> None:
    sessions.end_all(org, user_id=user["Id"])
    if org.switches.deactivation_deletes_grants:
        for grant in org["OauthToken"].where("UserId", user["Id"]):
            grants.revoke(org, grant)


def freeze(org: Org, caller: Caller, row: Row, values: Row) -> None:
    """
    Set IsFrozen, or lift a password lock (which cannot be set).

    Freezing ends the sessions where the switch `freeze_ends_sessions` says so. Grants stay.
    """
    if values.get("IsPasswordLocked"):
        raise ApiError(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "IsPasswordLocked can only be set to false",
            ("IsPasswordLocked",),
        )
    user = org["User"].get(row["UserId"])
    before = dict(row)
    org["UserLogin"].change(row, values)
    if user is None:
        return
    if row["IsFrozen"] != before["IsFrozen"]:
        if row["IsFrozen"] and org.switches.freeze_ends_sessions:
            sessions.end_all(org, user_id=user["Id"])
        verb = "Froze" if row["IsFrozen"] else "Unfroze"
        note(org, caller.id, f"{verb.lower()}user", "Manage Users", f"{verb} user {user['Name']}")
    if before["IsPasswordLocked"] and not row["IsPasswordLocked"]:
        org["User"].change(user, {"NumberOfFailedLogins": 0})
        note(org, caller.id, "unlockeduser", "Manage Users", f"Unlocked user {user['Name']}")


def delete_session(org: Org, caller: Caller, row: Row) -> None:
    """Deleting an AuthSession ends the session."""
    for session in [s for s in org.sessions.values() if s.row_key == row["_key"]]:
        sessions.end(org, session)
    if org["AuthSession"].get(row["_key"]) is not None:
        org["AuthSession"].delete(row)


RULES = {
    "User": Rules(create=create, update=update),
    "UserLogin": Rules(update=freeze),
    "AuthSession": Rules(delete=delete_session),
}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() | {"GMT"})


def _check(org: Org, values: Row, user: Row | None) -> None:
    for name in ("Username", "LastName", "Email", "Alias", "ProfileId"):
        if name in values and not values[name]:
            raise ApiError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", (name,))
    if "Username" in values:
        values["Username"] = values["Username"].lower()
        _username(org, values["Username"], user)
    if "Email" in values and not _EMAIL.fullmatch(values["Email"]):
        raise ApiError(
            400, "INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {values['Email']}", ("Email",)
        )
    lists: dict[str, tuple[str, Callable[[str], object]]] = {
        "TimeZoneSidKey": ("Time Zone", _zones().__contains__),
        "LocaleSidKey": ("Locale", _LOCALES.fullmatch),
        "EmailEncodingKey": ("Email Encoding", _ENCODINGS.fullmatch),
        "LanguageLocaleKey": ("Language", _LANGUAGES.fullmatch),
    }
    for name, (label, known) in lists.items():
        if name in values and not known(values[name] or ""):
            raise ApiError(
                400,
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{label}: bad value for restricted picklist field: {values[name]}",
                (name,),
            )
    nickname = values.get("CommunityNickname")
    if nickname and any(
        other is not user and (other["CommunityNickname"] or "").casefold() == nickname.casefold()
        for other in org["User"]
    ):
        raise ApiError(
            400,
            "DUPLICATE_COMM_NICKNAME",
            "Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select another.",
            ("CommunityNickname",),
        )


def _username(org: Org, username: str, user: Row | None) -> None:
    if not _EMAIL.fullmatch(username):
        raise ApiError(
            400,
            "INVALID_EMAIL_ADDRESS",
            "Username: The username must be in the form of an email address (for example, john@acme.com).",
            ("Username",),
        )
    taken = [other for other in org["User"].where("Username", username) if other is not user]
    if taken or username in org.usernames_elsewhere:
        raise ApiError(400, "DUPLICATE_USERNAME", _DUPLICATE, ("Username",))


def _nickname(org: Org, values: Row) -> str:
    """Salesforce makes one up from the username when none is given."""
    return f"{values['Username'].partition('@')[0][:20]}{len(org['User']) + 1}"


def _name(values: Row) -> str:
    return " ".join(part for part in (values.get("FirstName"), values["LastName"]) if part)


def _assign_profile_set(org: Org, user: Row) -> None:
    """Every profile owns a hidden permission set; a user always has exactly that of the profile."""
    for row in org["PermissionSetAssignment"].where("AssigneeId", user["Id"]):
        held = org["PermissionSet"].get(row["PermissionSetId"])
        if held is not None and held["IsOwnedByProfile"]:
            org["PermissionSetAssignment"].delete(row)
    for owned in org["PermissionSet"].where("ProfileId", user["ProfileId"]):
        org["PermissionSetAssignment"].insert(
            {
                "AssigneeId": user["Id"],
                "PermissionSetId": owned["Id"],
                "IsActive": True,
                "SystemModstamp": org.stamp,
            }
        )


def _keep_an_administrator(org: Org, before: Row, after: Row) -> None:
    profile = org["Profile"].where("Name", ADMINISTRATOR)[0]
    if before["ProfileId"] != profile["Id"] or not before["IsActive"]:
        return
    if after["IsActive"] and after["ProfileId"] == profile["Id"]:
        return
    others = [
        u for u in org["User"].where("ProfileId", profile["Id"]) if u["IsActive"] and u["Id"] != before["Id"]
    ]
    if not others:
        raise ApiError(
            400, "CANNOT_DISABLE_LAST_ADMIN", "You cannot deactivate the last active administrator.", ()
        )


def _refuse_posts(org: Org, user: Row) -> None:
    for role, user_id in org.defaults.items():
        if user_id == user["Id"]:
            code, message = org.switches.deactivation_blocked
            raise ApiError(400, code, message.format(role=role), ())


def _licence_seats(org: Org, user: Row, *, active: bool) -> None:
    """Permission set licences follow the user in and out of use."""
    for row in org["PermissionSetLicenseAssign"].where("AssigneeId", user["Id"]):
        licence = org["PermissionSetLicense"].get(row["PermissionSetLicenseId"])
        if licence is not None:
            (licences.take if active else licences.give_back)(org, "PermissionSetLicense", licence)


def _note_changes(org: Org, caller: Caller, before: Row, user: Row) -> None:
    name = user["Name"]
    texts = {
        "IsActive": (
            "activateduser" if user["IsActive"] else "deactivateduser",
            f"{'Activated' if user['IsActive'] else 'Deactivated'} user {name}",
        ),
        "Username": (
            "changedusername",
            f"Changed username of {name} from {before['Username']} to {user['Username']}",
        ),
        "Email": ("changedemail", f"Changed email of {name} from {before['Email']} to {user['Email']}"),
        "ProfileId": ("changedprofileforuser", f"Changed profile for user {name}"),
        "FederationIdentifier": ("changedfederationid", f"Changed federation identifier of {name}"),
    }
    for column, (action, display) in texts.items():
        if before.get(column) != user.get(column):
            note(org, caller.id, action, "Manage Users", display)
