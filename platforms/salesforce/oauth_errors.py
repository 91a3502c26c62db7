"""What the OAuth endpoint answers when it refuses our own sign-in, with the cause and the mend in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import AuthFailed, PlatformError, RateLimited

_WAIT_S = 60.0  # the endpoint names no waiting time


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row: ``error`` and words of ``description`` (lower case, empty matches all) → what to say."""

    error: str
    description: str
    cause: str
    mend: str


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
        "the assertion had expired on arrival, so this machine's clock is off",
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
        "look at its line in Setup, Login History, and mend what its status says",
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
            return AuthFailed(f"{connection}: {row.cause}. To mend it: {row.mend}.", **where)
    return AuthFailed(
        f"{connection}: Salesforce refused the bot's sign-in with a code we do not know. To mend it: look at the"
        " bot's user in Setup, Login History.",
        **where,
    )
