"""What the data, Tooling and Metadata interfaces answer when they refuse, as our errors: one table."""

from __future__ import annotations

import re
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
    """The access token is no longer taken; one new sign-in may mend it."""

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
    "LICENSE_LIMIT_EXCEEDED": "no licence is free: deactivate a user that holds one, or buy more",
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
                f"{connection}: this session may not use the REST API. To mend it: add the scope api to the"
                " bot's app and look at the session settings of its profile.",
                **where,
            )
        case 401, _:
            return SessionExpired(f"{connection}: the session has ended.", **where)
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
