"""How much of the org's daily API allowance our scans may take."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec

from bot.errors import RateLimited
from bot.platform.model import Capacity
from bot.platform.ports import Memory
from bot.text import Secret

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
