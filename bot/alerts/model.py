"""What the bot speaks of by itself, and how soon somebody should act.

Two of what the field tells people about are no alerts here, since each already has a message with a life of its own:
a request whose approval is about to lapse is reminded of once, in its thread, at three quarters of its time
(``bot.requests.reminders``), and a plan whose outcome is unknown is held in its own (``bot.requests.execution``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from bot.findings.model import Severity


class AlertState(StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"  # "not mine", or acknowledged with a reason
    RESOLVED = "resolved"  # its cause is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One incident, one message. ``(rule, subject, bucket)`` is its identity."""

    id: str
    ref: str
    rule: str
    subject: str
    bucket: str
    state: AlertState
    opened_at: datetime
    payload: Mapping[str, str] = field(default_factory=dict)
    snoozed_until: datetime | None = None
    note: str = ""
    assignee: str = ""  # who should see to it
    acknowledged_by: str = ""  # who said that they do: it climbs no further
    acknowledged_at: datetime | None = None
    level: int = 0  # how far it has climbed, see ``bot.alerts.model``
    settled_at: datetime | None = None  # when it was resolved


def covered(alert: Alert) -> frozenset[str]:
    """The addresses that an alert about a person speaks for."""
    return frozenset({alert.subject, *alert.payload.get("addresses", "").split()})


OWNER_GONE = "owner-deactivated"  # subject: folded e-mail address
EXPIRY = "expiry"  # subject: item; bucket: end date and step
NOT_VISIBLE = "source-blind"  # subject: connection
LISTING_REJECTED = "ingest-brake"  # subject: connection; bucket: day
NOT_USED = "missed-beat"  # subject: item; bucket: the last use
CREDENTIAL_GONE = "credential-gone"  # subject: item
INCIDENT = "vendor-incident"  # subject: connection and application
UNREACHABLE = "unreachable"  # subject: Slack id
SYNC = "sync-endangers"  # subject: connection of a directory
OWN_CREDENTIAL = "own-credential"  # subject: item that we sign in with; bucket: end date
AUDIT_LOG_CHANGED = "trail-broken"  # subject: what is wrong, in the words of the proof
SEVERITY = {
    OWNER_GONE: Severity.P1,
    CREDENTIAL_GONE: Severity.P1,
    INCIDENT: Severity.P1,
    LISTING_REJECTED: Severity.P1,
    SYNC: Severity.P1,
    AUDIT_LOG_CHANGED: Severity.P1,
    OWN_CREDENTIAL: Severity.P1,
    NOT_VISIBLE: Severity.P2,
    NOT_USED: Severity.P2,
    UNREACHABLE: Severity.P3,
}
OWN_WITHIN = timedelta(days=7)  # what we sign in with ourselves is urgent this long before its end
PRESSING_DAYS = 14  # an end this near is for this week; further away, for the next review
DERIVED = frozenset({EXPIRY, NOT_USED, CREDENTIAL_GONE})  # told in the thread of what inhibits them
CLIMBS = frozenset(
    {
        OWNER_GONE,
        CREDENTIAL_GONE,
        INCIDENT,
        LISTING_REJECTED,
        NOT_VISIBLE,
        NOT_USED,
        EXPIRY,
        SYNC,
        AUDIT_LOG_CHANGED,
        OWN_CREDENTIAL,
    }
)
OWNER_SNOOZE_AT_MOST = timedelta(days=7)
SNOOZE_AT_MOST = timedelta(days=30)
BEFORE_THE_END = timedelta(days=1)  # a snooze ends at least this long before the end it is about
REOPENS_WITHIN = timedelta(days=1)  # of being settled, what returns is the same incident


def severity_of(alert: Alert) -> Severity:
    """How soon somebody should act on an alert."""
    if alert.rule == EXPIRY:
        step = int(alert.bucket.rpartition("/")[2])
        return Severity.P2 if step <= PRESSING_DAYS else Severity.P3
    return SEVERITY.get(alert.rule, Severity.P2)


class EscalationLevel(IntEnum):
    """How far an alert has climbed."""

    OPENED = 0  # it stands in the channel
    OWNER = 1  # whoever answers for what it is about was told
    BACKUP = 2  # and the backup
    CHANNEL = 3  # the channel was told that nobody takes it
    APPROVERS = 4  # and those who decide

    @property
    def next(self) -> EscalationLevel | None:
        """The rung above; None at the top."""
        return None if self is EscalationLevel.APPROVERS else EscalationLevel(self + 1)


SLOWER: dict[Severity, int] = {Severity.P1: 1, Severity.P2: 6}  # P3 never climbs: it is in the weekly digest


def level_at(
    severity: Severity, opened_at: datetime, now: datetime, after_h: Sequence[float]
) -> EscalationLevel:
    """The rung an alert that nobody took should be on. ``after_h``: hours to each rung of a P1, ascending."""
    if severity not in SLOWER:
        return EscalationLevel.OPENED
    slower = SLOWER[severity]
    due = [opened_at + timedelta(hours=hours * slower) <= now for hours in after_h]
    return EscalationLevel(sum(due))
