"""How fast we ask: one allowance for everything a connection does, and one pause when Wrike says it is too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiolimiter import AsyncLimiter

from bot.errors import RateLimited
from bot.platform import http
from bot.platform.http.failures import retry_after_s

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
SLOWEST_PER_MINUTE = 60.0
CALM = 100  # answers in a row after which the pace is doubled again, up to what is configured


class Pace:
    """
    At most ``per_minute`` requests, evenly, after a burst of at most ``burst``; half as many after each refusal.

    Source: Wrike staff, help.wrike.com community 13921185937559: about 400 a minute, counted by the second, and
    exponential back-off on 429. Whether ``Retry-After`` comes is not documented: it is kept where it does.
    """

    def __init__(self, per_minute: float, burst: int) -> None:
        self._configured = self._per_minute = per_minute
        self._limiter = AsyncLimiter(burst, burst * 60 / per_minute)
        self._resume_at = 0.0
        self._refusals = 0  # in a row
        self._calm = 0

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[None]:
        """Wait until a request may be sent."""
        loop = asyncio.get_running_loop()
        await self._limiter.acquire()
        while (pause_s := self._resume_at - loop.time()) > 0:
            await asyncio.sleep(pause_s)
            await self._limiter.acquire()  # those who waited leave one by one
        yield

    def heard(self, response: http.Response, *, connection: str, operation: str) -> None:
        """Take in what an answer says of our pace.

        Raises:
            RateLimited: it was a 429. Everybody rests until the time it says, or for twice as long as the last time.
        """
        if response.status_code != 429:
            self._calmed()
            return
        now = asyncio.get_running_loop().time()
        stated_s = retry_after_s(response.headers.get("retry-after", ""))
        if now >= self._resume_at or stated_s is not None:  # else it was sent before the pause that runs
            pause_s = (
                min(FIRST_PAUSE_S * 2**self._refusals, LONGEST_PAUSE_S) if stated_s is None else stated_s
            )
            self._refusals += 1
            self._resume_at = max(self._resume_at, now + pause_s)
            self._set(max(SLOWEST_PER_MINUTE, self._per_minute / 2))
        raise RateLimited(
            f"{connection} asked us to slow down ({operation}).",
            retry_after_s=self._resume_at - now if stated_s is None else stated_s,
            connection=connection,
            operation=operation,
        )

    def _calmed(self) -> None:
        self._refusals = 0
        self._calm += 1
        if self._calm >= CALM and self._per_minute < self._configured:
            self._set(min(self._configured, self._per_minute * 2))

    def _set(self, per_minute: float) -> None:
        """A pace without a burst."""
        self._per_minute, self._calm = per_minute, 0
        self._limiter = AsyncLimiter(1, 60 / per_minute)
