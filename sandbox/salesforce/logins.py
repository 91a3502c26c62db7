"""Every attempt to get in: who is refused and why, and the LoginHistory row it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.salesforce.access import permissions
from sandbox.salesforce.errors import OAuthError
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import Restrictions
from sandbox.salesforce.tables import Row

LOCKED_AFTER = 10

SUCCESS = "Success"
INACTIVE = "User is inactive"
FROZEN = "User is frozen"
LOCKED = "Password lockout"
RESTRICTED_IP = "Restricted IP"
RESTRICTED_TIME = "Restricted time"
API_ONLY = "Failed: API-only user"
BAD_PASSWORD = "Invalid password"
TOKEN_REQUIRED = "Failed: API security token required"
NOT_APPROVED = "Failed: Not approved for access"
BAD_SIGNATURE = "Failed: Signature Invalid"
BAD_TOKEN = "Failed: Invalid Token"
"""Status texts of LoginHistory. Source: Object Reference, EventLogFile LOGIN_STATUS, read 2026-11-21."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    How somebody tried to get in.

    `source_ip` is where from; `enforce_ip` is false where an app's policy relaxes the profile's ranges.
    """

    source_ip: str
    login_type: str
    application: str
    sub_type: str | None = None
    login_url: str = "login.salesforce.com"
    api_type: str | None = None
    api_version: str | None = None
    browser: str = "Unknown"
    platform: str = "Unknown"
    client_version: str | None = None
    tls: str = "TLS 1.3"
    enforce_ip: bool = True
    interactive: bool = False
    password: bool = False
    country: str | None = None


def refusal(org: Org, user: Row, attempt: Attempt) -> str | None:
    """The status text that keeps a user out, or None. Passwords and approvals are the caller's matter."""
    if not user["IsActive"]:
        return INACTIVE
    state = login_row(org, user["Id"])
    if state is not None and state["IsFrozen"]:
        return FROZEN
    if state is not None and state["IsPasswordLocked"] and attempt.password:
        return LOCKED
    limits = org.restrictions.get(user["ProfileId"], Restrictions())
    if not limits.admits_time(org.now):
        return RESTRICTED_TIME
    if attempt.enforce_ip and not limits.admits_address(attempt.source_ip):
        return RESTRICTED_IP
    if attempt.interactive and "ApiUserOnly" in permissions(org, user["Id"]):
        return API_ONLY
    return None


def record(org: Org, user: Row, attempt: Attempt, status: str, *, at: str | None = None) -> Row:
    """Write the attempt down, whatever came of it, and keep the user's counters."""
    at = at or org.stamp
    row = org["LoginHistory"].insert(
        {
            "UserId": user["Id"],
            "LoginTime": at,
            "LoginType": attempt.login_type,
            "LoginSubType": attempt.sub_type,
            "SourceIp": attempt.source_ip,
            "LoginUrl": attempt.login_url,
            "Status": status,
            "Application": attempt.application,
            "Browser": attempt.browser,
            "Platform": attempt.platform,
            "ApiType": attempt.api_type,
            "ApiVersion": attempt.api_version,
            "ClientVersion": attempt.client_version,
            "CountryIso": attempt.country or org.country_of(attempt.source_ip),
            "TlsProtocol": attempt.tls,
            "CipherSuite": "ECDHE-RSA-AES256-GCM-SHA384",
            "OptionsIsGet": False,
            "OptionsIsPost": True,
        }
    )
    if status == SUCCESS:
        if org.switches.oauth_updates_last_login or attempt.interactive:
            org["User"].change(user, {"LastLoginDate": at})
        if user["NumberOfFailedLogins"]:
            org["User"].change(user, {"NumberOfFailedLogins": 0})
        if login_row(org, user["Id"]) is None:
            add_login_row(org, user["Id"])
    elif status == BAD_PASSWORD:
        _count_failure(org, user)
    return row


def login_row(org: Org, user_id: str) -> Row | None:
    """The UserLogin row of a user, if there is one."""
    return next(iter(org["UserLogin"].where("UserId", user_id)), None)


def add_login_row(org: Org, user_id: str, *, frozen: bool = False) -> Row:
    """Give a user a UserLogin row."""
    return org["UserLogin"].insert({"UserId": user_id, "IsFrozen": frozen, "LastModifiedDate": org.stamp})


def oauth_error(org: Org, status: str) -> OAuthError:
    """How the token endpoint words a refusal that LoginHistory calls `status`."""
    switches = org.switches
    pair = {
        INACTIVE: switches.inactive_error,
        FROZEN: switches.frozen_error,
        RESTRICTED_IP: switches.restricted_ip_error,
        RESTRICTED_TIME: switches.restricted_time_error,
    }.get(status, ("invalid_grant", "authentication failure"))
    return OAuthError(*pair)


def _count_failure(org: Org, user: Row) -> None:
    failures = (user["NumberOfFailedLogins"] or 0) + 1
    org["User"].change(user, {"NumberOfFailedLogins": failures})
    if failures >= LOCKED_AFTER and (state := login_row(org, user["Id"])) is not None:
        org["UserLogin"].change(state, {"IsPasswordLocked": True})
