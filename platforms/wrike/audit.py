"""The audit log: Enterprise plans only, and only for administrators with a right of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.platform.model import Change, Login
from bot.text import clean
from platforms.wrike.client import Client
from platforms.wrike.rows import Row, instant, needed, stamp, text

PAGE = 1000  # in use by others; the most is not documented
GRANTED, REVOKED = "Oauth2AccessGranted", "Oauth2AccessRevoked"
_SIGN_INS = {"UserLoggedIn": True, "UserFailLogin": False}
RIGHT = (
    "make the bot's user an administrator with “Create user activity reports”, and give its token"
    " amReadOnlyAuditLog"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One audit row. New kinds of operation are expected, and never an error."""

    id: str
    operation: str
    user_id: str
    email: str
    at: datetime
    address: str
    object_type: str
    object_name: str
    object_id: str
    details: Mapping[str, str] = field(default_factory=dict)


def read(row: Row) -> Event | None:
    """One row; None for one without a time, which proves nothing."""
    at = instant(row, "eventDate")
    if at is None:
        return None
    details = row.get("details")
    return Event(
        id=needed(row, "id"),
        operation=needed(row, "operation"),
        user_id=text(row, "userId"),
        email=text(row, "userEmail"),
        at=at,
        address=text(row, "ipAddress"),
        object_type=text(row, "objectType"),
        object_name=text(row, "objectName"),
        object_id=text(row, "objectId"),
        details={str(k): str(v) for k, v in details.items()} if isinstance(details, dict) else {},
    )


async def events(client: Client, since: datetime, operations: Iterable[str] = ()) -> tuple[Event, ...]:
    """
    The rows since then, newest first, of the operations named or of all.

    Raises:
        Forbidden: the plan, the right or the scope is missing; Wrike does not say which.
    """
    asked: dict[str, object] = {"eventDate": {"start": stamp(since)}, "pageSize": PAGE}
    if wanted := list(operations):
        asked["operations"] = wanted
    rows = await client.listing("read the audit log", "/audit_log", asked)
    found = [event for row in rows if (event := read(row))]
    return tuple(sorted(found, key=lambda one: (one.at, one.id), reverse=True))


def logins(rows: Iterable[Event], concerned: Iterable[str]) -> tuple[Login, ...]:
    """Sign-ins by hand of accounts that an integration uses. Wrike's log has no use of tokens."""
    wanted = frozenset(concerned)
    return tuple(
        Login(
            native_id=one.id,
            principal_id=one.user_id,
            at=one.at,
            succeeded=_SIGN_INS[one.operation],
            status=one.operation,
            channel="browser",
            source=one.address,
            interactive=True,
        )
        for one in rows
        if one.operation in _SIGN_INS and one.user_id in wanted
    )


def changes(rows: Iterable[Event]) -> tuple[Change, ...]:
    """Everything but sign-ins and sign-outs."""
    passing = {*_SIGN_INS, "UserLogout"}
    return tuple(as_change(one) for one in rows if one.operation not in passing)


def as_change(one: Event) -> Change:
    """A row as the product has it."""
    about = " ".join(part for part in (one.object_type, one.object_name) if part)
    more = ", ".join(f"{key}: {value}" for key, value in sorted(one.details.items()))
    shown = clean(f"{about} ({more})" if more else about, 200)
    return Change(native_id=one.id, at=one.at, actor_id=one.user_id, action=one.operation, display=shown)
