"""
Rate limits: a bucket for each method, and one for each channel's messages.

A method's bucket holds its tier's allowance for one minute and refills evenly, so a burst of a whole minute's
calls passes and then the even rate holds. A channel takes one message a second after a burst of three
(Slack: "1 per second per channel; short bursts are tolerated"), a workspace three hundred a minute ("several
hundred"). Time is the machine's, not the sandbox's: advancing the world's clock lifts no limit.

Source:
    docs.slack.dev/apis/web-api/rate-limits, read 2026-11-21. The sizes of the bursts are UNCONFIRMED.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

TIER_PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
CHANNEL_BURST = 3
CHANNEL_PER_S = 1.0
WORKSPACE_PER_MINUTE = 300


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rates:
    """Every bucket of one workspace. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, key: str, *, holds: float, per_s: float, factor: float = 1.0) -> int:
        """Take one; 0 if there was one, else the whole seconds until there will be. Factor 0: no limit."""
        if factor == 0:
            return 0
        holds, per_s = max(1.0, holds * factor), per_s * factor
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(holds, now))
        bucket.left = min(holds, bucket.left + (now - bucket.at) * per_s)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) / per_s))

    def method_wait_s(self, method: str, tier: int, factor: float) -> int:
        per_minute = TIER_PER_MINUTE[tier]
        return self.wait_s(f"method:{method}", holds=per_minute, per_s=per_minute / 60, factor=factor)

    def message_wait_s(self, channel_id: str, factor: float) -> int:
        """For one message into a channel; the workspace's own limit counts only what the channel let pass."""
        wait_s = self.wait_s(f"channel:{channel_id}", holds=CHANNEL_BURST, per_s=CHANNEL_PER_S, factor=factor)
        per_s = WORKSPACE_PER_MINUTE / 60
        return wait_s or self.wait_s("workspace", holds=WORKSPACE_PER_MINUTE, per_s=per_s, factor=factor)
