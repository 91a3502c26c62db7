"""One request to the org: signed in, bounded, counted, and its refusal turned into one of our errors."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import msgspec

from bot.clock import Clock
from bot.errors import AuthFailed, PlatformError, RateLimited
from bot.platform import http
from bot.platform.model import Capacity
from bot.platform.ports import Limiter, Memory
from bot.text import Secret
from platforms.salesforce.auth import Auth, Session
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
        limiter: Limiter,
        *,
        connection: str,
    ) -> None:
        self.connection = connection
        self.auth = auth
        self.budget = Budget(settings.max_daily_share, connection=connection)
        self._client = client
        self._clock = clock
        self._limiter, self._width = limiter, settings.concurrency

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
                f"{self.connection}: the org refuses a session it has just given. To fix it: look at the session"
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
        async with self._limiter.lease(self.connection, self._width):
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


_NAME = "budget"
_DAY = timedelta(hours=24)
_SLICE = timedelta(minutes=5)
_USAGE = re.compile(r"\bapi-usage=(\d+)/(\d+)")


class _Kept(msgspec.Struct):
    slices: tuple[tuple[datetime, int], ...]
    daily: Capacity | None


class Budget:
    """
    Counts our own calls over a rolling 24 hours against a share of what the org may make.

    The allowance is learnt from ``Sforce-Limit-Info``; until the first answer there is nothing to compare with. Both
    are kept from scan to scan, so that a bot that restarts all day long still keeps to its share.
    Source: REST API Developer Guide, "Limit Info Header", read 2026-11-21.
    """

    def __init__(self, share: float, *, connection: str) -> None:
        self._share = share
        self._connection = connection
        self._slices: deque[tuple[datetime, int]] = deque()
        self._taken_up = False
        self.spent = 0  # our calls in the last 24 hours
        self.daily: Capacity | None = None  # everybody's calls, as the org last told

    @asynccontextmanager
    async def of_a_scan(self, memory: Memory) -> AsyncIterator[None]:
        """Around each scan: takes up, once, what an earlier process left, and leaves what there is at the end."""
        if not self._taken_up:
            if kept := await memory.recall(_NAME):
                before = msgspec.json.decode(kept.reveal(), type=_Kept)
                self._slices = deque(sorted([*before.slices, *self._slices]))
                self.spent = sum(count for _, count in self._slices)
                self.daily = self.daily or before.daily
            self._taken_up = True
        try:
            yield
        finally:
            left = _Kept(tuple(self._slices), self.daily)
            await memory.keep(_NAME, Secret(msgspec.json.encode(left).decode()))

    def heard(self, header: str) -> None:
        """Take in one ``Sforce-Limit-Info`` header; anything else is passed over."""
        if found := _USAGE.search(header):
            self.daily = Capacity(name="daily API calls", used=int(found[1]), total=int(found[2]))

    def spend(self, now: datetime) -> None:
        """Note a call that is about to be made, whatever comes of it."""
        self._forget(now)
        if self._slices and now - self._slices[-1][0] < _SLICE:
            self._slices[-1] = (self._slices[-1][0], self._slices[-1][1] + 1)
        else:
            self._slices.append((now, 1))
        self.spent += 1

    def check(self, now: datetime) -> None:
        """
        Raise before a scan's next call would pass our share, or the org's allowance.

        Raises:
            RateLimited: wait until calls of ours are older than a day, or others' calls are.
        """
        self._forget(now)
        if self.daily is None:
            return
        ours = math.floor(self._share * self.daily.total)
        if self.spent + 1 > ours:
            raise RateLimited(
                f"{self._connection}: scans have used {self.spent:,} of the {self.daily.total:,} API calls the org"
                f" may make in 24 hours; {self._share:.0%} is the most this connection lets them use"
                " (max_daily_share).",
                retry_after_s=self._room_in_s(now, ours),
                connection=self._connection,
                operation="scan",
            )

    def _room_in_s(self, now: datetime, ours: int) -> float:
        left = self.spent
        for at, count in self._slices:
            left -= count
            if left + 1 <= ours:
                return max(1.0, (at + _DAY + _SLICE - now).total_seconds())
        return _DAY.total_seconds()

    def _forget(self, now: datetime) -> None:
        while self._slices and now - self._slices[0][0] >= _DAY + _SLICE:
            self.spent -= self._slices.popleft()[1]
