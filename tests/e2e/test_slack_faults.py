"""Slack breaks while the bot speaks: messages arrive, once and in order; answers find another way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from desk import Desk, ref_in, words_of

from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "They leave at the end of the week"
SAYS = "chat.(postMessage|update)"


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def healed(desk: Desk) -> AsyncIterator[None]:
    """No test leaves a fault to the next."""
    yield
    await desk.heal()


async def asks(desk: Desk, name: str) -> str:
    """An operator asks for a handover; returns the request's id."""
    typed = f'handover {await desk.ref_of(name)} to {TARGET} --reason "{REASON}"'
    return ref_in(await desk.ask(desk.who("operator"), typed), "requests ")


async def about(desk: Desk, ref: str) -> list[dict[str, Any]]:
    """The messages of one request: its card and what stands in its thread, oldest first."""
    shown = await desk.messages()
    cards = [m for m in shown if f"request {ref}" in words_of(m) and m.get("thread_ts") in (None, m["ts"])]
    return [m for m in shown if m in cards or m.get("thread_ts") in {c["ts"] for c in cards}]


async def spoken(desk: Desk) -> None:
    """Wait until nothing waits to be sent."""
    app = desk.app
    assert app

    async def silent() -> bool:
        async with app.store.read() as unit:
            return not await unit.outbox.pending()

    await desk.until(silent, 40)


@pytest.mark.parametrize("kind", ["429", "500", "reset", "timeout"])
async def test_a_message_arrives_once(desk: Desk, kind: str) -> None:
    """Whatever goes wrong while it is posted, the channel shows one card, brought up to date afterwards."""
    await desk.fault("slack", kind, "chat.postMessage", retry_after_s=1)
    ref = await asks(desk, "gong")
    if kind == "timeout":
        await asyncio.sleep(1.0)
        await desk.heal()  # hangs up: nobody waits fifteen seconds for nothing
    await desk.said("Approval needed", f"request {ref}", within_s=30)
    assert "Stopped" in await desk.ask(desk.who("operator"), f"requests cancel {ref}")
    await desk.said("Cancelled.", f"request {ref}")
    await spoken(desk)
    assert len(await about(desk, ref)) == 1


async def test_a_message_that_may_stand_already_says_so(desk: Desk) -> None:
    """An answer cut in half leaves open whether Slack took it; where we may not look, twice beats never."""
    await desk.fault("slack", "bad_json", "chat.postMessage")
    ref = await asks(desk, "gong")
    await desk.said("Approval needed", f"request {ref}", "Sent again after an interruption", within_s=30)
    assert len(await about(desk, ref)) == 2
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_an_answer_that_was_lost_is_looked_for_where_we_may_look(desk: Desk) -> None:
    """With the scope to read the channel's history even a lost answer does not double a message."""
    before = desk.sandbox.slack.state.tokens.scopes
    await desk.post("/slack/scopes", {"bot": [*before, "channels:history"]})
    await spoken(desk)  # else the fault meets what an earlier test left to be said
    await desk.fault("slack", "timeout_after_effect", "chat.postMessage")
    ref = await asks(desk, "gong")
    await desk.said("Approval needed", f"request {ref}", within_s=40)
    await desk.heal()
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")
    await desk.said("Cancelled.", f"request {ref}", within_s=30)
    await spoken(desk)
    assert len(await about(desk, ref)) == 1
    await desk.post("/slack/scopes", {"bot": [*before]})


async def test_a_plan_is_told_in_order_over_a_bad_connection(desk: Desk) -> None:
    """Every step's note stands in the thread once, in the order of the steps, however often Slack fails."""
    ref = await asks(desk, "celigo")
    card = await desk.said("Approval needed", f"request {ref}")
    for kind in ("500", "429", "reset", "500"):
        await desk.fault("slack", kind, SAYS, retry_after_s=1)
    await desk.ask(desk.who("approver"), f"approve {ref}")
    await desk.settled(ref, RequestState.WAITING)
    await desk.post("/salesforce/run_as", {"app": "Celigo", "username": TARGET})
    await desk.advance(seconds=5)
    await desk.fault("slack", "500", SAYS)
    await asyncio.sleep(1.5)
    await desk.post("/salesforce/use", {"app": "Celigo"})
    await desk.settled(ref, RequestState.DONE)
    await spoken(desk)
    notes = [words_of(m) for m in await about(desk, ref) if m["ts"] != card["ts"]]
    told = " / ".join(notes)
    steps = ("Checked: Check again", "Your turn: Make", "Confirmed: Make", "Confirmed: Check that the app")
    order = [told.index(said) for said in steps]
    assert order == sorted(order)
    assert len(notes) == len(set(notes))
    done = [m for m in await about(desk, ref) if m["ts"] == card["ts"]]
    assert "Done." in words_of(done[0])
    mine = [
        m for m in await desk.dm(desk.who("operator")) if "Celigo" in words_of(m) and "Done." in words_of(m)
    ]
    assert len(mine) == 1


async def test_an_answer_finds_another_way(desk: Desk) -> None:
    """A response address that fails is not the end of an answer: it is whispered in the channel instead."""
    user = desk.who("viewer")
    shown = await desk.slash(user, "menu")
    await desk.fault("slack", "500", "POST /response/")
    assert "connection" in words_of(await desk.press(user, shown, "Status"))


async def test_an_answer_waits_a_moment_for_slacks_pace(desk: Desk) -> None:
    """Somebody is looking: a short 429 delays the answer, and does not swallow it."""
    user = desk.who("viewer")
    shown = await desk.slash(user, "menu")
    await desk.fault("slack", "500", "POST /response/")
    await desk.fault("slack", "429", "chat.postEphemeral", retry_after_s=1)
    assert "finding" in words_of(await desk.press(user, shown, "Findings"))


async def test_a_form_that_cannot_open_is_explained(desk: Desk) -> None:
    """Slack refusing to open a form leaves nobody waiting in silence."""
    operator = desk.who("operator")
    await desk.fault("slack", "500", "views.open", count=None)
    assert "Do the same once more" in await desk.ask(operator, "handover")
    await desk.heal()
    assert await desk.typed_form(operator, "handover")


async def test_a_result_for_somebody_who_is_gone_goes_to_the_channel(desk: Desk) -> None:
    """A requester who can no longer be told is named in the alert channel with the outcome."""
    gone = desk.who("operator", 1)
    email = next(p.email for p in desk.sandbox.world.people.values() if p.slack_id == gone)
    typed = f'handover {await desk.ref_of("outreach")} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(gone, typed), "requests ")
    await desk.said("Approval needed", f"request {ref}")
    await desk.post("/deactivate", {"email": email, "where": ["slack"]})
    await desk.ask(desk.who("approver"), f"deny {ref} they are gone")
    told = await desk.said("who gets no direct messages", "they are gone", within_s=30)
    assert f"<@{gone}>" in words_of(told)
    assert "could not deliver a message" in await desk.ask(desk.who("viewer"), "audit")
