"""One request to the org: signed in, bounded, counted, and its refusal turned into one of our errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from bot import http
from bot.clock import Clock
from bot.errors import AuthFailed, PlatformError
from bot.platform.ports import Turns
from platforms.salesforce.auth import Auth, Session
from platforms.salesforce.budget import Budget
from platforms.salesforce.config import Settings
from platforms.salesforce.errors import SessionExpired, refused

T = TypeVar("T")


class Refuse(Protocol):
    """Makes an error of an answer: ``errors.refused`` for JSON, ``soap.fault`` for SOAP."""

    def __call__(
        self, status: int, body: bytes, *, connection: str, operation: str, wrote: bool
    ) -> PlatformError: ...


@dataclass(slots=True)
class Meter:
    """Counts the calls of one piece of work. ``scan``: they are held to the scan's share of the day."""

    scan: bool = False
    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One request. ``path`` begins with a slash; ``operation`` is a few words of ours, shown to people.

    ``wrote``: it would change something, so it is sent at most once, unless the org said for certain that it
    was not carried out for want of a session.
    """

    operation: str
    method: str = "GET"
    path: str
    wrote: bool = False
    body: Callable[[Session], bytes] | bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    open: bool = False  # sent without the access token
    refuse: Refuse = refused


class Wire:
    """Every request of one connection passes here, at most ``settings.concurrency`` at once in all processes."""

    def __init__(
        self,
        client: http.AsyncClient,
        auth: Auth,
        settings: Settings,
        clock: Clock,
        turns: Turns,
        *,
        connection: str,
    ) -> None:
        self.connection = connection
        self.auth = auth
        self.budget = Budget(settings.max_daily_share, connection=connection)
        self._client = client
        self._clock = clock
        self._turns, self._width = turns, settings.concurrency

    def now(self) -> datetime:
        """The present by the vendor's clock, as of the last sign-in."""
        return self._clock.now() + self.auth.skew

    async def send(self, call: Call, meter: Meter, read: Callable[[bytes], T]) -> T:
        """
        What ``read`` makes of the answer's body. Reads are tried again while that can help, writes never.

        Raises:
            PlatformError: one of ours, always; ``AuthFailed`` after one new sign-in at most.
        """
        await self.auth.session()  # has its own patience, which must not be multiplied by that of the loop
        if call.wrote:
            return read(await self._signed_in(call, meter))
        async for attempt in http.reads(connection=self.connection, operation=call.operation):
            with attempt:
                return read(await self._signed_in(call, meter))
        raise AssertionError("reads() ends by an answer or an error")  # pragma: no cover

    async def _signed_in(self, call: Call, meter: Meter) -> bytes:
        session = await self.auth.session()
        try:
            return await self._exchange(call, session, meter)
        except SessionExpired:
            session = await self.auth.renew(session)
        try:
            return await self._exchange(call, session, meter)
        except SessionExpired as again:
            raise AuthFailed(
                f"{self.connection}: the org refuses a session it has just given. To mend it: look at the session"
                " settings and login IP ranges of the bot's user.",
                connection=self.connection,
                operation=call.operation,
            ) from again

    async def _exchange(self, call: Call, session: Session, meter: Meter) -> bytes:
        where = {"connection": self.connection, "operation": call.operation}
        headers = {"Content-Type": call.content_type, "Sforce-Call-Options": "client=Handover"}
        headers |= dict(call.headers)
        if not call.open:
            headers["Authorization"] = f"Bearer {session.token.reveal()}"
        content = call.body if isinstance(call.body, bytes) else call.body(session)
        async with self._turns.turn(self.connection, self._width):
            if meter.scan:
                self.budget.check(self._clock.now())
            self.budget.spend(self._clock.now())
            meter.requests += 1
            with http.translating(**where, wrote=call.wrote):
                response = await self._client.request(
                    call.method, session.instance_url + call.path, headers=headers, content=content or None
                )
        self.budget.heard(response.headers.get("sforce-limit-info", ""))
        if busy := http.unavailable(response, **where, wrote=call.wrote):
            raise busy
        if not response.is_success:
            raise call.refuse(response.status_code, response.content, **where, wrote=call.wrote)
        return response.content
