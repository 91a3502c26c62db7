"""Rules for some plans: more approvals, other approvers, and a word that counts only while its giver is there."""

from __future__ import annotations

import pytest
from desk import Desk, ref_in, words_of

from bot.config import ApprovalRule, Settings
from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "They leave at the end of the week"


def change(settings: Settings) -> Settings:
    """Two approvals for destructive plans of Salesforce; everything else as configured."""
    rule = ApprovalRule(connection="salesforce:*", destructive=True, needed=2)
    approval = settings.approval.model_copy(update={"rules": (rule,), "needed": 1, "needed_destructive": 1})
    return settings.model_copy(update={"approval": approval})


async def asks(desk: Desk, name: str) -> str:
    """An operator asks for a handover; returns the request's id once its card stands."""
    typed = f'handover {await desk.ref_of(name)} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    await desk.said("Approval needed", f"approve {ref}")
    return ref


async def test_a_destructive_plan_waits_for_the_second_yes(desk: Desk) -> None:
    """The matched rule's number is on the card and holds: one yes is noted, the second starts the plan."""
    ref = await asks(desk, "outreach")
    shown = words_of(await desk.said("Approval needed", f"request {ref}"))
    assert "Waiting for approval by the approver role, 0 of 2" in shown
    assert "1 more approval needed" in await desk.ask(desk.who("approver"), f"approve {ref}")
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.said("1 of 2", f"request {ref}")
    await desk.ask(desk.who("approver", 1), f"approve {ref}")
    request = await desk.settled(ref, RequestState.WAITING)
    assert {d.approver for d in request.decisions} == {desk.who("approver"), desk.who("approver", 1)}
    assert request.rule is not None
    assert request.rule.needed == 2
    assert "Stopped" in await desk.ask(desk.who("approver"), f"requests cancel {ref}")


async def test_a_yes_of_somebody_deactivated_since_does_not_count(desk: Desk) -> None:
    """At the settling click those who approved before are read live; who is gone is named as not counting."""
    ref, gone = await asks(desk, "tableau"), desk.who("approver", 2)
    assert "1 more approval needed" in await desk.ask(gone, f"approve {ref}")
    person = next(p for p in desk.sandbox.world.people.values() if p.slack_id == gone)
    person.inactive.add("slack")  # no event: only a live look can know
    assert "1 more approval needed" in await desk.ask(desk.who("approver"), f"approve {ref}")
    assert await desk.state_of(ref) is RequestState.PENDING
    shown = words_of(await desk.said("not counted", f"request {ref}"))
    assert "1 of 2" in shown
    await desk.ask(desk.who("approver", 1), f"approve {ref}")
    request = await desk.settled(ref, RequestState.WAITING)
    assert len(request.decisions) == 3
    person.inactive.discard("slack")
    assert "Stopped" in await desk.ask(desk.who("approver"), f"requests cancel {ref}")


async def test_a_stricter_rule_of_now_holds_over_the_kept_one(desk: Desk) -> None:
    """A rule that names other approvers since the request was made is obeyed at the click."""
    ref, app = await asks(desk, "outreach"), desk.app
    assert app
    eligible = app.services.approvals.eligible
    before = eligible.settings
    only = ApprovalRule(connection="salesforce:*", approvers=(desk.who("approver", 1),))
    eligible.settings = before.model_copy(update={"rules": (only,)})  # as after a restart with a new file
    assert "Only its approvers can decide" in await desk.ask(desk.who("approver"), f"approve {ref}")
    assert await desk.state_of(ref) is RequestState.PENDING
    eligible.settings = before
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")
