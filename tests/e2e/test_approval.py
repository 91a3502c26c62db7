"""Requests and their deciding: by somebody else, who is really there, on exactly what was shown, once."""

from __future__ import annotations

import asyncio

import pytest
from desk import Desk, buttons_of, ref_in, words_of

from bot.chat.model import Caller, Role
from bot.errors import Denied
from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "They leave at the end of the week"


async def asks(desk: Desk, name: str, target: str = TARGET) -> str:
    """An operator asks for a handover; returns the request's id."""
    typed = f'handover {await desk.ref_of(name)} to {target} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    await desk.said("Approval needed", f"approve {ref}")
    return ref


async def card(desk: Desk, ref: str) -> dict[str, object]:
    """The request's own message in the alert channel."""
    return await desk.said(f"request {ref}")


async def test_the_card_shows_the_whole_plan_before_anybody_decides(desk: Desk) -> None:
    """Who asks, why, every step with who acts, what is lost, and until when an answer counts."""
    shown = words_of(await card(desk, await asks(desk, "gong")))
    for said in (
        REASON,
        "Expires without an answer",
        "Gong",
        TARGET,
        "Revoke the grant",
        "undo: ",
        "Before you decide",
    ):
        assert said in shown


async def test_a_second_request_on_the_same_thing_is_refused(desk: Desk) -> None:
    """Two plans never run on one credential; the refusal names the request that is in the way."""
    ref = await desk.ref_of("gong")
    said = await desk.ask(desk.who("operator", 1), f'handover {ref} to {TARGET} --reason "{REASON}"')
    assert "is open on the same subject" in said
    assert f"Request {ref_in(said, 'Request ')} " in said
    assert "is open on it" in await desk.ask(desk.who("viewer"), f"show {ref}")


async def test_a_no_by_button_asks_why_and_tells_the_requester(desk: Desk) -> None:
    """Denying changes nothing on the platform, takes the buttons away and brings the reason to the requester."""
    message = await desk.said("Approval needed", "Gong")
    ref = ref_in(message)
    view = await desk.pressed_form(desk.who("approver"), message, "Deny")
    await desk.submit(desk.who("approver"), view, reason="Not in the week of the close")
    await desk.settled(ref, RequestState.DENIED)

    async def told() -> bool:
        return any("Not in the week of the close" in words_of(m) for m in await desk.dm(desk.who("operator")))

    await desk.until(told)
    message = await desk.said("Denied, nothing was changed", f"request {ref}")
    assert buttons_of(message) == {}
    assert f"<@{desk.who('approver')}>" in words_of(message)
    assert "Gong" in await desk.grants("marcus.delacroix@larkspur.example")


async def test_a_no_can_be_typed_with_its_reason(desk: Desk) -> None:
    """The typed twin of Deny takes the words after the id as the reason."""
    ref = await asks(desk, "outreach")
    assert "Denied" in await desk.ask(desk.who("approver"), f"deny {ref.lower()} it's the wrong account")
    assert "it's the wrong account" in await desk.ask(desk.who("viewer"), f"requests {ref}")


async def test_a_settled_request_cannot_be_decided_again(desk: Desk) -> None:
    """Late clicks and late words change nothing and say how it ended."""
    ref = await asks(desk, "tableau")
    message = await desk.said("Approval needed", f"request {ref}")
    await desk.ask(desk.who("approver"), f"deny {ref}")
    for late in (f"approve {ref}", f"deny {ref}", f"requests cancel {ref}"):
        said = await desk.ask(desk.who("approver", 1), late)
        assert "Denied, nothing was changed" in said
    assert (await desk.state_of(ref)) is RequestState.DENIED
    assert "Approve" in buttons_of(message)  # as an old screen still shows it
    trail = await desk.ask(desk.who("viewer"), f"audit {ref}")
    assert trail.count("denied request") == 1


async def test_the_requester_does_not_decide_though_they_may_approve(desk: Desk) -> None:
    """An approver's own request is somebody else's to decide."""
    me, ref = desk.who("approver"), await desk.ref_of("tableau")
    asked = await desk.ask(me, f'handover {ref} to {TARGET} --reason "{REASON}"')
    request = ref_in(asked, "requests ")
    assert "somebody else must decide" in await desk.ask(me, f"approve {request}")
    message = await desk.said("Approval needed", f"request {request}")
    assert "somebody else must decide" in words_of(await desk.press(me, message, "Approve"))
    assert await desk.state_of(request) is RequestState.PENDING
    trail = await desk.ask(desk.who("viewer"), f"audit request:{request}")
    assert trail.count("was refused") == 2
    assert "Stopped" in await desk.ask(me, f"requests cancel {request}")


async def test_operators_and_viewers_do_not_decide(desk: Desk) -> None:
    """Deciding takes the approver's role, by button, form and word alike."""
    ref = await asks(desk, "tableau")
    message = await desk.said("Approval needed", f"request {ref}")
    for user in (desk.who("operator", 1), desk.who("viewer")):
        for said in (
            words_of(await desk.press(user, message, "Approve")),
            words_of(await desk.press(user, message, "Deny")),
            await desk.ask(user, f"approve {ref}"),
            await desk.ask(user, f"deny {ref}"),
        ):
            assert "approver" in said
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_the_holder_does_not_decide_about_their_own(desk: Desk) -> None:
    """Whoever holds the credential is kept from deciding, even with the role."""
    holder = desk.sandbox.world.people["jiahui.tan@larkspur.example"]
    approvers = [desk.who("approver", n) for n in range(3)]
    await desk.post("/slack/usergroup", {"handle": "it-approvers", "users": [*approvers, holder.slack_id]})
    ref = await asks(desk, "outreach")

    async def refused() -> bool:
        return "The account is yours" in await desk.ask(holder.slack_id, f"approve {ref}")

    await desk.until(refused)
    await desk.post("/slack/usergroup", {"handle": "it-approvers", "users": approvers})
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_a_guest_does_not_decide(desk: Desk) -> None:
    """The clicker is read live from Slack: a guest is refused though the group names them."""
    ref, guest = await asks(desk, "outreach"), desk.who("approver", 2)
    await desk.post("/slack/profile", {"user": guest, "guest": True})
    assert "full, active members" in await desk.ask(guest, f"approve {ref}")
    await desk.post("/slack/profile", {"user": guest, "guest": False})
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_nobody_decides_while_slack_will_not_say_who_they_are(desk: Desk) -> None:
    """Identity is never taken from a cache for a decision: an unanswered question is a no."""
    ref = await asks(desk, "outreach")
    await desk.fault("slack", "500", "users.info", count=None)
    assert "would not confirm who you are" in await desk.ask(desk.who("approver"), f"approve {ref}")
    await desk.heal()
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_a_cancelled_request_says_so_everywhere(desk: Desk) -> None:
    """Its requester can take it back; the card loses its buttons and nobody can approve it any more."""
    ref = await asks(desk, "outreach")
    assert "Only its requester or an approver" in await desk.ask(
        desk.who("operator", 1), f"requests cancel {ref}"
    )
    assert "Stopped" in await desk.ask(desk.who("operator"), f"requests cancel {ref}")
    assert buttons_of(await desk.said("Cancelled.", f"request {ref}")) == {}
    assert "Cancelled." in await desk.ask(desk.who("approver"), f"approve {ref}")


async def test_two_approvers_at_once_give_one_decision(desk: Desk) -> None:
    """Of two clicks in the same instant one settles it; the other is told, and the plan begins once."""
    ref = await asks(desk, "outreach")
    message = await desk.said("Approval needed", f"request {ref}")
    approvers = [desk.who("approver", 0), desk.who("approver", 1)]
    shown = await asyncio.gather(*(desk.press(user, message, "Approve") for user in approvers))
    late = ["Nothing changed." in words_of(each) for each in shown]
    assert sorted(late) == [False, True], shown
    request = await desk.settled(ref, RequestState.WAITING)
    assert len(request.decisions) == 1
    trail = await desk.ask(desk.who("viewer"), f"audit {ref}")
    assert trail.count("approved request") == 1
    assert trail.count("finished a step") <= 2
    assert "Stopped" in await desk.ask(desk.who("approver"), f"requests cancel {ref}")


async def test_what_changed_since_it_was_shown_voids_it(desk: Desk) -> None:
    """The plan is made again at the moment of approval; a difference voids the request and is named."""
    ref = await asks(desk, "outreach")
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    user = next(row for row in org["User"] if row["Username"] == TARGET)
    login = next(row for row in org["UserLogin"] if row["UserId"] == user["Id"])
    login["IsFrozen"] = True
    said = await desk.ask(desk.who("approver"), f"approve {ref}")
    login["IsFrozen"] = False
    assert "Not approved, because" in said
    assert "is frozen: unfreeze it first. Ask for it again" in said
    assert await desk.state_of(ref) is RequestState.VOIDED
    message = await desk.said("Void: the plan changed since it was shown", f"request {ref}")
    assert buttons_of(message) == {}
    assert "is frozen" in words_of(message)

    async def told() -> bool:
        return any("Void:" in words_of(m) for m in await desk.dm(desk.who("operator")))

    await desk.until(told)
    assert await desk.calls("POST .*revoke") == []


async def test_nothing_is_approved_while_the_platform_cannot_be_read(desk: Desk) -> None:
    """Approval needs a live look at the plan; without one the request stays open, undecided."""
    ref = await asks(desk, "outreach")
    await desk.fault("salesforce", "500", "", count=None)
    assert "could not be checked" in await desk.ask(desk.who("approver"), f"approve {ref}")
    await desk.heal()
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_an_unanswered_request_is_a_no(desk: Desk) -> None:
    """After a day it is settled as expired, the requester is told, and a late click learns it."""
    ref = await asks(desk, "outreach")
    message = await desk.said("Approval needed", f"request {ref}")
    await desk.advance(days=1, seconds=60)
    await desk.settled(ref, RequestState.EXPIRED)
    message = await desk.said("Timed out, nothing was changed", f"request {ref}")
    assert buttons_of(message) == {}
    assert "Timed out" in await desk.ask(desk.who("approver"), f"approve {ref}")

    async def told() -> bool:
        return any("Timed out" in words_of(m) for m in await desk.dm(desk.who("operator")))

    await desk.until(told)


async def test_views_of_requests(desk: Desk) -> None:
    """Open ones by default, mine, waiting and all; one by its id; and an unknown id is explained."""
    ref, viewer = await asks(desk, "outreach"), desk.who("viewer")
    for view in ("", "waiting", "all"):
        assert ref in await desk.ask(viewer, f"requests {view}")
    assert ref in await desk.ask(desk.who("operator"), "requests mine")
    assert ref not in await desk.ask(viewer, "requests mine")
    assert "No request has that id" in await desk.ask(viewer, "requests ZZZZZZ")
    everything = await desk.slash(viewer, "requests all")
    assert "1–10 of" in words_of(everything)
    turned = await desk.slash(viewer, "requests all --page 2")
    assert "11–" in words_of(turned)
    assert "Previous" in buttons_of(turned)
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_a_deactivated_approver_does_not_decide(desk: Desk) -> None:
    """Somebody deactivated between the post and the click is refused by a live look, whatever the cache says."""
    ref, gone = await asks(desk, "outreach"), desk.who("approver", 2)
    person = next(p for p in desk.sandbox.world.people.values() if p.slack_id == gone)
    app = desk.app
    assert app
    caller = Caller(user_id=gone, role=Role.APPROVER)
    person.inactive.add("slack")  # no event: the bot has not heard of it, and Slack lets nobody gone click
    with pytest.raises(Denied, match="full, active members"):
        await app.services.approvals.decide(ref, None, caller, approve=True, reason="")
    person.inactive.discard("slack")
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")
