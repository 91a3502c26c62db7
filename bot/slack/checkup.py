"""What ``doctor`` looks at in Slack."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.errors import Forbidden, PlatformError
from bot.slack.clients import Clients, Tokens
from bot.slack.failures import answered, called
from bot.slack.scopes import SCOPES
from bot.text import Secret


@dataclass(frozen=True, slots=True)
class Look:
    """One thing looked at: whether it is well, what it is, and how to mend it where it is not."""

    ok: bool
    what: str
    mend: str = ""


async def checkup(
    clients: Clients, app_token: Secret, alert_channel: str, way_in: Awaitable[Look] | None = None
) -> tuple[Look, ...]:
    """The bot token, its scopes, ``way_in`` (else Socket Mode), and whether the alert channel can be posted to.

    Never raises for Slack's answers; what could not be looked at is not called well.
    """
    looks = list(await _tokens(clients))
    looks.append(await (way_in or _socket(clients, app_token)))
    looks.append(await _channel(clients, alert_channel))
    return tuple(looks)


async def _tokens(clients: Clients) -> tuple[Look, ...]:
    try:
        answer = await answered("auth.test", clients.interactive.auth_test())
    except PlatformError as exc:
        return (
            Look(
                False, f"the bot token does not work: {exc.hint}", "Install the app; copy its xoxb-… token."
            ),
        )
    signed_in = Look(True, f"signed in to {answer.get('team')} as {answer.get('user')}")
    granted = {
        scope.strip() for scope in _header(answer.headers, "x-oauth-scopes").split(",") if scope.strip()
    }
    if not granted:
        return signed_in, Look(False, "Slack did not say which scopes we have", "Try again.")
    if missing := sorted(SCOPES - granted):
        mend = f"OAuth & Permissions: add {', '.join(missing)}, then reinstall the app."
        return signed_in, Look(False, f"{len(missing)} of {len(SCOPES)} scopes are missing", mend)
    return signed_in, Look(True, f"all {len(SCOPES)} scopes are there")


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


async def _socket(clients: Clients, app_token: Secret) -> Look:
    if not app_token:
        return Look(False, "no app-level token", "Set slack.app_token (xapp-…) for Socket Mode.")
    call = clients.interactive.apps_connections_open(app_token=app_token.reveal())
    try:
        await called("apps.connections.open", call)
    except PlatformError as exc:
        return Look(
            False,
            f"Socket Mode could not be opened: {exc.hint}",
            "Basic Information, App-Level Tokens: make one with connections:write; Socket Mode: switch it on.",
        )
    return Look(True, "Socket Mode opens")


async def listens(clients: Clients, tokens: Tokens, address: str) -> Look:
    """Whether a request signed as Slack signs comes through to a running bot of this app, and back."""
    challenge = secrets.token_hex(20)
    body = json.dumps({"type": "url_verification", "challenge": challenge})
    stamp = str(int(time.time()))
    signature = SignatureVerifier(tokens.signing.reveal()).generate_signature(timestamp=stamp, body=body)
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature or "",
    }
    mend = "Start the bot, lead that address to web.listen, and enter it in the app's settings."
    try:
        async with clients.session.post(address, data=body, headers=headers, allow_redirects=False) as answer:
            said = await answer.text()
    except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as exc:
        return Look(False, f"{address} cannot be reached: {type(exc).__name__}", mend)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return Look(False, f"{address} does not know our signing secret", "Restart the bot that runs there.")
    if answer.status != HTTPStatus.OK or challenge not in said:
        return Look(False, f"{address} answers {answer.status}, and not as Handover does", mend)
    return Look(True, f"Slack's requests come through at {address}")


async def _channel(clients: Clients, channel: str) -> Look:
    try:
        answer = await called("conversations.info", clients.interactive.conversations_info(channel=channel))
    except Forbidden as exc:
        return Look(
            False, f"the alert channel is not visible: {exc.hint}", "Invite Handover there, if it is private."
        )
    except PlatformError as exc:
        return Look(False, f"the alert channel could not be looked up: {exc.hint}", "Try again.")
    found = answer.get("channel") or {}
    if found.get("is_archived"):
        return Look(False, "the alert channel is archived", "Name another: slack.alert_channel.")
    if not found.get("is_member"):
        return Look(False, "Handover is not in the alert channel", "In that channel, type /invite @Handover.")
    return Look(True, "Handover is in the alert channel")
