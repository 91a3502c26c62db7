"""What a request signs in with: a permanent token, or an access token that is renewed by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from bot import http
from bot.clock import Clock
from bot.errors import AuthFailed, ConfigError
from bot.platform.ports import Memory, Turns
from bot.text import Secret
from platforms.wrike import oauth
from platforms.wrike.config import Settings

KEPT = "oauth"
EARLY = timedelta(seconds=60)  # an access token this near to its end is renewed before it is used


@dataclass(frozen=True, slots=True)
class Access:
    """What to send, and to which data centre."""

    token: Secret
    base: str  # https://{host}/api/v4


class Auth(Protocol):
    """Implemented by ``Permanent`` and ``Renewed``."""

    async def access(self) -> Access:
        """What to sign in with now."""

    async def renew(self, refused: Access) -> Access | None:
        """Something else than what was refused, or None where there is nothing else."""


class Permanent:
    """A token of the App Console. There is nothing to renew: Wrike has no API for it."""

    def __init__(self, token: Secret, base: str) -> None:
        self._access = Access(token, base)

    async def access(self) -> Access:
        return self._access

    async def renew(self, refused: Access) -> Access | None:
        return None


class Renewed:
    """
    OAuth 2.0. A refresh token works once: whoever uses it must keep the next before anything else happens.

    So there is one refresher for each connection over all processes, and the new pair is kept before its first use.
    Source: public integrations that found out (rotation, single use); the lifetime is not documented.
    """

    def __init__(
        self,
        client: http.AsyncClient,
        settings: Settings,
        memory: Memory,
        turns: Turns,
        clock: Clock,
        *,
        connection: str,
    ) -> None:
        self._client = client
        self._settings = settings
        self._memory = memory
        self._turns = turns
        self._clock = clock
        self._connection = connection
        self._held: oauth.Tokens | None = None

    async def access(self) -> Access:
        if self._held is None or self._ending(self._held):
            self._held = await self._fresh(None)
        return self._as_access(self._held)

    def forget(self) -> None:
        """Use what is kept from now on: somebody has authorised anew."""
        self._held = None

    async def renew(self, refused: Access) -> Access | None:
        self._held = await self._fresh(refused.token)
        return self._as_access(self._held)

    async def _fresh(self, refused: Secret | None) -> oauth.Tokens:
        """A pair whose access token is not the refused one: what another process has kept, or a new one.

        Raises:
            AuthFailed: nobody has authorised yet, or the refresh token is not taken any more.
            Unreachable, RateLimited, ProtocolChanged: could not ask.
        """
        async with self._turns.turn(f"{self._connection}:refresh", 1):
            kept = await recall(self._memory)
            if kept is None:
                raise AuthFailed(
                    f"{self._connection}: nobody has signed in yet. To mend it: `python -m bot wrike authorize"
                    f" {self._connection}`, as the service account.",
                    connection=self._connection,
                    operation="sign in",
                )
            if not self._ending(kept) and (refused is None or kept.access.reveal() != refused.reveal()):
                return kept
            new = await oauth.refresh(
                self._client, self._settings, kept, self._clock, connection=self._connection
            )
            await keep(self._memory, new)
            return new

    def _ending(self, tokens: oauth.Tokens) -> bool:
        return tokens.expires_at - EARLY <= self._clock.now()

    def _as_access(self, tokens: oauth.Tokens) -> Access:
        return Access(tokens.access, oauth.base_of(tokens.host, self._settings, connection=self._connection))


class _Kept(msgspec.Struct):
    access: str
    refresh: str
    expires_at: datetime
    host: str


async def recall(memory: Memory) -> oauth.Tokens | None:
    """The pair that was kept last."""
    found = await memory.recall(KEPT)
    if found is None:
        return None
    try:
        kept = msgspec.json.decode(found.reveal(), type=_Kept)
    except msgspec.DecodeError:  # the cause would quote it
        raise ConfigError("what was kept of the sign-in cannot be read: authorise again") from None
    return oauth.Tokens(
        access=Secret(kept.access),
        refresh=Secret(kept.refresh),
        expires_at=kept.expires_at,
        host=kept.host,
    )


async def keep(memory: Memory, tokens: oauth.Tokens) -> None:
    """Keep a pair, durably once this returns."""
    kept = _Kept(tokens.access.reveal(), tokens.refresh.reveal(), tokens.expires_at, tokens.host)
    await memory.keep(KEPT, Secret(msgspec.json.encode(kept).decode()))
