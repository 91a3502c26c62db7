"""Approvals that take a code of an authenticator app: by button and by word, once, and never by anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from desk import Desk, buttons_of, ref_in, words_of

from bot.audit.repository import AuditLog
from bot.chat.model import Caller, Role
from bot.config import Settings
from bot.requests.model import RequestState
from tests.contract.authenticator import code_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "They leave at the end of the week"
CODE = "code.once"


def change(settings: Settings) -> Settings:
    """Every approval takes a code."""
    return settings.model_copy(
        update={"approval": settings.approval.model_copy(update={"step_up": True, "needed_destructive": 1})}
    )


class Phone:
    """Somebody's telephone, set up for their approvals."""

    def __init__(self, desk: Desk, uri: str, recovery: tuple[str, ...]) -> None:
        self._desk, self._uri, self.recovery = desk, uri, recovery

    @classmethod
    async def of(cls, desk: Desk, who: str) -> Phone:
        """Enrol them, whether or not they were before."""
        assert desk.app
        step_ups, clock = desk.app.services.step_ups, desk.app.clock
        if (await step_ups.of(who)).enrolled:
            await step_ups.reset(who, "cli:test")
        begun = await step_ups.begin(who, "cli:test")
        codes = await step_ups.confirm(who, code_of(begun.uri, clock.now()), "cli:test")
        return cls(desk, begun.uri, codes)

    async def fresh(self) -> str:
        """A code that was never shown before."""
        await self._desk.advance(seconds=61)
        assert self._desk.app
        return code_of(self._uri, self._desk.app.clock.now())


async def asks(desk: Desk, name: str = "outreach") -> str:
    """An operator asks for a handover; returns the request's id once its card stands."""
    typed = f'handover {await desk.ref_of(name)} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    await desk.said("Approval needed", f"approve {ref}")
    return ref


async def sends(desk: Desk, user: str, view: Mapping[str, Any], code: str, **more: str) -> str:
    """Send the form with a code; the words of its error, empty where it was taken."""
    values: dict[str, Any] = {"code": {CODE: code}}
    values |= {name: {name: text} for name, text in more.items()}
    body = {"user": user, "view_id": view["id"], "values": values}
    ack = (await desk.post("/slack/submit", body))["ack"] or {}
    return str(ack.get("errors", {}).get("code", ""))


async def ends(desk: Desk, ref: str) -> None:
    """Stop a request that was approved, so that the next test can ask for the same."""
    await desk.settled(ref, RequestState.WAITING)
    assert "Stopped" in await desk.ask(desk.who("approver", 1), f"requests cancel {ref}")


async def test_the_button_asks_for_the_code_and_takes_it(desk: Desk) -> None:
    """The card says that a yes takes a code; the form names the plan; a right code settles it."""
    me = desk.who("approver")
    phone, ref = await Phone.of(desk, me), await asks(desk)
    message = await desk.said("Approval needed", f"request {ref}")
    assert "enter a code from your authenticator app" in words_of(message)
    assert "confirm" not in buttons_of(message)["Approve"]  # the form asks already
    view = await desk.pressed_form(me, message, "Approve")
    assert view["title"]["text"] == "Approve request"
    assert "Outreach" in words_of(view)
    assert await desk.state_of(ref) is RequestState.PENDING
    assert await sends(desk, me, view, await phone.fresh(), reason="Seen with the team") == ""
    request = await desk.settled(ref, RequestState.WAITING)
    (decision,) = request.decisions
    assert (decision.approver, decision.reason) == (me, "Seen with the team")
    assert "proven by a one-time code" in decision.basis
    await ends(desk, ref)


async def test_typed_it_asks_for_the_code_too(desk: Desk) -> None:
    """`approve <id>` opens the same form, with the comment that was typed; a recovery code does as well."""
    me = desk.who("approver")
    phone, ref = await Phone.of(desk, me), await asks(desk)
    view = await desk.typed_form(me, f"approve {ref} looks right to me")
    assert "Approve request" in words_of(view)
    assert await desk.state_of(ref) is RequestState.PENDING
    assert await sends(desk, me, view, phone.recovery[0].lower()) == ""
    await desk.settled(ref, RequestState.WAITING)
    assert "9 of 10 recovery codes left" in await desk.ask(me, "step-up")
    await ends(desk, ref)


async def test_wrong_and_used_codes_leave_the_form_open_and_the_request_undecided(desk: Desk) -> None:
    """Each refusal says what to do; what was decided elsewhere with a code cannot be decided here with it."""
    me = desk.who("approver")
    phone, first = await Phone.of(desk, me), await asks(desk)
    view = await desk.typed_form(me, f"approve {first}")
    assert "4 tries are left" in await sends(desk, me, view, "12345")
    code = await phone.fresh()
    assert await sends(desk, me, view, code) == ""
    await desk.settled(first, RequestState.WAITING)
    second = await asks(desk, "gong")
    view = await desk.typed_form(me, f"approve {second}")
    assert "used already" in await sends(desk, me, view, code)
    assert await desk.state_of(second) is RequestState.PENDING
    assert await sends(desk, me, view, await phone.fresh()) == ""
    await desk.settled(second, RequestState.WAITING)
    for ref in (first, second):
        await ends(desk, ref)


async def test_five_wrong_codes_lock_by_every_way_in(desk: Desk) -> None:
    """While locked neither button nor word opens a form, a no still counts, and the state says until when."""
    me = desk.who("approver")
    phone, ref = await Phone.of(desk, me), await asks(desk)
    view = await desk.typed_form(me, f"approve {ref}")
    said = [await sends(desk, me, view, "12345") for _ in range(5)]
    assert "15 minutes" in said[-1]
    assert "15 minutes" in await sends(desk, me, view, await phone.fresh())
    assert "15 minutes" in await desk.ask(me, f"approve {ref}")
    message = await desk.said("Approval needed", f"request {ref}")
    assert "15 minutes" in words_of(await desk.press(me, message, "Approve"))
    assert "Locked after wrong codes until" in await desk.ask(me, "step-up")
    assert await desk.state_of(ref) is RequestState.PENDING
    assert "Denied" in await desk.ask(me, f"deny {ref}")


async def test_without_an_app_it_says_how_to_set_one_up(desk: Desk) -> None:
    """Not enrolled: the refusal names the command, by button and by word, and Slack never shows a secret."""
    me, ref = desk.who("approver", 2), await asks(desk)
    message = await desk.said("Approval needed", f"request {ref}")
    for said in (await desk.ask(me, f"approve {ref}"), words_of(await desk.press(me, message, "Approve"))):
        assert f"python -m bot step-up enroll {me}" in said
    assert f"python -m bot step-up enroll {me}" in await desk.ask(me, "step-up")
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("operator"), f"requests cancel {ref}")


async def test_who_may_not_decide_is_not_asked_for_a_code(desk: Desk) -> None:
    """The requester is refused before any form opens, though they have an app."""
    me = desk.who("approver")
    await Phone.of(desk, me)
    asked = await desk.ask(me, f'handover {await desk.ref_of("tableau")} to {TARGET} --reason "{REASON}"')
    ref = ref_in(asked, "requests ")
    assert "somebody else must decide" in await desk.ask(me, f"approve {ref}")
    message = await desk.said("Approval needed", f"request {ref}")
    assert "somebody else must decide" in words_of(await desk.press(me, message, "Approve"))
    assert "Stopped" in await desk.ask(me, f"requests cancel {ref}")


async def test_one_code_sent_twenty_times_gives_one_decision(desk: Desk) -> None:
    """The same form and code, sent again and again in the same instant, settle it once."""
    me = desk.who("approver")
    phone, ref = await Phone.of(desk, me), await asks(desk)
    view = await desk.typed_form(me, f"approve {ref}")
    code = await phone.fresh()
    assert desk.app
    caller = Caller(user_id=me, role=Role.APPROVER)
    deciding = desk.app.services.approvals.decide
    clicks = [deciding(ref, None, caller, approve=True, reason="", code=code) for _ in range(20)]
    results = await asyncio.gather(*clicks, sends(desk, me, view, code), return_exceptions=True)
    request = await desk.settled(ref, RequestState.APPROVED, RequestState.RUNNING, RequestState.WAITING)
    assert len(request.decisions) == 1, results
    async with desk.app.store.read() as unit:
        done = [line.action for line in await unit[AuditLog].tail(200, ref)]
    assert (done.count("step_up:passed"), done.count("request:approved")) == (1, 1)
    await ends(desk, ref)


async def test_an_administrator_resets_somebody_elses_and_they_are_told(desk: Desk) -> None:
    """Others may not, nobody resets their own by Slack, and the person learns who did it."""
    me, admin = desk.who("approver"), desk.who("admin")
    await Phone.of(desk, me)
    assert "needs the admin role" in await desk.ask(desk.who("approver", 1), f"step-up reset <@{me}>")
    assert "Another administrator" in await desk.ask(admin, f"step-up reset <@{admin}>")
    assert "Say whose" in await desk.ask(admin, "step-up reset")
    assert "is set up" in await desk.ask(me, "step-up")
    assert "is told" in await desk.ask(admin, f"step-up reset <@{me}>")
    assert "no authenticator app" in await desk.ask(me, "step-up")

    async def told() -> bool:
        return any(f"<@{admin}>" in (said := words_of(m)) and "taken off" in said for m in await desk.dm(me))

    await desk.until(told)


async def test_no_code_and_no_secret_was_written_anywhere(desk: Desk) -> None:
    """After all of that: no code is in the trail or in any message that the bot sent."""
    assert desk.app
    me = desk.who("approver")
    phone, ref = await Phone.of(desk, me), await asks(desk)
    view = await desk.typed_form(me, f"approve {ref}")
    code = await phone.fresh()
    assert await sends(desk, me, view, code) == ""
    await desk.settled(ref, RequestState.WAITING)
    async with desk.app.store.read() as unit:
        trail = str(await unit[AuditLog].tail(1000))
    seen = (await desk.messages(), await desk.ephemerals(me), await desk.dm(me))
    written = f"{trail} {seen}"
    assert ref in written
    for secret in (code, *phone.recovery):
        assert secret not in written
    await ends(desk, ref)
