"""What NetSuite answers when it refuses, as our errors, with the menu path that mends it.

Sources: NetSuite help, section_156570709583 (REST error document), subsect_156935170194 (token-based
authentication), section_4623992425 (RESTlets), read 2026-11-24; texts of SuiteQL errors as seen live.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from bot.errors import Forbidden, OutcomeUnknown, PlatformError, RateLimited, Rejected, Unreachable
from bot.text import clean

LIMIT_PAUSE_S = 5.0  # a RESTlet names no waiting time
AUDIT = "Setup > Users/Roles > User Management > View Login Audit Trail"
_RECORD = re.compile(r"Record '([^']{1,60})' was not found|Invalid search type: (\w{1,60})", re.IGNORECASE)
_COLUMN = re.compile(r"Unknown identifier '([^']{1,80})'", re.IGNORECASE)

# The permission that shows each table, and where a role gets it.
# Source: SuiteAnalytics record browser and the permission list of 2024.1, read 2026-11-24.
PERMISSION_OF = {
    "oauthtoken": "Setup > Access Token Management",
    "loginaudit": "Setup > View Login Audit Trail",
    "integrationapp": "Setup > Integration Application",
    "employee": "Lists > Employee Record",
    "employeerolesforsearch": "Lists > Employee Record",
    "employeeroles": "Lists > Employee Record",
    "role": "Setup > Bulk Manage Roles",
    "rolepermissions": "Setup > Bulk Manage Roles",
    "vendor": "Lists > Vendors",
    "systemnote": "Lists > System Notes",
    "transaction": "Transactions > Sales Order",
}


def deed(*tables: str) -> str:
    """How to let the bot see these tables."""
    wanted = sorted({PERMISSION_OF.get(table, "the permission for it") for table in tables})
    return (
        f"Setup > Users/Roles > Manage Roles > the bot's role > Permissions: add {' and '.join(wanted)}"
        " (View). If it is there, look whether the feature is on in Setup > Company > Enable Features."
    )


class LoginRefused(PlatformError):
    """A 401. Its body never says why, and it may be a crowd at the door: never a verdict by itself."""

    code = "login_refused"
    challenge = ""  # the WWW-Authenticate header


class Closed(Forbidden):
    """A whole service refuses us: no part of a listing, but the way to all of it."""


class UnknownColumn(Rejected):
    """A query named a column that this account does not have, or does not show. ``vendor_code`` is the column."""


class NotThere(Rejected):
    """No record of that id, for us."""


def refused(status: int, body: bytes, *, connection: str, operation: str, wrote: bool) -> PlatformError:
    """The error for any answer that is not a success. A 5xx to a write leaves open whether it happened."""
    code, detail = first(body)
    where = {"connection": connection, "operation": operation}
    if status == 401:
        return LoginRefused(f"{connection}: the sign-in of {operation} was refused.", **where)
    if status == 400 and code == "SSS_REQUEST_LIMIT_EXCEEDED":
        return RateLimited(
            f"{connection} has too many requests under way ({operation}).",
            retry_after_s=LIMIT_PAUSE_S,
            **where,
        )
    if status == 403:
        return Closed(
            f"{connection}: not allowed to {operation} ({code or 'HTTP 403'}{_wanted(detail)}). To mend it: Setup >"
            " Users/Roles > Manage Roles > the bot's role > Permissions: REST Web Services (Full) under Setup, and"
            " SuiteAnalytics Workbook (View) under Reports; then what the step itself needs.",
            scope=code or "HTTP 403",
            **where,
        )
    if found := _RECORD.search(detail):
        table = (found[1] or found[2]).lower()
        return Forbidden(
            f"{connection}: cannot see {table} (permission or feature). To mend it: {deed(table)}",
            scope=table,
            **where,
        )
    if found := _COLUMN.search(detail):
        return UnknownColumn(
            f"{connection}: this account shows no column {clean(found[1], 60)}.",
            status=status,
            vendor_code=found[1].lower(),
            **where,
        )
    if status == 404:
        return NotThere(f"{connection}: no such record ({operation}).", status=404, vendor_code=code, **where)
    if status >= 500:
        said = f"{connection} answered {operation} with HTTP {status}"
        return (
            OutcomeUnknown(f"{said}; it may have happened.", **where)
            if wrote
            else Unreachable(f"{said}.", **where)
        )
    # Only refused writes repeat the vendor's sentence: it names what blocks them. A query's would repeat it whole.
    own_words = f": {clean(detail, 200)}" if wrote and detail else ""
    said = f"{connection} refused to {operation} ({code or f'HTTP {status}'}{own_words})."
    return Rejected(said, status=status, vendor_code=code, **where)


def _wanted(detail: str) -> str:
    """The permission that a refusal names, where it does."""
    found = re.search(r"required permission is ([\w /-]{1,60})", detail, re.IGNORECASE)
    return f": {found[1].strip()}" if found else ""


def first(body: bytes) -> tuple[str, str]:
    """Code and words of the first error in a body: of REST services, or of RESTlets and token services."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    details = found.get("o:errorDetails")
    if isinstance(details, list) and details and isinstance(details[0], dict):
        return clean(str(details[0].get("o:errorCode", "")), 80), str(details[0].get("detail", ""))
    inner = found.get("error")
    if isinstance(inner, dict):
        return clean(str(inner.get("code", "")), 80), str(inner.get("message", ""))
    return clean(str(inner or ""), 80), str(found.get("error_description", "") or found.get("message", ""))
