"""How many licences there are and how many are taken."""

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.tables import Row


def licence_of(org: Org, profile_id: str) -> Row:
    """The user licence behind a profile."""
    profile = org["Profile"].get(profile_id)
    licence = org["UserLicense"].get(profile["UserLicenseId"]) if profile else None
    if licence is None:
        raise LookupError(f"no licence behind profile {profile_id}")
    return licence


def take(org: Org, table: str, licence: Row) -> None:
    """
    Use up one licence of a kind (UserLicense or PermissionSetLicense).

    Raises:
        ApiError: LICENSE_LIMIT_EXCEEDED when none is free.
    """
    if licence["UsedLicenses"] >= licence["TotalLicenses"]:
        raise ApiError(400, "LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded", ())
    _set(org, table, licence, licence["UsedLicenses"] + 1)


def give_back(org: Org, table: str, licence: Row) -> None:
    """Free one licence of a kind."""
    _set(org, table, licence, max(0, licence["UsedLicenses"] - 1))


def total_user_licences(org: Org) -> int:
    """All user licences bought, which the API allowance depends on."""
    return sum(row["TotalLicenses"] for row in org["UserLicense"])


def _set(org: Org, table: str, licence: Row, used: int) -> None:
    values: Row = {"UsedLicenses": used}
    if table == "UserLicense":
        values["UsedLicensesLastUpdated"] = org.stamp
    org[table].change(licence, values)
