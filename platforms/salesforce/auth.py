"""Signing in to Salesforce: one access token, asked for once however many requests need it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import msgspec

from bot.clock import Clock
from bot.errors import AuthFailed, ConfigError, PlatformError, ProtocolChanged, Unreachable
from bot.platform import http
from bot.text import Secret
from platforms.salesforce.config import Settings, plain_is_safe
from platforms.salesforce.errors import refusal

ASSERTION_S = 180  # Salesforce documents no longest life; field reports say three minutes
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_IDENTITY = re.compile(r"/id/([A-Za-z0-9]{15,18})/([A-Za-z0-9]{15,18})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in bot. Its end is never announced: a 401 is how we learn of it."""

    token: Secret
    instance_url: str  # base of every later call
    org_id: str
    user_id: str
    issued_at: datetime
    skew: timedelta  # the vendor's clock minus ours


class Auth:
    """Holds the current session and replaces it when a request finds that it has ended."""

    def __init__(
        self, client: http.AsyncClient, settings: Settings, clock: Clock, *, connection: str
    ) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._connection = connection
        self.skew = timedelta(0)  # the vendor's clock minus ours at the last sign-in
        self._session: Session | None = None
        self._failure: PlatformError | None = None
        self._tries = 0
        self._alone = asyncio.Lock()

    async def session(self) -> Session:
        """
        The current session, signing in if there is none.

        Raises:
            AuthFailed: refused; the hint says why and how to mend it.
            Unreachable, RateLimited, ProtocolChanged: could not ask, or not understood.
        """
        return self._session or await self.renew(None)

    async def renew(self, ended: Session | None) -> Session:
        """A session other than ``ended``: whoever comes first signs in, the others share what it brought."""
        tries = self._tries
        async with self._alone:
            if self._failure and self._tries != tries:
                raise self._failure
            if self._session is None or self._session is ended:
                self._session = self._failure = None
                try:
                    async for attempt in http.reads(connection=self._connection, operation="sign in"):
                        with attempt:
                            self._session = await self._sign_in()
                except PlatformError as failure:
                    self._failure = failure
                    raise
                finally:
                    self._tries += 1
            if self._session is None:
                raise ProtocolChanged("sign-in brought no session", connection=self._connection)
            self.skew = self._session.skew
            return self._session

    async def _sign_in(self) -> Session:
        where = {"connection": self._connection, "operation": "sign in"}
        before = self._clock.now()
        with http.translating(**where, wrote=False):
            response = await self._client.post(
                f"{self._settings.login_url}/services/oauth2/token", data=self._form(before)
            )
        if busy := http.unavailable(response, **where, wrote=False):
            raise busy
        body = _object(response.content)
        if response.status_code >= 500:
            raise Unreachable(
                f"{self._connection} answered sign-in with HTTP {response.status_code}.", **where
            )
        if response.status_code != 200:
            raise refusal(body, connection=self._connection)
        return self._read(body, before)

    def _form(self, now: datetime) -> dict[str, str]:
        settings = self._settings
        if settings.client_secret is not None:  # `scope` is not sent: this flow refuses it
            return {
                "grant_type": "client_credentials",
                "client_id": settings.client_id,
                "client_secret": settings.client_secret.reveal(),
            }
        claims = {
            "iss": settings.client_id,
            "sub": settings.username,
            "aud": settings.login_url,
            "exp": int(now.timestamp()) + ASSERTION_S,
        }
        key = settings.private_key.reveal() if settings.private_key else ""
        try:
            assertion = jwt.encode(claims, key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):  # the cause could quote the key
            raise ConfigError(
                f'connections."{self._connection}".private_key: not an RSA private key in PEM form'
            ) from None
        return {"grant_type": _JWT_BEARER, "assertion": assertion}

    def _read(self, body: dict[str, Any], before: datetime) -> Session:
        token, url = body.get("access_token"), str(body.get("instance_url", "")).rstrip("/")
        identity = _IDENTITY.search(str(body.get("id", "")))
        issued_ms = str(body.get("issued_at", ""))
        if not isinstance(token, str) or not token or identity is None or not issued_ms.isdecimal():
            raise ProtocolChanged(
                f"{self._connection}: the sign-in answer lacks what its documentation promises.",
                connection=self._connection,
                operation="sign in",
            )
        if not plain_is_safe(url):
            raise AuthFailed(
                f"{self._connection}: Salesforce named an address without TLS for the org; not used.",
                connection=self._connection,
                operation="sign in",
            )
        issued_at = datetime.fromtimestamp(int(issued_ms) / 1000, UTC)
        return Session(
            token=Secret(token),
            instance_url=url,
            org_id=identity[1],
            user_id=identity[2],
            issued_at=issued_at,
            skew=issued_at - (before + (self._clock.now() - before) / 2),
        )


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
