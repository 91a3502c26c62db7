"""What people allowed apps to do: OauthToken rows, five per person and app, and their refresh tokens."""

import secrets

from sandbox.salesforce import holdings, sessions
from sandbox.salesforce.apps import App
from sandbox.salesforce.org import Org
from sandbox.salesforce.tables import Row

MASK = "********"


def approve(org: Org, user: Row, app: App) -> Row:
    """
    A new grant. The sixth approval of the same app by the same person silently ends the oldest.

    The refresh token is the row's `_refresh_token`; the column AccessToken shows a mask.
    """
    mine = of(org, user["Id"], app)
    for old in mine[: max(0, len(mine) - org.switches.approvals_per_user_and_app + 1)]:
        revoke(org, old)
        org.world.counters["salesforce.grants_evicted"] += 1
    grant = org["OauthToken"].insert(
        {
            "AccessToken": MASK,
            "RequestToken": MASK,
            "DeleteToken": secrets.token_hex(24),
            "AppName": app.label,
            "AppMenuItemId": app.menu_item_id,
            "UserId": user["Id"],
            "CreatedDate": org.stamp,
            "LastUsedDate": None,
            "UseCount": 0,
            "_client_id": app.client_id,
            "_refresh_token": f"5Aep861{secrets.token_urlsafe(48)}",
        }
    )
    holdings.refresh(org, [user["Id"]])
    return grant


def of(org: Org, user_id: str, app: App) -> list[Row]:
    """One person's grants to one app, oldest first."""
    rows = org["OauthToken"].where("UserId", user_id)
    return [row for row in rows if row["_client_id"] == app.client_id]


def by_refresh_token(org: Org, token: str) -> Row | None:
    """The grant a refresh token belongs to."""
    if not token:
        return None
    return next((row for row in org["OauthToken"] if row["_refresh_token"] == token), None)


def by_delete_token(org: Org, token: str) -> Row | None:
    """The grant a DeleteToken names."""
    return next(iter(org["OauthToken"].where("DeleteToken", token)), None) if token else None


def used(org: Org, grant: Row) -> None:
    """
    Count a use. Failed attempts count as well, so a rising count proves nothing.

    Source: Salesforce Help, "OAuth Connected Apps" user page (use count), read 2026-11-21.
    """
    org["OauthToken"].change(grant, {"UseCount": grant["UseCount"] + 1, "LastUsedDate": org.stamp})


def revoke(org: Org, grant: Row) -> None:
    """End a grant and every access token that came from it."""
    org["OauthToken"].delete(grant)
    sessions.end_all(org, grant_key=grant["_key"])
    holdings.refresh(org, [grant["UserId"]])
