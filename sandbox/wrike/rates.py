"""
The rate limit: about 400 requests a minute, counted second by second.

Time is the machine's, not the sandbox's: advancing the world's clock lifts no limit.

Source: Wrike staff in help.wrike.com community post 13921185937559. What it counts by, the size of a burst and
Retry-After are UNCONFIRMED, hence switches.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from sandbox.wrike.switches import Switches


class Rates:
    """A bucket for each key. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, key: str, switches: Switches) -> int:
        """Take one; 0 if there was one, else the whole seconds until there will be."""
        if switches.rate_per_minute <= 0:
            return 0
        now, per_s = self._clock(), switches.rate_per_minute / 60
        left, at = self._buckets.get(key, (float(switches.rate_burst), now))
        left = min(float(switches.rate_burst), left + (now - at) * per_s)
        taken = left >= 1
        self._buckets[key] = (left - 1 if taken else left, now)
        return 0 if taken else max(1, math.ceil((1 - left) / per_s))
