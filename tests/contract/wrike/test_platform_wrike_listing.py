"""Listing a Wrike account on real sockets: complete or an error, and every part that cannot be seen is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from wrike_bench import (
    BOT,
    DELETED,
    INVITED,
    LEAVER,
    OPPORTUNITIES,
    PERSON,
    POWER_BI,
    SERVICE,
    SHARED,
    STATUS,
    Bench,
    flow,
    person,
)

from bot.errors import NotFound, ProtocolChanged, Unreachable
from bot.findings.check import View
from bot.platform.model import Area, CredentialKind, CredentialStatus, PrincipalKind, PrincipalStatus
from platforms.wrike import Wrike, folders
from platforms.wrike.checks import accounts, owners

ALWAYS = {Area.CLIENT_SECRET, Area.TIES}  # nobody's tokens are listed, and webhooks only with their token


async def test_a_snapshot_is_the_whole_account(bench: Bench, wrike: Wrike) -> None:
    """Every user, deleted ones too, each once, with kind and state; groups are no accounts."""
    found = await wrike.snapshot(None)
    tenant = bench.stand_in.tenant
    assert found.blind == ALWAYS
    pending = [one for one in tenant.invitations.values() if one.status == "Pending"]
    assert {p.native_id for p in found.principals} == {*tenant.contacts, *(one.id for one in pending)}
    states = {p.email: (p.kind, p.status) for p in found.principals if p.email}
    assert states[PERSON] == (PrincipalKind.PERSON, PrincipalStatus.ACTIVE)
    assert states[SERVICE] == (PrincipalKind.SERVICE, PrincipalStatus.ACTIVE)
    assert states[LEAVER] == (PrincipalKind.PERSON, PrincipalStatus.INACTIVE)
    assert states[DELETED] == (PrincipalKind.PERSON, PrincipalStatus.INACTIVE)
    assert states[INVITED] == (PrincipalKind.SERVICE, PrincipalStatus.INVITED)
    assert person(found, DELETED).profile == "Deleted"
    robot = next(p for p in found.principals if p.name == "Wrike Assistant")
    assert robot.kind is PrincipalKind.SERVICE
    assert person(found, BOT).privileges == ("Account admin",)


async def test_flows_are_credentials_of_the_accounts_they_are_declared_for(
    bench: Bench, wrike: Wrike
) -> None:
    """What Wrike does not list is declared; the audit log adds when an account said yes."""
    found = await wrike.snapshot(None)
    billing, opportunities = flow(found, POWER_BI), flow(found, OPPORTUNITIES)
    assert billing.kind is CredentialKind.PERMANENT_TOKEN
    assert billing.principal_id == bench.contact(PERSON).id
    assert billing.created_at is None
    assert opportunities.kind is CredentialKind.OAUTH_GRANT
    assert opportunities.created_at is not None
    assert {a.name: a.kind for a in found.applications}[POWER_BI] == "Power BI"


async def test_a_declared_secret_shows_whose_token_it_is_and_its_webhooks(bench: Bench) -> None:
    """The token says itself whom it acts as, whatever is declared, and lists the webhooks that go with it."""
    bench.secrets["flows.1.secret"] = await bench.token_of("sofia.restrepo@larkspur.example")
    found = await bench.make().snapshot(None)
    mailer = flow(found, STATUS)
    assert mailer.principal_id == bench.contact("sofia.restrepo@larkspur.example").id
    assert [tie.name for tie in found.ties] == ["https://hooks.larkspur.example/campaigns"]
    (told,) = accounts.token_of_another.rule(View(snapshot=found, now=found.taken_at))
    assert LEAVER in told.evidence
    assert bench.secrets["flows.1.secret"] not in repr(found)


@pytest.mark.parametrize(
    ("switch", "status"), [("works", CredentialStatus.ACTIVE), ("401", CredentialStatus.REVOKED)]
)
async def test_whether_a_token_outlives_its_user_is_tried_not_assumed(
    bench: Bench, switch: str, status: CredentialStatus
) -> None:
    """It is not documented: the alarm comes from the user's state, the token's state from the token."""
    bench.secrets["flows.1.secret"] = await bench.token_of(PERSON)
    await bench.switch(deactivated_user_token=switch)
    await bench.pull("deactivate", email=PERSON)
    flows = bench.table()["flows"]
    assert isinstance(flows, list)
    flows[1]["account"] = PERSON
    found = await bench.make(flows=flows).snapshot(None)
    assert flow(found, STATUS).status is status
    told = [f.subject for f in owners.owner_deactivated.rule(View(snapshot=found, now=found.taken_at))]
    assert (f"flow:{STATUS}" in told) == (status is CredentialStatus.ACTIVE)


async def test_a_token_that_could_not_be_tried_is_not_dead(bench: Bench) -> None:
    """A timeout says nothing of a token: it counts as alive, and the gap says that nobody knows."""
    bench.secrets["flows.1.secret"] = await bench.token_of(PERSON)
    adapter = bench.make(timeout_s=0.4, other_urls=["http://127.0.0.1:9/api/v4"])
    await bench.pull("revoke", email=PERSON)
    found = await adapter.snapshot(None)
    assert flow(found, STATUS).status is CredentialStatus.ACTIVE
    assert any("is alive" in gap.what for gap in found.gaps)


async def test_without_the_filter_nobody_is_called_active(bench: Bench, wrike: Wrike) -> None:
    """A record does not say who is deactivated; where the filter is refused, everybody's state is unknown."""
    await bench.switch(contact_filters=False)
    found = await wrike.snapshot(None)
    assert Area.STATUS in found.blind
    states = {p.status for p in found.principals}
    assert states == {PrincipalStatus.UNKNOWN, PrincipalStatus.INACTIVE, PrincipalStatus.INVITED}
    assert person(found, LEAVER).status is PrincipalStatus.UNKNOWN
    assert person(found, DELETED).status is PrincipalStatus.INACTIVE


async def test_deleted_users_are_there_in_either_kind_of_default_listing(bench: Bench, wrike: Wrike) -> None:
    """Whether the plain listing has them is not documented; each is there once."""
    await bench.switch(default_list_has_deleted=True)
    found = await wrike.snapshot(None)
    assert len({p.native_id for p in found.principals}) == len(found.principals)
    assert person(found, DELETED).profile == "Deleted"


async def test_a_plan_without_an_audit_log_is_said(bench: Bench, wrike: Wrike) -> None:
    """On lower plans people and invitations are still seen, and the missing part is named with its remedy."""
    await bench.pull("plan", type="Business")
    found = await wrike.snapshot(None)
    assert {Area.CHANGES, Area.LOGINS} <= found.blind
    assert found.principals
    assert flow(found, OPPORTUNITIES).created_at is None
    assert all(gap.remedy for gap in found.gaps)


async def test_a_user_who_is_no_administrator_sees_less_and_says_so(bench: Bench) -> None:
    """Invitations and the audit log are closed to it: gaps, not empty lists."""
    bench.hello  # noqa: B018  the adapter below has its own token
    modest = bench.make(token="declared")
    token = await bench.token_of(SERVICE)
    bench.ready["wrike"]["token"] = token
    modest = bench.make()
    found = await modest.snapshot(None)
    assert {Area.STATUS, Area.CHANGES} <= found.blind
    assert not any(p.status is PrincipalStatus.INVITED for p in found.principals)
    assert [gap.area for gap in (await modest.identify()).gaps][1:] == [Area.STATUS, Area.CHANGES]


async def test_content_that_a_flow_needs_is_looked_for_by_every_way(bench: Bench, wrike: Wrike) -> None:
    """Groups, folders above and public spaces let an account in; a private folder nobody shared does not."""
    flows = bench.table()["flows"]
    assert isinstance(flows, list)
    flows[0]["folders"] = ["Project office / Customer onboarding", "IT / Access requests"]
    flows[1]["folders"] = ["IT"]
    flows[2]["folders"] = ["There is no such folder"]
    found = await bench.make(flows=flows).snapshot(None)
    told = {
        (f.subject, f.evidence)
        for f in accounts.content_not_shared.rule(View(snapshot=found, now=found.taken_at))
    }
    assert {subject for subject, _ in told} == {
        f"flow:{STATUS}"
    }  # Wenli is of IT by a group, Petra of nothing
    assert any("There is no such folder" in gap.what for gap in found.gaps)
    assert Area.CONTENT in found.blind


async def test_two_looks_at_one_account_are_equal(wrike: Wrike) -> None:
    """Ids are stable: nothing seems new or gone while nothing changes."""
    one, two = await wrike.snapshot(None), await wrike.snapshot(None)
    for part in ("principals", "credentials", "applications", "ties", "contents", "capacities", "gaps"):
        assert getattr(one, part) == getattr(two, part), part


async def test_ids_are_opaque(bench: Bench, wrike: Wrike) -> None:
    """Ids of the shape of 2025, with their signs and their case, come through as they are."""
    found = await wrike.find_content("Access requests")
    assert [one.native_id for one in found] == [bench.folder("Access requests").id]
    assert set(bench.folder("Access requests").id) & set("-_:.=")


@pytest.mark.parametrize("kind", ["500", "reset", "timeout", "429"])
async def test_a_passing_fault_of_a_read_is_ridden_out(bench: Bench, kind: str) -> None:
    """One broken answer is followed by another try, and the snapshot is whole."""
    hasty = bench.make(timeout_s=0.5)
    whole = await hasty.snapshot(None)
    await bench.fault(kind, "GET /api/v4/folders/")
    assert (await hasty.snapshot(None)).principals == whole.principals


@pytest.mark.parametrize(
    "match", ["contacts", "invitations", "folders$", "folders/", "spaces", "audit_log", "webhooks", "account"]
)
async def test_a_lasting_fault_fails_the_whole_snapshot(bench: Bench, wrike: Wrike, match: str) -> None:
    """Whatever part cannot be read, nothing of the listing is kept."""
    await bench.fault("500", f"GET /api/v4/{match}", count=None)
    with pytest.raises(Unreachable):
        await wrike.snapshot(None)


@pytest.mark.parametrize("match", ["contacts", "folders$", "folders/", "audit_log"])
async def test_an_answer_cut_in_half_fails_the_whole_snapshot(bench: Bench, wrike: Wrike, match: str) -> None:
    """Half a body is no listing."""
    await bench.fault("bad_json", f"GET /api/v4/{match}")
    with pytest.raises(ProtocolChanged):
        await wrike.snapshot(None)


@pytest.mark.parametrize(("match", "count"), [("contacts$", 2), ("folders$", 1), ("folders/", 1)])
async def test_a_short_listing_that_calls_itself_complete_is_not_believed(
    bench: Bench, wrike: Wrike, match: str, count: int
) -> None:
    """Half of the people, or of the folders, does not agree with what else Wrike says."""
    await bench.fault("short_listing", f"GET /api/v4/{match}", count=count)  # the first is "who am I", of one
    with pytest.raises(ProtocolChanged, match="cannot be whole"):
        await wrike.snapshot(None)


async def test_a_short_answer_of_the_filter_deactivates_nobody(bench: Bench, wrike: Wrike) -> None:
    """Who is in neither half of the answer has an unknown state: nobody's leaving is made up."""
    await bench.fault("short_listing", r"GET /api/v4/contacts\?active=true")
    found = await wrike.snapshot(None)
    assert Area.STATUS in found.blind
    inactive = {p.email for p in found.principals if p.status is PrincipalStatus.INACTIVE}
    assert inactive <= {LEAVER, DELETED}


async def test_a_slow_answer_is_waited_for(bench: Bench, wrike: Wrike) -> None:
    """Slow is not broken."""
    await bench.fault("slow", "GET /api/v4/contacts", count=1)
    assert (await wrike.snapshot(None)).principals


@pytest.mark.parametrize("switch", ["refused", "left_out"])
async def test_a_folder_that_goes_during_a_scan_costs_nothing_but_itself(
    bench: Bench, wrike: Wrike, switch: str
) -> None:
    """Between the tree and the shares a folder may vanish; a batch with it is taken apart, not given up."""
    await bench.switch(batch_with_missing=switch)
    client = wrike._client.metered()
    tree = await folders.tree(client)
    await bench.pull("share", folder="IT", group="IT", remove=True)
    await bench.pull("share", folder="IT", email=BOT, remove=True)
    shared = await folders.with_shares(client, tree)
    left = {one.title for one in tree.folders.values()} - {one.title for one in shared.folders.values()}
    assert left == {"IT", "Access requests"}


async def test_who_sees_what_and_who_did_what(bench: Bench, wrike: Wrike) -> None:
    """Shares of one account, and its rows of the audit log; an unknown name is told."""
    account, contents, gaps = await wrike.content_of(SHARED)
    assert account.email == SHARED
    assert [one.name for one in contents] == ["Access requests"]
    assert gaps
    rows, missing = await wrike.trail(bench.clock.now() - timedelta(days=1), SHARED)
    assert {row.action for row in rows} >= {"Oauth2AccessGranted"}
    assert missing == ()
    with pytest.raises(NotFound):
        await wrike.content_of("nobody@larkspur.example")


async def test_hostile_names_come_through_as_data(bench: Bench, wrike: Wrike) -> None:
    """A name is never parsed, and paths have no marks that turn the line around."""
    found = await wrike.snapshot(None)
    assert any("<!channel>" in p.name for p in found.principals)
    names = [one.path for one in await wrike.find_content("")]
    assert any("<!here>" in name for name in names)
    assert not any("\u202e" in name for name in names)
