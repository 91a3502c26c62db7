"""What is known of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunState(StrEnum):
    """Where a run is; the last three are final."""

    QUEUED = "queued"  # waits to be taken up, mostly after the process that had it ended
    RUNNING = "running"  # a live process has it, or one that ended and was not yet noticed
    DONE = "done"  # returned
    FAILED = "failed"  # raised
    STOPPED = "stopped"  # cancelled, or given up because process after process ended while running it


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a workflow. Times are aware UTC, whole milliseconds."""

    id: str
    workflow: str
    state: RunState
    started: datetime
    updated: datetime
    error: str = ""  # "code: hint" of what it raised, safe to show; empty unless FAILED
