"""A run-as handover to its end: a person changes the app, metadata and a sign-in prove it."""

from __future__ import annotations

import asyncio

import pytest
from desk import Desk, buttons_of, ref_in, words_of

from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "Celigo must not log in as a person"


async def test_the_card_tells_who_must_do_what(desk: Desk) -> None:
    """The thread gives exact menu paths for the app's own kind, and what will close the step."""
    operator = desk.who("operator")
    typed = f'handover {await desk.ref_of("celigo")} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(operator, typed), "requests ")
    card = await desk.said("Approval needed", f"request {ref}")
    assert "by a person, then checked by Handover" in words_of(card)
    await desk.press(desk.who("approver"), card, "Approve")
    turn = await desk.said("Your turn", "Make Celigo run as")
    for said in ("External Client App Manager", "Run As: enter", TARGET, "Proof:"):
        assert said in words_of(turn)
    assert turn["thread_ts"] == card["ts"]


async def test_check_now_changes_nothing_before_it_is_so(desk: Desk) -> None:
    """Evidence closes a step, not impatience: looking early is allowed and finds nothing."""
    card = await desk.said("Approved, waiting for proof", "Celigo")
    ref = ref_in(card)
    assert list(buttons_of(card)) == ["Check Now", "Stop Here"]
    assert "Looking now" in words_of(await desk.press(desk.who("operator"), card, "Check Now"))
    assert "Looking now" in await desk.ask(desk.who("operator", 1), f"requests check {ref}")
    assert "needs the operator role" in words_of(await desk.press(desk.who("viewer"), card, "Check Now"))
    await asyncio.sleep(1.5)
    request = await desk.settled(ref, RequestState.WAITING)
    assert [r.step for r in request.receipts] == ["preflight"]
    waiting = [m for m in await desk.messages() if "Your turn" in words_of(m)]
    assert len(waiting) == 1  # said once, however often it is looked for


async def test_the_changed_app_closes_the_step(desk: Desk) -> None:
    """The app's own metadata proves the change, without anybody telling the bot."""
    await desk.post("/salesforce/run_as", {"app": "Celigo", "username": TARGET})
    await desk.said("Confirmed", "Make Celigo run as")
    await desk.said("Watching", "Check that the app signs in as the new user")


async def test_a_sign_in_of_the_new_user_ends_it(desk: Desk) -> None:
    """Done means that the integration was seen working under its new account; the requester is told."""
    await desk.advance(seconds=5)
    await desk.post("/salesforce/use", {"app": "Celigo"})
    await desk.said("Confirmed", "Check that the app signs in as the new user")
    card = await desk.said("Request", "Done.", "Celigo")
    assert list(buttons_of(card)) == ["Roll Back"]

    async def told() -> bool:
        return any(
            "Celigo" in words_of(m) and "Done." in words_of(m) for m in await desk.dm(desk.who("operator"))
        )

    await desk.until(told)


async def test_the_inventory_shows_the_new_account_after_the_next_scan(desk: Desk) -> None:
    """What was moved is listed under whom it acts as now, and no longer as a person's."""
    await desk.scan()
    shown = await desk.ask(desk.who("viewer"), "list celigo")
    assert TARGET in shown
    assert "alice.doherty" not in shown
    assert "Celigo" not in await desk.ask(desk.who("viewer"), "impact alice.doherty@larkspur.example")


async def test_a_plan_can_be_stopped_between_steps_and_says_how_to_undo(desk: Desk) -> None:
    """Stop Here ends it for good, names what was done and how to take that back."""
    operator, target = desk.who("operator"), "svc.casebot@integrations.larkspur.example"
    typed = f'handover {await desk.ref_of("slack-to-case svc.casebot")} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(operator, typed), "requests ")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    await desk.settled(ref, RequestState.WAITING)
    await desk.post("/salesforce/run_as", {"app": "Slack-to-Case bot", "username": TARGET})
    await desk.said("Confirmed", "Make Slack-to-Case bot run as")
    card = await desk.said("Approved, waiting for proof", f"request {ref}")
    said = words_of(await desk.press(operator, card, "Stop Here"))
    assert f"choose {target} there again" in said
    assert await desk.state_of(ref) is RequestState.CANCELLED
    assert "There is nothing to look for" in await desk.ask(operator, f"requests check {ref}")
    await asyncio.sleep(1.2)
    assert await desk.state_of(ref) is RequestState.CANCELLED
