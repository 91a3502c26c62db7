"""Changes to employees and tokens, views and probes, against the stand-in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from netsuite_bench import ALICE, BOT, M2M, SHARED, TBA, Bench, Walk, token_id

from bot.errors import BadArgument, Forbidden, NotFound, NotSupported, Rejected
from bot.platform.plan import Draft, Outcome, StepMode
from bot.platform.report import Mark, Report
from bot.text import Secret
from platforms.netsuite.capabilities import Capabilities, Point

FINANCE, EXPENSES = "Integration: finance", "Integration: expenses"


def roles_of(bench: Bench, email: str) -> list[int]:
    (row,) = bench.stand_in.account["employee"].where(email=email)
    return sorted(row["_roles"])


def walk(bench: Bench, draft: Draft) -> Walk:
    assert draft.objections == ()
    return Walk(bench, bench.platform, draft.plan)


async def test_a_role_is_assigned_and_the_others_stay(bench: Bench) -> None:
    """GET, PATCH without replace, GET and assert: nothing that was there is lost."""
    plan = walk(bench, await bench.platform.change("assign", {"user": SHARED, "role": EXPENSES}))
    assert (await plan.act("grant")).outcome is Outcome.DONE
    assert roles_of(bench, SHARED) == [1057, 1058, 1059]
    assert bench.calls("PATCH") == 1
    assert bench.calls("replace=roles") == 0


async def test_a_role_is_taken_with_exactly_the_approved_list(bench: Bench) -> None:
    """The list that stays is in the plan; if it changed since, nothing is sent."""
    await bench.pull("netsuite/token_state", token="integrator.io production", revoke=True)
    await bench.pull("netsuite/roles", email=SHARED, roles=[FINANCE, EXPENSES])
    draft = await bench.platform.change("unassign", {"user": SHARED, "role": EXPENSES})
    plan = walk(bench, draft)
    assert plan.action("remove").params["keep"] == "1058"
    assert any("What stays: Integration: finance." in note for note in draft.plan.notes)
    await bench.pull("netsuite/roles", email=SHARED, roles=[FINANCE, EXPENSES, "Data warehouse"])
    with pytest.raises(Rejected, match="changed since"):
        await bench.platform.apply(plan.action("remove"), "x")
    assert roles_of(bench, SHARED) == [1058, 1059, 1060]
    await bench.pull("netsuite/roles", email=SHARED, roles=[FINANCE, EXPENSES])
    assert (await plan.act("remove")).outcome is Outcome.DONE
    assert roles_of(bench, SHARED) == [1058]
    assert (await plan.act_back("remove")).outcome is Outcome.DONE
    assert roles_of(bench, SHARED) == [1058, 1059]


async def test_administrator_is_never_taken_by_program(bench: Bench) -> None:
    """The plan objects, and the deed refuses even if it is asked for all the same; other removals keep it."""
    draft = await bench.platform.change("unassign", {"user": ALICE, "role": "Administrator"})
    assert any("only ever taken away by a person" in said for said in draft.objections)
    with pytest.raises(Rejected, match="by a person"):
        await bench.platform.apply(Walk(bench, bench.platform, draft.plan).action("remove"), "x")
    await bench.switch(administrator_needed_to_grant_administrator=False)
    other = walk(bench, await bench.platform.change("unassign", {"user": ALICE, "role": "Accountant"}))
    assert (await other.act("remove")).outcome is Outcome.DONE
    assert roles_of(bench, ALICE) == [3, 1057]


async def test_a_role_that_a_live_token_needs_is_not_taken(bench: Bench) -> None:
    """Tokens that would fall asleep are named, to be handed over first."""
    draft = await bench.platform.change(
        "unassign", {"user": ALICE, "role": "NetSuite Connector Web Services"}
    )
    assert any("NetSuite Connector (“Connector, made by Alice”)" in said for said in draft.objections)


async def test_inactive_and_back(bench: Bench) -> None:
    """An employee without live tokens is made inactive and active again; the twin is the way back."""
    user = "carol.ferreira@larkspur.example"
    plan = walk(bench, await bench.platform.change("inactive", {"user": user}))
    assert plan.steps["inactive"].destructive
    assert (await plan.act("inactive")).outcome is Outcome.DONE
    assert bench.stand_in.account["employee"].where(email=user)[0]["isinactive"] == "T"
    assert (await plan.act_back("inactive")).outcome is Outcome.DONE
    assert bench.stand_in.account["employee"].where(email=user)[0]["isinactive"] == "F"


async def test_nobody_goes_whose_tokens_live_and_not_the_bot_itself(bench: Bench) -> None:
    """Live tokens, and the bot's own user, are objections."""
    draft = await bench.platform.change("inactive", {"user": ALICE})
    assert any("hand them over first" in said for said in draft.objections)
    draft = await bench.platform.change("inactive", {"user": BOT})
    assert any("bot's own user" in said for said in draft.objections)


async def test_access_is_given_with_a_role_and_no_password(bench: Bench) -> None:
    """A newcomer gets access, the role, and NetSuite's own mail; we send no password."""
    user = "old.temp@larkspur.example"
    await bench.pull("netsuite/employee", email=user, give_access=False)
    plan = walk(bench, await bench.platform.change("access", {"user": user, "role": EXPENSES}))
    assert (await plan.act("access")).outcome is Outcome.DONE
    assert 1059 in roles_of(bench, user)
    taken = walk(bench, await bench.platform.change("access", {"user": user, "access": "no"}))
    assert (await taken.act("access")).outcome is Outcome.DONE


async def test_a_full_house_is_said_in_netsuites_own_words(bench: Bench) -> None:
    """At the licence limit the refusal that NetSuite gives reaches whoever asked."""
    user = "old.temp@larkspur.example"
    await bench.pull("netsuite/employee", email=user, give_access=False)
    await bench.switch(full_licences=1)
    plan = walk(bench, await bench.platform.change("access", {"user": user, "role": EXPENSES}))
    with pytest.raises(Rejected, match="exceeds the number of licenses"):
        await bench.platform.apply(plan.action("access"), "x")


async def test_a_reader_is_refused_writing_in_words(bench: Bench) -> None:
    """A role that may only look makes the write fail with what is missing; nothing changed."""
    await bench.pull("netsuite/role", role="Handover", permission="LIST_EMPLOYEE_RECORD", level=1)
    plan = walk(bench, await bench.platform.change("assign", {"user": SHARED, "role": EXPENSES}))
    with pytest.raises(Forbidden, match="not allowed to assign the role"):
        await bench.platform.apply(plan.action("grant"), "x")
    assert roles_of(bench, SHARED) == [1057, 1058]


async def test_a_held_token_is_revoked_with_its_own_secret(bench: Bench) -> None:
    """With its four values the token ends by API, once, and its row proves it."""
    made = await bench.pull(
        "netsuite/token", application="Avalara AvaTax", email=SHARED, role=FINANCE, name="held"
    )
    (app,) = bench.stand_in.account["integrationapp"].where(name="Avalara AvaTax")
    draft = await bench.platform.change("revoke", {"token": f"token:{made['id']}", "secret": "held"})
    plan = walk(bench, draft)
    assert [*plan.steps] == ["preflight", "receive", "revoke"]
    values = {
        "consumer_key": app["_consumer_key"],
        "consumer_secret": app["_consumer_secret"],
        "token_id": made["token_id"],
        "token_secret": made["token_secret"],
    }
    plan.drawer = {name: Secret(value) for name, value in values.items()}
    assert (await plan.act("revoke")).outcome is Outcome.DONE
    wrong = walk(bench, await bench.platform.change("revoke", {"token": await token_id(bench, "AvaTax")}))
    assert wrong.steps["revoke"].mode is StepMode.GUIDED


@pytest.mark.parametrize(
    ("verb", "params", "error", "words"),
    [
        ("create", {}, NotSupported, "has no verb"),
        ("assign", {"user": SHARED}, NotFound, "role:"),
        ("assign", {"user": SHARED, "role": "no such role"}, NotFound, "role:"),
        ("assign", {"role": FINANCE}, BadArgument, "user:"),
        ("assign", {"user": "nobody", "role": FINANCE}, NotFound, "no employee"),
        ("assign", {"user": SHARED, "role": FINANCE, "x": "1"}, BadArgument, "not known here"),
        ("access", {"user": SHARED, "access": "perhaps"}, BadArgument, "access:"),
        ("revoke", {"token": "AvaTax"}, BadArgument, "token:"),
        ("revoke", {"token": "token:99999"}, NotFound, "no longer"),
    ],
)
async def test_what_is_typed_wrong_is_said_and_nothing_is_asked_for(
    bench: Bench, verb: str, params: dict[str, str], error: type[Exception], words: str
) -> None:
    """Each wrong value is named with the field it stood in."""
    with pytest.raises(error, match=words):
        await bench.platform.change(verb, params)


def line(report: Report, label: str) -> str:
    """The words of the line that begins so."""
    found = [one for part in report.sections for one in part.lines if one.label.startswith(label)]
    assert found, [one.label for part in report.sections for one in part.lines]
    return found[0].words


def troubles(report: Report) -> list[str]:
    return [one.label for part in report.sections for one in part.lines if one.mark is Mark.BAD]


async def test_the_connectors_view(bench: Bench) -> None:
    """Record, user, roles, last success and Set By; and each thing that would break it, once it is so."""
    whole = await bench.platform.report("connector", {})
    assert whole.summary == "Nothing speaks against it."
    assert "state Enabled" in line(whole, "NetSuite Connector")
    assert "last success" in line(whole, ALICE + " “")
    for lever, asked, trouble in (
        (
            "netsuite/roles",
            {"email": ALICE, "roles": ["NetSuite Connector Web Services"]},
            "lacks the Administrator",
        ),
        ("netsuite/roles", {"email": ALICE, "roles": ["Administrator"]}, "lost the role"),
        ("netsuite/employee", {"email": ALICE, "release_date": "2027-12-31"}, "leaves on 2027-12-31"),
        ("netsuite/employee", {"email": ALICE, "inactive": True}, "is inactive"),
        ("netsuite/integration", {"application": "NetSuite Connector", "do": "block"}, "Blocked"),
        ("netsuite/token_state", {"token": "Connector, made by Alice", "revoke": True}, "no live token"),
    ):
        await bench.pull(lever, **asked)
        assert any(trouble in said for said in troubles(await bench.platform.report("connector", {}))), (
            trouble
        )


async def test_whose_name_is_on_changes(bench: Bench) -> None:
    """By kind of record and by name; who works by hand and by program under one name stands out."""
    await bench.pull("netsuite/change", email=ALICE)
    report = await bench.platform.report("changes", {"since": "30"})
    assert "person" in line(report, "transactions")
    assert any(ALICE in said for said in troubles(report))
    only = await bench.platform.report("changes", {"since": "30", "user": SHARED})
    assert [one.label for one in only.sections[1].lines] == [SHARED]
    with pytest.raises(BadArgument, match="since:"):
        await bench.platform.report("changes", {"since": "1000"})


async def test_changes_say_when_only_our_own_can_be_seen(bench: Bench) -> None:
    """Without the permission NetSuite shows the bot's own changes only, and the view says so."""
    await bench.forbid("LIST_SYSTEMNOTES")
    report = await bench.another().report("changes", {})
    assert "Only the bot's own can be seen" in report.summary


async def test_what_licences_cost(bench: Bench) -> None:
    """The count is labelled an estimate; who could be shared and who still holds one is named."""
    report = await bench.platform.report("licences", {})
    assert "estimated" in report.summary
    assert "Avalara AvaTax, Celigo integrator.io" in line(report, SHARED)
    assert any("greta.halvorsen" in said for said in troubles(report))
    await bench.forbid("ADMI_MANAGEROLES")
    with pytest.raises(Forbidden, match="cannot be estimated"):
        await bench.another().report("licences", {})


async def test_a_view_that_is_not_there(bench: Bench) -> None:
    """An unknown view is refused with those there are."""
    with pytest.raises(NotSupported, match="connector"):
        await bench.platform.report("weather", {})


@pytest.mark.parametrize("way", [M2M, TBA])
async def test_a_probe_settles_points_and_keeps_them(bench: Bench, way: tuple[str, ...]) -> None:
    """Reading alone settles most; what was found outlives the process, and nothing was written."""
    platform = bench.another(way)
    await platform.snapshot(None)  # so that the trail shows us
    report = await platform.probe(write=False)
    assert line(report, Point.INTEGRATIONS.value).startswith("yes")
    assert line(report, Point.RELEASE_DATE.value).startswith("yes")
    assert line(report, Point.TIME_ZONE.value).startswith("yes")
    assert "--write" in line(report, Point.ROLES_KEYED.value)
    assert bench.calls("PATCH") == 0
    known = await Capabilities(bench.notes).known()
    assert Point.INTEGRATIONS in known
    assert Point.ROLES_KEYED not in known
    again = await platform.report("capabilities", {})
    assert line(again, Point.INTEGRATIONS.value).startswith("yes")


@pytest.mark.parametrize(("sublist", "answer"), [("keyed", "yes"), ("append", "no")])
async def test_a_writing_probe_takes_back_what_it_did(bench: Bench, sublist: str, answer: str) -> None:
    """Whether roles merge is found out on the bot's own record, which is as it was afterwards."""
    await bench.switch(roles_sublist=sublist)
    await bench.pull("netsuite/role", role="Handover", permission="LIST_EMPLOYEE_RECORD", level=4)
    before = roles_of(bench, BOT)
    report = await bench.platform.probe(write=True)
    assert line(report, Point.ROLES_KEYED.value).startswith(answer)
    assert roles_of(bench, BOT) == before


async def test_a_wrong_time_zone_is_found_out(bench: Bench) -> None:
    """Dates that are printed nine hours off are noticed by our own latest sign-in."""
    await bench.switch(time_zone="Asia/Tokyo", m2m_audit="both")
    platform = bench.another()
    await platform.snapshot(None)
    words = line(await platform.probe(write=False), Point.TIME_ZONE.value)
    assert "hours off" in words


async def test_licence_counters_are_used_once_a_probe_has_seen_them(bench: Bench) -> None:
    """Where an employee's record tells the counts they are shown beside the estimate, and not before."""
    await bench.switch(licence_counters_filled=True, full_licences=40)
    platform = bench.platform
    before = await platform.report("licences", {})
    assert not [one for part in before.sections for one in part.lines if "counters" in one.label]
    await platform.probe(write=False)
    assert "of 40 full users" in line(await platform.report("licences", {}), "By NetSuite's own counters")


async def test_every_verb_answers_for_what_it_does_not_know(bench: Bench) -> None:
    """An action of another release, or one for a person, is refused and never guessed at."""
    draft = await bench.platform.change("assign", {"user": SHARED, "role": EXPENSES})
    strange = replace(draft.plan.steps[1].action, verb="dance")
    assert (await bench.platform.confirm(strange, "x")).outcome is Outcome.UNKNOWN
    for verb in ("dance", "token-parked", "attested"):
        with pytest.raises(NotSupported):
            await bench.platform.apply(replace(strange, verb=verb), "x")
