"""Flows moved between accounts, tokens renewed, and leavers, on real sockets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from wrike_bench import (
    BOT,
    DELETED,
    LEAVER,
    OPPORTUNITIES,
    PERSON,
    POWER_BI,
    POWER_BI_ID,
    SERVICE,
    SHARED,
    Bench,
    Walk,
    flow,
)

from bot.errors import BadArgument, Forbidden, NotFound, NotSupported
from bot.platform.plan import Action, How, Manner, Outcome, PlanKind, StepMode
from bot.platform.ports import Rotates, ShowsContent, UsesSecrets
from bot.text import Secret
from platforms.wrike import Wrike

OWNER = "margarethe.lindqvist@larkspur.example"
ELSEWHERE = "hannah.bergqvist@larkspur.example"
HOSTILE = How(manner=Manner.HOSTILE)


def test_it_has_every_optional_part(wrike: Wrike) -> None:
    """Rotation, secrets and content are found by what an adapter can do."""
    assert isinstance(wrike, Rotates)
    assert isinstance(wrike, UsesSecrets)
    assert isinstance(wrike, ShowsContent)


async def test_a_flow_moves_and_the_old_token_lives_until_the_new_one_has_worked(
    bench: Bench, wrike: Wrike
) -> None:
    """Content first, then the token, its proof, a full beat, and only then the end of the old one."""
    draft = await wrike.handover(
        POWER_BI_ID, SERVICE, How(consumer="Power BI", cadence=timedelta(minutes=15))
    )
    assert draft.objections == ()
    assert draft.plan.kind is PlanKind.HANDOVER
    assert (draft.plan.holder_email, draft.plan.target_label) == (PERSON, SERVICE)
    keys = [step.key for step in draft.plan.steps]
    assert keys == [
        "preflight", "share-1", "receive", "prove", "deliver", "note", "rest", "receive-old",
        "prove-old", "retire",
    ]  # fmt: skip
    assert draft.plan.steps[-1].destructive
    rest = next(step for step in draft.plan.steps if step.key == "rest")
    assert rest.action.params["window_s"] == "900"


async def test_hostile_ends_the_old_one_first_and_says_what_stands_still(wrike: Wrike) -> None:
    """The holder loses it now; the downtime is in the plan that is approved."""
    draft = await wrike.handover(POWER_BI_ID, SERVICE, HOSTILE)
    keys = [step.key for step in draft.plan.steps]
    assert keys.index("retire") < keys.index("receive")
    assert "rest" not in keys
    assert "stands still" in draft.plan.downtime
    assert draft.plan.manner is Manner.HOSTILE


async def test_a_moved_flow_can_be_taken_back(bench: Bench, wrike: Wrike) -> None:
    """The note has a twin; after it the inventory names the old account again."""
    walk = Walk(bench, wrike, (await wrike.handover(POWER_BI_ID, SERVICE)).plan)
    await walk.act("note")
    assert flow(await wrike.snapshot(None), POWER_BI).principal_id == bench.contact(SERVICE).id
    assert (await walk.back("note")).outcome is Outcome.DONE
    assert flow(await wrike.snapshot(None), POWER_BI).principal_id == bench.contact(PERSON).id


async def test_turned_back_the_new_token_ends_too(bench: Bench, wrike: Wrike) -> None:
    """The token that was entered is tried until Wrike refuses it; one that could not be tried is not dead."""
    walk = Walk(bench, wrike, (await wrike.handover(POWER_BI_ID, SERVICE)).plan)
    assert (await walk.look_back("receive")).outcome is Outcome.DONE, "nothing was entered"
    walk.drawer["token"] = Secret(await bench.token_of(SERVICE))
    assert "still answers" in (await walk.look_back("receive")).detail
    await bench.fault("500", "GET /api/v4/contacts", count=None)
    assert (await walk.look_back("receive")).outcome is Outcome.UNKNOWN
    await bench.mend()
    await bench.pull("revoke", email=SERVICE)
    assert (await walk.look_back("receive")).outcome is Outcome.DONE


async def test_a_new_declaration_counts_more_than_an_old_note(bench: Bench, wrike: Wrike) -> None:
    """Once the configuration names another account than the one the plan moved it from, that is the truth."""
    walk = Walk(bench, wrike, (await wrike.handover(POWER_BI_ID, SERVICE)).plan)
    await walk.act("note")
    flows = bench.table()["flows"]
    assert isinstance(flows, list)
    flows[0]["account"] = LEAVER
    later = bench.make(flows=flows)
    assert flow(await later.snapshot(None), POWER_BI).principal_id == bench.contact(LEAVER).id


async def test_the_end_of_a_declared_token_needs_no_entering(bench: Bench) -> None:
    """Where the configuration has the flow's secret, that is what is tried."""
    bench.secrets["flows.0.secret"] = await bench.token_of(PERSON)
    adapter = bench.make()
    walk = Walk(bench, adapter, (await adapter.handover(POWER_BI_ID, SERVICE)).plan)
    assert "receive-old" not in walk.steps
    await walk.act("note")
    assert (await walk.look("retire")).outcome is Outcome.NOT_DONE
    await bench.fault("500", "GET /api/v4/contacts", count=None)
    assert (await walk.look("retire")).outcome is Outcome.UNKNOWN
    await bench.mend()
    await bench.pull("revoke", email=PERSON)
    assert (await walk.look("retire")).outcome is Outcome.DONE
    assert not walk.action("retire").uses


async def test_an_unreachable_data_centre_keeps_a_token_from_being_dead(bench: Bench) -> None:
    """A 401 from one of two is not the end of it."""
    bench.secrets["flows.0.secret"] = await bench.token_of(PERSON)
    adapter = bench.make(other_urls=["http://127.0.0.1:9/api/v4"])
    walk = Walk(bench, adapter, (await adapter.handover(POWER_BI_ID, SERVICE)).plan)
    await bench.pull("revoke", email=PERSON)
    assert (await walk.look("retire")).outcome is Outcome.UNKNOWN


async def test_a_connection_moves_by_a_new_consent(wrike: Wrike) -> None:
    """No secret passes through us: nothing is entered, delivered or named as destination."""
    draft = await wrike.handover(f"flow:{OPPORTUNITIES}", SERVICE)
    assert [step.key for step in draft.plan.steps] == ["preflight", "consent", "note", "rest", "retire"]
    assert draft.plan.destination == ""
    assert {step.mode for step in draft.plan.steps} == {StepMode.AUTO, StepMode.GUIDED, StepMode.WATCH}


async def test_a_token_is_renewed_as_the_same_account(bench: Bench, wrike: Wrike) -> None:
    """A rotation proves that the new token is the same account's."""
    flows = bench.table()["flows"]
    assert isinstance(flows, list)
    flows[0] |= {"account": SERVICE, "system": "Salesforce"}
    adapter = bench.make(flows=flows)
    draft = await adapter.rotate(POWER_BI_ID)
    assert draft.objections == ()
    assert draft.plan.kind is PlanKind.ROTATION
    assert draft.plan.target_id == bench.contact(SERVICE).id
    walk = Walk(bench, adapter, draft.plan)
    walk.drawer["token"] = Secret(await bench.token_of(SERVICE))
    assert (await walk.look("prove")).outcome is Outcome.DONE
    assert (await walk.look("preflight")).outcome is Outcome.DONE
    with pytest.raises(NotSupported, match="OAuth"):
        await adapter.rotate(f"flow:{OPPORTUNITIES}")


async def test_a_persons_token_is_handed_over_not_renewed(wrike: Wrike) -> None:
    """Renewing it would only prolong what is wrong."""
    assert any("service account" in one for one in (await wrike.rotate(POWER_BI_ID)).objections)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ada.okonkwo@larkspur.example", "not known as a service account"),
        (LEAVER, "deactivated"),
        (DELETED, "deleted"),
        (BOT, "the bot's own user"),
        (SHARED, "serves Jira already"),
        (PERSON, "acts as wenli.chang@larkspur.example already"),
    ],
)
async def test_whom_it_must_not_move_to(wrike: Wrike, target: str, said: str) -> None:
    """Reasons stand in the draft before anybody approves."""
    assert any(said in one for one in (await wrike.handover(POWER_BI_ID, target)).objections)


async def test_what_is_not_there_cannot_be_moved(wrike: Wrike) -> None:
    """Unknown flows and accounts are told apart from each other."""
    with pytest.raises(NotFound, match="flow: none called"):
        await wrike.handover("flow:Nothing", SERVICE)
    with pytest.raises(NotFound, match="user: Wrike has no user"):
        await wrike.handover(POWER_BI_ID, "nobody@larkspur.example")
    with pytest.raises(BadArgument):
        await wrike.handover("grant:1", SERVICE)


async def test_a_verb_that_only_people_have_is_never_carried_out(wrike: Wrike) -> None:
    """Steps of people are looked at and nothing else; a verb of somebody else's is no verb."""
    for verb in ("prove-token", "token-dead", "accept", "nonsense"):
        with pytest.raises(NotSupported):
            await wrike.apply(Action(verb=verb, subject="", params={"flow": POWER_BI}), "k")
    assert (await wrike.confirm(Action(verb="nonsense", subject=""), "k")).outcome is Outcome.UNKNOWN
    with pytest.raises(NotSupported):
        await wrike.change("fly", {})
    with pytest.raises(NotSupported):
        await wrike.disclose(Action(verb="prove-token", subject=""))


async def test_a_leaver_is_deactivated_and_can_come_back(bench: Bench, wrike: Wrike) -> None:
    """Two must approve; the state is read by the tenant's own filter; the twin activates again."""
    draft = await wrike.change("deactivate", {"user": "sofia.restrepo@larkspur.example"})
    assert draft.objections == ()
    assert draft.plan.approvers_at_least == 2
    assert draft.plan.destructive
    walk = Walk(bench, wrike, draft.plan)
    assert (await walk.act("deactivate")).outcome is Outcome.DONE
    assert not bench.contact("sofia.restrepo@larkspur.example").active
    assert (await walk.back("deactivate")).outcome is Outcome.DONE
    assert bench.contact("sofia.restrepo@larkspur.example").active


async def test_where_the_state_is_hidden_the_audit_log_tells(bench: Bench, wrike: Wrike) -> None:
    """Without the filter the deactivation is proven by its row; without either it is not begun."""
    await bench.switch(contact_filters=False)
    draft = await wrike.change("deactivate", {"user": "sofia.restrepo@larkspur.example"})
    assert draft.objections == ()
    walk = Walk(bench, wrike, draft.plan)
    assert (await walk.act("deactivate")).outcome is Outcome.DONE
    await bench.pull("plan", type="Enterprise", audit=False)
    blind = await wrike.change("deactivate", {"user": "tendai.moyo@larkspur.example"})
    assert any("nobody could see" in one for one in blind.objections)


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (OWNER, "owners cannot be deactivated"),
        (BOT, "the bot's own user"),
        (PERSON, "hand them over first"),
        (LEAVER, "deactivated already"),
        (DELETED, "deleted already"),
    ],
)
async def test_who_cannot_be_deactivated(wrike: Wrike, user: str, said: str) -> None:
    """Owners, the bot, whoever still carries a flow: said before anybody approves."""
    assert any(said in one for one in (await wrike.change("deactivate", {"user": user})).objections)


async def test_a_member_of_several_accounts_is_wrikes_refusal(bench: Bench, wrike: Wrike) -> None:
    """The bot does not see other accounts; Wrike refuses, and the plan had said that it might."""
    draft = await wrike.change("deactivate", {"user": ELSEWHERE})
    assert any("other Wrike accounts" in note for note in draft.plan.notes)
    walk = Walk(bench, wrike, draft.plan)
    with pytest.raises(Forbidden, match="several accounts"):
        await wrike.apply(walk.action("deactivate"), "deactivate")


async def test_a_plan_that_cannot_deactivate_is_said(bench: Bench, wrike: Wrike) -> None:
    """On lower plans the only way out is for ever."""
    await bench.pull("plan", type="Business")
    draft = await wrike.change("deactivate", {"user": "sofia.restrepo@larkspur.example"})
    assert any("only deleted" in one for one in draft.objections)


async def test_deletion_is_a_persons_deed_guarded_and_proven(bench: Bench, wrike: Wrike) -> None:
    """There is no interface for it, and no way back: two approve, a person does it, the record proves it."""
    draft = await wrike.change("delete", {"user": LEAVER})
    assert any("hand them over first" in one for one in draft.objections)
    draft = await wrike.change("delete", {"user": "sofia.restrepo@larkspur.example"})
    assert draft.objections == ()
    step = draft.plan.steps[-1]
    assert (step.mode, step.destructive, step.twin, step.undo) == (StepMode.GUIDED, True, None, "")
    assert draft.plan.approvers_at_least == 2
    walk = Walk(bench, wrike, draft.plan)
    assert (await walk.look("delete")).outcome is Outcome.NOT_DONE
    await bench.pull("delete", email="sofia.restrepo@larkspur.example")
    assert (await walk.look("delete")).outcome is Outcome.DONE
    await bench.switch(deleted_user_by_id="404")
    assert (await walk.look("delete")).outcome is Outcome.DONE


async def test_a_look_that_fails_is_neither_yes_nor_no(bench: Bench, wrike: Wrike) -> None:
    """Whatever verb is looked at while Wrike is down, the answer is that nobody knows."""
    draft = await wrike.handover(POWER_BI_ID, SERVICE)
    walk = Walk(bench, wrike, draft.plan)
    await bench.fault("500", "/api/v4", count=None)
    for key in ("preflight", "share-1"):
        assert (await walk.look(key)).outcome is Outcome.UNKNOWN
