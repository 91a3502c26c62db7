"""How fast we ask: one allowance for everything a connection does, and one pause when Wrike says it is too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiolimiter import AsyncLimiter

from bot import http
from bot.errors import RateLimited
from bot.http.failures import retry_after_s

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Pace:
    """
    At most ``per_minute`` requests, evenly, after a burst of at most ``burst``.

    Source: Wrike staff, help.wrike.com community 13921185937559: about 400 a minute, counted by the second, and
    exponential back-off on 429. Whether ``Retry-After`` comes is not documented: it is kept where it does.
    """

    def __init__(self, per_minute: float, burst: int) -> None:
        self._limiter = AsyncLimiter(burst, burst * 60 / per_minute)
        self._resume_at = 0.0
        self._refusals = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a request may be sent."""
        loop = asyncio.get_running_loop()
        while (pause_s := self._resume_at - loop.time()) > 0:  # noqa: ASYNC110  it may be put off meanwhile
            await asyncio.sleep(pause_s)
        async with self._limiter:
            yield

    def heard(self, response: http.Response, *, connection: str, operation: str) -> None:
        """Take in what an answer says of our pace.

        Raises:
            RateLimited: it was a 429. Everybody rests until the time it says, or for twice as long as the last time.
        """
        if response.status_code != 429:
            self._refusals = 0
            return
        stated_s = retry_after_s(response.headers.get("retry-after", ""))
        unstated_s = min(FIRST_PAUSE_S * 2**self._refusals, LONGEST_PAUSE_S)
        pause_s = unstated_s if stated_s is None else stated_s
        self._refusals += 1
        self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + pause_s)
        raise RateLimited(
            f"{connection} asked us to slow down ({operation}).",
            retry_after_s=pause_s,
            connection=connection,
            operation=operation,
        )
