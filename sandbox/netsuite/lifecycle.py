"""What an administrator does in the user interface, with the System Notes it leaves."""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.netsuite.account import SYSTEM, Account
from sandbox.netsuite.catalogue import ADMINISTRATOR
from sandbox.netsuite.tables import Row

UI = "UIF"


def change_employee(
    account: Account,
    employee: Row,
    changes: dict[str, Any],
    *,
    by: int,
    role: int | None = ADMINISTRATOR,
    context: str = UI,
) -> None:
    """Set columns of an employee, noting each that really changes."""
    noted = {
        f"ENTITY.{name.strip('_').upper()}": (employee.get(name), value)
        for name, value in changes.items()
        if employee.get(name) != value
    }
    if not noted:
        return
    account["employee"].change(employee, **changes, lastmodifieddate=account.now)
    account.note("employee", employee, noted, by, role, context)
    if email := account.people.get(employee["id"]):
        person = account.world.people[email]
        (person.inactive.add if employee["isinactive"] == "T" else person.inactive.discard)("netsuite")


def set_inactive(account: Account, employee: Row, *, inactive: bool) -> None:
    change_employee(account, employee, {"isinactive": "T" if inactive else "F"}, by=administrator(account))


def set_release_date(account: Account, employee: Row, on: date | None) -> None:
    change_employee(account, employee, {"releasedate": on}, by=administrator(account))


def set_roles(
    account: Account,
    employee: Row,
    roles: list[int],
    *,
    by: int,
    role: int | None = ADMINISTRATOR,
    context: str = UI,
) -> None:
    """Make these the employee's roles, one System Note for each that comes or goes."""
    before = list(employee["_roles"])
    account.set_roles(employee, roles)
    noted: dict[str, tuple[Any, Any]] = {}
    for gone in (one for one in before if one not in roles):
        noted[f"ENTITY.ROLE.{gone}"] = (account.name("role", gone), None)
    for come in (one for one in roles if one not in before):
        noted[f"ENTITY.ROLE.{come}"] = (None, account.name("role", come))
    account.note("employee", employee, noted, by, role, context)


def delete_employee(account: Account, employee: Row, *, by: int) -> None:
    """Deleting the entity deletes its tokens, its assignments, and the System Notes about it."""
    for token in account["oauthtoken"].where(entity_name=employee["id"]):
        account["oauthtoken"].delete(token)
    account.set_roles(employee, [])
    for row in account["systemnote"].where(recordtypeid=-9, recordid=employee["id"]):
        account["systemnote"].delete(row)
    account.mappings = {k: m for k, m in account.mappings.items() if m.entity != employee["id"]}
    account["employee"].delete(employee)
    account["deletedrecord"].insert(
        {
            "recordid": employee["id"], "recordtypeid": -9, "type": "Employee", "name": employee["entityid"],
            "deleteddate": account.now, "deletedby": by,
        }
    )  # fmt: skip
    if email := account.people.pop(employee["id"], None):
        account.world.people[email].ids.pop("netsuite", None)


def revoke_token(account: Account, token: Row) -> None:
    """For good; the row stays for the audit."""
    if token["brevoked"] != "T":
        account["oauthtoken"].change(token, brevoked="T", drevoked=account.now)


def delete_application(account: Account, app: Row) -> None:
    """Its tokens are revoked, its mappings are gone. Tokens keep pointing to a record that no longer has a name."""
    for token in account["oauthtoken"].where(tba_app_name=app["id"]):
        revoke_token(account, token)
    account.mappings = {k: m for k, m in account.mappings.items() if m.integration != app["id"]}
    account["integrationapp"].delete(app)


def reset_credentials(account: Account, app: Row) -> None:
    """New keys for everything on the record: the client id rotates too, which strands its mappings."""
    account["integrationapp"].change(
        app,
        _consumer_key=account.mint("consumer key"),
        _consumer_secret=account.mint("consumer secret"),
        _client_id=account.mint("client id"),
    )


def refresh_sandbox(account: Account) -> None:
    """Tokens are not copied from production, and the M2M setup is cleared. Records stay."""
    account["oauthtoken"].clear()
    account.mappings.clear()
    account.bearers.clear()
    account.connector_token = ""


def administrator(account: Account) -> int:
    """Who clicks: the first active employee with the Administrator role."""
    for row in account["assignments"].where(role=ADMINISTRATOR):
        employee = account["employee"].get(row["entity"])
        if employee is not None and employee["isinactive"] == "F":
            return int(employee["id"])
    return SYSTEM
