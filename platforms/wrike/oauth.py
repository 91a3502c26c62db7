"""OAuth 2.0 as Wrike has it: a person says yes once, in a browser, as the service account; then refresh tokens.

There is no sign-in from program to program. Source: developers.wrike.com/docs/oauth-20-authorization.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from bot import http
from bot.clock import Clock
from bot.errors import AuthFailed, OutcomeUnknown, PlatformError, ProtocolChanged, Rejected, Unreachable
from bot.text import Secret, clean
from platforms.wrike.config import Settings
from platforms.wrike.errors import error_of

_OURS = ("wrike.com",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """An access token with the refresh token that follows it, and the data centre both belong to."""

    access: Secret
    refresh: Secret
    expires_at: datetime
    host: str


def consent_url(settings: Settings, state: str) -> str:
    """Where a person says yes. ``state`` comes back to the callback and must be the same there."""
    asked = {
        "client_id": settings.client_id,
        "response_type": "code",
        "redirect_uri": settings.redirect_uri,
        "scope": ",".join(settings.scopes),
        "state": state,
    }
    return f"{settings.authorize_url}?{urlencode(asked)}"


async def exchange(
    client: http.AsyncClient, settings: Settings, code: str, clock: Clock, *, connection: str
) -> Tokens:
    """
    The first pair, for the code that the callback brought. A code works once and for ten minutes.

    Raises:
        AuthFailed: refused; the hint says what to do.
        Unreachable, ProtocolChanged: could not ask, or not understood.
    """
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": settings.redirect_uri}
    return await _tokens(client, settings, asked, clock, connection=connection)


async def refresh(
    client: http.AsyncClient, settings: Settings, tokens: Tokens, clock: Clock, *, connection: str
) -> Tokens:
    """
    The next pair. The refresh token is spent by it, whatever becomes of the answer.

    When the answer is lost it is tried once more: if the first try arrived, this one is refused, and nothing is lost
    that was not lost already.

    Raises: as ``exchange``.
    """
    asked = {"grant_type": "refresh_token", "refresh_token": tokens.refresh.reveal()}
    try:
        return await _tokens(client, settings, asked, clock, connection=connection)
    except OutcomeUnknown:
        pass
    try:
        return await _tokens(client, settings, asked, clock, connection=connection)
    except OutcomeUnknown as error:
        raise Unreachable(error.hint, connection=connection, operation="sign in") from error


async def _tokens(
    client: http.AsyncClient,
    settings: Settings,
    asked: Mapping[str, str],
    clock: Clock,
    *,
    connection: str,
) -> Tokens:
    where = {"connection": connection, "operation": "sign in"}
    secret = settings.client_secret.reveal() if settings.client_secret else ""
    form = {**asked, "client_id": settings.client_id, "client_secret": secret}
    before = clock.now()
    with http.translating(**where, wrote=True):
        response = await client.post(settings.token_url, data=form)
    if busy := http.unavailable(response, **where, wrote=True):
        raise busy
    if response.status_code >= 500:
        raise OutcomeUnknown(f"{connection} answered sign-in with HTTP {response.status_code}.", **where)
    if response.status_code != 200:
        raise _refusal(response.status_code, response.content, connection)
    return _read(response.content, before, connection)


def _refusal(status: int, body: bytes, connection: str) -> PlatformError:
    """Shapes of RFC 6749 and of Wrike's own API are both read, since neither is documented for this address."""
    code, said = error_of(body)
    where = {"connection": connection, "operation": "sign in"}
    mend = f"`python -m bot wrike authorize {connection}`, signed in to Wrike as the service account"
    if code == "invalid_client":
        return AuthFailed(
            f"{connection}: Wrike does not know this client id with this secret. To mend it: look in Apps &"
            " Integrations → API → the app.",
            **where,
        )
    if code in ("invalid_grant", "not_authorized", "invalid_request", "access_denied") or status == 401:
        return AuthFailed(
            f"{connection}: the sign-in is used up or was taken back ({clean(code or said, 60)}). To mend it: {mend}.",
            **where,
        )
    if status == 404 or status < 400:
        return Unreachable(f"{connection}: sign-in answered HTTP {status}: is token_url right?", **where)
    return Rejected(
        f"{connection}: sign-in was refused (HTTP {status} {clean(code, 60)}).",
        status=status,
        vendor_code=code,
        **where,
    )


def _read(body: bytes, before: datetime, connection: str) -> Tokens:
    found: Any
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    match found:
        case {
            "access_token": str(access),
            "refresh_token": str(refreshing),
            "expires_in": int() | float() | str() as life,
            "host": str(host),
        } if access and refreshing and host and str(life).isdecimal():
            return Tokens(
                access=Secret(access),
                refresh=Secret(refreshing),
                expires_at=before + timedelta(seconds=int(life)),
                host=host,
            )
    raise ProtocolChanged(
        f"{connection}: the sign-in answer lacks what its documentation promises.",
        connection=connection,
        operation="sign in",
    )


def base_of(host: str, settings: Settings, *, connection: str) -> str:
    """
    The API's address at the data centre that the token reply named.

    A token goes to Wrike, or to the machine that ``token_url`` names already, and nowhere else.

    Raises:
        AuthFailed: it named something else.
    """
    asked = urlsplit(settings.token_url)
    named = urlsplit(f"//{host}")
    name = named.hostname or ""
    wrikes = asked.scheme == "https" and any(name == one or name.endswith(f".{one}") for one in _OURS)
    plain_name = host == named.netloc and "@" not in host
    if not plain_name or not (wrikes or name == asked.hostname):
        raise AuthFailed(
            f"{connection}: the sign-in answer names a host that is not Wrike's; not used.",
            connection=connection,
            operation="sign in",
        )
    return f"{asked.scheme}://{host}/api/v4"
