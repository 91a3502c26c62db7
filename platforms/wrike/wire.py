"""One request to Wrike: paced, signed in, its refusal turned into one of our errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from bot import http
from bot.clock import Clock
from bot.errors import AuthFailed, OutcomeUnknown, PlatformError, ProtocolChanged, Unreachable
from bot.text import Secret
from platforms.wrike.auth import Access, Auth
from platforms.wrike.config import Settings
from platforms.wrike.errors import TokenRefused, refused
from platforms.wrike.pace import Pace

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One request. ``path`` begins with a slash; ``operation`` is a few words of ours, shown to people.

    ``params``: texts, flags and numbers as they are; lists and tables as JSON text, which every encoding takes.
    Reads have them in the query, writes as form fields. ``wrote``: it would change something: sent once.
    """

    operation: str
    path: str
    method: str = "GET"
    params: Params | None = None

    @property
    def wrote(self) -> bool:
        return self.method != "GET"


@dataclass(slots=True)
class Meter:
    """Counts the requests of one piece of work."""

    requests: int = 0


class Wire:
    """Every request of one connection passes here."""

    def __init__(
        self,
        client: http.AsyncClient,
        auth: Auth,
        settings: Settings,
        clock: Clock,
        *,
        connection: str,
    ) -> None:
        self.connection = connection
        self.skew = timedelta(0)  # the vendor's clock minus ours, whole seconds
        self._client = client
        self._auth = auth
        self._settings = settings
        self._clock = clock
        self._pace = Pace(settings.requests_per_minute, settings.burst)

    def now(self) -> datetime:
        """The present by our clock."""
        return self._clock.now()

    async def send(self, call: Call, meter: Meter) -> dict[str, Any]:
        """
        The decoded body. Reads are tried again while that can help, writes never.

        Raises:
            PlatformError: one of ours, always. AuthFailed: no data centre takes our token, or another one does.
        """
        if call.wrote:
            return await self._signed_in(call, meter)
        async for attempt in http.reads(connection=self.connection, operation=call.operation):
            with attempt:
                return await self._signed_in(call, meter)
        raise AssertionError("reads() ends by an answer or an error")  # pragma: no cover

    async def as_token(self, call: Call, token: Secret, base: str, meter: Meter) -> dict[str, Any]:
        """The same with somebody else's token at a data centre, tried once.

        Raises:
            TokenRefused: this data centre does not take it.
        """
        return await self._exchange(call, Access(token, base), meter)

    @property
    def bases(self) -> tuple[str, ...]:
        """Every data centre that may know a token, the likeliest first."""
        return (self._settings.url, *self._settings.other_urls)

    async def base(self) -> str:
        """The data centre of this connection's account."""
        return (await self._auth.access()).base

    async def _signed_in(self, call: Call, meter: Meter) -> dict[str, Any]:
        access = await self._auth.access()
        try:
            return await self._exchange(call, access, meter)
        except TokenRefused as error:
            other = await self._auth.renew(access)
            if other is None:
                raise await self._verdict(access, meter) from error
        try:
            return await self._exchange(call, other, meter)
        except TokenRefused as again:
            raise await self._verdict(other, meter) from again

    async def _verdict(self, access: Access, meter: Meter) -> PlatformError:
        """Why a token was refused: it belongs to another data centre, or no one knows it, or that cannot be told."""
        where = {"connection": self.connection, "operation": "sign in"}
        for base in (one for one in self._settings.other_urls if one != access.base):
            try:
                await self._exchange(
                    Call(operation="ask another data centre", path="/version"),
                    Access(access.token, base),
                    meter,
                )
            except TokenRefused:
                continue
            except PlatformError as error:
                return Unreachable(
                    f"{self.connection}: the token was refused, and whether another data centre knows it could not be"
                    f" asked. {error.hint}",
                    **where,
                )
            return AuthFailed(
                f"{self.connection}: the token is alive, but belongs to another data centre. To mend it: set"
                f' url = "{base}" for this connection.',
                **where,
            )
        return AuthFailed(
            f"{self.connection}: Wrike does not know the token: it was revoked, or its user is gone. To mend it: make"
            " a new one as the service account (Apps & Integrations → API) and store it with `secret put`.",
            **where,
        )

    async def _exchange(self, call: Call, access: Access, meter: Meter) -> dict[str, Any]:
        where = {"connection": self.connection, "operation": call.operation}
        headers = {"Authorization": f"Bearer {access.token.reveal()}"}
        fields = {name: _spelt(value) for name, value in (call.params or {}).items()}
        async with self._pace.turn():
            meter.requests += 1
            with http.translating(**where, wrote=call.wrote):
                response = await self._client.request(
                    call.method,
                    access.base + call.path,
                    headers=headers,
                    params=None if call.wrote else fields,
                    data=fields if call.wrote else None,
                )
        self._pace.heard(response, **where)
        if busy := http.unavailable(response, **where, wrote=call.wrote):
            raise busy
        if not response.is_success:
            raise refused(response.status_code, response.content, **where, wrote=call.wrote)
        self._hear_time(response)
        return _object(response.content, call, self.connection)

    def _hear_time(self, response: http.Response) -> None:
        try:
            theirs = parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
        except ValueError:
            return
        self.skew = theirs - datetime.now(UTC)


def _spelt(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _object(body: bytes, call: Call, connection: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("data"), list):
        raise _unread(call, connection)
    if not all(isinstance(row, dict) for row in found["data"]):
        raise _unread(call, connection)
    return found


def _unread(call: Call, connection: str) -> PlatformError:
    """What a write did is then not known; what a read says is not an answer."""
    kind = OutcomeUnknown if call.wrote else ProtocolChanged
    return kind(
        f"{connection}: the answer to {call.operation} could not be read.",
        connection=connection,
        operation=call.operation,
    )
