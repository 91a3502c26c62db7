"""What a kind of plan needs before it runs, as configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.platform.plan import Plan, Receipt, Step, undoing


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For which plans it is meant, and what they need.

    ``connection`` and ``verb`` are patterns with ``*``; a handover's verb is "handover". ``requesters``,
    ``approvers`` and ``fallback`` hold roles, Slack user groups (S…) and members (U…).
    """

    connection: str = "*"
    kind: str = "*"
    verb: str = "*"
    destructive: bool | None = None  # None: either
    requesters: tuple[str, ...] = ("operator",)
    approvers: tuple[str, ...] = ("approver",)
    needed: int = 1
    criticality: str = "*"
    step_up: bool = False  # a yes takes a code of the approver's authenticator app
    fallback: tuple[str, ...] = ()  # decide too once fewer approvers than needed are left

    def matches(self, plan: Plan, verb: str) -> bool:
        """Whether it is meant for such a plan."""
        return (
            fnmatchcase(plan.connection, self.connection)
            and self.kind in ("*", plan.kind.value)
            and fnmatchcase(verb, self.verb)
            and self.destructive in (None, plan.destructive)
            and self.criticality in ("*", plan.criticality)
        )
