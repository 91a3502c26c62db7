"""Results of checks, and their life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A finding that may wait. It is still looked at, and shown as suppressed; its end ends that."""

    finding_id: str
    until: datetime
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding with its life."""

    id: str
    ref: str
    connection: str
    finding: Finding
    state: FindingState
    opened_at: datetime
    last_seen: datetime
    resolved_at: datetime | None = None


class Severity(StrEnum):
    """How soon somebody should act."""

    P1 = "P1"  # now: something live breaks or is open
    P2 = "P2"  # this week
    P3 = "P3"  # at the next review


class FindingState(StrEnum):
    """Where a finding is in its life."""

    OPEN = "open"  # seen by the latest complete look
    UNKNOWN = "unknown"  # its source could not be seen; neither open nor resolved
    RESOLVED = "resolved"  # a complete look no longer sees it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One bad state of one subject. ``(rule, subject, bucket)`` is its identity."""

    rule: str  # the check's id, for example "salesforce.grant-held-by-person"
    subject: str  # native id within the connection
    title: str  # states the bad state, at most 80 characters
    severity: Severity
    evidence: str  # what was seen, with times and counts
    remedy: str  # one deed
    bucket: str = ""
    lasting: timedelta = timedelta(0)  # for events: stays open this long after it was last seen
