"""The user list as an administrator exports it; columns are ours (Nexonia's own are UNCONFIRMED)."""

from __future__ import annotations

import csv
import io
import json

from sandbox.nexonia.directory import Directory

COLUMNS = {
    "id": "User ID",
    "first": "First Name",
    "last": "Last Name",
    "email": "Email Address",
    "role": "Role",
    "active": "Active",
    "ignore": "Ignore for Integration",
    "integration_id": "Integration ID",
}


def as_csv(directory: Directory, *, hidden: bool, headers: str = "labels") -> str:
    """`hidden`: with the Integration ID. `headers`: labels as on a screen, or keys as the API names them."""
    keys = [key for key in COLUMNS if hidden or key != "integration_id"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([COLUMNS[key] if headers == "labels" else key for key in keys])
    for user in directory.users.values():
        row = user.shown()
        writer.writerow([_cell(row[key]) for key in keys])
    return out.getvalue()


def as_json(directory: Directory, *, hidden: bool) -> str:
    keys = [key for key in COLUMNS if hidden or key != "integration_id"]
    rows = [{key: user.shown()[key] for key in keys} for user in directory.users.values()]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "" if value is None else str(value)
