"""Slack's errors as ours: one table, at the one edge."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import AuthFailed, Forbidden, PlatformError, RateLimited, Rejected, Unreachable

CONNECTION = "slack"
DEFAULT_WAIT_S = 30.0  # where a 429 does not say how long

REFUSED = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "org_login_required",
        "team_access_not_granted",
        "app_missing_action_url",
    }
)
NOBODY_THERE = frozenset(
    {"user_disabled", "user_not_found", "user_not_visible", "messages_tab_disabled", "cannot_dm_bot"}
)
_BUSY = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "ekm_access_denied",
    }
)
_CLOSED_DOORS: Mapping[str, str] = {
    "not_in_channel": "Handover is not in that channel. Invite it there: /invite @Handover.",
    "channel_not_found": "Slack knows no such channel, or it is private and Handover was not invited.",
    "is_archived": "That channel is archived. Name another in the configuration.",
    "is_inactive": "That channel is archived, so its messages can no longer be changed.",
    "restricted_action": "The workspace does not let Handover post in that channel.",
    "restricted_action_read_only_channel": "Only some people may post in that channel.",
    "restricted_action_thread_only_channel": "That channel takes only replies in threads.",
    "not_enabled": "The Home tab is switched off: App Home, Show Tabs, Home Tab, in the app's settings.",
    "plan_upgrade_required": "User groups need a paid Slack plan: name members (U…) under [roles] instead.",
    "no_such_subteam": "There is no such user group. Look at the ids (S…) under [roles].",
    "subteam_not_found": "There is no such user group. Look at the ids (S…) under [roles].",
    "permission_denied": "The workspace does not let Handover do that.",
}


class PersonUnreachable(PlatformError):
    """A direct message has nowhere to go. Not ``Unreachable``: trying again will not help, somebody else may."""

    code = "person_unreachable"

    def __init__(self, hint: str, *, person: str, operation: str = "") -> None:
        super().__init__(hint, connection=CONNECTION, operation=operation)
        self.person = person


async def called(operation: str, call: Awaitable[AsyncSlackResponse], *, person: str = "") -> dict[str, Any]:
    """The body of the answer to a call of the Web API. ``person``: who it would be delivered to, if anybody.

    Raises:
        AuthFailed, Forbidden, RateLimited, Rejected: it did not happen.
        PersonUnreachable: it is for somebody who cannot get messages.
        Unreachable: no usable answer; a write may have happened.
    """
    data = (await answered(operation, call, person=person)).data
    if not isinstance(data, dict):
        raise Unreachable("Slack's answer was not JSON.", connection=CONNECTION, operation=operation)
    return data


async def answered(
    operation: str, call: Awaitable[AsyncSlackResponse], *, person: str = ""
) -> AsyncSlackResponse:
    """The answer with its headers; raises as ``called`` does."""
    try:
        return await call
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise translated(exc, operation, person) from exc


def translated(exc: Exception, operation: str, person: str = "") -> PlatformError:
    """The error of ours that says what to do next. Slack's own text is never repeated: it may hold anything."""
    where = {"connection": CONNECTION, "operation": operation}
    code = error_code(exc)
    if code in {"ratelimited", "rate_limited"}:
        return RateLimited("Slack asks us to slow down.", retry_after_s=_wait_s(exc), **where)
    if code in REFUSED:
        return AuthFailed(f"Slack refused our token ({code}). Run `python -m bot doctor`.", **where)
    if code == "missing_scope":
        needed = str(_body(exc).get("needed") or "a scope")
        return Forbidden(
            f"The Slack app lacks the scope {needed}: add it under OAuth & Permissions, then reinstall.",
            scope=needed,
            **where,
        )
    if code in _CLOSED_DOORS:
        return Forbidden(_CLOSED_DOORS[code], scope=code, **where)
    if code in NOBODY_THERE and person:
        return PersonUnreachable(
            f"Slack cannot deliver a direct message to {person} ({code}).", person=person, operation=operation
        )
    if code and code not in _BUSY:
        status = getattr(getattr(exc, "response", None), "status_code", 200)
        return Rejected(f"Slack refused {operation}: {code}.", status=status, vendor_code=code, **where)
    return Unreachable("Slack did not answer.", **where)


def error_code(exc: BaseException | None) -> str:
    """Slack's own code, for example ``not_in_channel``; empty where it gave none."""
    if getattr(getattr(exc, "response", None), "status_code", 200) == 429:
        return "ratelimited"
    return str(_body(exc).get("error") or "")


def _body(exc: BaseException | None) -> Mapping[str, Any]:
    response = exc.response if isinstance(exc, SlackApiError) else None
    data = getattr(response, "data", response)
    return data if isinstance(data, Mapping) else {}


def _wait_s(exc: Exception) -> float:
    headers: Mapping[str, str] = getattr(getattr(exc, "response", None), "headers", {})
    for name, value in headers.items():
        if name.lower() == "retry-after" and value.isascii() and value.isdigit():
            return float(value)
    return DEFAULT_WAIT_S
