"""What is known of a run."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from dbos import WorkflowStatus

from bot.durable.codec import describe
from bot.errors import BotError


class RunState(StrEnum):
    """Where a run is; the last three are final."""

    QUEUED = "queued"  # waits to be taken up, mostly after the process that had it ended
    RUNNING = "running"  # a live process has it, or one that ended and was not yet noticed
    DONE = "done"  # returned
    FAILED = "failed"  # raised
    STOPPED = "stopped"  # cancelled, or given up because process after process ended while running it


FINAL = frozenset({RunState.DONE, RunState.FAILED, RunState.STOPPED})
_STATES = {
    "ENQUEUED": RunState.QUEUED,
    "DELAYED": RunState.QUEUED,
    "PENDING": RunState.RUNNING,
    "SUCCESS": RunState.DONE,
    "ERROR": RunState.FAILED,
    "CANCELLED": RunState.STOPPED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": RunState.STOPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a workflow. Times are aware UTC, whole milliseconds."""

    id: str
    workflow: str
    state: RunState
    started: datetime
    updated: datetime
    error: str = ""  # "code: hint" of what it raised, safe to show; empty unless FAILED


def stored_as(states: Collection[RunState]) -> list[str]:
    """DBOS's words for ``states``."""
    return [theirs for theirs, ours in _STATES.items() if ours in states]


def run_of(one: WorkflowStatus) -> Run:
    """The run in our words."""
    return Run(
        id=one.workflow_id,
        workflow=one.name,
        state=_STATES[one.status],
        started=_at(one.created_at),
        updated=_at(one.updated_at),
        error=describe(one.error) if isinstance(one.error, BotError) else "",
    )


def _at(epoch_ms: int | None) -> datetime:
    return datetime.fromtimestamp((epoch_ms or 0) / 1000, UTC)


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
