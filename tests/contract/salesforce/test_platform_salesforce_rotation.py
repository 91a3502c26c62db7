"""An app's key and secret replaced, against an org on real sockets: both pairs work until the last step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from salesforce_bench import Bench, Walk, held

from bot.errors import Forbidden, NotFound, NotSupported, OutcomeUnknown
from bot.platform.model import CredentialKind
from bot.platform.plan import Action, How, Manner, Outcome, PlanKind, StepMode
from sandbox.salesforce.apps import App

DONE, NOT_DONE, UNKNOWN = Outcome.DONE, Outcome.NOT_DONE, Outcome.UNKNOWN


def app_of(bench: Bench) -> App:
    """An external client app that signs in with client credentials, and is not the bot's own."""
    return next(
        app
        for app in bench.stand_in.org.apps.values()
        if app.kind == "external" and app.run_as and app.client_id != bench.ready["salesforce"]["client_id"]
    )


async def walk_of(bench: Bench, how: How | None = None) -> Walk:
    draft = await bench.platform.rotate(f"run-as:{app_of(bench).id}", how or How())
    assert draft.objections == ()
    return Walk(bench, draft.plan)


async def signs_in(bench: Bench, pair: tuple[str, str]) -> bool:
    """Whether a consumer with that pair gets a token, by a request of its own."""
    form = {"grant_type": "client_credentials", "client_id": pair[0], "client_secret": pair[1]}
    url = f"{bench.ready['salesforce']['url']}/services/oauth2/token"
    return (await bench.levers.post(url, data=form)).status_code == 200


async def test_the_plan_states_what_changes_and_ends_nothing_before_the_last_step(bench: Bench) -> None:
    """Zero downtime is promised, the key is said to change, and the one destructive step stands last."""
    walk = await walk_of(bench)
    plan = walk.plan
    assert plan.kind is PlanKind.ROTATION
    assert plan.downtime.startswith("none")
    assert [s.key for s in plan.steps if s.destructive] == ["retire"] == [plan.steps[-1].key]
    assert any("key changes" in note for note in plan.notes)
    assert walk.steps["in-use"].mode is StepMode.ATTESTED


async def test_hostile_ends_the_former_pair_before_the_consumer_has_the_new_one(bench: Bench) -> None:
    """For a leaked secret: the order is turned round and the downtime is stated."""
    plan = (await walk_of(bench, How(manner=Manner.HOSTILE))).plan
    keys = [step.key for step in plan.steps]
    assert keys.index("retire") < keys.index("deliver")
    assert plan.manner is Manner.HOSTILE
    assert "until the consumer has" in plan.downtime


async def test_walked_to_its_end_no_sign_in_fails(bench: Bench) -> None:
    """Stage, try, promote, retire: the former pair works until it is ended, the new one from the beginning."""
    walk, app = await walk_of(bench), app_of(bench)
    old = (app.client_id, app.client_secret)
    assert (await walk.act("stage")).outcome is DONE
    made = await bench.platform.disclose(walk.action("stage"))
    new = (made["client_id"].reveal(), made["client_secret"].reveal())
    assert (await walk.look("try")).outcome is DONE
    assert [await signs_in(bench, pair) for pair in (old, new)] == [True, True]
    assert (await walk.act("promote")).outcome is DONE
    assert [await signs_in(bench, pair) for pair in (old, new)] == [True, True]
    assert (await bench.platform.disclose(walk.action("stage")))["client_id"].reveal() == new[0]
    assert (await walk.act("retire")).outcome is DONE
    assert [await signs_in(bench, pair) for pair in (old, new)] == [False, True]
    for key in ("stage", "promote", "retire"):  # whatever was recorded or not, a look finds it done
        assert (await walk.look(key)).outcome is DONE


async def test_the_new_pair_is_taken_back(bench: Bench) -> None:
    """The twin of staging ends the staged pair and nothing else, also where its receipt was never written."""
    walk, app = await walk_of(bench), app_of(bench)
    old = (app.client_id, app.client_secret)
    twin = walk.steps["stage"].twin
    assert twin
    assert (await bench.platform.confirm(twin.action, "undo")).outcome is DONE
    await bench.platform.apply(walk.action("stage"), "stage")  # and the process dies here
    assert (await bench.platform.confirm(twin.action, "undo")).outcome is NOT_DONE
    await bench.platform.apply(twin.action, "undo")
    assert (await bench.platform.confirm(twin.action, "undo")).outcome is DONE
    assert await signs_in(bench, old)
    assert app.staged is None


async def test_a_staging_whose_answer_is_lost_is_found_by_reading(bench: Bench) -> None:
    """The slot tells: nothing is staged twice, and the pair that was made is the one that is used."""
    walk = await walk_of(bench)
    hasty = bench.another(timeout_s=0.5)
    await bench.fault("timeout_after_effect", "POST .*/staged")
    with pytest.raises(OutcomeUnknown):
        await hasty.apply(walk.action("stage"), "stage")
    assert (await walk.look("stage")).outcome is DONE
    staged = app_of(bench).staged
    assert staged
    assert (await bench.platform.disclose(walk.action("stage")))["client_id"].reveal() == staged.key


async def test_a_slot_that_is_taken_is_refused_at_planning(bench: Bench) -> None:
    """Somebody's staged pair, or the former one of an earlier rotation, is never pushed out."""
    walk = await walk_of(bench)
    await walk.act("stage")
    subject = walk.plan.subject_id
    assert "staged a new pair" in "".join((await bench.platform.rotate(subject)).objections)
    await walk.act("promote")
    assert "old pair of an earlier" in "".join((await bench.platform.rotate(subject)).objections)
    preflight = await bench.platform.confirm(walk.action("preflight"), "preflight")
    assert preflight.outcome is NOT_DONE


async def test_a_listing_that_hides_the_slot_does_no_harm(bench: Bench) -> None:
    """A slot that is shown empty though it is not: the org refuses a second pair, and nothing was changed."""
    walk = await walk_of(bench)
    await walk.act("stage")
    staged = app_of(bench).staged
    await bench.fault("short_listing", "GET .*/staged", count=None)
    with pytest.raises(Exception, match="one staged credential"):
        await bench.platform.apply(walk.action("stage"), "stage")
    assert app_of(bench).staged is staged


async def test_only_a_pair_that_works_goes_on(bench: Bench) -> None:
    """Where the org refuses the new pair, the plan waits there and says the org's reason."""
    walk, app = await walk_of(bench), app_of(bench)
    await walk.act("stage")
    app.client_credentials = False
    seen = await walk.look("try")
    assert seen.outcome is NOT_DONE
    assert "refused" in seen.detail
    assert "3MVG9" not in seen.detail


async def test_rest_is_counted_anew_from_a_refused_sign_in(bench: Bench) -> None:
    """A refusal during the wait is named with its source; a full window after it must be quiet."""
    walk, app = await walk_of(bench, How(cadence=timedelta(hours=1))), app_of(bench)
    await walk.act("stage")
    walk.since()
    seen = await walk.look("silence")
    assert seen.outcome is NOT_DONE
    await bench.pass_time(seconds=5)
    await bench.pull("salesforce/use", app=app.name, failed=True, ip="198.51.100.9")
    assert "198.51.100.9" in (await walk.look("silence")).detail
    await bench.pass_time(seconds=7200)
    assert (await walk.look("silence")).outcome is DONE


async def test_what_cannot_be_rotated_is_said_at_planning(bench: Bench) -> None:
    """A grant, a connected app, an app that is gone, the bot's own app, a closed interface: each by its name."""
    snapshot = await bench.platform.snapshot(None)
    with pytest.raises(NotSupported, match="client credentials"):
        await bench.platform.rotate(held(snapshot, CredentialKind.OAUTH_GRANT, "Marketo sync").native_id)
    with pytest.raises(NotFound):
        await bench.platform.rotate("run-as:0xIAk0000000099AAA")
    own = next(
        a for a in bench.stand_in.org.apps.values() if a.client_id == bench.ready["salesforce"]["client_id"]
    )
    own.run_as = own.run_as or bench.ready["salesforce"]["username"]
    draft = await bench.platform.rotate(f"run-as:{own.id}")
    assert "bot itself" in "".join(draft.objections)
    await bench.switch(consumer_secrets_by_rest=False)
    with pytest.raises(Forbidden, match="consumer secrets via REST API"):
        await bench.platform.rotate(f"run-as:{app_of(bench).id}")


async def test_nothing_is_concluded_where_nothing_can_be_read(bench: Bench) -> None:
    """With the interface closed or broken every look says unknown, never done."""
    walk = await walk_of(bench)
    await walk.act("stage")
    await bench.switch(consumer_secrets_by_rest=False)
    for key in ("stage", "try", "promote", "retire"):
        assert (await walk.look(key)).outcome is UNKNOWN
    gone = Action(verb="end-former-pair", subject="", params=walk.steps["retire"].action.params)
    assert (await bench.platform.confirm(gone, "retire")).outcome is UNKNOWN
