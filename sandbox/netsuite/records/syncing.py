"""The employees and vendors that Nexonia's sync reads, when both are played in one sandbox."""

from __future__ import annotations

from typing import Any

from sandbox.netsuite.account import Account
from sandbox.netsuite.tables import Row
from sandbox.world import Json


def sync_records(account: Account) -> list[Json]:
    """Every employee, then every vendor, in the terms of `World.sync_records`."""
    employees = [
        _common("employee", row)
        | {
            "termination_date": row["releasedate"],
            "manager_id": str(row["supervisor"]) if row["supervisor"] is not None else None,
        }
        for row in account["employee"]
    ]
    vendors = [_common("vendor", row) for row in account["vendor"]]
    return [*employees, *vendors]


def _common(kind: str, row: Row) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": str(row["id"]),
        "first": row["firstname"] or "",
        "last": row["lastname"] or "",
        "email": row["email"] or "",
        "active": row["isinactive"] == "F",
        "flag": row["custentity_nexonia"] == "T",
    }
