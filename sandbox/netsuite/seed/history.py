"""The past: sign-ins of integrations and of people, sales orders, and who changed what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.netsuite.account import Account
from sandbox.netsuite.auth import audit
from sandbox.netsuite.auth.callers import Attempt
from sandbox.netsuite.records.orders import new_order
from sandbox.netsuite.seed.estate import Estate

DAYS = 45
MOST_PER_TOKEN = 60
"""Sign-ins of one token in the audit trail at the start: its latest ones, at its cadence."""
CONTEXTS = {
    "UIF": "UI",
    "RST": "REST Web Services",
    "SCH": "Scheduled Script",
    "CSV": "CSV Import",
    "WSS": "Web Services",
}
REST_URI = "/services/rest/record/v1/salesOrder"
UI_URI = "/app/login/secure/enterpriselogin.nl"


def plant(account: Account, estate: Estate) -> None:
    """Dates are right; rows do not come in the order of time."""
    for code, name in CONTEXTS.items():
        account["systemnotecontexttype"].insert({"id": code, "name": name})
    entries = {entry["name"]: entry for entry in estate.get("tokens", [])}
    for token in account["oauthtoken"]:
        _uses(account, token, entries.get(token["tba_token_name"], {}))
    _mapped(account)
    _people(account)
    _orders(account)


def _uses(account: Account, token: dict[str, Any], entry: dict[str, Any]) -> None:
    cadence, last, failing = token["_cadence_s"], entry.get("last_days_ago"), entry.get("failing")
    if entry.get("never_used"):
        return
    app = account["integrationapp"].get(token["tba_app_name"])
    attempt = Attempt(app, token, token["entity_name"], token["role_name"])
    origin = audit.Origin(REST_URI, agent="integration/1.0")
    if cadence is not None and (last is None or failing):
        for number in range(MOST_PER_TOKEN):
            ago = timedelta(seconds=cadence) * (number + account.rng.random())
            if ago > timedelta(days=DAYS):
                break
            failed = failing and (last is None or ago < timedelta(days=last))
            audit.record(account, attempt, origin, failing if failed else None, at=account.now - ago)
    if last is not None:
        audit.record(account, attempt, origin, at=account.now - timedelta(days=last))


def _mapped(account: Account) -> None:
    for mapping in account.mappings.values():
        if mapping.cadence_s is None:
            continue
        app = account["integrationapp"].get(mapping.integration)
        attempt = Attempt(app, None, mapping.entity, mapping.role)
        origin = audit.Origin("/services/rest/auth/oauth2/v1/token", agent="adaptive/5")
        for number in range(MOST_PER_TOKEN):
            ago = timedelta(seconds=mapping.cadence_s) * (number + account.rng.random())
            audit.record(account, attempt, origin, at=account.now - ago)


def _people(account: Account) -> None:
    """Everybody with access signs in to the user interface now and then."""
    for employee in account["employee"]:
        person = account.people.get(employee["id"])
        if person is None or employee["giveaccess"] != "T" or not employee["_roles"]:
            continue
        for _ in range(4):
            at = account.now - timedelta(days=account.rng.uniform(0, DAYS))
            origin = audit.Origin(UI_URI, ip="203.0.113.40", agent="Mozilla/5.0")
            audit.record(account, Attempt(None, None, employee["id"], employee["_roles"][0]), origin, at=at)


def _orders(account: Account) -> None:
    """The Connector's orders carry its token's user; a few are a person's own work in the user interface."""
    token = next(iter(account["oauthtoken"].where(_token_id=account.connector_token)), None)
    people = account["employee"].where(isinactive="F", giveaccess="T")
    for number in range(40):
        at = account.now - timedelta(hours=6 * (40 - number))
        if token is not None and number % 5:
            new_order(account, token["entity_name"], token["role_name"], account.switches.rest_context, at=at)
        elif people:
            person = people[number % len(people)]
            new_order(account, person["id"], (person["_roles"] or [None])[0], "UIF", at=at)
