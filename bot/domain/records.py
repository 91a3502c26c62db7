"""Rows as the rest of the program sees them: the store returns these, never an ORM object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.approval_rule import Rule
from bot.domain.finding import Finding, FindingState
from bot.domain.identity import Application, Capacity, Credential, Gap, Principal, Tie
from bot.domain.plan import Plan, Receipt, Step
from bot.domain.undoing import undoing

Body = Principal | Application | Credential | Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in the inventory. ``ref`` is what people type: six characters, unique, for ever."""

    id: str  # UUID hex
    ref: str
    connection: str
    body: Body
    first_seen: datetime
    last_seen: datetime
    missing_since: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of the workspace. ``updated`` is Slack's own counter, so that late events change nothing."""

    slack_id: str
    name: str
    email: str = ""
    deactivated: bool = False
    restricted: bool = False  # guest or stranger: may never decide
    tz: str = ""
    updated: int = 0
    struck_off: bool = False  # the identity provider says that they are inactive
    struck_at: int = (
        0  # when it last spoke of them, in seconds since 1970, as it signed; what is older is not heard
    )

    @property
    def gone(self) -> bool:
        """Whether anybody who knows says that they may not sign in."""
        return self.deactivated or self.struck_off


class OwnershipState(StrEnum):
    """Ownership counts only once accepted."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"  # replaced, or given up


class Rank(StrEnum):
    """Which of the two who answer for an item."""

    OWNER = "owner"  # hears first, and decides who it acts as
    BACKUP = "backup"  # hears next, and is asked to take over when the owner goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who is accountable for one item."""

    id: str
    item_id: str
    person: str  # Slack id
    state: OwnershipState
    proposed_by: str
    proposed_at: datetime
    settled_at: datetime | None = None
    rank: Rank = Rank.OWNER
    attested_at: datetime | None = None  # when they last said that it is still theirs
    asked_at: datetime | None = None  # when they were last asked that

    @property
    def vouched_at(self) -> datetime:
        """When they last stood by it: attested, else accepted."""
        return self.attested_at or self.settled_at or self.proposed_at


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


class RequestState(StrEnum):
    """Where a request is. Only ``PENDING`` can be decided."""

    PENDING = "pending"  # waiting for approval
    APPROVED = "approved"  # decided, not yet begun
    RUNNING = "running"  # steps are being taken
    WAITING = "waiting"  # a guided or watched step is not yet true
    HELD = "held"  # an outcome could not be established, or a step was refused: a human must look
    DONE = "done"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # by its requester
    VOIDED = "voided"  # what would run is no longer what was shown
    ROLLED_BACK = "rolled_back"  # what was done has been taken back

    @property
    def live(self) -> bool:
        """Whether it may still change something."""
        return self in {self.PENDING, self.APPROVED, self.RUNNING, self.WAITING, self.HELD}


class Routing(StrEnum):
    """To whom a pending request goes, as far as it was said in its thread."""

    NAMED = ""  # to whom its rule names: enough of them are there
    FALLBACK = "fallback"  # too few of those are left, so the rule's fallback decides too
    NOBODY = "nobody"  # too few even so: somebody has to be made an approver


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One person's yes or no, for the revision they saw. ``basis``: why it could be taken, as judged then."""

    approver: str
    approved: bool
    rev: int
    at: datetime
    reason: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """The way back. ``at``: how many steps had their receipt; ``keys``: those to take back, last one first."""

    by: str
    at: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A plan that somebody asked for, with everything that happened to it since."""

    id: str
    ref: str
    state: RequestState
    rev: int
    plan: Plan
    digest: str  # of the plan as it was shown
    requester: str
    reason: str
    created_at: datetime
    expires_at: datetime
    needed: int
    inputs: Mapping[str, str] = field(default_factory=dict)  # what the plan was made from, to plan it again
    cursor: int = 0  # how many receipts there are
    step_since: datetime | None = None  # when that step began to wait
    detail: str = ""  # why held, voided or waiting, in words
    rule: Rule | None = None  # as it was when asked; None: asked before rules were kept
    decisions: tuple[Decision, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    rollback: Rollback | None = None  # since when it goes back
    routing: Routing = Routing.NAMED

    @property
    def step(self) -> Step | None:
        """The step without a receipt that comes next, on the way there or back; None: all are taken."""
        at = self.cursor - (self.rollback.at if self.rollback else 0)
        return self.steps[at] if at < len(self.steps) else None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is being done: the plan's steps, or those that take them back."""
        return self.plan.steps if self.rollback is None else undoing(self.plan, self.rollback.keys)


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
    rung: int = 0  # how far it has climbed, see ``bot.domain.ladder``
    settled_at: datetime | None = None  # when it was resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A message to send or edit, committed with the state it speaks of.

    ``thread`` names what it is about (``request:…``, ``alert:…``): the first posting of a thread is its
    message, later ones with ``edit`` replace that message, and those without answer in its thread.
    """

    idem_key: str  # delivered once per key
    channel: str  # channel id, or a member's id for a direct message
    body: bytes  # a Reply, encoded
    thread: str = ""
    edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedPosting:
    """A posting waiting in the outbox."""

    seq: int
    posting: Posting
    attempts: int
    created_at: datetime
    begun: bool = False  # it was handed to Slack before and no answer is on record: it may stand there


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCopy:
    """Where a message about something stands in Slack."""

    thread: str
    recipient: str  # what ``Posting.channel`` named
    channel: str  # where Slack put it (``D…`` for direct messages)
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionState:
    """What we know of a connection between scans."""

    connection: str
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    last_error: str = ""
    blind_polls: int = 0
    paused_until: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    capacities: tuple[Capacity, ...] = ()
    requests: int = 0  # calls of the latest scan
    known_sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # principal → addresses
    population: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the trail."""

    seq: int
    at: datetime
    actor: str  # Slack id, "system", or "cli:<user>"
    action: str  # subject:deed, past tense, for example "request:approved"
    subject: str
    detail: Mapping[str, str]
    hash: str  # hex
