"""Who and what there is to choose from in the World panel: apps, users and the grants between them."""

from __future__ import annotations

from sandbox.salesforce.access import permissions
from sandbox.salesforce.logins import login_row
from sandbox.salesforce.org import Org
from sandbox.salesforce.tables import Row
from sandbox.world import Json

AT_MOST_USERS = 300


def cast(org: Org) -> Json:
    """
    {"apps": [{"name", "run_as"}], "users": [...], "grants": [{"app", "username", "uses"}]}, apps by label.

    Service users come first, then those who allowed an app something, then the rest by name; a generated
    company is cut at AT_MOST_USERS.
    """
    holders = {row["UserId"] for row in org["OauthToken"]}
    users = sorted(
        org["User"], key=lambda row: (not _is_service(org, row), row["Id"] not in holders, row["Name"])
    )
    return {
        "apps": [{"name": app.label, "run_as": app.run_as} for app in org.apps.values()],
        "users": [_described(org, row) for row in users[:AT_MOST_USERS]],
        "grants": [
            {"app": row["AppName"], "username": user["Username"], "uses": row["UseCount"]}
            for row in org["OauthToken"]
            if (user := org["User"].get(row["UserId"])) is not None
        ],
    }


def _is_service(org: Org, row: Row) -> bool:
    return "ApiUserOnly" in permissions(org, row["Id"])


def _described(org: Org, row: Row) -> Json:
    state = login_row(org, row["Id"])
    return {
        "username": row["Username"],
        "name": row["Name"],
        "active": row["IsActive"],
        "frozen": bool(state and state["IsFrozen"]),
        "service": _is_service(org, row),
    }
