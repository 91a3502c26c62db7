"""Asking for a handover: looked at first, typed whole, or filled into a form; unfit targets each with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, buttons_of, held_in, ref_in, words_of

from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "They leave at the end of the week"


async def requests(desk: Desk) -> int:
    """How many requests were ever made."""
    assert desk.app
    async with desk.app.store.read() as unit:
        return (await unit[RequestRepository].page())[1]


async def test_a_dry_run_shows_the_plan_and_asks_for_nothing(desk: Desk) -> None:
    """The plan can be looked at in full, with a button to ask for it, before anybody is bothered."""
    before, operator = await requests(desk), desk.who("operator")
    shown = await desk.slash(operator, f"handover gong to {TARGET} --dry-run")
    for said in (
        "Nothing was asked for yet",
        "Approve Gong as",
        "Revoke the grant",
        "Before you decide",
    ):
        assert said in words_of(shown)
    assert await requests(desk) == before
    view = await desk.pressed_form(operator, shown, "Ask for It")
    held = held_in(view)
    assert held["target"] == TARGET


async def test_a_dry_run_of_an_unfit_plan_says_why(desk: Desk) -> None:
    """Objections come with the plan, so that people know what to mend."""
    shown = await desk.ask(desk.who("operator"), "handover gong to bob.achterberg@larkspur.example --dry-run")
    assert "Blockers" in shown
    assert "is a person's account" in shown


@pytest.mark.parametrize(
    ("name", "target", "why"),
    [
        ("gong", "bob.achterberg@larkspur.example", "is a person's account"),
        ("gong", "kenji.watanabe@larkspur.example", "is deactivated"),
        ("gong", "jordan.blackhorse@larkspur.example", "is frozen"),
        ("gong", "marcus.delacroix@larkspur.example", "holds it already"),
        ("gong", "handover@integrations.larkspur.example", "the bot never hands over"),
        ("gong", "nobody.at.all@larkspur.example", "has no user"),
        ("gong", "victor.hallstrom@larkspur.example", "is a person's account"),
        ("celigo", "alice.doherty@larkspur.example", "runs as alice.doherty@larkspur.example already"),
        ("handover integrations", TARGET, "the app the bot itself signs in with"),
        ("document signing", TARGET, "a certificate is renewed, not handed over"),
        ("snowflake noa", TARGET, ""),
    ],
)
async def test_an_unfit_target_is_refused_with_its_reason(
    desk: Desk, name: str, target: str, why: str
) -> None:
    """No request begins that must not run; the refusal says what speaks against it and how to mend it."""
    before = await requests(desk)
    ref = await desk.ref_of(name)
    said = await desk.ask(desk.who("operator"), f'handover {ref} to {target} --reason "{REASON}"')
    if not why:
        assert "waits for an approver" in said
        return
    assert why in said
    assert await requests(desk) == before


async def test_the_bare_command_opens_a_form_with_a_search(desk: Desk) -> None:
    """What is missing is asked for; the search offers credentials while one types."""
    operator = desk.who("operator", 1)
    view = await desk.typed_form(operator, "handover")
    assert await desk.offered(operator, view, "credential", "no such thing") == []
    (found,) = await desk.offered(operator, view, "credential", "tableau")
    to = await desk.option(operator, view, "target", TARGET)
    await desk.submit(operator, view, credential=found, target=to, reason=REASON)
    assert "Tableau" in words_of(await desk.said("Approval needed", "Tableau"))


async def test_half_a_command_opens_a_form_with_that_half(desk: Desk) -> None:
    """Nothing that was typed has to be typed again."""
    operator = desk.who("operator", 2)
    view = await desk.typed_form(operator, f'handover outreach --reason "{REASON}"')
    held = held_in(view)
    assert held["reason"] == REASON
    assert "credential" not in held
    assert "Outreach" in words_of(view)
    view = await desk.typed_form(operator, f"handover to {TARGET} --dry-run")
    held = held_in(view)
    assert (held["target"], "credential" in held) == (TARGET, True)


async def test_the_account_is_chosen_from_those_that_fit(desk: Desk) -> None:
    """Active integration accounts of the same connection, no people or administrators; the best first, with why."""
    operator = desk.who("operator", 2)
    view = await desk.typed_form(operator, "handover outreach")
    offered = await desk.offered(operator, view, "target", "")
    assert offered[0]["description"]["text"].startswith("Best choice: nothing else uses it")
    assert not any("Best choice" in option["description"]["text"] for option in offered[1:])
    names = [option["value"] for option in offered]
    assert TARGET in names
    assert all(name.endswith("@integrations.larkspur.example") for name in names), names
    assert await desk.offered(operator, view, "target", "bob.achterberg") == []
    everywhere = await desk.typed_form(operator, "handover")
    told = {
        o["description"]["text"].partition(" · ")[0]
        for o in await desk.offered(operator, everywhere, "target", "")
    }
    assert told == {"salesforce:prod"}


async def test_errors_stand_at_the_field_they_are_about(desk: Desk) -> None:
    """The form stays open: a short reason is said at the reason, an unfit account at the account."""
    operator = desk.who("operator", 2)
    view = await desk.typed_form(operator, "handover outreach")
    to = await desk.option(operator, view, "target", TARGET)
    ack = await desk.submit(operator, view, target=to, reason="short")
    assert list(ack["errors"]) == ["reason"]
    shown = await desk.slash(operator, "handover outreach to bob.achterberg@larkspur.example --dry-run")
    view = await desk.pressed_form(operator, shown, "Ask for It")
    assert held_in(view)["target"] == "bob.achterberg@larkspur.example"
    ack = await desk.submit(operator, view, reason=REASON)
    assert list(ack["errors"]) == ["target"]
    assert (await desk.view(operator))["id"] == view["id"]


async def test_a_platform_that_does_not_answer_keeps_the_form_open(desk: Desk) -> None:
    """What was typed is not lost because Salesforce has a bad minute."""
    operator = desk.who("operator", 2)
    view = await desk.typed_form(operator, "handover outreach")
    to = await desk.option(operator, view, "target", TARGET)
    await desk.fault("salesforce", "500", "", count=None)
    await desk.submit_late(operator, view, target=to, reason=REASON)

    async def told() -> dict[str, Any] | None:
        shown = await desk.view(operator)
        return shown if "salesforce:prod" in words_of(shown) else None

    view = await desk.until(told)
    await desk.heal()
    held = held_in(view)
    assert (held["target"], held["reason"]) == (TARGET, REASON)
    await desk.submit(operator, view)
    await desk.said("Approval needed", "Outreach")


async def test_a_name_with_the_word_to_in_it_is_understood(desk: Desk) -> None:
    """The account stands behind the last "to": "Slack-to-Case", "Quote to cash" and their like can be named."""
    app, org = desk.app, desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    assert app
    menu = next(row for row in org["OauthToken"] if row["AppName"] == "Expensify")
    for row in org["OauthToken"]:
        if row["AppMenuItemId"] == menu["AppMenuItemId"]:
            row["AppName"] = "Quote to cash"
    said = await desk.ask(desk.who("operator"), f"handover expensify to {TARGET} --dry-run")
    assert "Plan" in said
    said = await desk.ask(desk.who("operator"), f"handover no to such to thing to {TARGET} --dry-run")
    assert "Nothing in the inventory answers" in said


async def test_until_when_it_may_be_decided_can_be_chosen(desk: Desk) -> None:
    """An hour to a fortnight; anything else is refused at the command."""
    ref, operator = await desk.ref_of("shopify"), desk.who("operator")
    asked = f'handover {ref} to {TARGET} --reason "{REASON}"'
    assert "between an hour and 14 days" in await desk.ask(operator, f"{asked} --expires 15d")
    assert "between an hour and 14 days" in await desk.ask(operator, f"{asked} --expires 2020-01-01")
    request = ref_in(await desk.ask(operator, f"{asked} --expires 3d"), "requests ")
    await desk.advance(days=2)
    assert await desk.state_of(request) is RequestState.PENDING
    await desk.advance(days=1, seconds=60)
    await desk.settled(request, RequestState.EXPIRED)


async def test_a_viewer_cannot_ask(desk: Desk) -> None:
    """Asking is an operator's deed; a viewer's card has no such button."""
    said = await desk.ask(desk.who("viewer"), f'handover gong to {TARGET} --reason "{REASON}"')
    assert "needs the operator role" in said
    assert "Hand Over" not in buttons_of(await desk.slash(desk.who("viewer"), "show gong"))
