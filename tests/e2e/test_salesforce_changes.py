"""What only Salesforce has: users made, restricted, frozen; typed or by form, approved, done, read back."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, ref_in, words_of

from bot.requests.model import ChangeRequest, RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW = "svc.loyalty@integrations.larkspur.example"
CASEBOT = "svc.casebot@integrations.larkspur.example"
VICTIM = "bob.achterberg@larkspur.example"
REASON = "Asked for in the integrations review"


def org(desk: Desk) -> Any:
    """The stand-in's tables."""
    return desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]


def user(desk: Desk, username: str) -> Any:
    """A user's row, or None."""
    return next((row for row in org(desk)["User"] if row["Username"] == username), None)


def frozen(desk: Desk, username: str) -> bool:
    """Whether a user is frozen, straight from the stand-in."""
    who = user(desk, username)["Id"]
    return bool(next(row for row in org(desk)["UserLogin"] if row["UserId"] == who)["IsFrozen"])


async def writes(desk: Desk) -> int:
    """How many calls that could have changed a record Salesforce has received."""
    return len(await desk.calls(r"^(PATCH|DELETE|PUT) |^POST .*(sobjects|composite/sobjects|revoke)"))


async def approved(desk: Desk, ref: str) -> ChangeRequest:
    """Approve a request and wait for its end."""
    assert "Approved" in await desk.ask(desk.who("approver"), f"approve {ref}")
    return await desk.settled(ref, RequestState.DONE)


async def test_nothing_is_written_before_it_is_approved(desk: Desk) -> None:
    """A typed request is a question to the approvers; Salesforce is only read."""
    before = await writes(desk)
    said = await desk.ask(
        desk.who("operator"),
        f'salesforce create "Loyalty points" --email integrations@larkspur.example --username {NEW}'
        f' --permission_sets "Integration: orders" --reason "{REASON}"',
    )
    ref = ref_in(said, "requests ")
    shown = words_of(await desk.said("Approval needed", f"request {ref}"))
    for words in (f"Create {NEW}", "Minimum Access - API Only Integrations", "Salesforce API Integration"):
        assert words in shown
    assert await writes(desk) == before
    assert user(desk, NEW) is None
    await desk.ask(desk.who("approver"), f"deny {ref}")
    assert user(desk, NEW) is None


async def test_a_user_is_made_as_the_vendor_recommends(desk: Desk) -> None:
    """User, then licence, then permission sets; each leaves a receipt with Salesforce's own record id."""
    view = await desk.typed_form(desk.who("operator"), f'salesforce create "Loyalty points" --username {NEW}')
    held = {b["block_id"]: b["element"].get("initial_value") for b in view["blocks"] if b["type"] == "input"}
    assert (held["name"], held["username"]) == ("Loyalty points", NEW)
    await desk.submit(
        desk.who("operator"),
        view,
        email="integrations@larkspur.example",
        permission_sets="Integration: orders",
        reason=REASON,
    )
    done = await approved(desk, ref_in(await desk.said("Approval needed", NEW)))
    made = user(desk, NEW)
    assert (made["LastName"], made["Email"], made["IsActive"]) == (
        "Loyalty points",
        "integrations@larkspur.example",
        True,
    )
    sets = {
        row["PermissionSetId"]
        for row in org(desk)["PermissionSetAssignment"]
        if row["AssigneeId"] == made["Id"]
    }
    named = {row["Label"] for row in org(desk)["PermissionSet"] if row["Id"] in sets}
    assert any("rders" in name for name in named), named
    assert [r.step for r in done.receipts] == [s.key for s in done.plan.steps]
    assert {r.record_id for r in done.receipts if r.step == "create-user"} == {made["Id"]}
    await desk.said("Done", f"Create {NEW}")


async def test_a_user_name_that_is_taken_is_said_at_its_field(desk: Desk) -> None:
    """The form stays open, and the error stands where it can be mended."""
    operator = desk.who("operator")
    view = await desk.typed_form(operator, "salesforce create")
    good = {
        "name": "Loyalty points",
        "email": "integrations@larkspur.example",
        "username": NEW,
        "reason": REASON,
    }
    for wrong, field in (
        ({}, "username"),
        ({"username": "not an address"}, "username"),
        ({"username": "svc.other@larkspur.example", "email": "nowhere"}, "email"),
        ({"username": "svc.other@larkspur.example", "reason": "short"}, "reason"),
        ({"username": "svc.other@larkspur.example", "permission_sets": "No such set"}, "permission_sets"),
    ):
        ack = await desk.submit(operator, view, **(good | wrong))
        assert list(ack.get("errors", {})) == [field], (wrong, ack)
    await desk.close_forms(operator)


async def test_a_security_token_is_a_step_for_a_person(desk: Desk) -> None:
    """What has no API is guided, with exact menus, and closes when the new user has signed in by program."""
    name = "svc.exporter@integrations.larkspur.example"
    said = await desk.ask(
        desk.who("operator"),
        f'salesforce create "Exporter" --email integrations@larkspur.example --username {name}'
        f' --permission_sets "Integration: orders" --security_token yes --reason "{REASON}"',
    )
    ref = ref_in(said, "requests ")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    turn = await desk.said("Your turn", name)
    assert "Reset My Security Token" in words_of(turn)
    assert "never in Slack" in words_of(turn)
    await desk.post("/salesforce/authorize", {"username": name, "app": "Gong"})
    await desk.advance(seconds=5)
    await desk.post("/salesforce/use", {"username": name, "app": "Gong"})
    await desk.settled(ref, RequestState.DONE)


async def test_addresses_are_added_to_those_the_profile_has(desk: Desk) -> None:
    """Read, merged, written, read back: what was allowed before stays allowed."""
    operator = desk.who("operator")
    view = await desk.typed_form(operator, f"salesforce restrict {CASEBOT}")
    ack = await desk.submit(operator, view, ranges="10.0.0.300", reason=REASON)
    assert list(ack["errors"]) == ["ranges"]
    ack = await desk.submit(
        operator, view, user="nobody@larkspur.example", ranges="203.0.113.9", reason=REASON
    )
    assert list(ack["errors"]) == ["user"]
    await desk.close_forms(operator)
    name = "svc.warehouse@integrations.larkspur.example"
    typed = f'salesforce restrict {name} --ranges "203.0.113.9, 198.51.100.0/28" --reason "{REASON}"'
    ref = ref_in(await desk.ask(operator, typed), "requests ")
    card = words_of(await desk.said("Approval needed", f"request {ref}"))
    assert "Allowed now" in card
    done = await approved(desk, ref)
    assert "203.0.113.9" in done.receipts[-1].detail


async def test_hours_are_set_and_read_back(desk: Desk) -> None:
    """Whole hours by day; days not named are closed; nonsense is said at its field."""
    operator = desk.who("operator")
    view = await desk.typed_form(operator, "salesforce hours svc.warehouse@integrations.larkspur.example")
    for wrong in ("whenever", "fri-mon 6-20", "mon 20-6", "mon 6:30-20"):
        ack = await desk.submit(operator, view, hours=wrong, reason=REASON)
        assert list(ack["errors"]) == ["hours"], (wrong, ack)
    await desk.submit(operator, view, hours="mon-fri 6-20", reason=REASON)
    ref = ref_in(await desk.said("Approval needed", "login hours"))
    done = await approved(desk, ref)
    assert "monday 06:00-20:00" in done.receipts[-1].detail.lower()


async def test_the_bots_own_profile_keeps_its_hours(desk: Desk) -> None:
    """A rule that could lock the bot out is refused before anybody is asked."""
    said = await desk.ask(
        desk.who("operator"), f'salesforce hours {CASEBOT} --hours "mon-fri 6-20" --reason "{REASON}"'
    )
    assert "the bot signs in under this profile" in said


async def test_freezing_stops_sign_in_and_can_be_undone(desk: Desk) -> None:
    """The card says what stalls; frozen and unfrozen are read back from the stand-in and in the next listing."""
    operator = desk.who("operator")
    ref = ref_in(await desk.ask(operator, f'salesforce freeze {VICTIM} --reason "{REASON}"'), "requests ")
    card = words_of(await desk.said("Approval needed", f"request {ref}"))
    assert "Weekly export" in card
    assert not frozen(desk, VICTIM)
    await approved(desk, ref)
    assert frozen(desk, VICTIM)
    await desk.scan()
    assert "frozen" in await desk.ask(desk.who("viewer"), f"show {VICTIM}")
    view = await desk.typed_form(operator, "salesforce unfreeze")
    await desk.submit(operator, view, user=VICTIM, reason=REASON)
    await approved(desk, ref_in(await desk.said("Approval needed", f"Unfreeze {VICTIM}")))
    assert not frozen(desk, VICTIM)


async def test_what_is_so_already_is_seen_and_not_done_again(desk: Desk) -> None:
    """A change that somebody made by hand meanwhile ends with a look, without a second write."""
    operator = desk.who("operator")
    ref = ref_in(await desk.ask(operator, f'salesforce freeze {VICTIM} --reason "{REASON}"'), "requests ")
    await desk.said("Approval needed", f"request {ref}")
    who = user(desk, VICTIM)["Id"]
    next(row for row in org(desk)["UserLogin"] if row["UserId"] == who)["IsFrozen"] = True
    before = await writes(desk)
    done = await approved(desk, ref)
    assert await writes(desk) == before
    assert [r.acted for r in done.receipts] == [False, False]
    next(row for row in org(desk)["UserLogin"] if row["UserId"] == who)["IsFrozen"] = False


async def test_the_bot_does_not_freeze_itself_or_the_last_administrator(desk: Desk) -> None:
    """Some accounts are never changed from here, whoever approves."""
    said = await desk.ask(
        desk.who("operator"), f'salesforce freeze handover@integrations.larkspur.example --reason "{REASON}"'
    )
    assert "the bot's own user" in said


async def test_logins_of_a_person_and_of_nobody(desk: Desk) -> None:
    """Sign-ins are read live by user name or id; who is not there is explained."""
    viewer = desk.who("viewer")
    assert "Sign-ins of the last day" in await desk.ask(viewer, f"salesforce logins {CASEBOT}")
    assert "answers to that" in await desk.ask(viewer, "salesforce logins nobody.at.all")
    assert "needs the operator role" in await desk.ask(
        viewer, f'salesforce freeze {VICTIM} --reason "{REASON}"'
    )


async def test_a_connection_that_is_not_there_is_named(desk: Desk) -> None:
    """Where several orgs could be meant, the known ones are listed."""
    said = await desk.ask(
        desk.who("operator"), f'salesforce freeze {VICTIM} --connection nowhere --reason "{REASON}"'
    )
    assert "salesforce:prod" in said
