"""Wrike through Slack: a service account from a form to a proven token, leavers, and what can be looked at."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio
from desk import Desk, ref_in, words_of

from bot.config import Settings
from bot.platform.plan import StepMode
from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW = "wrike.powerbi@integrations.larkspur.example"
FLOW = "Power BI extract"
SHARED = "wrike.shared@integrations.larkspur.example"
PLATFORMS = ("wrike",)
REASON = "Wenli leaves at the end of the month"


def change(settings: Settings) -> Settings:
    """One connection, asked as often as the tests like; a flow's token works for a minute beside the old one."""
    table = settings.connections["wrike:prod"] | {
        "requests_per_minute": 100_000,
        "burst": 1_000,
        "unused_for_s": 60,
    }
    return settings.model_copy(update={"connections": {"wrike:prod": table}})


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _no_limit(desk: Desk) -> None:
    await desk.post("/wrike/switches", {"rate_per_minute": 0.0})


def tenant(desk: Desk) -> Any:
    return desk.sandbox.stand_ins["wrike"].tenant  # type: ignore[attr-defined]


async def decided(desk: Desk, ref: str) -> None:
    said = await desk.ask(desk.who("approver"), f"approve {ref}")
    assert "Approved" in said or "approved" in said, said


async def test_the_inventory_knows_the_declared_flows_and_what_is_wrong(desk: Desk) -> None:
    """Declared flows are listed with the account they act as, and the checks speak."""
    viewer = desk.who("viewer")
    assert FLOW in await desk.ask(viewer, "list power")
    shown = await desk.ask(viewer, f'show "{FLOW}"')
    assert "wenli.chang@larkspur.example" in shown
    findings = await desk.ask(viewer, "findings wrike")
    assert "deactivated" in findings
    status = await desk.ask(viewer, "status --details")
    assert "tokens and API apps that nobody declared" in status


async def test_a_form_shares_folders_that_are_searched_for(desk: Desk) -> None:
    """Folders and spaces are found while typing, several are chosen, and errors stand at their fields."""
    operator = desk.who("operator")
    view = await desk.typed_form(operator, f"wrike invite {NEW}")
    offered = await desk.offered(operator, view, "wrike_folders", "access")
    assert [one["text"]["text"] for one in offered] == ["IT / Access requests"]
    more = await desk.offered(operator, view, "wrike_folders", "office")
    chosen = [*offered, next(one for one in more if one["text"]["text"] == "Project office")]
    good: dict[str, Any] = {"email": NEW, "system": FLOW, "wrike_folders": chosen, "reason": REASON}
    for wrong, field in (
        ({"email": "nowhere"}, "email"),
        ({"reason": "short"}, "reason"),
    ):
        ack = await desk.submit(operator, view, **(good | wrong))
        assert list(ack.get("errors", {})) == [field], (wrong, ack)
    flow = next(
        option
        for block in view["blocks"]
        if block.get("block_id") == "flow"
        for option in block["element"]["options"]
        if option["value"] == FLOW
    )
    ack = await desk.submit(operator, view, **good, flow=flow)
    assert not ack.get("errors"), ack
    card = await desk.said("Approval needed", NEW)
    words = words_of(card)
    assert "Share the folder “IT / Access requests”" in words
    assert "Share the space “Project office”" in words
    await desk.ask(operator, f"requests cancel {ref_in(card)}")


async def test_an_account_is_made_and_its_flow_moves_to_it(desk: Desk) -> None:
    """The whole way through Slack: signed for, invited, accepted, let in, its token proven, the old one ended."""
    old = (await desk.post("/wrike/token", {"email": "wenli.chang@larkspur.example", "label": FLOW}))["token"]
    operator = desk.who("operator")
    said = await desk.ask(
        operator,
        f'wrike invite {NEW} --system "{FLOW}" --folders "Access requests" --flow "{FLOW}" --reason "{REASON}"',
    )
    ref = ref_in(said, "requests ")
    await decided(desk, ref)
    await desk.at_step(ref, "mailbox")
    await desk.ask(operator, f"requests sign {ref} The team reads it, a test mail came")
    at = await desk.at_step(ref, "show-password")
    assert [one.email for one in tenant(desk).invitations.values() if one.email == NEW] == [NEW]
    assert desk.app
    secret_exchange = desk.app.services.secret_exchange
    seen = await secret_exchange.show(at.id, by=operator, way="sealed page")
    password = seen.values["password"].reveal()
    assert len(password) == 32
    await secret_exchange.in_place(at.id, seen.prints, by=operator, way="sealed page")
    await desk.at_step(ref, "accept")
    turn = await desk.said("Your turn", NEW)
    assert password not in words_of(turn)
    await desk.post("/wrike/accept", {"email": NEW, "password": password})
    at = await desk.at_step(ref, "receive")
    contact = next(one for one in tenant(desk).contacts.values() if one.email == NEW)
    facts = {key: value for receipt in at.receipts for key, value in receipt.facts.items()}
    assert facts["contact"] == contact.id != facts["invitation"]
    folder = next(one for one in tenant(desk).folders.values() if one.title == "Access requests")
    assert contact.id in folder.shared
    new = (await desk.post("/wrike/token", {"email": NEW}))["token"]
    await secret_exchange.enter(at.id, {"token": new}, by=operator, way="sealed page")
    at = await desk.at_step(ref, "deliver")
    seen = await secret_exchange.show(at.id, by=operator, way="sealed page")
    assert seen.values["token"].reveal() == new
    await secret_exchange.in_place(at.id, seen.prints, by=operator, way="sealed page")
    await desk.at_step(ref, "rest")
    await desk.advance(seconds=90)
    at = await desk.at_step(ref, "receive-old")
    await secret_exchange.enter(at.id, {"old_token": old}, by=operator, way="sealed page")
    at = await desk.at_step(ref, "retire")
    assert "still answers" in at.detail
    await desk.post("/wrike/revoke", {"email": "wenli.chang@larkspur.example"})
    done = await desk.settled(ref, RequestState.DONE)
    assert [receipt.step for receipt in done.receipts] == [step.key for step in done.plan.steps]
    await desk.scan()
    shown = await desk.ask(operator, f'show "{FLOW}"')
    assert NEW in shown
    everything = repr(await desk.get("/slack/wire"))
    assert not any(secret in everything for secret in (password, old, new))


async def test_two_people_approve_that_somebody_goes_for_good(desk: Desk) -> None:
    """Whatever the rules say, one approval is not enough for a leaver; owners are refused beforehand."""
    operator = desk.who("operator")
    refused = await desk.ask(
        operator, f'wrike offboard margarethe.lindqvist@larkspur.example --reason "{REASON}"'
    )
    assert "owners cannot be deactivated" in refused
    view = await desk.typed_form(operator, "wrike offboard")
    ack = await desk.submit(operator, view, user="nobody@larkspur.example", reason=REASON)
    assert list(ack["errors"]) == ["user"]
    ack = await desk.submit(operator, view, user="tendai.moyo@larkspur.example", reason=REASON)
    assert not ack.get("errors"), ack
    ref = ref_in(await desk.said("Approval needed", "tendai.moyo@larkspur.example"))
    assert desk.app
    request = await desk.app.services.approvals.get(ref)
    assert request.needed == 2
    await desk.ask(desk.who("approver"), f"approve {ref}")
    assert await desk.state_of(ref) is RequestState.PENDING
    await desk.ask(desk.who("approver", 1), f"approve {ref}")
    done = await desk.settled(ref, RequestState.DONE)
    assert done.plan.steps[-1].mode is StepMode.AUTO
    assert not next(
        one for one in tenant(desk).contacts.values() if one.email == "tendai.moyo@larkspur.example"
    ).active


async def test_shares_folders_and_the_log_can_be_looked_at(desk: Desk) -> None:
    """Each says what it sees, live, and what it cannot see."""
    viewer = desk.who("viewer")
    shares = await desk.ask(viewer, f"wrike shares {SHARED}")
    assert "IT / Access requests" in shares
    assert "folders that the bot's own user does not see, and public spaces" in shares
    assert "has no user" in await desk.ask(viewer, "wrike shares nobody@larkspur.example")
    folders = await desk.ask(viewer, "wrike folders office")
    assert "<!here>" in folders
    assert "No folder that the bot sees" in await desk.ask(viewer, "wrike folders nothing like that")
    log = await desk.ask(viewer, "wrike audit")
    assert "InvitationAccepted" in log
    theirs = await desk.ask(viewer, f"wrike audit {SHARED} --since 30d")
    assert "Oauth2AccessGranted" in theirs
    assert "lies ahead" in await desk.ask(viewer, "wrike audit --since 2031-01-01")


async def test_a_plan_without_an_audit_log_says_so(desk: Desk) -> None:
    """What cannot be seen is said with its remedy, never shown as nothing."""
    await desk.post("/wrike/plan", {"type": "Business"})
    said = await desk.ask(desk.who("viewer"), "wrike audit")
    assert "The audit log is not visible" in said
    assert "Create user activity reports" in said
    await desk.post("/wrike/plan", {"type": "Enterprise"})


async def test_who_may_only_look_may_not_ask(desk: Desk) -> None:
    """Inviting and sending people away need the operator's role."""
    for words in (f"wrike invite {NEW}", "wrike offboard ana@example.com"):
        assert "operator" in await desk.ask(desk.who("viewer"), words)


async def test_a_broken_wrike_leaves_the_form_as_it_was(desk: Desk) -> None:
    """What was typed stays, and the error says that Wrike did not answer."""
    operator = desk.who("operator")
    view = await desk.typed_form(operator, "wrike offboard")
    await desk.fault("wrike", "500", "GET /api/v4/contacts", count=None)
    await desk.submit_late(operator, view, user="sofia.restrepo@larkspur.example", reason=REASON)

    async def told() -> dict[str, Any] | None:
        view = await desk.view(operator)
        return view if "HTTP 500" in words_of(view) else None

    view = await desk.until(told, 45.0)
    await desk.heal()
    held = {b["block_id"]: b["element"].get("initial_value") for b in view["blocks"] if b["type"] == "input"}
    assert (held["user"], held["reason"]) == ("sofia.restrepo@larkspur.example", REASON)
    await desk.close_forms(operator)
