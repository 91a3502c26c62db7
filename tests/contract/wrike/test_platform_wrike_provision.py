"""Service accounts made on real sockets: invited once, followed until accepted, given content and a proven token."""

from __future__ import annotations

from typing import Any

import pytest
from wrike_bench import (
    BOT,
    DELETED,
    INVITED,
    NEWCOMER,
    OPPORTUNITIES,
    PERSON,
    POWER_BI,
    SERVICE,
    SHARED,
    Bench,
    Walk,
    flow,
)

from bot.errors import BadArgument, Forbidden, NotFound, OutcomeUnknown, Rejected
from bot.platform.model import PrincipalKind
from bot.platform.plan import Draft, Outcome, StepMode
from bot.text import Secret
from platforms.wrike import Wrike
from platforms.wrike.checks import accounts

ASKED = {"email": NEWCOMER, "system": "Power BI", "folders": "IT / Access requests, Project office"}


async def _draft(adapter: Wrike, **more: str) -> Draft:
    return await adapter.change("provision", ASKED | more)


async def _walk(bench: Bench, adapter: Wrike, **more: str) -> Walk:
    draft = await _draft(adapter, **more)
    assert draft.objections == ()
    return Walk(bench, adapter, draft.plan)


async def test_from_a_mailbox_to_a_proven_token_and_the_end_of_the_old_one(
    bench: Bench, wrike: Wrike
) -> None:
    """The whole way: nobody is invited twice, ids are found anew, the old token is dead only when Wrike refuses it."""
    old = await bench.token_of(PERSON)
    walk = await _walk(bench, wrike, flow=POWER_BI)
    assert (await walk.look("preflight")).outcome is Outcome.DONE
    invited = await walk.act("invite")
    assert invited.outcome is Outcome.DONE
    assert (await walk.look("accept")).detail == f"{NEWCOMER} has not accepted yet"
    contact = (await bench.pull("accept", email=NEWCOMER, password="a long one"))["contact"]
    accepted = await walk.look("accept")
    assert accepted.facts["contact"] == contact != invited.facts["invitation"]
    for key in ("share-1", "share-2"):
        assert (await walk.act(key)).outcome is Outcome.DONE
    assert contact in bench.folder("Access requests").shared
    assert (await walk.act("remember")).outcome is Outcome.DONE
    walk.drawer["token"] = Secret(await bench.token_of(NEWCOMER))
    assert (await walk.look("prove")).outcome is Outcome.DONE
    assert (await walk.act("note")).outcome is Outcome.DONE
    walk.since()
    assert (await walk.look("rest")).outcome is Outcome.NOT_DONE
    await bench.pass_time(hours=2)
    assert (await walk.look("rest")).outcome is Outcome.DONE
    walk.drawer["old_token"] = Secret(old)
    alive = await walk.look("retire")
    assert (alive.outcome, PERSON in alive.detail) == (Outcome.NOT_DONE, True)
    await bench.pull("revoke", email=PERSON)
    assert (await walk.look("retire")).outcome is Outcome.DONE
    assert bench.calls("/invitations", "POST") == 1
    found = await wrike.snapshot(None)
    assert flow(found, POWER_BI).principal_id == contact
    made = next(p for p in found.principals if p.email == NEWCOMER)
    assert made.kind is PrincipalKind.SERVICE
    view = accounts.View(snapshot=found, now=found.taken_at)
    assert f"flow:{POWER_BI}" not in {f.subject for f in accounts.token_of_person.rule(view)}


async def test_the_password_is_the_vaults_and_comes_before_the_acceptance(bench: Bench, wrike: Wrike) -> None:
    """It is made and shown by our own vault, as long as configured; no parameter of the plan holds one."""
    plan = (await bench.make(password_length=40).change("provision", ASKED)).plan
    keys = [step.key for step in plan.steps]
    assert keys.index("password") < keys.index("show-password") < keys.index("accept")
    made = next(step for step in plan.steps if step.key == "password")
    assert made.action.params["length"] == "40"
    assert next(step for step in plan.steps if step.key == "mailbox").mode is StepMode.ATTESTED


async def test_two_drafts_of_one_wish_are_one_plan(wrike: Wrike) -> None:
    """What is approved is what runs: nothing in a plan depends on the moment."""
    one, two = await _draft(wrike, flow=POWER_BI), await _draft(wrike, flow=POWER_BI)
    assert one.plan.digest == two.plan.digest


async def test_an_invitation_that_waits_is_sent_again_not_made_twice(bench: Bench, wrike: Wrike) -> None:
    """The plan says so beforehand; one more mail goes out, and a second look sends none."""
    walk = await _walk(bench, wrike, email=INVITED, system="NetSuite")
    assert "again" in walk.steps["invite"].title
    assert (await walk.act("invite")).outcome is Outcome.DONE
    (waiting,) = [one for one in bench.stand_in.tenant.invitations.values() if one.email == INVITED]
    assert waiting.sent == 2
    assert bench.calls("/invitations", "POST") == 0
    assert (await walk.look("invite")).outcome is Outcome.DONE


async def test_who_is_a_member_already_is_not_invited(bench: Bench, wrike: Wrike) -> None:
    """Then only what is missing is done, for the id that is known."""
    walk = await _walk(bench, wrike, email=SERVICE, system="Salesforce")
    assert "invite" not in walk.steps
    assert (await walk.act("share-1")).outcome is Outcome.DONE
    assert bench.contact(SERVICE).id in bench.folder("Access requests").shared


async def test_an_invitation_whose_answer_was_lost_is_found(bench: Bench) -> None:
    """A write that timed out after it happened is looked up; there is one invitation, not two."""
    hasty = bench.make(timeout_s=0.5)
    walk = await _walk(bench, hasty)
    await bench.fault("timeout_after_effect", "POST /api/v4/invitations")
    assert (await walk.look("invite")).outcome is Outcome.NOT_DONE
    with pytest.raises(OutcomeUnknown):
        await hasty.apply(walk.action("invite"), "invite")
    assert (await walk.look("invite")).outcome is Outcome.DONE
    sent = [one for one in bench.stand_in.tenant.invitations.values() if one.email == NEWCOMER]
    assert len(sent) == 1


@pytest.mark.parametrize("kind", ["500", "reset", "bad_json"])
async def test_a_broken_answer_to_a_write_is_never_repeated(bench: Bench, wrike: Wrike, kind: str) -> None:
    """One write leaves, whatever comes back."""
    walk = await _walk(bench, wrike)
    await bench.fault(kind, "POST /api/v4/invitations")
    with pytest.raises(OutcomeUnknown):
        await wrike.apply(walk.action("invite"), "invite")
    assert bench.calls("/invitations", "POST") == 1


@pytest.mark.parametrize(
    ("lever", "switches", "said"),
    [
        ("decline", {}, "declined"),
        ("expire", {"expired_invitation_status": "Cancelled"}, "cancelled, or ran out"),
        ("expire", {"expired_invitation_status": "Declined"}, "declined"),
    ],
)
async def test_an_invitation_that_came_to_nothing_says_what_to_do(
    bench: Bench, wrike: Wrike, lever: str, switches: dict[str, Any], said: str
) -> None:
    """Declined, cancelled and expired ones wait with a way out; a new invitation by hand takes the plan on."""
    await bench.switch(**switches)
    walk = await _walk(bench, wrike)
    await walk.act("invite")
    await bench.pull(lever, email=NEWCOMER)
    seen = await walk.look("accept")
    assert seen.outcome is Outcome.NOT_DONE
    assert said in seen.detail
    assert "Invite it again" in seen.detail
    await wrike.apply(walk.action("invite"), "invite")  # as somebody does by hand
    await bench.pull("accept", email=NEWCOMER)
    assert (await walk.look("accept")).outcome is Outcome.DONE


async def test_an_invitation_is_taken_back_by_its_twin(bench: Bench, wrike: Wrike) -> None:
    """Before acceptance the way back is to cancel it."""
    walk = await _walk(bench, wrike)
    await walk.act("invite")
    assert (await walk.back("invite")).outcome is Outcome.DONE
    (sent,) = [one for one in bench.stand_in.tenant.invitations.values() if one.email == NEWCOMER]
    assert sent.status == "Cancelled"


async def test_shares_that_did_not_survive_the_acceptance_are_made_after_it(
    bench: Bench, wrike: Wrike
) -> None:
    """Whether a share to an invitation carries over is not documented: the contact gets its own, which is read back."""
    await bench.switch(invitation_shares_carry_over=False)
    walk = await _walk(bench, wrike)
    await walk.act("invite")
    await bench.pull("accept", email=NEWCOMER)
    await walk.look("accept")
    assert (await walk.act("share-1")).outcome is Outcome.DONE
    assert (await walk.back("share-1")).outcome is Outcome.DONE
    assert walk.known["contact"] not in bench.folder("Access requests").shared


@pytest.mark.parametrize("shape", ["ids", "objects"])
async def test_either_spelling_of_a_share_is_tried(bench: Bench, wrike: Wrike, shape: str) -> None:
    """The documents contradict each other; a refused spelling changed nothing, so the other may follow."""
    await bench.switch(add_shareds_shape=shape)
    walk = await _walk(bench, wrike, email=SERVICE, system="Salesforce")
    assert (await walk.act("share-1")).outcome is Outcome.DONE


async def test_folders_are_changed_one_at_a_time(bench: Bench, wrike: Wrike) -> None:
    """Wrike takes one change to folders at a time in an account: two plans in two processes do not meet."""
    import asyncio

    await bench.switch(parallel_folder_write="refused", folder_write_ms=80.0)
    other = bench.make()
    one = await _walk(bench, wrike, email=SERVICE, system="Salesforce")
    two = Walk(
        bench,
        other,
        (await other.change("provision", ASKED | {"email": SERVICE, "system": "Salesforce"})).plan,
    )
    await asyncio.gather(one.act("share-1"), two.act("share-2"))
    assert bench.stand_in.tenant.world.counters["wrike.parallel_folder_writes"] == 0


async def test_a_user_type_is_set_and_read_back_by_what_it_shows(bench: Bench, wrike: Wrike) -> None:
    """No record shows the type; its role does. A name that tells no role is signed for by a person instead."""
    (external,) = [title for title in await wrike.licences() if "xternal" in title]
    walk = await _walk(bench, wrike, email=SERVICE, system="Salesforce", user_type=external)
    assert (await walk.act("user-type")).outcome is Outcome.DONE
    assert bench.contact(SERVICE).external


async def test_a_token_made_as_somebody_else_is_not_accepted(bench: Bench, wrike: Wrike) -> None:
    """People stay signed in as themselves by accident: the token itself says whose it is."""
    walk = await _walk(bench, wrike, email=SERVICE, system="Salesforce", credential="permanent_token")
    assert (await walk.look("prove")).outcome is Outcome.NOT_DONE  # nothing was entered
    walk.drawer["token"] = Secret(await bench.token_of("ada.okonkwo@larkspur.example"))
    seen = await walk.look("prove")
    assert seen.outcome is Outcome.NOT_DONE
    assert "ada.okonkwo@larkspur.example" in seen.detail
    walk.drawer["token"] = Secret("nonsense")
    assert "refused" in (await walk.look("prove")).detail


async def test_a_consent_is_proven_by_the_audit_log(bench: Bench, wrike: Wrike) -> None:
    """The integration holds the token; what is seen is that the account said yes, and later that the old one ended."""
    walk = await _walk(bench, wrike, email=SERVICE, system="Salesforce", flow=OPPORTUNITIES)
    assert (await walk.look("consent")).outcome is Outcome.NOT_DONE
    await bench.pass_time(seconds=5)
    await bench.pull("connect", flow="Salesforce opportunities to projects", email=SERVICE)
    assert (await walk.look("consent")).outcome is Outcome.DONE
    assert (await walk.look("retire")).outcome is Outcome.NOT_DONE
    await bench.pull("revoke", email="beatriz.quispe@larkspur.example")
    assert (await walk.look("retire")).outcome is Outcome.DONE


async def test_without_an_audit_log_a_consent_is_signed_for(bench: Bench, wrike: Wrike) -> None:
    """What cannot be seen is not pretended: two steps become attested, and the plan says so."""
    await bench.pull("plan", type="Business")
    draft = await _draft(wrike, email=SERVICE, system="Salesforce", flow=OPPORTUNITIES)
    modes = {step.key: step.mode for step in draft.plan.steps}
    assert modes["consent"] is modes["retire"] is StepMode.ATTESTED
    assert any("word of whoever" in note for note in draft.plan.notes)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"email": BOT, "system": "X"}, "the bot's own user"),
        ({"email": SHARED, "system": "Salesforce"}, "serves Jira already"),
        ({"flow": OPPORTUNITIES}, "is a flow of Salesforce, not of Power BI"),
        ({"flow": POWER_BI, "credential": "oauth"}, "is declared with permanent_token"),
        ({"flow": POWER_BI, "email": PERSON}, "acts as"),
    ],
)
async def test_reasons_against_are_told_before_anybody_approves(
    wrike: Wrike, asked: dict[str, str], said: str
) -> None:
    """One account for each system, and never the bot's own."""
    assert any(said in one for one in (await _draft(wrike, **asked)).objections)


async def test_no_free_seat_is_told_before_anybody_approves(bench: Bench, wrike: Wrike) -> None:
    """An invitation takes a paid seat."""
    await bench.pull("plan", seats=10)
    assert any("no seat is free" in one for one in (await _draft(wrike)).objections)


async def test_a_seat_that_went_meanwhile_is_wrikes_own_refusal(bench: Bench, wrike: Wrike) -> None:
    """Refused with Wrike's words, and nothing happened."""
    walk = await _walk(bench, wrike)
    await bench.pull("plan", seats=10)
    assert (await walk.look("preflight")).outcome is Outcome.NOT_DONE
    with pytest.raises(Rejected, match="no seat is free"):
        await wrike.apply(walk.action("preflight"), "preflight")
    with pytest.raises(Forbidden, match="No licences are left"):
        await wrike.apply(walk.action("invite"), "invite")


async def test_a_deleted_namesake_does_not_stand_in_the_way(wrike: Wrike) -> None:
    """Somebody deleted with the same address is not a member."""
    draft = await _draft(wrike, email=DELETED)
    assert "invite" in {step.key for step in draft.plan.steps}
    assert draft.objections == ()


@pytest.mark.parametrize(
    ("asked", "said", "kind"),
    [
        ({"email": "not an address"}, "email:", BadArgument),
        ({"email": "<!channel>@x"}, "email:", BadArgument),
        ({"system": ""}, "system:", BadArgument),
        ({"system": "x" * 61}, "system:", BadArgument),
        ({"credential": "password"}, "credential:", BadArgument),
        ({"credential": "none", "flow": POWER_BI}, "credential:", BadArgument),
        ({"user_type": "Emperor"}, "user_type: there is no", BadArgument),
        ({"user_type": "Administrator"}, "user_type:", BadArgument),
        ({"folders": "Nowhere"}, "folders: the bot sees no folder", NotFound),
        ({"flow": "=cmd()|' /C calc'!A0"}, "flow: none called", NotFound),
        ({"colour": "red"}, "colour: there is no such value", BadArgument),
    ],
)
async def test_a_value_that_is_off_is_named_with_what_would_do(
    wrike: Wrike, asked: dict[str, str], said: str, kind: type[Exception]
) -> None:
    """Nothing was asked for, and the hint begins with the field."""
    with pytest.raises(kind) as caught:
        await _draft(wrike, **asked)
    assert str(caught.value).startswith(said)
