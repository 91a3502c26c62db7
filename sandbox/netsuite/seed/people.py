"""Roles, employees, service accounts and vendors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sandbox.netsuite.account import Account
from sandbox.netsuite.catalogue import ADMINISTRATOR, FULL, PERMISSIONS
from sandbox.netsuite.seed.estate import Estate
from sandbox.netsuite.tables import Row

PLATFORMS = frozenset({"netsuite", "nexonia"})
"""Who is on one of these has an employee record; only netsuite gives access."""


def plant(account: Account, estate: Estate) -> None:
    """Everybody and every role."""
    for entry in estate.get("roles", []):
        _role(account, entry)
    _employees(account, estate)
    for entry in estate.get("accounts", []):
        _account(account, entry)
    _roles(account, estate)
    for number, entry in enumerate(estate.get("vendors", [])):
        vendor(account, entry, number)


def _role(account: Account, entry: dict[str, Any]) -> None:
    account["role"].insert(
        {
            "id": entry["id"],
            "name": entry["name"],
            "scriptid": f"customrole_{entry['id']}"
            if entry["id"] > 999
            else entry["name"].upper().replace(" ", "_"),
            "centertype": entry.get("center", "BASIC"),
            "isinactive": flag(entry.get("inactive", False)),
            "coreadminpermission": "F",
            "issinglesignononly": "F",
            "restrictbydevice": "F",
            "subsidiaryoption": "ALL" if entry.get("all_subsidiaries") else "OWN",
            "_web_services_only": entry.get("web_services_only", False),
        }
    )
    every = dict.fromkeys(PERMISSIONS, FULL) if entry["id"] == ADMINISTRATOR else entry["permissions"]
    for key, level in every.items():
        account.permissions[entry["id"]][key] = level
        account["rolepermissions"].insert(
            {"role": entry["id"], "name": PERMISSIONS[key], "permkey": key, "permlevel": level}
        )


def _employees(account: Account, estate: Estate) -> None:
    for number, person in enumerate(account.world.people.values()):
        if not PLATFORMS & set(person.platforms):
            continue
        row = employee(
            account,
            person.name,
            person.email,
            person.title,
            account.now.date() - timedelta(days=300 + 41 * number % 3000),
        )
        account["employee"].change(
            row,
            giveaccess=flag("netsuite" in person.platforms),
            custentity_nexonia=flag("nexonia" in person.platforms),
        )
        person.ids["netsuite"] = str(row["id"])
        account.people[row["id"]] = person.email
    by_email = {row["email"]: row for row in account["employee"]}
    for person in account.world.people.values():
        report, boss = by_email.get(person.email), by_email.get(person.manager or "")
        if report is not None and boss is not None:
            account["employee"].change(report, supervisor=boss["id"])


def employee(account: Account, name: str, email: str | None, title: str | None, hired: date) -> Row:
    """An active employee without access."""
    first, _, last = name.rpartition(" ")
    return account["employee"].numbered(
        {
            "entityid": name,
            "email": email,
            "firstname": first or None,
            "lastname": last,
            "title": title,
            "supervisor": None,
            "isinactive": "F",
            "giveaccess": "F",
            "rolesforsearch": None,
            "hiredate": hired,
            "releasedate": None,
            "lastmodifieddate": account.now - timedelta(days=30),
            "custentity_nexonia": "F",
            "_roles": [],
        }
    )


def _account(account: Account, entry: dict[str, Any]) -> None:
    today = account.now.date()
    row = employee(account, entry["name"], entry["email"], entry.get("title"), today - timedelta(days=1200))
    released = entry.get("released_days_ago")
    account["employee"].change(
        row,
        giveaccess="T",
        isinactive=flag(entry.get("inactive", False)),
        releasedate=today - timedelta(days=released) if released is not None else None,
        custentity_nexonia=flag(entry.get("nexonia", False)),
    )
    row["_named_roles"] = entry.get("roles", [])


def _roles(account: Account, estate: Estate) -> None:
    ids = {row["name"]: row["id"] for row in account["role"]}
    administrators, extra = set(estate.get("administrators", [])), estate.get("assignments", {})
    by_department = estate.get("departments", {})
    for row in account["employee"]:
        if row["giveaccess"] != "T":
            continue
        person = account.world.people.get(row["email"] or "")
        names = list(row.pop("_named_roles", []))
        if person is not None:
            names = ["Administrator"] if row["email"] in administrators else []
            names += [by_department.get(person.department, "Employee Center"), *extra.get(row["email"], [])]
        modified = row["lastmodifieddate"]
        account.set_roles(row, [ids[name] for name in dict.fromkeys(names) if name in ids])
        account["employee"].change(row, lastmodifieddate=modified)


def vendor(account: Account, entry: dict[str, Any], number: int) -> Row:
    person, name = entry.get("person", False), entry["name"]
    first, _, last = name.rpartition(" ") if person else ("", "", "")
    return account["vendor"].numbered(
        {
            "entityid": name,
            "companyname": None if person else name,
            "firstname": first or None,
            "lastname": last or None,
            "email": entry.get("email") or (None if person else f"billing{number}@supplier.example"),
            "isinactive": flag(entry.get("inactive", False)),
            "isperson": flag(person),
            "lastmodifieddate": account.now - timedelta(days=40),
            "custentity_nexonia": flag(entry.get("nexonia", False)),
        }
    )


def flag(value: bool) -> str:
    return "T" if value else "F"
