"""Named places to die at, so that tests can prove what a crash there costs."""

from __future__ import annotations

import os
import signal
from collections import Counter

VARIABLE = "HANDOVER_CRASH_AT"
_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """
    End the process with SIGKILL if the environment says HANDOVER_CRASH_AT=name:nth, else do nothing.

    ``nth`` counts this process's passes through the point, from 1. The engine has three of its own around
    every step: ``step:before``, ``step:done`` (the effect is made, not yet recorded) and ``step:recorded``.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    _passed[name] += 1
    if wanted == f"{name}:{_passed[name]}":
        os.kill(os.getpid(), signal.SIGKILL)
