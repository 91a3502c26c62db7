"""Where two must agree: both count, nobody counts twice, one no is enough, and too few are refused at the door."""

from __future__ import annotations

import pytest
from desk import Desk, buttons_of, ref_in, words_of

from bot.config import Settings
from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "They leave at the end of the week"


def change(settings: Settings) -> Settings:
    """Two approvals where something alive ends, one elsewhere."""
    return settings.model_copy(
        update={"approval": settings.approval.model_copy(update={"needed_destructive": 2})}
    )


async def asks(desk: Desk, name: str) -> str:
    """An operator asks for a handover that ends a grant; returns the request's id."""
    typed = f'handover {await desk.ref_of(name)} to {TARGET} --reason "{REASON}"'
    return ref_in(await desk.ask(desk.who("operator"), typed), "requests ")


async def test_one_yes_is_noted_and_not_enough(desk: Desk) -> None:
    """The card counts, and keeps its buttons for the second."""
    ref = await asks(desk, "gong")
    card = await desk.said("Approval needed", f"request {ref}")
    assert "0 of 2" in words_of(card)
    assert "1 more approval needed" in words_of(await desk.press(desk.who("approver"), card, "Approve"))
    card = await desk.said("1 of 2", f"request {ref}")
    assert f"<@{desk.who('approver')}>" in words_of(card)
    assert {"Approve", "Deny"} <= set(buttons_of(card))
    assert await desk.state_of(ref) is RequestState.PENDING


async def test_the_same_person_does_not_count_twice(desk: Desk) -> None:
    """Two approvals are two people, by button or by word."""
    card = await desk.said("1 of 2", "Gong")
    ref = ref_in(card)
    assert "already decided this request" in words_of(await desk.press(desk.who("approver"), card, "Approve"))
    assert "already decided this request" in await desk.ask(desk.who("approver"), f"approve {ref}")
    assert await desk.state_of(ref) is RequestState.PENDING


async def test_the_second_yes_starts_it(desk: Desk) -> None:
    """Both names stand on the record."""
    ref = ref_in(await desk.said("1 of 2", "Gong"))
    assert "Approved, starting now" in await desk.ask(desk.who("approver", 1), f"approve {ref}")
    request = await desk.settled(ref, RequestState.WAITING)
    assert {d.approver for d in request.decisions} == {desk.who("approver"), desk.who("approver", 1)}


async def test_one_no_settles_it(desk: Desk) -> None:
    """A second opinion that says no ends it, whatever the first said."""
    ref = await asks(desk, "outreach")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    assert "Denied" in await desk.ask(desk.who("approver", 1), f"deny {ref} not now")
    assert await desk.state_of(ref) is RequestState.DENIED


async def test_what_ends_nothing_needs_one(desk: Desk) -> None:
    """The stricter rule is for what is destructive."""
    typed = f'handover {await desk.ref_of("celigo")} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    assert "Approved, starting now" in await desk.ask(desk.who("approver"), f"approve {ref}")


async def test_a_request_that_too_few_could_approve_is_refused(desk: Desk) -> None:
    """Nobody waits a day for an approval that cannot come: who counts and how many are missing is said at once."""
    admins = [desk.who("admin", n) for n in range(2)]
    await desk.post("/slack/usergroup", {"handle": "it-approvers", "users": [desk.who("approver")]})
    await desk.post("/slack/usergroup", {"handle": "it-admins", "users": []})
    typed = f'handover {await desk.ref_of("tableau")} to {TARGET} --reason "{REASON}"'

    async def refused() -> bool:
        return "only 1 person could give one" in await desk.ask(desk.who("operator"), typed)

    await desk.until(refused)
    await desk.post("/slack/usergroup", {"handle": "it-approvers", "users": []})

    async def refused_whole() -> bool:
        return "No one can approve this" in await desk.ask(desk.who("operator"), typed)

    await desk.until(refused_whole)
    await desk.post("/slack/usergroup", {"handle": "it-admins", "users": admins})
