"""Requests nobody answers: one reminder, and others to decide once approvers have left."""

from __future__ import annotations

import asyncio

import pytest
from desk import Desk, ref_in, words_of

from bot.config import ApprovalRule, Settings
from bot.requests.model import RequestState, Routing
from bot.requests.repository import RequestRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "They leave at the end of the week"


def change(settings: Settings) -> Settings:
    """Two named approvers decide about Salesforce, and the administrators once those are too few."""
    approvers = settings.roles.approver
    rule = ApprovalRule(connection="salesforce:*", approvers=approvers, needed=2, fallback=("admin",))
    return settings.model_copy(update={"approval": settings.approval.model_copy(update={"rules": (rule,)})})


async def asks(desk: Desk, name: str) -> str:
    """An operator asks for a handover; returns the request's id once its card stands."""
    typed = f'handover {await desk.ref_of(name)} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    await desk.said("Approval needed", f"approve {ref}")
    return ref


async def thread(desk: Desk, ref: str) -> list[str]:
    """What stands in a request's thread, oldest first."""
    card = await desk.said(f"request {ref}", "Asked by")
    return [
        words_of(m)
        for m in await desk.messages()
        if m.get("thread_ts") == card["ts"] and m["ts"] != card["ts"]
    ]


async def in_thread(desk: Desk, ref: str, *words: str) -> str:
    """The one reply of a thread that holds all words, once it is there."""

    async def there() -> list[str]:
        return [said for said in await thread(desk, ref) if all(word in said for word in words)]

    (found,) = await desk.until(there)
    return found


async def flips(desk: Desk, user: str, *, gone: bool) -> None:
    """Deactivate or reactivate a member of the workspace, as an administrator of Slack would."""
    person = next(p for p in desk.sandbox.world.people.values() if p.slack_id == user)
    await desk.post("/deactivate" if gone else "/reactivate", {"email": person.email, "where": ["slack"]})


async def upkeeps(desk: Desk) -> None:
    """Let everything that time brings about happen again and again."""
    assert desk.app
    for _ in range(3):
        await desk.app.services.reminders.remind()
        await desk.app.services.reminders.reroute()


async def test_unanswered_it_reminds_once(desk: Desk) -> None:
    """Not before three quarters of its time; then once, naming few people or their number, whatever happens after."""
    ref = await asks(desk, "outreach")
    await desk.advance(seconds=17 * 3600)
    await upkeeps(desk)
    assert await thread(desk, ref) == []
    await desk.advance(seconds=1.5 * 3600)
    said = await in_thread(desk, ref, "Still waiting for 2 approvals", "Expires without an answer")
    approvers = [desk.who("approver", n) for n in range(3)]
    assert all(f"<@{one}>" in said for one in approvers)
    await desk.restart()
    await desk.advance(seconds=3600)
    await upkeeps(desk)
    await asyncio.gather(upkeeps(desk), upkeeps(desk))
    assert len(await thread(desk, ref)) == 1
    await desk.advance(seconds=5 * 3600)
    await desk.settled(ref, RequestState.EXPIRED)
    assert sum("Still waiting" in one for one in await thread(desk, ref)) == 1


async def test_a_leap_over_the_end_reminds_of_nothing(desk: Desk) -> None:
    """A clock that jumps past the end settles it; nobody is called to decide what can no longer be decided."""
    ref = await asks(desk, "outreach")
    await desk.advance(days=2)
    await desk.settled(ref, RequestState.EXPIRED)
    await upkeeps(desk)
    assert not [one for one in await thread(desk, ref) if "Still waiting" in one]


async def test_an_answered_request_is_not_reminded_of(desk: Desk) -> None:
    """Whoever decided in time hears no more of it; one who gave the first yes is not asked again."""
    done, half = await asks(desk, "outreach"), await asks(desk, "gong")
    assert "Denied" in await desk.ask(desk.who("approver"), f"deny {done}")
    assert "1 more approval" in await desk.ask(desk.who("approver"), f"approve {half}")
    await desk.advance(seconds=20 * 3600)
    said = await in_thread(desk, half, "Still waiting: 1 approval more")
    assert f"<@{desk.who('approver')}>" not in said
    assert f"<@{desk.who('approver', 1)}>" in said
    assert not [one for one in await thread(desk, done) if "Still waiting" in one]
    await desk.ask(desk.who("operator"), f"requests cancel {half}")


async def test_departed_approvers_bring_in_the_fallback_and_are_missed_aloud(desk: Desk) -> None:
    """Thread, requester and card say it; the administrators decide from then on, and only as long as it is needed."""
    ref, gone = await asks(desk, "outreach"), [desk.who("approver", n) for n in (1, 2)]
    admin, operator = desk.who("admin"), desk.who("operator")
    assert "Only its approvers can decide" in await desk.ask(admin, f"approve {ref}")
    await flips(desk, gone[0], gone=True)
    await upkeeps(desk)
    assert await thread(desk, ref) == []  # two are left, and two are needed
    await flips(desk, gone[1], gone=True)
    said = await in_thread(desk, ref, "Approvers have left", "the rule's fallback decides too")
    assert f"<@{admin}>" in said
    await desk.said("Approvers have left, so the fallback approvers can decide too", f"request {ref}")

    async def told() -> bool:
        return any("Approvers have left" in words_of(m) for m in await desk.dm(operator))

    await desk.until(told)
    await desk.restart()
    await upkeeps(desk)
    assert sum("Approvers have left" in one for one in await thread(desk, ref)) == 1
    assert "Only its approvers can decide" in await desk.ask(operator, f"approve {ref}")
    assert "1 more approval" in await desk.ask(admin, f"approve {ref}")
    assert "Approved" in await desk.ask(desk.who("approver"), f"approve {ref}")
    request = await desk.settled(ref, RequestState.WAITING)
    basis = {d.approver: d.basis for d in request.decisions}
    assert "the rule's fallback" in basis[admin]
    assert "named by the rule;" in basis[desk.who("approver")]
    for user in gone:
        await flips(desk, user, gone=False)
    await desk.ask(desk.who("approver"), f"requests cancel {ref}")


async def test_back_again_the_rule_holds_as_before(desk: Desk) -> None:
    """Once enough approvers are there again it is said, and the fallback's yes counts no more."""
    ref, gone = await asks(desk, "tableau"), [desk.who("approver", n) for n in (1, 2)]
    for user in gone:
        await flips(desk, user, gone=True)
    await in_thread(desk, ref, "Approvers have left")
    assert "1 more approval" in await desk.ask(desk.who("admin"), f"approve {ref}")
    for user in gone:
        await flips(desk, user, gone=False)
    await in_thread(desk, ref, "Enough approvers are there again")
    await desk.said("not counted", f"request {ref}")
    assert "1 more approval" in await desk.ask(desk.who("approver"), f"approve {ref}")
    assert await desk.state_of(ref) is RequestState.PENDING
    assert "Approved" in await desk.ask(desk.who("approver", 1), f"approve {ref}")
    await desk.settled(ref, RequestState.WAITING)
    await desk.ask(desk.who("approver"), f"requests cancel {ref}")


async def test_a_guest_is_as_good_as_gone_and_a_leavers_yes_is_struck_from_the_card(desk: Desk) -> None:
    """Made a guest after saying yes: their word does not count, and every copy says so without a further click."""
    ref, guest = await asks(desk, "outreach"), desk.who("approver", 1)
    assert "1 more approval" in await desk.ask(guest, f"approve {ref}")
    await desk.said("1 of 2", f"request {ref}")
    await desk.post("/slack/profile", {"user": guest, "guest": True})
    shown = words_of(await desk.said("not counted", f"request {ref}"))
    assert "0 of 2" in shown
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.post("/slack/profile", {"user": guest, "guest": False})
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_where_nobody_else_can_decide_it_says_whom_to_ask(desk: Desk) -> None:
    """Without enough people even in the fallback nothing is lowered: it says so and waits."""
    assert desk.app
    ref, last = await asks(desk, "outreach"), desk.who("admin")
    leaving = [desk.who("admin", 1), *(desk.who("approver", n) for n in range(3))]
    for user in leaving:
        await flips(desk, user, gone=True)
    await in_thread(desk, ref, "needs 2 approvals, and only 1 could be given", "Ask an administrator")
    async with desk.app.store.read() as unit:
        request = await unit[RequestRepository].by_ref(ref)
    assert request
    assert request.routing is Routing.NOBODY
    assert "1 more approval" in await desk.ask(last, f"approve {ref}")
    assert await desk.state_of(ref) is RequestState.PENDING
    for user in leaving:
        await flips(desk, user, gone=False)
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")
