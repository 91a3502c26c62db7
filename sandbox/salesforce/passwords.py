"""Passwords and security tokens: kept as digests, checked at login, set and reset by administrators."""

import hashlib
import re
import secrets
import string

from sandbox.salesforce import logins, sessions
from sandbox.salesforce.audit import note
from sandbox.salesforce.callers import Caller
from sandbox.salesforce.errors import ApiError, insufficient_access
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import Restrictions
from sandbox.salesforce.tables import Row

SHORTEST = 8
_HELD_BACK = 3


def give(org: Org, user: Row, password: str, security_token: str = "") -> None:
    """Set a user's password and, where one is given, their security token."""
    history = [_digest(password), *(user.get("_passwords") or ())][:_HELD_BACK]
    values: Row = {"_passwords": history, "LastPasswordChangeDate": org.stamp, "_expired": False}
    if security_token:
        values["_security_token"] = _digest(security_token)
    org["User"].change(user, values)


def refusal(org: Org, user: Row, offered: str, source_ip: str) -> str | None:
    """
    Why a password login fails, as LoginHistory words it, or None.

    Inside the profile's ranges the password alone will do; elsewhere the security token follows it.
    """
    known = (user.get("_passwords") or [""])[0]
    if _digest(offered) == known:
        ranges = org.restrictions.get(user["ProfileId"], Restrictions()).ranges
        trusted = any(span.holds(source_ip) for span in ranges)
        return None if trusted else logins.TOKEN_REQUIRED
    token = user.get("_security_token")
    for cut in range(1, len(offered)):
        if _digest(offered[:cut]) == known:
            return None if token and _digest(offered[cut:]) == token else logins.TOKEN_REQUIRED
    return logins.BAD_PASSWORD


def wrong(user: Row, offered: str) -> bool:
    """Claims that this is not the user's password."""
    known: str = (user.get("_passwords") or [""])[0]
    return _digest(offered) != known


def expired(user: Row) -> bool:
    """Claims that the user must choose a new password."""
    return bool(user.get("_expired"))


def set_password(org: Org, caller: Caller, user: Row, password: object) -> None:
    """
    Set somebody's password; it is expired at once where an administrator chose it.

    Raises:
        ApiError: INSUFFICIENT_ACCESS, or INVALID_NEW_PASSWORD for what the policy forbids.
    """
    _allowed(caller, user)
    if not isinstance(password, str) or len(password) < SHORTEST:
        raise ApiError(
            400, "INVALID_NEW_PASSWORD", f"Your password must be at least {SHORTEST} characters long."
        )
    if not (re.search(r"[A-Za-z]", password) and re.search(r"\d", password)):
        raise ApiError(400, "INVALID_NEW_PASSWORD", "Your password must include letters and numbers.")
    if _digest(password) in (user.get("_passwords") or ()):
        raise ApiError(400, "INVALID_NEW_PASSWORD", "invalid repeated password")
    give(org, user, password)
    org["User"].change(user, {"_security_token": None})
    note(org, caller.id, "changedpassword", "Manage Users", f"Changed password for user {user['Name']}")


def reset_password(org: Org, caller: Caller, user: Row) -> str:
    """
    A temporary password. The old one, its security token and every session die at once.

    Raises:
        ApiError: INSUFFICIENT_ACCESS.
    """
    _allowed(caller, user)
    fresh = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(8)) + "7a"
    give(org, user, fresh)
    org["User"].change(user, {"_expired": True, "_security_token": None})
    if user["Id"] != caller.id:
        sessions.end_all(org, user_id=user["Id"])
    note(org, caller.id, "resetpassword", "Manage Users", f"Reset password for user {user['Name']}")
    org.world.counters["salesforce.reset_mails"] += 1
    return fresh


def _allowed(caller: Caller, user: Row) -> None:
    if user["Id"] != caller.id and not {"ResetPasswords", "ManageUsers"} & caller.held:
        raise insufficient_access()


def _digest(text: str) -> str:
    return hashlib.sha256(f"sandbox:{text}".encode()).hexdigest()
