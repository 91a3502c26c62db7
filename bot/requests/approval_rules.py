"""Who may ask and who may decide: rules as data, answers with a reason, no I/O and no clock.

A request is judged by the rule that matched when it was asked and by the rule that matches at the click. Both
must allow, and the stricter number holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.platform.plan import Plan, PlanKind
from bot.requests.model import ChangeRequest, Decision, RequestState, Routing, Rule
from bot.text import plural


class Reason(StrEnum):
    """Why not, or not yet."""

    NEEDS_APPROVAL = "needs_approval"  # nobody is barred; more approvals are needed
    SELF_APPROVAL = "self_approval"  # asked for it
    HOLDER = "holder"  # holds the credential that would be moved
    LEAVER = "leaver"  # owns the account that would be changed
    NOT_AN_APPROVER = "not_an_approver"  # the rule does not name them
    NO_ELIGIBLE_APPROVER = "no_eligible_approver"  # nobody at all could decide
    NOT_ENOUGH_APPROVERS = "not_enough_approvers"  # somebody could, but fewer than it needs
    MAY_NOT_REQUEST = "may_not_request"  # the rule names other requesters
    ALREADY_DECIDED = "already_decided"  # by the same person
    NOT_PENDING = "not_pending"  # settled before
    EXPIRED = "expired"  # its time is over, whether or not that is written down yet
    STALE_REVISION = "stale_revision"  # decided on an older message


@dataclass(frozen=True, slots=True)
class Success:
    """Allowed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Not allowed, or not yet."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A rule with its names looked up: member ids."""

    needed: int
    requesters: frozenset[str]
    approvers: frozenset[str]
    fallback: frozenset[str] = frozenset()  # decide too while too few approvers are left
    step_up: bool = False  # a yes takes a code of an authenticator app

    def and_also(self, other: Terms) -> Terms:
        """Both at once: people whom both name, the greater number, and a code if either takes one."""
        approvers = self.approvers & other.approvers
        return Terms(
            needed=max(self.needed, other.needed),
            requesters=self.requesters & other.requesters,
            approvers=approvers,
            fallback=(self.approvers | self.fallback) & (other.approvers | other.fallback) - approvers,
            step_up=self.step_up or other.step_up,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Whom a plan concerns, by member id."""

    requester: str
    holders: frozenset[str] = frozenset()  # everybody with the holder's e-mail
    gone: frozenset[str] = frozenset()  # deactivated, or no full member any more

    def barred(self) -> frozenset[str]:
        """Those whose word does not count, whatever their role."""
        return self.holders | self.gone | {self.requester}


def matching(rules: Iterable[Rule], default: Rule, plan: Plan, verb: str) -> Rule:
    """The first rule meant for the plan, else the default."""
    return next((rule for rule in rules if rule.matches(plan, verb)), default)


def routing(terms: Terms, parties: Parties) -> Routing:
    """To whom a pending request has to go now. The number of approvals needed never falls."""
    barred = parties.barred()
    if len(terms.approvers - barred) >= terms.needed:
        return Routing.NAMED
    with_fallback = (terms.approvers | terms.fallback) - barred
    return Routing.FALLBACK if len(with_fallback) >= terms.needed else Routing.NOBODY


def named(terms: Terms, parties: Parties) -> frozenset[str]:
    """Whom the terms name now, barred or not; with the fallback where too few others are left."""
    kept_to_the_rule = routing(terms, parties) is Routing.NAMED
    return terms.approvers if kept_to_the_rule else terms.approvers | terms.fallback


def deciders(terms: Terms, parties: Parties) -> frozenset[str]:
    """Everybody whose yes counts now."""
    return named(terms, parties) - parties.barred()


def may_ask(terms: Terms, parties: Parties) -> Success | Failure:
    """Whether the requester may ask, and enough other people could say yes. A fallback is for later."""
    if parties.requester not in terms.requesters:
        return Failure(Reason.MAY_NOT_REQUEST)
    able = len(terms.approvers - parties.barred())
    if able == 0:
        return Failure(Reason.NO_ELIGIBLE_APPROVER)
    return Success() if able >= terms.needed else Failure(Reason.NOT_ENOUGH_APPROVERS)


def may_decide(
    request: ChangeRequest,
    terms: Terms,
    parties: Parties,
    who: str,
    *,
    approve: bool,
    rev: int | None,
    now: datetime,
) -> Success | Failure:
    """Whether somebody's yes or no can be taken. ``rev``: what their message showed; None: the current one.

    A no is taken even when the requester may not ask any more; a yes is not.
    """
    if request.state is not RequestState.PENDING:
        return Failure(Reason.NOT_PENDING)
    if who not in named(terms, parties) or who in parties.gone:
        return Failure(Reason.NOT_AN_APPROVER)
    if who == parties.requester:
        return Failure(Reason.SELF_APPROVAL)
    if who in parties.holders:
        return Failure(Reason.HOLDER if request.plan.kind is PlanKind.HANDOVER else Reason.LEAVER)
    if any(d.approver == who and d.rev == request.rev for d in request.decisions):
        return Failure(Reason.ALREADY_DECIDED)
    if request.expires_at <= now:
        return Failure(Reason.EXPIRED)
    if approve and parties.requester not in terms.requesters:
        return Failure(Reason.MAY_NOT_REQUEST)
    return Success() if rev in (None, request.rev) else Failure(Reason.STALE_REVISION)


def counted(request: ChangeRequest, terms: Terms, parties: Parties) -> tuple[Decision, ...]:
    """The approvals that count now: of this revision, by people who are still there and still named."""
    able = deciders(terms, parties)
    return tuple(d for d in request.decisions if d.approved and d.rev == request.rev and d.approver in able)


def enough(request: ChangeRequest, terms: Terms, parties: Parties) -> Success | Failure:
    """Whether the approvals that count are as many as are needed."""
    distinct = {d.approver for d in counted(request, terms, parties)}
    return Success() if len(distinct) >= terms.needed else Failure(Reason.NEEDS_APPROVAL)


WHY_NOT = {
    Reason.SELF_APPROVAL: "You asked for it, so somebody else must decide.",
    Reason.HOLDER: "The account is yours, so somebody else must decide.",
    Reason.LEAVER: "The account is yours, so somebody else must decide.",
    Reason.NOT_AN_APPROVER: "Only its approvers can decide this request.",
    Reason.ALREADY_DECIDED: "You already decided this request.",
    Reason.MAY_NOT_REQUEST: "The person who asked may no longer ask for it. You can deny it.",
    Reason.STALE_REVISION: ("The request changed after this message. Decide on the newest one."),
}


def why_not_ask(reason: Reason, needed: int, able: int) -> str:
    """Why a request cannot be made. ``able``: how many people could approve it."""
    if reason is Reason.MAY_NOT_REQUEST:
        return "You may not ask for this plan. Its rule names other people."
    if reason is Reason.NO_ELIGIBLE_APPROVER:
        return (
            "No one can approve this: every approver is the requester, the holder, or deactivated. "
            "Ask an administrator to add an approver."
        )
    return (
        f"This needs {needed} approvals, and only {plural(able, 'person', 'people')} could give one: "
        "the requester, the holder and deactivated people do not count. "
        "Ask an administrator to add an approver."
    )
