"""The login audit trail: one row for every sign-in, the only place that tells why one was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.callers import Attempt
from sandbox.netsuite.tables import Row

SUCCESS, FAILURE = "Success", "Failure"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in came from."""

    uri: str
    ip: str = "198.51.100.20"
    agent: str = ""


def record(
    account: Account,
    attempt: Attempt,
    origin: Origin,
    detail: str | None = None,
    *,
    at: datetime | None = None,
) -> Row:
    """Append a row: a success, or a failure with its detail. A user interface login has no application."""
    employee = account["employee"].get(attempt.entity)
    return account["loginaudit"].insert(
        {
            "date": at or account.now,
            "status": FAILURE if detail else SUCCESS,
            "user": attempt.entity,
            "role": attempt.role,
            "emailaddress": employee["email"] if employee else None,
            "ipaddress": origin.ip,
            "requesturi": origin.uri,
            "detail": detail,
            "secchallenge": None,
            "useragent": origin.agent or None,
            "oauthappname": attempt.application["name"] if attempt.application else None,
            "oauthaccesstokenname": attempt.token["tba_token_name"] if attempt.token else None,
        }
    )
