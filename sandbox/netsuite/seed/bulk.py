"""Many employees, tokens and audit rows at once, for measuring."""

from __future__ import annotations

from datetime import timedelta

from sandbox.netsuite.account import Account
from sandbox.netsuite.auth import audit
from sandbox.netsuite.auth.callers import Attempt
from sandbox.netsuite.seed.applications import application, token
from sandbox.netsuite.seed.people import employee

ROLE = "Integration: finance"
APPLICATIONS = 25


def generate(account: Account, *, employees: int = 0, tokens: int = 0, audit_rows: int = 0) -> None:
    """
    Add this many of each. The employees have access and an integration role; tokens belong to them in turn.

    Audit rows are successes of the generated tokens (of all tokens when there are none), over the last 60 days.
    """
    role = account["role"].where(name=ROLE)[0]["id"]
    start = len(account["employee"])
    made = []
    for number in range(employees):
        name = f"Generated{start + number:05d} Person"
        hired = account.now.date() - timedelta(days=100 + number % 3000)
        row = employee(
            account, name, f"generated{start + number:05d}@{account.world.company.domain}", "Associate", hired
        )
        account["employee"].change(row, giveaccess="T", isinactive="T" if number % 20 == 19 else "F")
        account.set_roles(row, [role])
        made.append(row)
    everybody = made or list(account["employee"])
    apps = [
        account.application(f"Generated app {number:02d}")
        or application(account, f"Generated app {number:02d}", days_ago=400)
        for number in range(APPLICATIONS if tokens else 0)
    ]
    made_tokens = []
    for number in range(tokens):
        holder = everybody[number * 7 % len(everybody)]
        one = token(
            account,
            apps[number % APPLICATIONS],
            holder["id"],
            role,
            f"Generated {number:05d}",
            by=holder["id"],
        )
        account["oauthtoken"].change(
            one,
            dcreated=account.now - timedelta(days=number % 900),
            brevoked="T" if number % 25 == 24 else "F",
        )
        made_tokens.append(one)
    _audit(account, made_tokens or list(account["oauthtoken"]), audit_rows)


def _audit(account: Account, tokens: list[dict[str, object]], count: int) -> None:
    attempts = [
        Attempt(account["integrationapp"].get(one["tba_app_name"]), one, one["entity_name"], one["role_name"])  # type: ignore[arg-type]
        for one in tokens
    ]
    origin = audit.Origin("/services/rest/record/v1/vendor", agent="integration/1.0")
    step = timedelta(days=60) / max(1, count)
    for number in range(count if attempts else 0):
        audit.record(
            account, attempts[number % len(attempts)], origin, at=account.now - step * (count - number)
        )
