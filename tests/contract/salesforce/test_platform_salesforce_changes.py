"""Deliberate changes to accounts and rules, against an org on real sockets."""

from __future__ import annotations

import pytest
from salesforce_bench import HOLDER, TARGET, Bench, Walk, held

from bot.errors import (
    BadArgument,
    NotSupported,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from bot.platform.model import CredentialKind, PrincipalKind, PrincipalStatus
from bot.platform.plan import Action, Draft, Outcome, StepMode

NEW = {
    "name": "Marketo sync",
    "email": "team@larkspur.example",
    "username": "svc.marketo@integrations.larkspur.example",
    "permission_sets": "Integration: sales data",
}


async def _walk_through(bench: Bench, draft: Draft) -> Walk:
    assert draft.objections == ()
    walk = Walk(bench, draft.plan)
    assert (await walk.look("preflight")).outcome is Outcome.DONE
    for key, step in walk.steps.items():
        if key != "preflight" and step.mode is StepMode.AUTO:
            assert (await walk.act(key)).outcome is Outcome.DONE
    return walk


async def test_an_integration_user_is_made_the_recommended_way(bench: Bench) -> None:
    """User, permission set licence, permission set, in that order; afterwards a scan sees a program."""
    await _walk_through(bench, await bench.platform.change("create", NEW))
    found = await bench.platform.snapshot(None)
    made = next(p for p in found.principals if p.username == NEW["username"])
    assert made.kind is PrincipalKind.SERVICE
    assert made.profile == "Minimum Access - API Only Integrations"


async def test_a_create_whose_answer_is_lost_makes_one_user(bench: Bench) -> None:
    """The user name is the key: after a time-out the user is found, not made again."""
    hasty = bench.another(timeout_s=0.5)
    action = (await hasty.change("create", NEW)).plan.steps[1].action
    await bench.fault("timeout_after_effect", "POST /services/data/.*/sobjects/User")
    with pytest.raises(OutcomeUnknown):
        await hasty.apply(action, "create-user")
    assert (await hasty.confirm(action, "create-user")).outcome is Outcome.DONE
    assert len(bench.stand_in.org["User"].where("Username", NEW["username"])) == 1


async def test_a_create_that_never_left_did_not_happen(bench: Bench) -> None:
    """A refused write says so, and the plan may be tried again."""
    action = (await bench.platform.change("create", NEW)).plan.steps[1].action
    await bench.fault("429", "POST /services/data/.*/sobjects/User")
    with pytest.raises(RateLimited):
        await bench.platform.apply(action, "create-user")
    assert (await bench.platform.confirm(action, "create-user")).outcome is Outcome.NOT_DONE


async def test_a_user_name_of_another_org_is_explained(bench: Bench) -> None:
    """User names are unique in all of Salesforce, which only the create itself can tell."""
    taken = NEW | {"username": "integration@larkspur.com"}
    action = (await bench.platform.change("create", taken)).plan.steps[1].action
    with pytest.raises(Rejected) as caught:
        await bench.platform.apply(action, "create-user")
    assert caught.value.vendor_code == "DUPLICATE_USERNAME"
    assert "choose another" in caught.value.hint


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (NEW | {"username": TARGET}, "exists already"),
        (NEW | {"profile": "Standard User"}, ""),
    ],
)
async def test_what_speaks_against_a_new_user_is_said(
    bench: Bench, params: dict[str, str], said: str
) -> None:
    """A taken name is an objection; a profile for people is allowed, with a warning."""
    draft = await bench.platform.change("create", params)
    if said:
        assert any(said in objection for objection in draft.objections)
    else:
        assert any("people could sign in" in note for note in draft.plan.notes)


async def test_no_licence_left_is_said_before_anything_is_made(bench: Bench) -> None:
    """A full supply of either licence is an objection."""
    org = bench.stand_in.org
    for table in ("UserLicense", "PermissionSetLicense"):
        for row in org[table]:
            org[table].change(row, {"TotalLicenses": row["UsedLicenses"]})
    draft = await bench.platform.change("create", NEW)
    assert len(draft.objections) == 2


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("create", NEW | {"profile": "Nobody's"}),
        ("create", NEW | {"permission_sets": "Nobody's"}),
        ("create", NEW | {"colour": "blue"}),
        ("freeze", {}),
        ("freeze", {"username": "a", "id": "b"}),
        ("restrict", {"username": TARGET, "ranges": "everywhere"}),
        ("hours", {"username": TARGET, "hours": "always"}),
        ("revoke", {"grant": "the old one"}),
    ],
)
async def test_a_value_that_is_off_plans_nothing(bench: Bench, verb: str, params: dict[str, str]) -> None:
    """Every slip is answered with what would do, and no plan."""
    with pytest.raises(BadArgument):
        await bench.platform.change(verb, params)


async def test_an_unknown_verb_is_refused_at_planning(bench: Bench) -> None:
    """What Salesforce cannot do is said at once, with what it can."""
    with pytest.raises(NotSupported, match="deactivate"):
        await bench.platform.change("delete", {"username": TARGET})


async def test_new_ranges_are_added_to_those_that_are_there(bench: Bench) -> None:
    """The interface replaces the whole list; the ranges that were there are still there afterwards."""
    user = "svc.warehouse@integrations.larkspur.example"
    params = {"username": user, "ranges": "203.0.113.8, 198.51.100.64-198.51.100.79"}
    await _walk_through(bench, await bench.platform.change("restrict", params))
    rules = {rule.profile: rule for rule in (await bench.platform.snapshot(None)).rules}
    starts = [start for start, _, _ in rules["Warehouse loader"].ranges]
    assert starts[:2] == ["198.51.100.16", "127.0.0.1"]
    assert set(starts[2:]) == {"203.0.113.8", "198.51.100.64"}


async def test_hours_survive_a_change_of_ranges_and_the_other_way_round(bench: Bench) -> None:
    """Each rule is written without touching the other."""
    user = "svc.warehouse@integrations.larkspur.example"
    await _walk_through(
        bench, await bench.platform.change("hours", {"username": user, "hours": "mon-fri 6-20"})
    )
    await _walk_through(
        bench, await bench.platform.change("restrict", {"username": user, "ranges": "203.0.113.8"})
    )
    rules = {rule.profile: rule for rule in (await bench.platform.snapshot(None)).rules}
    hours = {day: (start, end) for day, start, end in rules["Warehouse loader"].hours}
    assert hours["monday"] == (360, 1200)
    assert hours["sunday"] == (0, 0)
    assert len(rules["Warehouse loader"].ranges) == 3


async def test_the_bot_does_not_lock_itself_out(bench: Bench) -> None:
    """Ranges without the bot's own address, and any hours, are refused on a profile it shares."""
    draft = await bench.platform.change("restrict", {"username": TARGET, "ranges": "203.0.113.8"})
    assert any("would be refused" in objection for objection in draft.objections)
    assert any("other user" in note for note in draft.plan.notes)
    fine = await bench.platform.change("restrict", {"username": TARGET, "ranges": "203.0.113.8, 127.0.0.1"})
    assert not fine.objections
    draft = await bench.platform.change("hours", {"username": TARGET, "hours": "mon-fri 6-20"})
    assert any("the bot signs in" in objection for objection in draft.objections)


async def test_freezing_is_undone_by_unfreezing(bench: Bench) -> None:
    """Both are read back from the user's sign-in record."""
    await _walk_through(bench, await bench.platform.change("freeze", {"username": HOLDER}))
    found = await bench.platform.snapshot(None)
    assert next(p for p in found.principals if p.username == HOLDER).status is PrincipalStatus.FROZEN
    await _walk_through(bench, await bench.platform.change("unfreeze", {"username": HOLDER}))
    found = await bench.platform.snapshot(None)
    assert next(p for p in found.principals if p.username == HOLDER).status is PrincipalStatus.ACTIVE


async def test_a_grant_is_revoked_by_its_own_id(bench: Bench) -> None:
    """One grant ends and every other stays."""
    before = await bench.platform.snapshot(None)
    grant = held(before, CredentialKind.OAUTH_GRANT, "Expensify")
    await _walk_through(bench, await bench.platform.change("revoke", {"grant": grant.native_id}))
    after = await bench.platform.snapshot(None)
    gone = {c.native_id for c in before.credentials} - {c.native_id for c in after.credentials}
    assert gone == {grant.native_id}


async def test_a_user_who_holds_things_up_is_not_deactivated(bench: Bench) -> None:
    """Jobs, dashboards, grants in use and client credentials are named first; without them it goes through."""
    held = await bench.platform.change("deactivate", {"username": "alice.doherty@larkspur.example"})
    said = " ".join(held.objections)
    for what in ("Nightly order sync", "Orders from the shop", "Shopify connector", "Celigo"):
        assert what in said
    free = "svc.casebot@integrations.larkspur.example"
    org = bench.stand_in.org
    next(a for a in org.apps.values() if a.label == "Slack-to-Case bot").run_as = ""
    await _walk_through(bench, await bench.platform.change("deactivate", {"username": free}))


async def test_a_block_by_salesforce_itself_is_shown_in_its_own_words(bench: Bench) -> None:
    """What stands in the way of a deactivation is only known when Salesforce says it."""
    org = bench.stand_in.org
    (user,) = org["User"].where("Username", "brendan.kealoha@larkspur.example")
    action = Action(verb="deactivate-user", subject=user["Id"])
    with pytest.raises(Rejected, match="default lead owner"):
        await bench.platform.apply(action, "deactivate")


async def test_the_last_administrator_stays(bench: Bench) -> None:
    """Nobody is frozen or deactivated who is the only one left to mend things."""
    org = bench.stand_in.org
    (last,) = org["User"].where("Username", "ada.okonkwo@larkspur.example")
    for user in org["User"]:
        own_sets = org["PermissionSetAssignment"].where("AssigneeId", user["Id"])
        strong = any(
            org["PermissionSet"].get(a["PermissionSetId"])["PermissionsModifyAllData"]  # type: ignore[index]
            for a in own_sets
        )
        if strong and user["Id"] != last["Id"]:
            org["User"].change(user, {"IsActive": False})
    for verb in ("freeze", "deactivate"):
        draft = await bench.platform.change(verb, {"username": last["Username"]})
        assert any("last active administrator" in objection for objection in draft.objections)


async def test_the_bot_does_not_switch_itself_off(bench: Bench) -> None:
    """Its own user is never frozen or deactivated by a plan of its own."""
    own = bench.ready["salesforce"]["username"]
    for verb in ("freeze", "deactivate"):
        draft = await bench.platform.change(verb, {"username": own})
        assert any("the bot's own user" in objection for objection in draft.objections)
