"""New TBA tokens, by a person's click or consent: for whom, and how many."""

from __future__ import annotations

from sandbox.netsuite.account import Account
from sandbox.netsuite.catalogue import ADMINISTRATOR
from sandbox.netsuite.seed.applications import token
from sandbox.netsuite.tables import Row


def new_token(account: Account, app: Row, entity: int, role: int, name: str, *, by: int) -> Row:
    """
    A new token; `by` is whoever makes it.

    Raises:
        ValueError: the reason, in the words of somebody who reads the form's error.
    """
    employee = account["employee"].get(entity)
    if employee is None or employee["isinactive"] == "T" or employee["giveaccess"] != "T":
        raise ValueError("the user is inactive or has no access")
    if role not in employee["_roles"]:
        raise ValueError("the user does not hold this role")
    if not account.may(role, "ADMI_LOGIN_OAUTH"):
        raise ValueError('the role lacks the permission "Log in using Access Tokens"')
    if app["state"] != "Enabled" or not app["_tba"]:
        raise ValueError("the integration is not enabled for token-based authentication")
    if role == ADMINISTRATOR and by != entity:
        raise ValueError("a token with the Administrator role can only be made by its own user")
    live = [
        one
        for one in account["oauthtoken"].where(entity_name=entity, brevoked="F")
        if one["binactive"] == "F"
    ]
    if len(live) >= account.switches.tokens_per_user:
        raise ValueError(f"a user can have {account.switches.tokens_per_user} active tokens at most")
    return token(account, app, entity, role, name, by=by)
