"""Salesforce breaks in the middle of an approved plan: nothing doubled, nothing guessed, held or tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import stamina
from desk import Desk, buttons_of, ref_in, words_of

from bot.config import Settings
from bot.requests import execution
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROD = "salesforce:prod"
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "Asked for in the integrations review"
BEFORE_THE_EFFECT = ("429", "500", "timeout", "reset")
AFTER_THE_EFFECT = ("timeout_after_effect", "bad_json", "slow")


def change(settings: Settings) -> Settings:
    """Impatient, a minute's silence is enough, and the brake is somebody else's test."""
    table = {**settings.connections[PROD], "timeout_s": 0.4, "unused_for_s": 60, "scan_every_s": 86_400}
    safety_limit = settings.safety_limit.model_copy(update={"acts": 50, "share": 1.0})
    return settings.model_copy(update={"connections": {PROD: table}, "safety_limit": safety_limit})


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reads are tried once, and what a write did is looked up without the pauses meant for a lagging platform."""
    monkeypatch.setattr(execution, "SETTLE_PAUSE_S", 0.01)  # four seconds a test, of nothing
    stamina.set_active(False)
    yield
    stamina.set_active(True)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def healed(desk: Desk) -> AsyncIterator[None]:
    """No test leaves a fault to the next."""
    yield
    await desk.heal()


def org(desk: Desk) -> Any:
    """The stand-in's tables."""
    return desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]


def login_of(desk: Desk, username: str) -> Any:
    """The row that says whether a user is frozen."""
    user = next(row for row in org(desk)["User"] if row["Username"] == username)
    return next(row for row in org(desk)["UserLogin"] if row["UserId"] == user["Id"])


async def approve(desk: Desk, typed: str) -> str:
    """Ask for a change and have it approved; returns the request's id."""
    ref = ref_in(await desk.ask(desk.who("operator"), f'{typed} --reason "{REASON}"'), "requests ")
    assert "Approved" in await desk.ask(desk.who("approver"), f"approve {ref}")
    return ref


async def at(desk: Desk, ref: str, step: str, state: RequestState = RequestState.WAITING) -> ChangeRequest:
    """The request, once it stands at a step in a state; without waiting for what Slack's pace lets be said."""
    app = desk.app
    assert app

    async def there() -> ChangeRequest | None:
        async with app.store.read() as unit:
            request = await unit[RequestRepository].by_ref(ref)
        assert request
        here = request.cursor < len(request.plan.steps) and request.plan.steps[request.cursor].key == step
        return request if here and request.state is state else None

    return await desk.until(there)


async def ended(desk: Desk, ref: str, *first: RequestState) -> ChangeRequest:
    """Whatever the fault made of it must be one of ``first``; once it is over another try ends it."""
    request = await desk.settled(ref, *(first or (RequestState.DONE,)))
    await desk.heal()
    if request.state is RequestState.HELD:
        assert "Looking now" in await desk.ask(desk.who("operator"), f"requests check {ref}")
    return await desk.settled(ref, RequestState.DONE)


async def test_waiting_outlasts_a_platform_that_cannot_be_read(desk: Desk) -> None:
    """A watched step that could not look says so once, waits, and closes when the evidence can be seen."""
    ref = await approve(desk, f"handover {await desk.ref_of('outreach')} to {TARGET}")
    await at(desk, ref, "authorize")
    await desk.fault("salesforce", "500", "", count=None)
    note = await desk.said("Your turn", "Could not look", within_s=60)
    assert "HTTP 500" in words_of(note)
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Outreach"})
    await asyncio.sleep(2.2)
    notes = [m for m in await desk.messages() if "Could not look" in words_of(m) and "thread_ts" in m]
    assert len([m for m in notes if m["thread_ts"] == note["thread_ts"] and m["ts"] != m["thread_ts"]]) == 1
    assert (await desk.settled(ref, RequestState.WAITING)).cursor == 1
    await desk.heal()
    await at(desk, ref, "prove")


async def test_a_held_plan_says_so_and_can_be_tried_again_by_its_button(desk: Desk) -> None:
    """The card carries the reason and two ways out; the thread says that nothing goes on by itself."""
    who = "dan.kowalczyk@larkspur.example"
    login_of(desk, who)["IsFrozen"] = True
    asked = await desk.ask(desk.who("operator"), f'salesforce unfreeze {who} --reason "{REASON}"')
    ref = ref_in(asked, "requests ")
    await desk.fault("salesforce", "500", "^PATCH .*UserLogin")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    card = await desk.said("On hold: a person must look.", f"request {ref}", within_s=60)
    assert list(buttons_of(card)) == ["Try Again", "Stop Here"]
    assert "Nobody can tell whether" in words_of(card)
    note = await desk.said("Nothing happens until somebody presses")
    assert note["thread_ts"] == card["ts"]
    assert "needs the operator role" in words_of(await desk.press(desk.who("viewer"), card, "Try Again"))
    assert "Looking now" in words_of(await desk.press(desk.who("operator"), card, "Try Again"))
    await desk.settled(ref, RequestState.DONE)
    assert login_of(desk, who)["IsFrozen"] is False


@pytest.mark.parametrize("kind", [*BEFORE_THE_EFFECT, *AFTER_THE_EFFECT])
async def test_a_write_that_goes_wrong_happens_once(desk: Desk, kind: str) -> None:
    """The write fails in one way or another: its outcome is read, not assumed, and it takes effect one time."""
    people = sorted(p.email for p in desk.sandbox.world.people.values() if "salesforce" in p.platforms)
    who = people[[*BEFORE_THE_EFFECT, *AFTER_THE_EFFECT].index(kind)]
    row = login_of(desk, who)
    row["IsFrozen"] = True
    ref = ref_in(
        await desk.ask(desk.who("operator"), f'salesforce unfreeze {who} --reason "{REASON}"'), "requests "
    )
    await desk.fault("salesforce", kind, "^PATCH .*UserLogin", retry_after_s=0.1)
    await desk.ask(desk.who("approver"), f"approve {ref}")
    stuck = {"429": (RequestState.WAITING, RequestState.DONE)} | dict.fromkeys(
        ("500", "timeout", "reset"), (RequestState.HELD,)
    )
    request = await ended(desk, ref, *stuck.get(kind, ()))
    assert row["IsFrozen"] is False
    good = [c for c in await desk.calls(f"^PATCH .*UserLogin/{row['Id'][:15]}") if c["status"] in (200, 204)]
    assert len(good) <= 1
    assert [r.step for r in request.receipts] == ["preflight", "unfreeze"]
    if kind in ("timeout_after_effect", "bad_json", "slow"):
        assert request.receipts[-1].acted  # it was we, though the answer was lost
    trail = await desk.ask(desk.who("viewer"), f"audit {ref}")
    assert trail.count("finished request") == 1


@pytest.mark.parametrize("kind", ["500", "timeout_after_effect"])
async def test_a_user_is_never_made_twice(desk: Desk, kind: str) -> None:
    """What cannot be undone is looked up by its own name before anything is tried again."""
    name = f"svc.f{kind[:3]}@integrations.larkspur.example"
    ref = ref_in(
        await desk.ask(
            desk.who("operator"),
            f'salesforce create "Made once" --email integrations@larkspur.example --username {name}'
            f' --reason "{REASON}"',
        ),
        "requests ",
    )
    await desk.fault("salesforce", kind, "^POST .*sobjects/User$")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    await ended(desk, ref, RequestState.HELD if kind == "500" else RequestState.DONE)
    assert len([row for row in org(desk)["User"] if row["Username"] == name]) == 1


@pytest.mark.parametrize("kind", ["500", "timeout", "reset", "bad_json", "429"])
async def test_a_look_that_fails_before_the_act_holds_and_says_why(desk: Desk, kind: str) -> None:
    """Without seeing whether a step is needed nothing is done; the card says what could not be seen."""
    row = login_of(desk, "wenli.chang@larkspur.example")
    row["IsFrozen"] = True
    ref = ref_in(
        await desk.ask(
            desk.who("operator"), f'salesforce unfreeze wenli.chang@larkspur.example --reason "{REASON}"'
        ),
        "requests ",
    )
    before = len(await desk.calls("^PATCH .*UserLogin"))
    assert "Approved" in await _approve_then_break(desk, ref, kind)
    request = await desk.settled(ref, RequestState.HELD)
    assert "could not be seen whether" in request.detail
    assert len(await desk.calls("^PATCH .*UserLogin")) == before
    await ended(desk, ref, RequestState.HELD)
    assert row["IsFrozen"] is False


async def _approve_then_break(desk: Desk, ref: str, kind: str) -> str:
    """Break everything in the instant between the approval and the first step."""
    app = desk.app
    assert app
    begin = app.services.begin
    held: list[str] = []

    async def later(request_id: str) -> None:
        held.append(request_id)

    object.__setattr__(app.services, "begin", later)  # the instant is too short to hit from outside
    due = app.services.executor.due
    app.services.executor.due = _nothing  # type: ignore[method-assign]
    try:
        said = await desk.ask(desk.who("approver"), f"approve {ref}")
        await desk.fault("salesforce", kind, "", count=None)
    finally:
        object.__setattr__(app.services, "begin", begin)
        app.services.executor.due = due  # type: ignore[method-assign]
    await begin(held[0])
    return said


async def _nothing() -> tuple[ChangeRequest, ...]:
    return ()


@pytest.mark.parametrize("kind", ["timeout_after_effect", "500", "reset"])
async def test_the_old_grant_is_revoked_once_and_only_when_that_is_seen(desk: Desk, kind: str) -> None:
    """The last step ends something for good: its outcome is read from a complete listing, whatever was answered."""
    name, holder = {
        "timeout_after_effect": ("Tableau", "claire.beaumont@larkspur.example"),
        "500": ("Gong", "marcus.delacroix@larkspur.example"),
        "reset": ("Expensify", "robert.tables@larkspur.example"),
    }[kind]
    ref = await approve(desk, f"handover {await desk.ref_of(name.lower())} to {TARGET}")
    await at(desk, ref, "authorize")
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": name})
    await at(desk, ref, "prove")
    await desk.advance(seconds=5)
    await desk.post("/salesforce/use", {"username": TARGET, "app": name, "times": 2})
    await at(desk, ref, "silence")
    await desk.fault("salesforce", kind, "oauth2/revoke")
    await desk.advance(seconds=120)
    if kind == "timeout_after_effect":
        await desk.settled(ref, RequestState.DONE)
    else:
        assert "Nobody can tell whether" in (await desk.settled(ref, RequestState.HELD)).detail
        assert name in await desk.grants(holder)
        await ended(desk, ref, RequestState.HELD)
    assert name not in await desk.grants(holder)
    assert name in await desk.grants(TARGET)
