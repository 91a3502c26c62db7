"""What Wrike answers when it refuses, as our errors: one table.

Bodies are read by what is in them: the 401 of a known route calls itself text/plain. Codes of 429 and 5xx are
not documented, so those go by their status.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Unreachable,
)
from bot.text import clean


class TokenRefused(AuthFailed):
    """A 401, or a 300: this data centre does not take the token. Not yet that it is dead."""

    code = "token_refused"


class Missing(Forbidden):
    """Nothing there under that id, or nothing we may know of."""

    code = "missing"


# Source: developers.wrike.com, overview, read for the facts of 2026-11-21.
_EXPLAINED = {
    "invalid_request": "the request is not one that Wrike takes",
    "invalid_parameter": "a value is not one that Wrike takes",
    "parameter_required": "a value is missing",
    "method_not_found": "Wrike has no such method",
}


def refused(status: int, body: bytes, *, connection: str, operation: str, wrote: bool) -> PlatformError:
    """The error for any answer that is not a success. A 5xx to a write leaves open whether it happened."""
    code, said = error_of(body)
    where = {"connection": connection, "operation": operation}
    match status:
        case 401 | 300:
            return TokenRefused(f"{connection}: Wrike does not take the token here (HTTP {status}).", **where)
        case 403:
            why = clean(said, 160)
            told = f": {why}" if why else ""
            return Forbidden(
                f"{connection}: not allowed to {operation} ({code or 'HTTP 403'}{told}).",
                scope=code or "HTTP 403",
                **where,
            )
        case 404 if code != "method_not_found":
            return Missing(f"{connection}: {operation}: it is not there.", scope=code or "HTTP 404", **where)
        case _ if status >= 500:
            text = f"{connection} answered {operation} with HTTP {status}"
            return (
                OutcomeUnknown(f"{text}; it may have happened.", **where)
                if wrote
                else Unreachable(f"{text}.", **where)
            )
        case _:
            why = _EXPLAINED.get(code, f"HTTP {status}")
            own_words = f": {clean(said, 200)}" if said else ""
            return Rejected(
                f"{connection} refused to {operation}: {why}{own_words}.",
                status=status,
                vendor_code=code,
                **where,
            )


def error_of(body: bytes) -> tuple[str, str]:
    """``error`` and the human text of a body, in Wrike's shape or in that of RFC 6749; empty where it has neither."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    text = found.get("errorDescription") or found.get("error_description") or ""
    return str(found.get("error", "")), str(text)
