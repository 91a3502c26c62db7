"""Licences, profiles, permission sets and users."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from sandbox.salesforce import logins
from sandbox.salesforce.catalogue import PERMISSIONS
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import DAYS, IpRange, Restrictions
from sandbox.salesforce.seed.estate import Estate
from sandbox.salesforce.stamps import stamp
from sandbox.salesforce.tables import Row
from sandbox.salesforce.users import ADMINISTRATOR
from sandbox.world import Person

_AGE = timedelta(days=900)


def plant(org: Org, estate: Estate) -> None:
    """The org itself, its licences, and everybody in it."""
    made = stamp(org.now - _AGE)
    org["Organization"].insert(
        {
            "Name": org.world.company.name,
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "EU42",
            "TimeZoneSidKey": "GMT",
            "LanguageLocaleKey": "en_US",
            "DefaultLocaleSidKey": "en_US",
            "CreatedDate": made,
        }
    )
    org.networks = [(ip_network(entry["cidr"]), entry["country"]) for entry in estate.get("networks", [])]
    org.usernames_elsewhere = set(estate.get("usernames_elsewhere", []))
    for entry in estate.get("licences", []):
        org["UserLicense"].insert(
            {
                "Name": entry["name"],
                "MasterLabel": entry["name"],
                "Status": "Active",
                "TotalLicenses": 0,
                "UsedLicenses": 0,
                "UsedLicensesLastUpdated": org.stamp,
                "CreatedDate": made,
            }
        )
    for entry in estate.get("permission_set_licences", []):
        org["PermissionSetLicense"].insert(
            {
                "DeveloperName": entry["name"],
                "MasterLabel": entry["label"],
                "Status": "Active",
                "PermissionSetLicenseKey": entry["name"],
                "TotalLicenses": entry["total"],
                "UsedLicenses": 0,
                "IsAvailableForIntegrations": entry["integrations"],
                "CreatedDate": made,
            }
        )
    for entry in estate.get("profiles", []):
        _profile(org, entry, made)
    for entry in estate.get("permission_sets", []):
        _permission_set(org, entry, made)
    _everybody(org, estate, made)


def count_licences(org: Org, estate: Estate) -> None:
    """Used licences are what is in use; totals are given, or leave `spare` free."""
    used: dict[str, int] = {}
    profiles = {row["Id"]: row["UserLicenseId"] for row in org["Profile"]}
    for user in org["User"]:
        if user["IsActive"]:
            licence = profiles[user["ProfileId"]]
            used[licence] = used.get(licence, 0) + 1
    for entry in estate.get("licences", []):
        row = named(org, "UserLicense", entry["name"])
        taken = used.get(row["Id"], 0)
        total = entry.get("total", taken + entry.get("spare", 0))
        org["UserLicense"].change(row, {"UsedLicenses": taken, "TotalLicenses": total})
    for row in org["PermissionSetLicense"]:
        seats = org["PermissionSetLicenseAssign"].where("PermissionSetLicenseId", row["Id"])
        org["PermissionSetLicense"].change(row, {"UsedLicenses": len(seats)})


def named(org: Org, table: str, name: str) -> Row:
    """The row with this name, which the estate promises to exist."""
    column = "DeveloperName" if table in {"PermissionSetLicense"} else "Name"
    return org[table].where(column, name)[0]


def _profile(org: Org, entry: dict[str, Any], made: str) -> None:
    licence = named(org, "UserLicense", entry["licence"])
    granted = _granted(entry["permissions"])
    profile = org["Profile"].insert(
        {
            "Name": entry["name"],
            "UserLicenseId": licence["Id"],
            "UserType": "Standard",
            "CreatedDate": made,
            "LastModifiedDate": made,
            "SystemModstamp": made,
            "_standard": entry.get("standard", False),
        }
        | granted
    )
    org["PermissionSet"].insert(
        {
            "Name": f"X{profile['Id']}",
            "Label": profile["Id"],
            "LicenseId": licence["Id"],
            "CreatedDate": made,
            "ProfileId": profile["Id"],
            "IsOwnedByProfile": True,
            "Type": "Profile",
            "SystemModstamp": made,
        }
        | granted
    )
    if entry.get("ranges") or entry.get("hours"):
        spans = tuple(IpRange.parse(*span) for span in entry.get("ranges", []))
        hours = entry.get("hours")
        timetable = {
            day: (int(hours[f"{day}Start"]), int(hours[f"{day}End"]))
            for day in DAYS
            if hours and f"{day}Start" in hours
        }
        org.restrictions[profile["Id"]] = Restrictions(spans, timetable or None)


def _permission_set(org: Org, entry: dict[str, Any], made: str) -> None:
    licence = named(org, "PermissionSetLicense", entry["licence"])["Id"] if "licence" in entry else None
    org["PermissionSet"].insert(
        {
            "Name": entry["name"],
            "Label": entry["label"],
            "LicenseId": licence,
            "IsCustom": True,
            "Type": "Regular",
            "CreatedDate": made,
            "SystemModstamp": made,
            "_needs": entry.get("needs"),
        }
        | _granted(entry["permissions"])
    )


def _granted(names: list[str]) -> Row:
    everything = "*" in names
    return {
        f"Permissions{name}": (everything or name in names) and f"-{name}" not in names
        for name in PERMISSIONS
    }


def _everybody(org: Org, estate: Estate, made: str) -> None:
    company, listed = org.world.company, estate.get("people", {})
    admin = _user(
        org,
        f"admin@{company.domain}",
        estate.get("administrator", "Admin"),
        f"admin@{company.domain}",
        ADMINISTRATOR,
        made,
    )
    administrators, frozen = set(listed.get("administrators", [])), set(listed.get("frozen", []))
    for person in org.world.people.values():
        if "salesforce" not in person.platforms:
            continue
        profile = ADMINISTRATOR if person.email in administrators else "Standard User"
        user = _user(org, person.email, person.name, person.email, profile, made, person=person)
        person.ids["salesforce"] = user["Id"]
        org.people[user["Id"]] = person.email
        if person.email in frozen:
            org["UserLogin"].change(logins.add_login_row(org, user["Id"]), {"IsFrozen": True})
        else:
            logins.add_login_row(org, user["Id"])
    for person in org.world.people.values():
        boss = org.world.people.get(person.manager or "")
        if boss is not None and "salesforce" in boss.ids and "salesforce" in person.ids:
            row = org["User"].get(person.ids["salesforce"])
            if row is not None:
                org["User"].change(row, {"ManagerId": boss.ids["salesforce"]})
    for entry in estate.get("accounts", []):
        _account(org, entry, made)
    for name, emails in listed.get("sets", {}).items():
        for email in emails:
            for user in org["User"].where("Username", email):
                assign(org, user, name)
    logins.add_login_row(org, admin["Id"])
    for role, email in estate.get("posts", {}).items():
        for user in org["User"].where("Username", email):
            org.defaults[role] = user["Id"]


def _account(org: Org, entry: dict[str, Any], made: str) -> None:
    active = entry.get("active", True)
    user = _user(org, entry["username"], entry["name"], entry["email"], entry["profile"], made, active=active)
    if entry.get("seat"):
        seat = named(org, "PermissionSetLicense", "SalesforceAPIIntegrationPsl")
        org["PermissionSetLicenseAssign"].insert(
            {"AssigneeId": user["Id"], "PermissionSetLicenseId": seat["Id"], "CreatedDate": made}
        )
    for name in entry["sets"]:
        assign(org, user, name)
    logins.add_login_row(org, user["Id"])


def assign(org: Org, user: Row, name: str) -> None:
    """Give a seeded permission set to a seeded user."""
    held = named(org, "PermissionSet", name)
    org["PermissionSetAssignment"].insert(
        {
            "AssigneeId": user["Id"],
            "PermissionSetId": held["Id"],
            "IsActive": True,
            "SystemModstamp": org.stamp,
        }
    )


def _user(
    org: Org,
    username: str,
    name: str,
    email: str,
    profile: str,
    made: str,
    *,
    active: bool = True,
    person: Person | None = None,
) -> Row:
    first, _, last = name.rpartition(" ")
    held = named(org, "Profile", profile)
    user = org["User"].insert(
        {
            "Username": username.lower(),
            "FirstName": first or None,
            "LastName": last,
            "Name": name,
            "Alias": username.partition("@")[0].replace(".", "")[:8],
            "CommunityNickname": f"{username.partition('@')[0][:30]}{len(org['User'])}",
            "Email": email,
            "Title": person.title if person else None,
            "Department": person.department if person else None,
            "IsActive": active,
            "UserType": "Standard",
            "ProfileId": held["Id"],
            "TimeZoneSidKey": person.tz if person else "GMT",
            "LocaleSidKey": "en_US",
            "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US",
            "NumberOfFailedLogins": 0,
            "HasUserVerifiedEmail": True,
            "CreatedDate": made,
            "LastModifiedDate": made,
            "SystemModstamp": made,
        }
    )
    owned = org["PermissionSet"].where("ProfileId", held["Id"])[0]
    org["PermissionSetAssignment"].insert(
        {"AssigneeId": user["Id"], "PermissionSetId": owned["Id"], "IsActive": True, "SystemModstamp": made}
    )
    return user
