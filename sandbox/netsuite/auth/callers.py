"""Who is calling, and the refusal that never says why: the reason goes to the login audit trail."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.netsuite.account import Account
from sandbox.netsuite.catalogue import PERMISSIONS, VIEW
from sandbox.netsuite.errors import forbidden
from sandbox.netsuite.tables import Row


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in integration: the entity and role it acts as, and the TBA token that proved it (None: OAuth 2.0)."""

    account: Account
    entity: int
    role: int
    application: Row
    token: Row | None = None

    def may(self, permission: str, level: int = VIEW) -> bool:
        return self.account.may(self.role, permission, level)

    def need(self, permission: str, level: int = VIEW) -> None:
        """Raises ApiError 403 INSUFFICIENT_PERMISSION naming the permission."""
        if not self.may(permission, level):
            raise forbidden(PERMISSIONS.get(permission, permission))

    @property
    def who(self) -> str:
        """For the request log."""
        return f"{self.account.name('employee', self.entity)} ({self.application['name']})"


@dataclass(slots=True)
class Attempt:
    """What is known so far of somebody who signs in, for the audit trail."""

    application: Row | None = None
    token: Row | None = None
    entity: int | None = None
    role: int | None = None


class LoginRefused(Exception):
    """Sign-in failed. `detail` is for the audit trail alone; None leaves no row."""

    def __init__(self, detail: str | None, attempt: Attempt | None = None) -> None:
        super().__init__("sign-in refused")
        self.detail = detail
        self.attempt = attempt or Attempt()


class BearerMalformed(Exception):
    """An Authorization header that holds no bearer token at all: 400 instead of 401."""


def standing(account: Account, entity: int, role: int, permission: str) -> str | None:
    """
    Why this entity may not sign in with this role, as the audit trail says it; None when it may.

    Source: token-based authentication and OAuth 2.0 troubleshooting, EntityOrRoleDisabled, 2026-11.
    """
    switches = account.switches
    employee, held = account["employee"].get(entity), account["role"].get(role)
    if employee is None or held is None or employee["isinactive"] == "T" or held["isinactive"] == "T":
        return "EntityOrRoleDisabled"
    if role not in employee["_roles"] or (switches.give_access_needed and employee["giveaccess"] != "T"):
        return "EntityOrRoleDisabled"
    released = employee["releasedate"]
    if switches.release_date_deactivates and released is not None and released <= account.now.date():
        return "EntityOrRoleDisabled"
    return None if account.may(role, permission) else switches.login_permission_missing_detail
