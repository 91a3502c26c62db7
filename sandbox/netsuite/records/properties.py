"""
The properties of the record types that REST offers, as JSON shows them, and the columns that hold them.

Source: REST API Browser 2026.1, employee; vendor and salesOrder as far as integrations use them; facts §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Kind = Literal["text", "bool", "day", "instant", "number", "employee", "reference", "secret", "sublist"]


@dataclass(frozen=True, slots=True)
class Property:
    """
    `column` is where the value is kept. A secret is never given back, a sublist has its own rules.

    `employee` is a reference whose refName is known; other references show their id alone.
    """

    column: str
    kind: Kind = "text"
    read_only: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class RecordType:
    """`permission` at level View to read, Create to make, Edit to change, Full to delete."""

    name: str
    table: str
    permission: str
    properties: dict[str, Property]
    required: tuple[str, ...] = ()


_ENTITY = {
    "entityId": Property("entityid", title="Name"),
    "email": Property("email", title="Email"),
    "firstName": Property("firstname", title="First Name"),
    "lastName": Property("lastname", title="Last Name"),
    "isInactive": Property("isinactive", "bool", title="Inactive"),
    "lastModifiedDate": Property("lastmodifieddate", "instant", read_only=True, title="Last Modified"),
    "externalId": Property("_externalid", title="External ID"),
    "custentity_nexonia": Property("custentity_nexonia", "bool", title="Sync to Nexonia"),
}

EMPLOYEE = RecordType(
    "employee",
    "employee",
    "LIST_EMPLOYEE_RECORD",
    _ENTITY
    | {
        "title": Property("title", title="Job Title"),
        "giveAccess": Property("giveaccess", "bool", title="Give Access"),
        "hireDate": Property("hiredate", "day", title="Hire Date"),
        "releasedate": Property("releasedate", "day", title="Termination/Release Date"),
        "terminationreason": Property("_terminationreason", title="Termination Reason"),
        "terminationcategory": Property("_terminationcategory", title="Termination Category"),
        "supervisor": Property("supervisor", "employee", title="Supervisor"),
        "sendEmail": Property("_sendemail", "secret"),
        "password": Property("_password", "secret"),
        "password2": Property("_password2", "secret"),
        "requirePwdChange": Property("_requirepwdchange", "secret"),
        "inheritiprules": Property("_inheritiprules", "bool"),
        "concurrentwebservicesuser": Property("_concurrentwebservicesuser", "bool"),
        "roles": Property("_roles", "sublist", title="Roles"),
    },
    ("lastName",),
)
VENDOR = RecordType(
    "vendor",
    "vendor",
    "LIST_VENDOR",
    _ENTITY
    | {
        "companyName": Property("companyname", title="Company Name"),
        "isPerson": Property("isperson", "bool", title="Individual"),
    },
)
SALES_ORDER = RecordType(
    "salesOrder",
    "transaction",
    "TRAN_SALESORD",
    {
        "tranId": Property("tranid", read_only=True, title="Order #"),
        "entity": Property("entity", "reference", title="Customer"),
        "tranDate": Property("trandate", "day", title="Date"),
        "memo": Property("memo", title="Memo"),
        "otherRefNum": Property("otherrefnum", title="PO #"),
        "total": Property("foreigntotal", "number", read_only=True, title="Total"),
        "createdDate": Property("createddate", "instant", read_only=True, title="Date Created"),
        "lastModifiedDate": Property("lastmodifieddate", "instant", read_only=True, title="Last Modified"),
        "item": Property("_item", "sublist", title="Items"),
    },
    ("entity",),
)
TYPES = {one.name: one for one in (EMPLOYEE, VENDOR, SALES_ORDER)}
SUBLISTS = {"_roles": "roles", "_item": "item"}


def shown(kind: Kind, value: Any) -> Any:
    """A column's value as JSON shows it; references and sublists are not for this."""
    if kind == "bool":
        return value == "T"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


def stored(kind: Kind, value: Any) -> Any:
    """
    A JSON value as a column holds it; null empties it.

    Raises:
        ValueError: the value is of another kind.
    """
    if value is None:
        return "F" if kind == "bool" else None
    if kind == "bool":
        if not isinstance(value, bool):
            raise ValueError("a boolean is expected")
        return "T" if value else "F"
    if kind == "day":
        return date.fromisoformat(str(value)[:10])
    if kind in ("employee", "reference"):
        return int(value["id"] if isinstance(value, dict) else value)
    if kind == "secret":
        return value
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError("a text is expected")
    return str(value)
