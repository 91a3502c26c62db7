"""Records as REST shows them: stubs, whole records, the roles sublist."""

from __future__ import annotations

from sandbox.netsuite.account import Account
from sandbox.netsuite.records.properties import RecordType, shown
from sandbox.netsuite.tables import Row
from sandbox.world import Json

BASE = "/services/rest/record/v1"


def self_link(account: Account, path: str) -> list[Json]:
    return [{"rel": "self", "href": f"{account.base_url}{BASE}/{path}"}]


def stub(account: Account, kind: RecordType, row: Row) -> Json:
    return {"links": self_link(account, f"{kind.name}/{row['id']}"), "id": str(row["id"])}


def record(account: Account, kind: RecordType, row: Row, *, expand: bool, fields: set[str] | None) -> Json:
    """A whole record, or those fields of it. What is empty is left out; sublists are links unless expanded."""
    made: Json = {"links": self_link(account, f"{kind.name}/{row['id']}"), "id": str(row["id"])}
    for name, one in kind.properties.items():
        value = row.get(one.column)
        if one.kind == "secret" or (fields is not None and name not in fields):
            continue
        if one.kind == "sublist":
            path = f"{kind.name}/{row['id']}/{name}"
            made[name] = _sublist(account, name, row, path) if expand else {"links": self_link(account, path)}
        elif value is not None:
            made[name] = _reference(account, value) if one.kind == "employee" else shown(one.kind, value)
            if one.kind == "reference":
                made[name] = {"id": str(value), "links": []}
    if kind.name == "employee" and account.switches.licence_counters_filled:
        made |= licence_counters(account)
    return made


def _reference(account: Account, number: int) -> Json:
    links = self_link(account, f"employee/{number}")
    return {"id": str(number), "refName": account.name("employee", number) or "", "links": links}


def _sublist(account: Account, name: str, row: Row, path: str) -> Json:
    items = roles(account, row, path) if name == "roles" else []
    return {
        "links": self_link(account, path), "count": len(items), "hasMore": False, "items": items, "offset": 0,
        "totalResults": len(items),
    }  # fmt: skip


def roles(account: Account, row: Row, path: str) -> list[Json]:
    """One element for each role the employee holds."""
    made = []
    for place, number in enumerate(row["_roles"], start=1):
        role = account["role"].get(number)
        if role is not None:
            made.append(
                {
                    "links": self_link(account, f"{path}/{place}"),
                    "selectedRole": {"id": str(number), "refName": role["name"], "links": []},
                    "wsOnly": role["_web_services_only"],
                }
            )
    return made


def licence_counters(account: Account) -> Json:
    """Used and bought full licences, as the schema lists them; whether a read fills them is UNCONFIRMED."""
    bought = account.switches.full_licences
    return {"fulluserqty": full_licences_used(account), "isfulluserqtyenforced": bought is not None} | (
        {"fulluserqtymax": bought} if bought is not None else {}
    )


def full_licences_used(account: Account) -> int:
    """E-mail logins with access and a role outside of the employee center; inactive ones still count."""
    full = {row["id"] for row in account["role"] if row["centertype"] != "EMPLOYEE"}
    return len(
        {
            (row["email"] or "").lower()
            for row in account["employee"]
            if row["giveaccess"] == "T" and full & set(row["_roles"])
        }
    )
