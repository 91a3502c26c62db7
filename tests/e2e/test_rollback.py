"""The way back: one click, until the old credential is ended; what was done is taken back and is on record."""

from __future__ import annotations

import time

import pytest
from desk import Desk, buttons_of, ref_in, words_of

from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
HOLDER = "marcus.delacroix@larkspur.example"
REASON = "Marcus moves to another team"


async def _asked(desk: Desk, words: str) -> str:
    typed = f'handover {await desk.ref_of(words)} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    card = await desk.said("Approval needed", f"request {ref}")
    await desk.press(desk.who("approver"), card, "Approve")
    return ref


async def test_nothing_to_take_back_is_said(desk: Desk) -> None:
    """Before anything was done there is no button, and the typed twin says what to do instead."""
    typed = f'handover {await desk.ref_of("marketo marcus")} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    card = await desk.said("Approval needed", f"request {ref}")
    assert "Roll Back" not in buttons_of(card)
    assert "nothing to take back" in await desk.ask(desk.who("operator"), f"rollback {ref}")
    assert "No request has that id" in await desk.ask(desk.who("operator"), "rollback QQQQQQ")
    assert "needs the operator role" in await desk.ask(desk.who("viewer"), f"rollback {ref}")
    await desk.press(desk.who("approver"), card, "Approve")
    await desk.settled(ref, RequestState.WAITING)


async def test_one_click_takes_everything_back_and_the_old_credential_works(desk: Desk) -> None:
    """New grant and assignments go, last one first; the old grant was never touched and works within a minute."""
    card = await desk.said("Approved, waiting for proof", "Marketo sync")
    ref = ref_in(card)
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})
    await desk.said("Confirmed", "Approve Marketo sync as")
    assert "Marketo sync" in await desk.grants(TARGET)
    card = await desk.said("Approved, waiting for proof", "Marketo sync", "Roll Back")
    began = time.monotonic()
    await desk.press(desk.who("operator"), card, "Roll Back")
    await desk.settled(ref, RequestState.ROLLED_BACK)
    await desk.post("/salesforce/use", {"username": HOLDER, "app": "Marketo sync"})
    assert time.monotonic() - began < 60
    assert "Marketo sync" not in await desk.grants(TARGET)
    assert "Marketo sync" in await desk.grants(HOLDER)


async def test_the_way_back_is_on_record(desk: Desk) -> None:
    """Who decided, what was taken back and its proof stand in thread, card, trail and the requester's message."""
    card = await desk.said("Rolled back", "Rollback:", "Marketo sync")
    assert buttons_of(card) == {}
    ref = words_of(card).rsplit("audit ", 1)[-1].split()[0]
    await desk.said("Rollback started")
    await desk.said("Done", "Revoke the new grant")
    trail = words_of(await desk.slash(desk.who("viewer"), f"audit {ref}"))
    for said in ("started the rollback", "rolled back request", "undo:authorize"):
        assert said in trail
    assert any("Rolled back" in words_of(m) for m in await desk.dm(desk.who("operator")))
    request = await desk.settled(ref, RequestState.ROLLED_BACK)
    undone = [r for r in request.receipts if r.step.startswith("undo:")]
    assert undone[0].step == "undo:authorize"
    assert all(r.acted for r in undone)


async def test_there_is_one_way_back(desk: Desk) -> None:
    """A second click finds it ended; nothing is done twice."""
    card = await desk.said("Rolled back", "Rollback:", "Marketo sync")
    ref = words_of(card).rsplit("audit ", 1)[-1].split()[0]
    assert "goes back already" in await desk.ask(desk.who("operator"), f"rollback {ref}")
    assert len(await desk.calls("POST .*/oauth2/revoke")) == 1


async def test_a_grant_that_nobody_recorded_yet_is_taken_back_too(desk: Desk) -> None:
    """A person who approved the app a moment before the click leaves no orphan behind."""
    ref = await _asked(desk, "marketo marcus")
    await desk.settled(ref, RequestState.WAITING)
    await desk.fault("salesforce", "500", "GET .*OauthToken", count=40)
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})
    await desk.ask(desk.who("operator"), f"rollback {ref}")
    await desk.heal()
    if await desk.state_of(ref) is RequestState.HELD:
        await desk.ask(desk.who("operator"), f"requests check {ref}")
    await desk.settled(ref, RequestState.ROLLED_BACK)
    assert "Marketo sync" not in await desk.grants(TARGET)


async def test_after_the_old_credential_is_gone_there_is_no_way_back(desk: Desk) -> None:
    """Retired is retired: the button is gone, and the typed twin names the step that ended it."""
    ref = await _asked(desk, "marketo marcus")
    await desk.settled(ref, RequestState.WAITING)
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})
    await desk.at_step(ref, "prove")
    await desk.advance(seconds=5)
    await desk.post("/salesforce/use", {"username": TARGET, "app": "Marketo sync", "times": 3})
    await desk.at_step(ref, "silence")
    await desk.advance(days=1, seconds=120)
    await desk.settled(ref, RequestState.DONE, within_s=30)
    card = await desk.said("Request", "Done.", f"audit {ref}")
    assert buttons_of(card) == {}
    assert "no way back" in await desk.ask(desk.who("operator"), f"rollback {ref}")
