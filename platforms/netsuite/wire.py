"""One request to the account: in turn, signed anew for each try, and its refusal turned into one of our errors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from bot import http
from bot.clock import Clock
from bot.errors import AuthFailed, PlatformError, ProtocolChanged, Unreachable
from bot.platform.ports import Surroundings
from bot.text import Secret
from platforms.netsuite import assertions, refusals
from platforms.netsuite.assertions import Self, acting_as
from platforms.netsuite.config import Settings, SignIn
from platforms.netsuite.errors import LoginRefused, first, refused
from platforms.netsuite.own_key import OwnKey, OwnKeys
from platforms.netsuite.sessions import Bearers, Grant, Session, Sign, signatures

T = TypeVar("T")
# A crowd at the door is answered like a wrong signature, after a long wait (julbrs/netsuite-api-client issue 26).
OVERLOAD_AFTER_S = 20.0
PAUSE_S = 0.5  # before a refused sign-in is tried again


@dataclass(slots=True)
class Meter:
    """Counts the requests of one piece of work."""

    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One request. ``url`` is absolute; ``operation`` is a few words of ours, shown to people.

    ``wrote``: it would change something, so it is sent at most once, unless it was refused at the door.
    """

    operation: str
    method: str = "GET"
    url: str
    wrote: bool = False
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    authorization: Sign | None = None  # by another credential than ours


class Wire:
    """Every request of one connection passes here: at most ``concurrency`` at once over all our processes."""

    def __init__(
        self, client: http.AsyncClient, settings: Settings, around: Surroundings, *, connection: str
    ) -> None:
        self.connection = connection
        self.settings = settings
        self.skew = timedelta(0)  # NetSuite's clock minus ours, by the last answer
        self.keys = OwnKeys(settings, around.memory)
        self.certificate_ends: datetime | None = None  # of our own, as last listed
        self._client = client
        self._clock: Clock = around.clock
        self._turns = around.turns
        self._session: Session
        if settings.sign_in is SignIn.M2M:
            self._session = Bearers(settings, self.keys, self._exchange, self.now)
        else:
            self._session = signatures(settings, self.now)

    def now(self) -> datetime:
        """The present by our own clock: one that is off must show, not be mended in silence."""
        return self._clock.now()

    @property
    def session(self) -> Session:
        """How we sign in."""
        return self._session

    def turn(self) -> AbstractAsyncContextManager[None]:
        """A turn at the door of this account."""
        return self._turns.turn(self.connection, self.settings.concurrency)

    async def send(self, call: Call, meter: Meter, read: Callable[[http.Response], T]) -> T:
        """
        What ``read`` makes of the answer. Reads are tried again while that can help, writes never.

        Raises:
            PlatformError: one of ours, always. ``AuthFailed`` only after our own trail could not be read either.
        """
        if call.wrote:
            return read(await self._through_the_door(call, meter))
        async for attempt in http.reads(connection=self.connection, operation=call.operation):
            with attempt:
                return read(await self._through_the_door(call, meter))
        raise AssertionError("reads() ends by an answer or an error")  # pragma: no cover

    async def _through_the_door(self, call: Call, meter: Meter) -> http.Response:
        """One try, and after a refused sign-in one more; then the audit trail is asked before anything is said."""
        try:
            return await self._exchange_once(call, meter)
        except LoginRefused:
            if call.authorization is not None:
                raise
            await asyncio.sleep(PAUSE_S)
        try:
            return await self._exchange_once(call, meter)
        except LoginRefused as again:
            raise await self._verdict(call, meter) from again

    async def _verdict(self, call: Call, meter: Meter) -> PlatformError:
        """What two refusals mean: dead for good only if a third request, for our own trail, is refused as well."""
        where = {"connection": self.connection, "operation": call.operation}
        undetermined = Unreachable(
            f"{self.connection} refused a sign-in that works otherwise ({call.operation}): too many requests at"
            " once look like that. Nothing is concluded from it.",
            **where,
        )
        began = time.monotonic()
        try:
            await self._exchange_once(self._trail(), meter)
        except LoginRefused as third:
            if time.monotonic() - began >= OVERLOAD_AFTER_S:
                return undetermined
            return refusals.by_door(
                self.settings, connection=self.connection, skew=self.skew, challenge=third.challenge
            )
        except PlatformError as other:  # signed in, whatever else: so the credential is alive
            return other if isinstance(other, AuthFailed | Unreachable) else undetermined
        return undetermined

    def _trail(self) -> Call:
        query = "SELECT l.status FROM LoginAudit l WHERE l.status = 'Failure' AND l.date >= SYSDATE - 1"
        return Call(
            operation="read our own login audit trail",
            method="POST",
            url=f"{self.settings.suitetalk_url}/services/rest/query/v1/suiteql?limit=1&offset=0",
            body=msgspec.json.encode({"q": query}),
            headers={"Prefer": "transient", "Content-Type": "application/json"},
        )

    async def _exchange_once(self, call: Call, meter: Meter) -> http.Response:
        where = {"connection": self.connection, "operation": call.operation}
        sign = call.authorization or await self._session.ready()  # which may need a turn of its own
        async with self.turn():
            header = sign(call.method, call.url)
            meter.requests += 1
            with http.translating(**where, wrote=call.wrote):
                response = await self._client.request(
                    call.method,
                    call.url,
                    headers={"Accept": "application/json", **call.headers, "Authorization": header},
                    content=call.body or None,
                )
        self._heard(response)
        if busy := http.unavailable(response, **where, wrote=call.wrote):
            raise busy
        if response.is_redirect:
            raise ProtocolChanged(
                f"{self.connection} sends us elsewhere. To mend it: take the addresses from Setup > Company >"
                " Company Information > Company URLs.",
                **where,
            )
        if not response.is_success:
            failure = refused(response.status_code, response.content, **where, wrote=call.wrote)
            if isinstance(failure, LoginRefused):
                self._session.refused(header)
                failure.challenge = response.headers.get("www-authenticate", "")
            raise failure
        return response

    async def _exchange(self, form: dict[str, str]) -> Grant:
        """A bearer for an assertion. A refusal is definite: the endpoint names its error."""
        where = {"connection": self.connection, "operation": "sign in"}
        async for attempt in http.reads(connection=self.connection, operation="sign in"):
            with attempt:
                before = self.now()
                async with self.turn():
                    with http.translating(**where, wrote=False):
                        response = await self._client.post(self.settings.token_url, data=form)
                self._heard(response)
                if busy := http.unavailable(response, **where, wrote=False):
                    raise busy
                return self._granted(response, before)
        raise AssertionError("reads() ends by an answer or an error")  # pragma: no cover

    async def prove(self, key: OwnKey, client_id: str) -> Self:
        """Sign in with another key than ours, and who that is; needs none of our own.

        Raises:
            AuthFailed: refused. Unreachable, RateLimited, ProtocolChanged: could not ask.
        """
        form = assertions.form(
            client_id, key.certificate_id, key.private_key, self.settings.token_url, self.now()
        )
        return acting_as((await self._exchange(form)).token.reveal())

    async def adopt(self, key: OwnKey) -> None:
        """Sign in with ``key`` from now on."""
        await self.keys.adopt(key)
        self._session.forget()

    async def step_back(self) -> None:
        """Sign in with the key before again."""
        await self.keys.step_back()
        self._session.forget()

    async def refusal_of(self, form: dict[str, str]) -> tuple[int, str]:
        """Status and words of what the token endpoint answers to a form that it must refuse; for probes."""
        where = {"connection": self.connection, "operation": "try a wrong assertion"}
        async with self.turn():
            with http.translating(**where, wrote=False):
                response = await self._client.post(self.settings.token_url, data=form)
        return response.status_code, response.text[:200] if not response.is_success else ""

    def _granted(self, response: http.Response, before: datetime) -> Grant:
        where = {"connection": self.connection, "operation": "sign in"}
        if response.status_code >= 500:
            raise Unreachable(
                f"{self.connection} answered sign-in with HTTP {response.status_code}.", **where
            )
        if response.status_code in (400, 401, 403):
            error, _ = first(response.content)
            raise refusals.by_token_endpoint(
                self.settings,
                error,
                connection=self.connection,
                skew=self.skew,
                ended=self.certificate_ends,
                now=self.now(),
            )
        try:
            body = msgspec.json.decode(response.content)
            token, lives_s = body["access_token"], int(body["expires_in"])
            if response.status_code != 200 or str(body["token_type"]).lower() != "bearer" or not token:
                raise ValueError
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as exc:
            raise ProtocolChanged(
                f"{self.connection}: the sign-in answer is not what NetSuite documents. To mend it: compare the"
                " addresses with Setup > Company > Company Information > Company URLs.",
                **where,
            ) from exc
        return Grant(Secret(str(token)), before + timedelta(seconds=lives_s))

    def _heard(self, response: http.Response) -> None:
        """Note the vendor's clock, where an answer tells it."""
        try:
            told = parsedate_to_datetime(response.headers.get("date", ""))
        except ValueError:
            return
        self.skew = (told if told.tzinfo else told.replace(tzinfo=UTC)) - self.now()
