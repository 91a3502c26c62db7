"""Approval rules as a pure function: every reason, and that the stricter of two rules holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.platform.plan import Action, Plan, PlanKind, Step, StepMode
from bot.requests.approval_rules import (
    Failure,
    Parties,
    Reason,
    Success,
    Terms,
    counted,
    deciders,
    enough,
    matching,
    may_ask,
    may_decide,
    routing,
)
from bot.requests.model import ChangeRequest, Decision, RequestState, Routing, Rule

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def plan(
    *, kind: PlanKind = PlanKind.HANDOVER, connection: str = "salesforce:prod", ends: bool = False
) -> Plan:
    """A plan of one step."""
    step = Step(
        key="a", mode=StepMode.AUTO, title="t", action=Action(verb="v", subject="s"), destructive=ends
    )
    return Plan(kind=kind, connection=connection, title="t", subject_id="s", subject_label="s", steps=(step,))


def request(*yes: str, state: RequestState = RequestState.PENDING, made: Plan | None = None) -> ChangeRequest:
    """A request of UASK at revision 2, approved by ``yes``."""
    body = made or plan()
    return ChangeRequest(
        id="1",
        ref="R",
        state=state,
        rev=2,
        plan=body,
        digest=body.digest,
        requester="UASK",
        reason="r",
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        needed=2,
        decisions=tuple(Decision(approver=who, approved=True, rev=2, at=NOW) for who in yes),
    )


def terms(*approvers: str, needed: int = 2, requesters: tuple[str, ...] = ("UASK",)) -> Terms:
    """Terms with these approvers."""
    return Terms(needed=needed, requesters=frozenset(requesters), approvers=frozenset(approvers))


ALL = terms("U1", "U2", "U3", "UASK", "UHELD")
PARTIES = Parties(requester="UASK", holders=frozenset({"UHELD"}), gone=frozenset({"U3"}))


@pytest.mark.parametrize(
    ("asked", "who", "rev", "later_h", "rules", "reason"),
    [
        (request(), "U9", 2, 0, ALL, Reason.NOT_AN_APPROVER),
        (request(), "U3", 2, 0, ALL, Reason.NOT_AN_APPROVER),
        (request(), "UASK", 2, 0, ALL, Reason.SELF_APPROVAL),
        (request(), "UHELD", 2, 0, ALL, Reason.HOLDER),
        (request(made=plan(kind=PlanKind.CHANGE)), "UHELD", 2, 0, ALL, Reason.LEAVER),
        (request("U1"), "U1", 2, 0, ALL, Reason.ALREADY_DECIDED),
        (request(state=RequestState.DENIED), "U1", 2, 0, ALL, Reason.NOT_PENDING),
        (request(), "U1", 2, 1, ALL, Reason.EXPIRED),
        (request(), "U1", 1, 0, ALL, Reason.STALE_REVISION),
        (request(), "U1", 2, 0, terms("U1", requesters=()), Reason.MAY_NOT_REQUEST),
    ],
)
def test_a_yes_is_refused_with_its_reason(
    asked: ChangeRequest, who: str, rev: int, later_h: int, rules: Terms, reason: Reason
) -> None:
    """Each bar is told apart, so that people are told what is in their way."""
    now = NOW + timedelta(hours=later_h)
    assert may_decide(asked, rules, PARTIES, who, approve=True, rev=rev, now=now) == Failure(reason)


def test_whoever_the_rule_names_decides() -> None:
    """By button on the newest message, or typed, which means the current one; a no needs no requester."""
    for rev in (2, None):
        assert may_decide(request(), ALL, PARTIES, "U1", approve=True, rev=rev, now=NOW) == Success()
    lost = terms("U1", requesters=())
    assert may_decide(request(), lost, PARTIES, "U1", approve=False, rev=2, now=NOW) == Success()


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        (ALL, Success()),
        (terms("U1"), Failure(Reason.NOT_ENOUGH_APPROVERS)),
        (terms("UASK", "UHELD", "U3"), Failure(Reason.NO_ELIGIBLE_APPROVER)),
        (terms("U1", "U2", requesters=("U5",)), Failure(Reason.MAY_NOT_REQUEST)),
    ],
)
def test_asking_needs_people_who_could_say_yes(rules: Terms, answer: Success | Failure) -> None:
    """A request that nobody, or too few, could approve is refused when it is made."""
    assert may_ask(rules, PARTIES) == answer


def test_only_the_living_and_the_named_count() -> None:
    """A yes of somebody deactivated or no longer named since does not help to settle."""
    assert enough(request("U1", "U3"), ALL, PARTIES) == Failure(Reason.NEEDS_APPROVAL)
    assert enough(request("U1", "U9"), ALL, PARTIES) == Failure(Reason.NEEDS_APPROVAL)
    assert enough(request("U1", "U2"), ALL, PARTIES) == Success()
    assert [d.approver for d in counted(request("U1", "U3", "UASK"), ALL, PARTIES)] == ["U1"]


def test_the_stricter_of_then_and_now_holds() -> None:
    """Only people whom both rules name, and the greater number."""
    both = terms("U1", "U2", needed=1).and_also(terms("U2", "U3", needed=3))
    assert both == terms("U2", needed=3)


def test_the_first_rule_that_fits_holds() -> None:
    """Connection, kind, verb and destructiveness all have to fit; else the default."""
    ending = Rule(connection="salesforce:*", kind="change", verb="free*", destructive=True, needed=2)
    every = Rule(connection="salesforce:*", needed=3)
    default = Rule()
    freeze = plan(kind=PlanKind.CHANGE, ends=True)
    assert matching((ending, every), default, freeze, "freeze") is ending
    assert matching((ending, every), default, plan(kind=PlanKind.CHANGE), "freeze") is every
    assert matching((ending, every), default, freeze, "revoke") is every
    assert matching((ending, every), default, plan(connection="wrike:x"), "handover") is default


def test_a_fallback_decides_only_while_approvers_are_missing() -> None:
    """Somebody the rule names only as its fallback counts once too few others are left, and not before."""
    rule = Terms(
        needed=2,
        requesters=frozenset({"UASK"}),
        approvers=frozenset({"U1", "U2"}),
        fallback=frozenset({"U9", "UASK", "UHOLD"}),
    )
    there = Parties(requester="UASK", holders=frozenset({"UHOLD"}))
    short = Parties(requester="UASK", holders=frozenset({"UHOLD"}), gone=frozenset({"U2"}))
    assert (routing(rule, there), deciders(rule, there)) == (Routing.NAMED, {"U1", "U2"})
    assert (routing(rule, short), deciders(rule, short)) == (Routing.FALLBACK, {"U1", "U9"})
    refused = may_decide(request(), rule, there, "U9", approve=True, rev=2, now=NOW)
    assert refused == Failure(Reason.NOT_AN_APPROVER)
    assert may_decide(request(), rule, short, "U9", approve=True, rev=2, now=NOW) == Success()
    for barred, why in (
        ("UASK", Reason.SELF_APPROVAL),
        ("UHOLD", Reason.HOLDER),
        ("U2", Reason.NOT_AN_APPROVER),
    ):
        assert may_decide(request(), rule, short, barred, approve=True, rev=2, now=NOW) == Failure(why)
    assert enough(request("U1", "U9"), rule, short) == Success()
    assert enough(request("U1", "U9"), rule, there) == Failure(Reason.NEEDS_APPROVAL)


def test_where_even_the_fallback_is_too_few_nobody_is_made_up() -> None:
    """The number of approvals needed never falls; whoever is left can decide, and it is not enough."""
    rule = Terms(
        needed=3,
        requesters=frozenset({"UASK"}),
        approvers=frozenset({"U1", "U2"}),
        fallback=frozenset({"U9"}),
    )
    parties = Parties(requester="UASK", gone=frozenset({"U2"}))
    assert routing(rule, parties) is Routing.NOBODY
    assert deciders(rule, parties) == {"U1", "U9"}
    assert enough(request("U1", "U9"), rule, parties) == Failure(Reason.NEEDS_APPROVAL)


def test_a_fallback_is_no_way_to_ask() -> None:
    """When it is asked, the rule's own approvers have to be enough."""
    rule = Terms(
        needed=1, requesters=frozenset({"UASK"}), approvers=frozenset({"UASK"}), fallback=frozenset({"U9"})
    )
    assert may_ask(rule, Parties(requester="UASK")) == Failure(Reason.NO_ELIGIBLE_APPROVER)


def test_a_fallback_has_to_stand_in_both_rules() -> None:
    """Nobody decides by a fallback that only the rule of then or only that of now names."""
    then = Terms(
        needed=1, requesters=frozenset(), approvers=frozenset({"U1"}), fallback=frozenset({"U8", "U9"})
    )
    now = Terms(
        needed=1, requesters=frozenset(), approvers=frozenset({"U1", "U7"}), fallback=frozenset({"U9"})
    )
    assert then.and_also(now).fallback == {"U9"}
    assert then.and_also(replace(now, step_up=True)).step_up
