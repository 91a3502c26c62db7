"""What stands in the ``Authorization`` header: a bearer that is renewed in time, or a signature for each request."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.text import Secret
from platforms.netsuite import assertions
from platforms.netsuite.assertions import Self, acting_as
from platforms.netsuite.config import Settings
from platforms.netsuite.own_key import OwnKeys
from platforms.netsuite.signing import Signer

EARLY = timedelta(minutes=5)  # a bearer is replaced this long before its end
Now = Callable[[], datetime]
Sign = Callable[[str, str], str]  # method, address → the Authorization header of one try


class Session(Protocol):
    """How requests of one connection are authorised. ``Bearers`` and ``Signatures`` do it."""

    async def ready(self) -> Sign:
        """What makes the header for one try at one request; raises whatever asking for a token raises."""

    def refused(self, header: str) -> None:
        """A request with that header got a 401: the next header must not depend on what it depended on."""

    async def acting_as(self) -> Self:
        """Entity and role as our own credential tells them, or nothing."""

    def forget(self) -> None:
        """The key changed: what the one before opened is not to be used any more."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token of the token endpoint."""

    token: Secret
    ends: datetime


Exchange = Callable[[dict[str, str]], Awaitable[Grant]]


class Bearers:
    """OAuth 2.0 client credentials: one access token, asked for once however many requests need it."""

    def __init__(self, settings: Settings, keys: OwnKeys, exchange: Exchange, now: Now) -> None:
        self._settings = settings
        self._keys = keys
        self._exchange = exchange
        self._now = now
        self._grant: Grant | None = None
        self._alone = asyncio.Lock()

    async def ready(self) -> Sign:
        header = f"Bearer {(await self._current()).token.reveal()}"
        return lambda method, url: header

    def refused(self, header: str) -> None:
        if self._grant and header == f"Bearer {self._grant.token.reveal()}":
            self._grant = None

    async def acting_as(self) -> Self:
        return acting_as((await self._current()).token.reveal())

    def forget(self) -> None:
        self._grant = None

    async def _current(self) -> Grant:
        async with self._alone:
            if self._grant is None or self._grant.ends - EARLY <= self._now():
                self._grant = None
                key, settings = await self._keys.current(), self._settings
                self._grant = await self._exchange(
                    assertions.form(
                        settings.client_id,
                        key.certificate_id,
                        key.private_key,
                        settings.token_url,
                        self._now(),
                    )
                )
            return self._grant


class Signatures:
    """Token-based authentication: each try has its own nonce and time, so that none is a replay."""

    def __init__(self, signer: Signer, now: Now) -> None:
        self._signer = signer
        self._now = now

    async def ready(self) -> Sign:
        return self.sign

    def sign(self, method: str, url: str) -> str:
        """The header, with a new nonce and the time of now."""
        timestamp = int(self._now().timestamp())
        return self._signer.header(method, url, nonce=secrets.token_hex(10), timestamp=timestamp)

    def refused(self, header: str) -> None:
        """Nothing to forget: the next header is made anew."""

    async def acting_as(self) -> Self:
        return Self()

    def forget(self) -> None:
        """Nothing is kept."""


def signatures(settings: Settings, now: Now) -> Signatures:
    """The session of the configured token."""
    return Signatures(
        Signer(
            realm=settings.account.realm,
            consumer_key=settings.consumer_key,
            token=settings.token_id,
            consumer_secret=settings.consumer_secret or Secret(""),
            token_secret=settings.token_secret or Secret(""),
        ),
        now,
    )
