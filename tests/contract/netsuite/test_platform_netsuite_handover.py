"""Handovers and rotations walked step by step against the stand-in, with a person at the levers where one must act."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from netsuite_bench import ALICE, BOT, M2M, SHARED, TBA, Bench, Walk, certificate, token, token_id

from bot.errors import BadArgument, NotFound, NotSupported, Rejected
from bot.platform.plan import AS_USUAL, How, Manner, Outcome, StepMode
from bot.text import Secret

CONNECTOR = "NetSuite Connector"
CONNECTOR_ROLE = "NetSuite Connector Web Services"
FINANCE = "Integration: finance"


async def walk(bench: Bench, label: str, target: str, how: How = AS_USUAL) -> Walk:
    draft = await bench.platform.handover(await token_id(bench, label), target, how)
    assert draft.objections == ()
    return Walk(bench, bench.platform, draft.plan)


async def test_a_token_moves_without_a_gap(bench: Bench) -> None:
    """Role, new token, proof, rest, parking and end: each step closes on what NetSuite shows, and only on that."""
    plan = await walk(bench, "ShipStation - Jamal", SHARED)
    assert [*plan.steps] == [
        "preflight", "mint", "receive", "deliver", "prove", "silence", "park", "retire",
    ]  # fmt: skip
    assert (await plan.look("preflight")).outcome is Outcome.DONE
    assert (await plan.look("mint")).outcome is Outcome.NOT_DONE
    made = await bench.pull(
        "netsuite/token", application="ShipStation fulfilment", email=SHARED, role=FINANCE, name="shared"
    )
    assert (await plan.look("mint")).facts == {"token": str(made["id"]), "token_name": "shared"}
    assert "yet" in (await plan.look("prove")).detail
    await bench.pull("netsuite/use", token="ShipStation - Jamal")  # the old one still works meanwhile
    assert (await plan.look("prove")).outcome is Outcome.NOT_DONE
    await bench.pull("netsuite/use", token="shared")
    assert (await plan.look("prove")).outcome is Outcome.DONE
    assert (await plan.look("silence")).outcome is Outcome.NOT_DONE
    await bench.pass_time(seconds=1800)
    await bench.pull("netsuite/use", token="ShipStation - Jamal")
    assert "somebody still holds it" in (await plan.look("silence")).detail
    await bench.pass_time(seconds=3600)
    assert (await plan.look("silence")).outcome is Outcome.NOT_DONE  # the hour began anew, and the trail lags
    await bench.pass_time(seconds=1200)
    assert (await plan.look("silence")).outcome is Outcome.DONE
    assert (await plan.look("park")).outcome is Outcome.NOT_DONE
    await bench.pull("netsuite/token_state", token="ShipStation - Jamal", inactive=True)
    assert (await plan.look("park")).outcome is Outcome.DONE
    await bench.pull("netsuite/token_state", token="ShipStation - Jamal", inactive=False)
    assert (await plan.back("park")).outcome is Outcome.DONE
    assert (await plan.look("retire")).outcome is Outcome.NOT_DONE
    await bench.pull("netsuite/token_state", token="ShipStation - Jamal", revoke=True)
    assert (await plan.look("retire")).outcome is Outcome.DONE


async def test_a_role_is_assigned_first_and_can_be_taken_back(bench: Bench) -> None:
    """The target gets the token's role beside those it has; the twin takes exactly that one away again."""
    plan = await walk(bench, "Nexonia", SHARED)
    assert plan.steps["grant"].mode is StepMode.AUTO
    assert (await plan.act("grant")).outcome is Outcome.DONE
    held = bench.stand_in.account["employee"].where(email=SHARED)[0]["_roles"]
    assert sorted(held) == [1057, 1058, 1059]
    assert (await plan.act_back("grant")).outcome is Outcome.DONE
    held = bench.stand_in.account["employee"].where(email=SHARED)[0]["_roles"]
    assert sorted(held) == [1057, 1058]


@pytest.mark.parametrize("sublist", ["keyed", "append"])
async def test_roles_are_safe_whichever_way_the_list_behaves(bench: Bench, sublist: str) -> None:
    """Assigning and taking back leaves the others alone whether NetSuite merges lines or appends them."""
    await bench.switch(roles_sublist=sublist)
    plan = await walk(bench, "Nexonia", SHARED)
    assert (await plan.act("grant")).outcome is Outcome.DONE
    assert (await plan.act_back("grant")).outcome is Outcome.DONE
    held = bench.stand_in.account["employee"].where(email=SHARED)[0]["_roles"]
    assert sorted(set(held)) == [1057, 1058]


async def test_a_token_with_another_role_does_not_close_the_step(bench: Bench) -> None:
    """Whoever makes the token with the wrong role is told, and the step stays open."""
    plan = await walk(bench, "ShipStation - Jamal", SHARED)
    await bench.pull(
        "netsuite/token", application="ShipStation fulfilment", email=SHARED, role=CONNECTOR_ROLE, name="off"
    )
    seen = await plan.look("mint")
    assert seen.outcome is Outcome.NOT_DONE
    assert "another role is there: off" in seen.detail


async def test_a_new_token_that_is_refused_is_named_with_the_reason(bench: Bench) -> None:
    """While the new token fails, the step says what the trail says, not merely "not yet"."""
    plan = await walk(bench, "ShipStation - Jamal", SHARED)
    await bench.pull(
        "netsuite/token", application="ShipStation fulfilment", email=SHARED, role=FINANCE, name="new"
    )
    await plan.look("mint")
    await bench.pull("netsuite/token_state", token="new", inactive=True)
    await bench.pull("netsuite/use", token="new")
    assert "is refused:" in (await plan.look("prove")).detail


async def test_hostile_ends_the_old_token_first(bench: Bench) -> None:
    """The holder loses it before anything else happens, and the downtime is stated."""
    plan = await walk(bench, "ShipStation - Jamal", SHARED, How(manner=Manner.HOSTILE))
    assert [*plan.steps][:3] == ["preflight", "retire", "mint"]
    assert "silence" not in plan.steps
    assert "stands still" in plan.plan.downtime


async def test_the_connectors_token_user_changes(bench: Bench) -> None:
    """Administrator by a person, the role by us, the token by a person; proven by sign-in and by Set By."""
    plan = await walk(bench, "Connector, made by Alice", SHARED)
    assert [*plan.steps] == [
        "preflight", "grant-administrator", "mint", "prove", "set-by", "silence", "park", "retire",
    ]  # fmt: skip
    assert plan.steps["grant-administrator"].mode is StepMode.GUIDED
    assert (await plan.look("grant-administrator")).outcome is Outcome.NOT_DONE
    await bench.pull("netsuite/roles", email=SHARED, roles=["Administrator", FINANCE, CONNECTOR_ROLE])
    assert (await plan.look("grant-administrator")).outcome is Outcome.DONE
    made = await bench.pull(
        "netsuite/token", application=CONNECTOR, email=SHARED, role=CONNECTOR_ROLE, name="fresh"
    )
    assert (await plan.look("mint")).outcome is Outcome.DONE
    await bench.pull("netsuite/order")  # still by Alice's token
    assert (await plan.look("prove")).outcome is Outcome.NOT_DONE
    assert (await plan.look("set-by")).outcome is Outcome.NOT_DONE
    secrets = {name: made[name] for name in ("token_id", "token_secret")}
    await bench.pull("netsuite/connector", **secrets)
    await bench.pull("netsuite/order")
    assert (await plan.look("prove")).outcome is Outcome.DONE
    assert (await plan.look("set-by")).outcome is Outcome.DONE
    await bench.pass_time(seconds=7200)
    assert (await plan.look("silence")).outcome is Outcome.DONE


async def test_the_connectors_role_is_given_before_administrator(bench: Bench) -> None:
    """Nobody but an Administrator changes the roles of one, so the bot's own grant comes first, and goes last."""
    target = "nexonia.sync@integrations.larkspur.example"
    plan = await walk(bench, "Connector, made by Alice", target)
    assert [*plan.steps][:4] == ["preflight", "grant", "grant-administrator", "mint"]
    assert (await plan.act("grant")).outcome is Outcome.DONE
    held = ["Integration: expenses", CONNECTOR_ROLE]
    await bench.pull("netsuite/roles", email=target, roles=["Administrator", *held])
    assert (await plan.look("grant-administrator")).outcome is Outcome.DONE
    await bench.pull("netsuite/roles", email=target, roles=held)
    assert (await plan.back("grant-administrator")).outcome is Outcome.DONE
    assert (await plan.act_back("grant")).outcome is Outcome.DONE


async def test_a_rotation_keeps_user_and_role(bench: Bench) -> None:
    """The same account gets a second token, told apart from the old one by its name alone."""
    draft = await bench.platform.rotate(await token_id(bench, "AvaTax"))
    assert draft.objections == ()
    plan = Walk(bench, bench.platform, draft.plan)
    await bench.pull(
        "netsuite/token", application="Avalara AvaTax", email=SHARED, role=FINANCE, name="AvaTax 2"
    )
    assert (await plan.look("mint")).outcome is Outcome.DONE
    await bench.pull("netsuite/use", token="AvaTax")
    assert (await plan.look("prove")).outcome is Outcome.NOT_DONE
    await bench.pull("netsuite/use", token="AvaTax 2")
    assert (await plan.look("prove")).outcome is Outcome.DONE
    await bench.pass_time(seconds=7200)
    await bench.pull(
        "netsuite/use", token="AvaTax 2"
    )  # the new one at work does not disturb the old one's rest
    assert (await plan.look("silence")).outcome is Outcome.DONE


async def test_our_own_certificate_rotates_without_a_person(bench: Bench) -> None:
    """Made, mapped, proven, in use, and only then is the old one revoked; the bot goes on with the new key."""
    own = f"certificate:{bench.ready['netsuite']['certificate_id']}"
    draft = await bench.platform.rotate(own)
    assert draft.objections == ()
    assert all(step.mode in (StepMode.AUTO, StepMode.WATCH) for step in draft.plan.steps)
    plan = Walk(bench, bench.platform, draft.plan)
    assert (await plan.look("preflight")).outcome is Outcome.DONE
    plan.make_key()
    mapped = await plan.act("upload")
    assert mapped.outcome is Outcome.DONE
    assert plan.known["certificate_id"] != own.partition(":")[2]
    with pytest.raises(Rejected, match="signs in with this certificate"):
        await bench.platform.apply(plan.action("retire"), "early")
    assert (await plan.look("prove")).outcome is Outcome.DONE
    assert (await plan.act("switch")).outcome is Outcome.DONE
    assert (await plan.act("retire")).outcome is Outcome.DONE
    assert (await bench.platform.identify()).username.startswith(BOT)
    again = bench.another(M2M)  # a new process with the same memory and the old configuration
    assert (await again.identify()).username.startswith(BOT)


async def test_our_own_rotation_goes_back(bench: Bench) -> None:
    """Before the old one is revoked the bot can return to it, and the new certificate is revoked."""
    own = bench.ready["netsuite"]["certificate_id"]
    plan = Walk(bench, bench.platform, (await bench.platform.rotate(f"certificate:{own}")).plan)
    plan.make_key()
    await plan.act("upload")
    await plan.look("prove")
    await plan.act("switch")
    assert (await plan.act_back("switch")).outcome is Outcome.DONE
    assert (await plan.act_back("upload")).outcome is Outcome.DONE
    assert bench.stand_in.account.mappings[plan.known["certificate_id"]].revoked
    assert (await bench.platform.identify()).username.startswith(BOT)


async def test_an_upload_whose_answer_is_lost_is_found_again(bench: Bench) -> None:
    """The certificate that appeared is ours; a second upload never happens."""
    own = bench.ready["netsuite"]["certificate_id"]
    plan = Walk(bench, bench.platform, (await bench.platform.rotate(f"certificate:{own}")).plan)
    plan.make_key()
    await bench.fault("timeout_after_effect", "POST .*/certificates$")
    slow = bench.another(M2M, timeout_s=0.3)
    plan.platform = slow
    with pytest.raises(Exception, match="may have happened"):
        await slow.apply_with(plan.action("upload"), "PLAN.upload", {})
    seen = await plan.look("upload")
    assert seen.outcome is Outcome.DONE
    made = [
        m
        for m in bench.stand_in.account.mappings.values()
        if m.entity == int(plan.action("upload").params["entity"])
    ]
    assert len(made) == 2


async def test_five_certificates_stop_a_rotation_before_it_begins(bench: Bench) -> None:
    """With all places taken the plan objects; nothing is evicted."""
    for _ in range(4):
        pem, _key = certificate(30)
        await bench.pull(
            "netsuite/mapping", application="Handover", email=BOT, role="Handover", certificate=pem
        )
    await bench.switch(certificates_shown="all")
    own = bench.ready["netsuite"]["certificate_id"]
    draft = await bench.platform.rotate(f"certificate:{own}")
    assert any("slots" in said for said in draft.objections)


async def test_a_certificate_of_another_integration_moves_with_a_person_and_a_proof(bench: Bench) -> None:
    """The key is ours until it is delivered; the new mapping is tried before the consumer ever sees it."""
    mapping = next(
        c
        for c in (await bench.platform.snapshot(None)).credentials
        if c.native_id.startswith("mapping:") and "Adaptive" in c.label
    )
    target = "nexonia.sync@integrations.larkspur.example"
    draft = await bench.platform.handover(mapping.native_id, target)
    assert draft.objections == ()
    plan = Walk(bench, bench.platform, draft.plan)
    assert [*plan.steps] == [
        "preflight", "grant", "key", "receive", "try", "deliver", "prove", "silence", "retire",
    ]  # fmt: skip
    assert (await plan.act("grant")).outcome is Outcome.DONE
    pem = plan.make_key()
    assert (await plan.look("try")).outcome is Outcome.UNKNOWN  # nothing entered yet
    made = await bench.pull(
        "netsuite/mapping", application="Adaptive Planning", email=target, role=FINANCE, certificate=pem
    )
    app = next(r for r in bench.stand_in.account["integrationapp"] if r["name"] == "Adaptive Planning")
    plan.drawer["client_id"] = Secret(app["_client_id"])
    plan.drawer["certificate_id"] = Secret("no such certificate")
    assert (await plan.look("try")).outcome is Outcome.NOT_DONE
    plan.drawer["certificate_id"] = Secret(made["certificate_id"])
    assert (await plan.look("try")).outcome is Outcome.DONE
    await bench.pull("netsuite/use", certificate_id=made["certificate_id"])
    assert (await plan.look("prove")).outcome is Outcome.DONE
    assert plan.steps["retire"].mode is StepMode.ATTESTED


@pytest.mark.parametrize(
    ("prepare", "label", "target", "objection"),
    [
        (None, "ShipStation - Jamal", ALICE, "is a person"),
        (None, "ShipStation - Jamal", BOT, "the bot's own user"),
        (None, "AvaTax", SHARED, "holds it already"),
        (None, "Kyriba", SHARED, "is Blocked"),
        (None, "Connector, before 2025", SHARED, "revoked"),
        (None, "ShipStation paused", SHARED, "inactive"),
        (("netsuite/employee", {"email": SHARED, "inactive": True}), "Nexonia", SHARED, "is inactive"),
        (("netsuite/employee", {"email": SHARED, "give_access": False}), "Nexonia", SHARED, "has no access"),
        (("netsuite/role", {"role": FINANCE, "inactive": True}), "ShipStation - Jamal", SHARED, "role"),
        (
            ("netsuite/role", {"role": FINANCE, "permission": "ADMI_LOGIN_OAUTH", "level": 0}),
            "ShipStation - Jamal",
            SHARED,
            "Log in using Access Tokens",
        ),
        (
            ("netsuite/role", {"role": "Handover", "permission": "ADMI_AUDITLOGIN", "level": 0}),
            "ShipStation - Jamal",
            SHARED,
            "Login Audit Trail",
        ),
    ],
)
async def test_what_speaks_against_a_handover(
    bench: Bench, prepare: tuple[str, dict[str, object]] | None, label: str, target: str, objection: str
) -> None:
    """Each reason not to run is named before anybody is asked to approve, and the preflight step says it again."""
    id_ = await token_id(bench, label)
    if prepare:
        await bench.pull(prepare[0], **prepare[1])
    draft = await bench.platform.handover(id_, target)
    assert any(objection in said for said in draft.objections), draft.objections
    preflight = draft.plan.steps[0].action
    seen = await bench.platform.confirm(preflight, "x")
    assert seen.outcome is Outcome.NOT_DONE
    with pytest.raises(Rejected, match="Must not run"):
        await bench.platform.apply(preflight, "x")


async def test_the_bots_own_token_is_never_handed_over(bench: Bench) -> None:
    """Signed in by token, the bot knows which one is its own from its own lines in the trail."""
    platform = bench.another(TBA)
    seen = await platform.snapshot(None)
    draft = await platform.handover(token(seen, "Handover").native_id, SHARED)
    assert any("bot's own credential" in said for said in draft.objections)


async def test_a_plan_drawn_up_again_is_the_same_plan(bench: Bench) -> None:
    """By user name or by internal id, now or later: one digest, so that an approval holds."""
    id_ = await token_id(bench, "Nexonia")
    first = await bench.platform.handover(id_, SHARED)
    await bench.pass_time(days=1)
    again = await bench.platform.handover(id_, first.plan.target_id)
    assert first.plan.digest == again.plan.digest


async def test_names_that_mean_nothing_or_several(bench: Bench) -> None:
    """A target that is not there, and kinds of credentials without a recipe, are refused in words."""
    id_ = await token_id(bench, "Nexonia")
    with pytest.raises(NotFound, match="no employee"):
        await bench.platform.handover(id_, "nobody@larkspur.example")
    with pytest.raises(NotFound, match="no longer in the list"):
        await bench.platform.handover("token:999999", SHARED)
    with pytest.raises(NotSupported):
        await bench.platform.handover("grant:1", SHARED)
    with pytest.raises((NotFound, BadArgument)):
        await bench.platform.handover(id_, "x' OR '1'='1")


async def test_two_plans_at_once_do_not_disturb_each_other(bench: Bench) -> None:
    """Concurrent looks stay within the turns of the connection and answer each for themselves."""
    one = await walk(bench, "ShipStation - Jamal", SHARED)
    other = await walk(bench, "Nexonia", SHARED)
    looks: list[Callable[[], Awaitable[object]]] = [
        lambda: one.look("mint"), lambda: other.look("mint"), lambda: one.look("preflight"),
    ]  # fmt: skip
    found = await asyncio.gather(*(look() for look in looks))
    assert [seen.outcome for seen in found] == [Outcome.NOT_DONE, Outcome.NOT_DONE, Outcome.DONE]  # type: ignore[attr-defined]
