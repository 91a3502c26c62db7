"""Signing in to an org on real sockets and listing it: complete or an error, every missing right said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest
from connection_context import connection_context
from salesforce_bench import HOLDER, NAME, TARGET, Bench

from bot.errors import (
    AuthFailed,
)
from bot.platform.model import Area, CredentialKind, PrincipalKind, PrincipalStatus
from bot.text import Secret
from platforms.salesforce import build


@pytest.mark.parametrize("flow", [{}, {"client_credentials": True}], ids=["jwt", "client-credentials"])
async def test_both_flows_say_who_we_are(bench: Bench, flow: Mapping[str, object]) -> None:
    """Either flow signs in as the bot's own user, with a version both sides know and no right missing."""
    who = await bench.another(**flow).identify()
    assert who.username == bench.ready["salesforce"]["username"]
    assert who.principal_id.startswith("005")
    assert who.gaps == ()
    assert who.capacity is not None
    assert abs(who.clock_skew_s) < 5


async def test_many_requests_share_one_sign_in(bench: Bench) -> None:
    """However many reads start at once, one token is asked for."""
    await asyncio.gather(*(bench.platform.snapshot(None) for _ in range(4)))
    assert bench.calls("/oauth2/token") == 1


@pytest.mark.parametrize(
    ("switch", "said"),
    [("inactive_error", "deactivated"), ("not_admin_approved_error", "permission set")],
)
async def test_a_refused_sign_in_says_why_and_is_not_repeated(bench: Bench, switch: str, said: str) -> None:
    """A refusal by the token endpoint is final: one call, the cause and the mend."""
    org = bench.stand_in.org
    (bot,) = org["User"].where("Username", bench.ready["salesforce"]["username"])
    if switch == "inactive_error":
        org["User"].change(bot, {"IsActive": False})
    else:
        for row in list(org["SetupEntityAccess"]):
            org["SetupEntityAccess"].delete(row)
    asked = [bench.platform.identify() for _ in range(5)]
    for refused in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(refused, AuthFailed)
        assert said in refused.hint
    assert bench.calls("/oauth2/token") == 1


async def test_a_wrong_key_is_a_refusal_and_never_shown(bench: Bench) -> None:
    """A key that is not the app's is named as such; a text that is no key stops before anything is sent."""
    hello = bench.ready["salesforce"]
    table = {"url": hello["url"], "client_id": hello["client_id"], "username": hello["username"]}
    around = connection_context(lambda _: Secret("-----BEGIN hush-----"), bench.clock, bench.directory)
    broken = build(NAME, table, around)
    bench.opened.append(broken)
    with pytest.raises(Exception, match="not an RSA private key") as caught:
        await broken.identify()
    assert "hush" not in repr(caught.value)


async def test_an_ended_session_is_renewed_once_and_the_work_goes_on(bench: Bench) -> None:
    """A session that ended between two scans costs one new sign-in."""
    await bench.platform.snapshot(None)
    await bench.pass_time(days=1)
    await bench.platform.snapshot(None)
    assert bench.calls("/oauth2/token") == 2


async def test_a_session_that_is_never_taken_does_not_loop(bench: Bench) -> None:
    """An org that refuses every new session is told to its owner after one renewal."""
    await bench.switch(session_timeout_s=0)
    with pytest.raises(AuthFailed):
        await bench.platform.identify()
    assert bench.calls("/oauth2/token") <= 2


async def test_a_snapshot_is_the_whole_org(bench: Bench) -> None:
    """Every standard user, grant, app and certificate of the org is there, each once, with kind and state."""
    org, found = bench.stand_in.org, await bench.platform.snapshot(None)
    assert found.gaps == ()
    standard = {row["Id"] for row in org["User"] if row["UserType"] == "Standard"}
    assert {p.native_id for p in found.principals} == standard
    by_kind = {kind: [c for c in found.credentials if c.kind is kind] for kind in CredentialKind}
    assert len({c.native_id for c in by_kind[CredentialKind.OAUTH_GRANT]}) == len(org["OauthToken"])
    assert len(by_kind[CredentialKind.CERTIFICATE]) == len(org["Certificate"])
    assert len(by_kind[CredentialKind.APP_CERTIFICATE]) == sum(bool(a.certificate) for a in org.apps.values())
    assert len(by_kind[CredentialKind.RUN_AS]) == sum(bool(a.run_as) for a in org.apps.values())
    assert len(found.applications) == len(org["ConnectedApplication"]) + len(org["ExternalClientApplication"])
    states = {p.username: (p.kind, p.status) for p in found.principals}
    assert states[TARGET] == (PrincipalKind.SERVICE, PrincipalStatus.ACTIVE)
    assert states["jordan.blackhorse@larkspur.example"][1] is PrincipalStatus.FROZEN
    assert states["kenji.watanabe@larkspur.example"] == (PrincipalKind.PERSON, PrincipalStatus.INACTIVE)
    marcus = next(p for p in found.principals if p.username == HOLDER)
    assert "Modify All Data" in marcus.privileges
    assert {rule.profile for rule in found.rules if rule.ranges} == {"Warehouse loader"}
    assert any(tie.name == "Sales pipeline" and tie.principal_id == marcus.native_id for tie in found.ties)
    assert any(c.name == "licence Salesforce Integration" and c.total == 8 for c in found.capacities)


async def test_no_secret_of_the_org_is_kept(bench: Bench) -> None:
    """Neither what ends a grant nor what uses it is in a snapshot, and the refresh token is never asked for."""
    shown = repr(await bench.platform.snapshot(None))
    for row in bench.stand_in.org["OauthToken"]:
        assert row["DeleteToken"] not in shown
        assert row["_refresh_token"] not in shown
    assert bench.calls("AccessToken") == 0


async def test_two_looks_at_one_org_are_equal(bench: Bench) -> None:
    """Ids are stable: nothing seems new or gone while nothing changes."""
    one, two = await bench.platform.snapshot(None), await bench.platform.snapshot(None)
    for part in ("principals", "credentials", "applications", "ties", "rules"):
        assert getattr(one, part) == getattr(two, part)


async def test_people_are_left_alone(bench: Bench) -> None:
    """Page sign-ins of people are nobody's business; those of integration users are."""
    await bench.pull("salesforce/login", email=HOLDER)
    await bench.pull("salesforce/login", username=TARGET)
    found = await bench.platform.snapshot(bench.clock.now() - timedelta(minutes=1))
    by_hand = [login for login in found.logins if login.interactive]
    service = {p.native_id for p in found.principals if p.kind is PrincipalKind.SERVICE}
    assert by_hand
    assert {login.principal_id for login in by_hand} <= service


async def test_history_begins_at_the_previous_scan(bench: Bench) -> None:
    """What was seen by the previous scan is not brought again."""
    found = await bench.platform.snapshot(bench.clock.now() + timedelta(minutes=1))
    assert found.logins == ()
    assert found.changes == ()


async def test_an_administrators_act_on_an_integration_user_is_seen(bench: Bench) -> None:
    """The setup audit trail is cut down to what concerns integrations."""
    await bench.pull("salesforce/run_as", app="Celigo", username=TARGET)
    found = await bench.platform.snapshot(bench.clock.now() - timedelta(minutes=5))
    assert any("addOauthClientCredentialUser" in change.action for change in found.changes)


@pytest.mark.parametrize("silent", ["invalid_type", "no_rows"])
@pytest.mark.parametrize(
    ("taken", "areas"),
    [
        (("CustomizeApplication",), {Area.OAUTH_GRANT}),
        (("ManageUsers",), {Area.PRINCIPALS, Area.LOGINS}),
        (("ModifyMetadata",), {Area.RUN_AS, Area.APP_CERTIFICATE, Area.RULES}),
        (("ViewSetup",), {Area.CAPACITIES, Area.CHANGES, Area.CERTIFICATE, Area.RULES}),
        (
            ("ViewSetup", "AssignPermissionSets", "ManageUsers"),
            {Area.PRIVILEGES, Area.OAUTH_GRANT, Area.LOGINS, Area.PRINCIPALS, Area.CAPACITIES},
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
async def test_a_missing_right_is_a_gap_and_never_an_empty_list(
    bench: Bench, taken: tuple[str, ...], areas: set[Area], silent: str
) -> None:
    """Without a right the part it shows is named with its mend, whether the org refuses or just shows nothing."""
    await bench.switch(missing_permission=silent)
    for permission in taken:
        bench.take_away(permission)
    found = await bench.platform.snapshot(None)
    assert areas <= found.blind
    assert all(gap.what and gap.reason and gap.remedy for gap in found.gaps)
    who = await bench.platform.identify()
    assert areas <= {gap.area for gap in who.gaps} <= found.blind
    filled = {Area(c.kind.value) for c in found.credentials}
    assert {Area.OAUTH_GRANT, Area.RUN_AS, Area.APP_CERTIFICATE, Area.CERTIFICATE} <= filled | found.blind
    if Area.PRINCIPALS in areas:
        assert {p.status for p in found.principals} <= {PrincipalStatus.UNKNOWN, PrincipalStatus.INACTIVE}
    if Area.LOGINS in areas:
        assert found.logins == ()  # the org would still show our own
    if Area.PRIVILEGES in areas:
        assert PrincipalKind.PERSON not in {p.kind for p in found.principals}


async def test_more_grants_than_one_query_brings_are_all_listed(crowd: Bench) -> None:
    """Past 2,500 rows Salesforce just stops; slices by user bring them all."""
    org = crowd.stand_in.org
    found = await crowd.platform.snapshot(None)
    grants = [c for c in found.credentials if c.kind is CredentialKind.OAUTH_GRANT]
    assert len(org["OauthToken"]) > 2_500
    assert len({c.native_id for c in grants}) == len(org["OauthToken"])
    assert len(found.principals) > 6_900


async def test_holders_who_are_not_staff_are_found_as_well(crowd: Bench) -> None:
    """Grants of portal users are in no slice by staff; the count betrays them, and their users are looked up."""
    org = crowd.stand_in.org
    outsiders = {row["UserId"] for row in list(org["OauthToken"])[-3:]}
    for user in outsiders:
        org["User"].change(org["User"].get(user) or {}, {"UserType": "CspLitePortal"})
    found = await crowd.platform.snapshot(None)
    assert sum(c.kind is CredentialKind.OAUTH_GRANT for c in found.credentials) == len(org["OauthToken"])
    assert outsiders <= {p.native_id for p in found.principals}


async def test_a_session_that_ends_between_two_pages_costs_nothing(crowd: Bench) -> None:
    """A page that meets an ended session is asked again with a new one, and the listing stays whole."""
    await crowd.fault("slow", "GET /services/data/.*/query/")

    world = crowd.stand_in.org.world

    async def end_sessions() -> None:
        while not world.counters["salesforce.fault.slow"]:  # noqa: ASYNC110  the sandbox tells nobody of a hit
            await asyncio.sleep(0.01)
        crowd.stand_in.org.sessions.clear()

    ending = asyncio.create_task(end_sessions())
    found = await crowd.platform.snapshot(None)
    await ending
    standard = [row for row in crowd.stand_in.org["User"] if row["UserType"] == "Standard"]
    assert len(found.principals) == len(standard)
    assert crowd.calls("/oauth2/token") >= 2
