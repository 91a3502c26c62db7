"""What the data, Tooling and Metadata interfaces answer when they refuse, as our errors: one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    ProtocolChanged,
    RateLimited,
    Rejected,
    Unreachable,
)
from bot.text import clean

# The allowance is a rolling 24 hours and nothing says when room returns, so look again now and then.
LIMIT_PAUSE_S = 900.0


class SessionExpired(AuthFailed):
    """The access token is no longer taken; one new sign-in may fix it."""

    code = "session_expired"


class Missing(Forbidden):
    """An object or column is not there for us. Salesforce does not say whether it exists at all."""


_FORBIDDEN = frozenset(
    {
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "FUNCTIONALITY_NOT_ENABLED",
    }
)
_MISSING = frozenset({"INVALID_TYPE", "INVALID_FIELD", "NO_SUCH_COLUMN"})
_BUSY = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG"})
# Source: sections 4 and 6 of the facts in README.md, with their vendor pages, read 2026-11-21.
EXPLAINED = {
    "DUPLICATE_USERNAME": "that username is taken, here or in another Salesforce org: choose another",
    "DUPLICATE_COMM_NICKNAME": "another user has that nickname: choose another last name or alias",
    "LICENSE_LIMIT_EXCEEDED": "no license is free: deactivate a user that holds one, or buy more",
    "REQUIRED_FIELD_MISSING": "a required field is missing",
    "INVALID_EMAIL_ADDRESS": "the e-mail address is not valid",
    "STRING_TOO_LONG": "a value is too long",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "a time zone, locale or language is not one of Salesforce's",
    "INVALID_CROSS_REFERENCE_KEY": "a record it refers to does not exist",
    "FIELD_INTEGRITY_EXCEPTION": "the values do not fit each other",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "a trigger of this org on users stopped it",
    "CANNOT_DISABLE_LAST_ADMIN": "this is the last active administrator",
    "MALFORMED_QUERY": "our query was not understood",
    "MALFORMED_ID": "an id is not valid",
}


def refused(status: int, body: bytes, *, connection: str, operation: str, wrote: bool) -> PlatformError:
    """
    The error for any answer that is not a success. An array of errors and a bare error object are both read.

    A 5xx to a write leaves open whether it happened.
    """
    code, message = _first(body)
    where = {"connection": connection, "operation": operation}
    match status, code:
        case 401, _ if "not valid for use with the rest api" in message.lower():
            return AuthFailed(
                f"{connection}: this session may not use the REST API. To fix it: add the scope api to the"
                " bot's app and look at the session settings of its profile.",
                **where,
            )
        case 401, _:
            return SessionExpired(f"{connection}: the session has expired.", **where)
        case _, "REQUEST_LIMIT_EXCEEDED":
            return RateLimited(
                f"{connection}: the org has used up its API calls of the last 24 hours.",
                retry_after_s=LIMIT_PAUSE_S,
                **where,
            )
        case _, _ if code in _FORBIDDEN or (status == 403 and code):
            return Forbidden(f"{connection}: not allowed to {operation} ({code}).", scope=code, **where)
        case _, _ if code in _MISSING and not wrote:
            return Missing(
                f"{connection}: cannot {operation}: the object or a column is not there for the bot's user.",
                scope=code,
                **where,
            )
        case 410, _:
            return ProtocolChanged(f"{connection}: this version of the API is retired.", **where)
        case _, _ if status < 500 and code in _BUSY:
            return Unreachable(f"{connection} is busy ({code}); nothing was changed.", **where)
        case _, _ if status >= 500 or status == 420:
            return _broken(status, wrote, where)
        case _:
            return _rejected(status, code, message, wrote, where)


def _broken(status: int, wrote: bool, where: dict[str, str]) -> PlatformError:
    said = f"{where['connection']} answered {where['operation']} with HTTP {status}"
    if wrote:
        return OutcomeUnknown(f"{said}; it may have happened.", **where)
    return Unreachable(f"{said}.", **where)


def _rejected(status: int, code: str, message: str, wrote: bool, where: dict[str, str]) -> Rejected:
    why = EXPLAINED.get(code) or f"HTTP {status}"
    # Only refused writes repeat the vendor's sentence: it names what blocks them. A query's would repeat it whole.
    own_words = clean(re.sub(r"<[^>]*>", " ", message), 200) if wrote and code else ""
    said = f"{where['connection']} refused to {where['operation']}: {why}"
    said += f" ({code}{': ' + own_words if own_words else ''})." if code else "."
    return Rejected(said, status=status, vendor_code=code, **where)


def _first(body: bytes) -> tuple[str, str]:
    """Code and message of the first error in a body, empty where it is not one."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    if isinstance(found, list) and found:
        found = found[0]
    if not isinstance(found, dict):
        return "", ""
    # Composite collections say statusCode where everything else says errorCode.
    code = found.get("errorCode") or found.get("statusCode") or ""
    return clean(str(code), 80), str(found.get("message", ""))


_WAIT_S = 60.0  # the endpoint names no waiting time


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row: ``error`` and words of ``description`` (lower case, empty matches all) → what to say."""

    error: str
    description: str
    cause: str
    fix: str


# Source: Salesforce Help, remoteaccess_oauth_flow_errors, and the field reports listed in README.md, 2026-11-21.
# First match wins.
REFUSALS = (
    Refusal(
        "invalid_grant",
        "hasn't approved this consumer",
        "the bot's user has not been approved for the bot's app",
        "set Permitted Users to admin approved in the app's policies and add the user's permission set",
    ),
    Refusal(
        "invalid_app_access",
        "",
        "the bot's user lacks the profile or permission set that the bot's app asks for",
        "add the user's permission set to the app's policies in External Client App Manager",
    ),
    Refusal(
        "oauth_app_access_denied",
        "",
        "the bot's user is not admitted to the bot's app",
        "add the user's permission set to the app's policies in External Client App Manager",
    ),
    Refusal(
        "invalid_grant",
        "audience",
        "the login address is not one this org accepts",
        "set login_url to the org's My Domain address, or to test.salesforce.com for a sandbox",
    ),
    Refusal(
        "invalid_grant",
        "invalid assertion",
        "the private key does not belong to the certificate of the bot's app",
        "upload the certificate of this private key to the app, or give the bot the matching key",
    ),
    Refusal(
        "invalid_grant",
        "expired authorization code",
        "the assertion was expired on arrival: this machine's clock is off",
        "set the clock by NTP",
    ),
    Refusal(
        "invalid_grant",
        "request not supported on this domain",
        "client credentials were sent to a shared login host",
        "set url to the org's My Domain address",
    ),
    Refusal(
        "invalid_grant",
        "no client credentials user",
        "the bot's app has no run-as user",
        "choose a run-as user in the app's client credentials policy",
    ),
    Refusal(
        "invalid_grant",
        "ip restricted",
        "this machine's address lies outside the login IP ranges of the bot's user",
        "add the address to the login IP ranges of the user's profile",
    ),
    Refusal(
        "invalid_grant",
        "inactive",
        "the bot's user is deactivated",
        "reactivate it in Setup, Users",
    ),
    Refusal(
        "inactive_user",
        "",
        "the bot's user is deactivated",
        "reactivate it in Setup, Users",
    ),
    Refusal(
        "invalid_grant",
        "authentication failure",
        "the bot's user may not sign in now: frozen, deactivated, or outside its login hours",
        "look at its entry in Setup, Login History, and fix what its status says",
    ),
    Refusal(
        "invalid_grant",
        "",
        "Salesforce does not accept the bot's sign-in",
        "look at the bot's user in Setup, Login History: its status names the reason",
    ),
    Refusal(
        "invalid_client_id",
        "",
        "the org does not know this client_id",
        "copy the consumer key of the bot's app again; a new app takes some minutes to be known",
    ),
    Refusal(
        "invalid_client",
        "must be installed",
        "the bot's app is not installed in this org",
        "install it in Setup, Connected Apps OAuth Usage, or create it here as an external client app",
    ),
    Refusal(
        "invalid_client",
        "",
        "the client secret is wrong",
        "copy the consumer secret of the bot's app again",
    ),
    Refusal(
        "unsupported_grant_type",
        "",
        "the bot's app does not allow this way of signing in",
        "enable the JWT bearer flow (with a certificate) or the client credentials flow in the app",
    ),
    Refusal(
        "invalid_request",
        "",
        "the org did not accept the form of the bot's sign-in",
        "check that the flow is enabled in the app, then report this",
    ),
    Refusal("inactive_org", "", "the org is locked, closed or suspended", "ask Salesforce to open the org"),
)


def refusal(body: Mapping[str, Any], *, connection: str) -> PlatformError:
    """The error for a 4xx of the token endpoint. Nothing of ``body`` is repeated but the vendor's own code."""
    error = str(body.get("error", ""))[:60].lower()
    description = str(body.get("error_description", "")).lower()
    where = {"connection": connection, "operation": "sign in"}
    if error == "rate_limit_exceeded" or "login rate exceeded" in description:
        return RateLimited(
            f"{connection}: too many sign-ins; Salesforce asks us to wait.", retry_after_s=_WAIT_S, **where
        )
    for row in REFUSALS:
        if row.error == error and row.description in description:
            return AuthFailed(f"{connection}: {row.cause}. To fix it: {row.fix}.", **where)
    return AuthFailed(
        f"{connection}: Salesforce refused the bot's sign-in with a code we do not know. To fix it: look at the"
        " bot's user in Setup, Login History.",
        **where,
    )
