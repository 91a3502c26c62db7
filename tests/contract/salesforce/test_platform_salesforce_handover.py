"""Moving grants and run-as users, step by step, against an org on real sockets."""

from __future__ import annotations

import asyncio

import pytest
from salesforce_bench import HOLDER, TARGET, Bench, Walk, grant_of, held

from bot.errors import (
    BadArgument,
    Forbidden,
    NotFound,
    NotSupported,
    OutcomeUnknown,
    Rejected,
)
from bot.platform.model import CredentialKind
from bot.platform.plan import Outcome


async def test_a_grant_is_moved_from_a_person_to_an_integration_user(bench: Bench) -> None:
    """The recipe, start to end: approve, prove by a success and not by a count, rest, revoke, gone."""
    grant = await grant_of(bench)
    draft = await bench.platform.handover(grant.native_id, TARGET)
    assert draft.objections == ()
    assert draft.plan.holder_email == HOLDER
    assert [step.destructive for step in draft.plan.steps] == [False, False, False, False, True]
    walk = Walk(bench, draft.plan)
    assert (await walk.look("preflight")).outcome is Outcome.DONE

    assert (await walk.look("authorize")).outcome is Outcome.NOT_DONE
    await bench.pull("salesforce/authorize", username=TARGET, app="Marketo_sync")
    assert (await walk.look("authorize")).outcome is Outcome.DONE

    await bench.pass_time(seconds=5)
    assert (await walk.look("prove")).outcome is Outcome.NOT_DONE
    await bench.pull("salesforce/use", app="Marketo_sync", username=TARGET, failed=True)
    failed = await walk.look("prove")
    assert failed.outcome is Outcome.NOT_DONE
    assert "Failed: Invalid Token" in failed.detail
    await bench.pull("salesforce/use", app="Marketo_sync", username=TARGET)
    assert (await walk.look("prove")).outcome is Outcome.DONE

    walk.since()
    await bench.pass_time(seconds=50)
    assert (await walk.look("silence")).outcome is Outcome.NOT_DONE
    await bench.pull("salesforce/use", app="Marketo_sync", email=HOLDER, ip="203.0.113.99")
    await bench.pass_time(seconds=20)
    used = await walk.look("silence")
    assert used.outcome is Outcome.NOT_DONE
    assert "203.0.113.99" in used.detail
    await bench.pass_time(seconds=45)
    assert (await walk.look("silence")).outcome is Outcome.DONE

    assert (await walk.act("retire")).outcome is Outcome.DONE
    left = await bench.platform.snapshot(None)
    assert grant.native_id not in {c.native_id for c in left.credentials}
    assert walk.known["new_grant"] in {c.native_id for c in left.credentials}


async def test_a_success_of_an_older_grant_proves_nothing(bench: Bench) -> None:
    """Login History does not say which grant signed in, so another one in use leaves the proof open."""
    await bench.pull("salesforce/authorize", username=TARGET, app="Marketo_sync")
    walk = Walk(bench, (await bench.platform.handover((await grant_of(bench)).native_id, TARGET)).plan)
    await bench.pull("salesforce/authorize", username=TARGET, app="Marketo_sync")
    assert (await walk.look("authorize")).outcome is Outcome.DONE
    await bench.pass_time(seconds=10)
    org = bench.stand_in.org
    (user,) = org["User"].where("Username", TARGET)
    (older, newer) = org["OauthToken"].where("UserId", user["Id"])
    await bench.pull("salesforce/use", app="Marketo_sync", username=TARGET)
    org["OauthToken"].change(older, {"LastUsedDate": newer["LastUsedDate"], "UseCount": 1})
    seen = await walk.look("prove")
    assert seen.outcome is Outcome.NOT_DONE
    assert "older grant" in seen.detail


async def test_planning_twice_gives_the_same_plan(bench: Bench) -> None:
    """A plan holds nothing that changes by itself, so what runs can be compared with what was approved."""
    grant = await grant_of(bench)
    one = await bench.platform.handover(grant.native_id, TARGET)
    await bench.pull("salesforce/use", app="Marketo_sync", email=HOLDER)
    two = await bench.platform.handover(grant.native_id, one.plan.target_id)
    assert one.plan.digest == two.plan.digest


async def test_a_target_that_is_not_admitted_is_admitted_first(bench: Bench) -> None:
    """Where an app admits approved users only, the permission set that admits them is a step of its own."""
    org = bench.stand_in.org
    (app,) = org["ConnectedApplication"].where("Name", "Marketo sync")
    org["ConnectedApplication"].change(app, {"OptionsAllowAdminApprovedUsersOnly": True})
    draft = await bench.platform.handover((await grant_of(bench)).native_id, TARGET)
    assert draft.objections == ()
    walk = Walk(bench, draft.plan)
    assert (await walk.act("grant")).outcome is Outcome.DONE
    again = await bench.platform.handover((await grant_of(bench)).native_id, TARGET)
    assert "grant" not in {step.key for step in again.plan.steps}


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (HOLDER, "holds it already"),
        ("alice.doherty@larkspur.example", "person's account"),
        ("kenji.watanabe@larkspur.example", "deactivated"),
        ("handover@integrations.larkspur.example", "its own user"),
    ],
)
async def test_an_unfit_target_is_an_objection(bench: Bench, target: str, said: str) -> None:
    """Who must not take a grant is said before anybody is asked to approve."""
    draft = await bench.platform.handover((await grant_of(bench)).native_id, target)
    assert any(said in objection for objection in draft.objections)


async def test_the_sixth_approval_is_never_planned(bench: Bench) -> None:
    """With five approvals used, one more would silently end the oldest."""
    for _ in range(5):
        await bench.pull("salesforce/authorize", username=TARGET, app="Marketo_sync")
    draft = await bench.platform.handover((await grant_of(bench)).native_id, TARGET)
    assert any("all 5 OAuth grants" in objection for objection in draft.objections)


async def test_preflight_stops_a_plan_whose_world_has_changed(bench: Bench) -> None:
    """A target frozen after the approval stops the plan at its first step."""
    draft = await bench.platform.handover((await grant_of(bench)).native_id, TARGET)
    walk = Walk(bench, draft.plan)
    org = bench.stand_in.org
    (user,) = org["User"].where("Username", TARGET)
    (login,) = org["UserLogin"].where("UserId", user["Id"])
    org["UserLogin"].change(login, {"IsFrozen": True})
    seen = await walk.look("preflight")
    assert seen.outcome is Outcome.NOT_DONE
    with pytest.raises(Rejected, match="frozen"):
        await bench.platform.apply(walk.action("preflight"), "preflight")


async def test_what_is_not_there_cannot_be_handed_over(bench: Bench) -> None:
    """Unknown credentials and targets are said as such; a certificate has no recipe."""
    snapshot = await bench.platform.snapshot(None)
    grant = held(snapshot, CredentialKind.OAUTH_GRANT, "Marketo sync")
    with pytest.raises(NotFound):
        await bench.platform.handover("grant:00000000000000000000", TARGET)
    with pytest.raises(NotFound):
        await bench.platform.handover(grant.native_id, "nobody@larkspur.example")
    with pytest.raises(BadArgument):
        await bench.platform.handover(grant.native_id, "' OR Name != '")
    with pytest.raises(NotSupported):
        await bench.platform.handover(held(snapshot, CredentialKind.CERTIFICATE, "").native_id, TARGET)


async def test_without_the_right_to_look_nothing_is_confirmed(bench: Bench) -> None:
    """A revoked right turns every confirmation into "unknown", never into "gone"."""
    draft = await bench.platform.handover((await grant_of(bench)).native_id, TARGET)
    bench.take_away("CustomizeApplication")
    walk = Walk(bench, draft.plan)
    for key in ("authorize", "prove", "silence", "retire"):
        seen = await walk.look(key)
        assert seen.outcome is Outcome.UNKNOWN
        assert "Customize Application" in seen.detail
    with pytest.raises(Forbidden):
        await bench.platform.apply(walk.action("retire"), "retire")
    with pytest.raises(Forbidden):
        await bench.platform.handover(draft.plan.subject_id, TARGET)


async def test_a_revocation_whose_answer_is_lost_is_found_by_reading(bench: Bench) -> None:
    """The time-out leaves the outcome open; a look settles it, and nothing is revoked twice."""
    hasty = bench.another(timeout_s=0.5)
    grant = await grant_of(bench)
    plan = (await hasty.handover(grant.native_id, TARGET)).plan
    action = next(step.action for step in plan.steps if step.key == "retire")
    await bench.fault("timeout_after_effect", "POST /services/oauth2/revoke")
    with pytest.raises(OutcomeUnknown):
        await hasty.apply(action, "retire")
    assert (await hasty.confirm(action, "retire")).outcome is Outcome.DONE
    bench.stand_in.org.world.clear_faults()
    await asyncio.sleep(0.3)  # the request is logged when its answer is given up
    assert bench.calls("/oauth2/revoke") == 1


async def test_a_run_as_user_is_changed_by_a_person_and_proven(bench: Bench) -> None:
    """Client credentials of a person move to a program: metadata shows it, a sign-in proves it."""
    found = await bench.platform.snapshot(None)
    celigo = held(found, CredentialKind.RUN_AS, "Celigo")
    draft = await bench.platform.handover(celigo.native_id, TARGET)
    assert draft.objections == ()
    assert not draft.plan.destructive
    walk = Walk(bench, draft.plan)
    assert (await walk.look("run-as")).outcome is Outcome.NOT_DONE
    await bench.pull("salesforce/run_as", app="Celigo", username=TARGET)
    assert (await walk.look("run-as")).outcome is Outcome.DONE
    walk.since()
    await bench.pass_time(seconds=2)
    assert (await walk.look("prove")).outcome is Outcome.NOT_DONE
    await bench.pull("salesforce/use", app="Celigo")
    assert (await walk.look("prove")).outcome is Outcome.DONE


async def test_the_bots_own_app_is_never_handed_over(bench: Bench) -> None:
    """Neither its run-as user nor its app may be touched by a plan of its own."""
    own = held(await bench.platform.snapshot(None), CredentialKind.RUN_AS, "Handover")
    draft = await bench.platform.handover(own.native_id, TARGET)
    assert any("the bot itself" in objection for objection in draft.objections)
