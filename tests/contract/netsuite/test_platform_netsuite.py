"""The adapter against the stand-in over real sockets: signing in, listing, what cannot be seen, and the second look."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from netsuite_bench import ALICE, BOT, M2M, SHARED, TBA, Bench, token

from bot.errors import Forbidden
from bot.platform.model import Area, CredentialKind, CredentialStatus, PrincipalKind, PrincipalStatus
from bot.user_sync.model import RecordKind, Records


@pytest.mark.parametrize("way", [M2M, TBA])
async def test_both_ways_of_signing_in_see_one_account(bench: Bench, way: tuple[str, ...]) -> None:
    """What is listed does not depend on how the bot proves who it is, but for certificates."""
    seen = await bench.another(way).snapshot(None)
    (alice,) = (p for p in seen.principals if p.email == ALICE)
    assert alice.kind is PrincipalKind.PERSON
    assert alice.roles == ("Accountant", "Administrator", "NetSuite Connector Web Services")
    assert alice.privileges == ("Administrator",)
    (shared,) = (p for p in seen.principals if p.email == SHARED)
    assert shared.kind is PrincipalKind.SERVICE
    connector = token(seen, "Connector, made by Alice")
    assert (connector.principal_id, connector.role) == (alice.native_id, "NetSuite Connector Web Services")
    assert connector.last_used_at is not None
    certificates = [c for c in seen.credentials if c.native_id.startswith("certificate:")]
    assert bool(certificates) is (way is M2M)


async def test_a_token_is_what_its_row_user_and_role_make_of_it(bench: Bench) -> None:
    """Revoked, inactive, asleep with its user or role, and live are told apart."""
    seen = await bench.platform.snapshot(None)
    assert token(seen, "Connector, before 2025").status is CredentialStatus.REVOKED
    assert token(seen, "ShipStation paused").status is CredentialStatus.PARKED
    assert token(seen, "Greta dev").status is CredentialStatus.UNUSABLE  # the user is inactive
    assert token(seen, "EDI 2019").status is CredentialStatus.UNUSABLE  # the role is inactive
    assert token(seen, "AvaTax").status is CredentialStatus.ACTIVE


async def test_a_role_that_is_taken_puts_its_token_to_sleep_and_gives_it_back(bench: Bench) -> None:
    """A token without its role is asleep, not gone: it wakes with the role."""
    await bench.pull("netsuite/roles", email=ALICE, roles=["Administrator"])
    assert token(await bench.platform.snapshot(None), "Connector, made").status is CredentialStatus.UNUSABLE
    await bench.pull(
        "netsuite/roles", email=ALICE, roles=["Administrator", "NetSuite Connector Web Services"]
    )
    assert token(await bench.platform.snapshot(None), "Connector, made").status is CredentialStatus.ACTIVE


async def test_an_oauth_sign_in_without_a_token_name_is_a_mapping(bench: Bench) -> None:
    """Mappings of others are listed nowhere, but who signs in with them shows in the trail; the gap stays named."""
    seen = await bench.platform.snapshot(None)
    mappings = {c.label: c for c in seen.credentials if c.native_id.startswith("mapping:")}
    assert mappings["OAuth 2.0 sign-in of Adaptive Planning"].last_used_at
    assert not [c for c in mappings if "Handover" in c]  # our own is listed as its certificate
    assert Area.M2M_CERTIFICATE in seen.blind


@pytest.mark.parametrize(
    ("permission", "area"),
    [
        ("ADMI_MANAGE_OAUTH_TOKENS", Area.TBA_TOKEN),
        ("ADMI_AUDITLOGIN", Area.LOGINS),
        ("ADMI_MANAGEROLES", Area.PRIVILEGES),
        ("ADMI_INTEGRAPP", Area.APPLICATIONS),
        ("LIST_EMPLOYEE_RECORD", Area.PRINCIPALS),
        ("LIST_SYSTEMNOTES", Area.CHANGES),
        ("ADMI_MANAGE_OWN_OAUTH2_CERTS", Area.M2M_CERTIFICATE),
    ],
)
async def test_a_missing_permission_is_a_gap_with_its_menu_path(
    bench: Bench, permission: str, area: Area
) -> None:
    """What the bot may not see is named with the way to mend it, and is never taken for none."""
    await bench.forbid(permission)
    platform = bench.another()
    for gaps in ((await platform.snapshot(None)).gaps, (await platform.identify()).gaps):
        if permission == "ADMI_MANAGE_OWN_OAUTH2_CERTS" and not [g for g in gaps if g.area is area]:
            continue  # doctor does not knock at the certificates
        (gap, *_) = [g for g in reversed(gaps) if g.area is area]
        assert "Setup > Users/Roles > Manage Roles" in gap.remedy


async def test_integrations_are_found_without_their_own_table(bench: Bench) -> None:
    """Where integrationapp is hidden, tokens and the trail still name the applications."""
    await bench.switch(integrationapp_visible=False)
    seen = await bench.platform.snapshot(None)
    names = {app.name for app in seen.applications}
    assert {"NetSuite Connector", "Adaptive Planning"} <= names
    assert Area.APPLICATIONS in seen.blind


@pytest.mark.parametrize("visible", [["employeeroles"], []])
async def test_role_assignments_have_three_sources(bench: Bench, visible: list[str]) -> None:
    """Where one table of assignments is hidden the next one says the same, down to the employee's own row."""
    whole = {p.native_id: p.roles for p in (await bench.platform.snapshot(None)).principals}
    await bench.switch(role_assignments_visible=visible)
    assert {p.native_id: p.roles for p in (await bench.another().snapshot(None)).principals} == whole


async def test_hidden_dates_are_a_gap_and_never_a_date(bench: Bench) -> None:
    """Where SuiteQL does not show release dates, nobody is called leaving, and the gap says so."""
    await bench.switch(employee_dates_visible=False)
    seen = await bench.platform.snapshot(None)
    assert Area.END_DATES in seen.blind
    assert not [p for p in seen.principals if p.ends_at]
    with pytest.raises(Forbidden, match="termination dates"):
        await bench.platform.records()


async def test_the_second_scan_asks_for_what_changed(bench: Bench) -> None:
    """A change is seen, a deletion is seen, and nothing is read twice that need not be."""
    first = await bench.platform.snapshot(None)
    await bench.pull("netsuite/employee", email=ALICE, release_date="2027-01-31")
    second = await bench.platform.snapshot(first.taken_at)
    (alice,) = (p for p in second.principals if p.email == ALICE)
    assert alice.ends_at
    assert alice.ends_at.date() == date(2027, 1, 31)
    assert len(second.principals) == len(first.principals)
    await bench.pull("netsuite/delete", email="greta.halvorsen@larkspur.example")
    third = await bench.platform.snapshot(second.taken_at)
    assert len(third.principals) == len(first.principals) - 1
    assert not [c for c in third.credentials if c.label == "Greta dev"]


async def test_what_is_hidden_now_is_not_shown_from_before(bench: Bench) -> None:
    """A permission that is taken between two scans makes a gap; what the first one saw is not shown as current."""
    first = await bench.platform.snapshot(None)
    await bench.forbid("LIST_EMPLOYEE_RECORD")
    second = await bench.platform.snapshot(first.taken_at)
    assert Area.PRINCIPALS in second.blind
    assert not [p for p in second.principals if p.email == ALICE]


async def test_a_late_row_of_the_trail_is_not_lost(bench: Bench) -> None:
    """Sign-ins that the trail shows only after a scan has passed are found by the next one, once."""
    first = await bench.platform.snapshot(None)
    await bench.switch(audit_lag_s=300)
    await bench.pull("netsuite/use", token="AvaTax")
    second = await bench.platform.snapshot(first.taken_at)
    await bench.pass_time(seconds=600)
    third = await bench.platform.snapshot(second.taken_at)
    before = {x.native_id for x in first.logins}
    assert not [x for x in second.logins if x.credential == "AvaTax" and x.native_id not in before]
    late = [x for x in third.logins if x.credential == "AvaTax" and x.native_id not in before]
    assert len(late) == 1
    assert token(third, "AvaTax").last_used_at == late[0].at


async def test_dates_are_read_in_the_zone_they_are_printed_in(bench: Bench) -> None:
    """A user whose preference is Tokyo prints Tokyo's times; with the same setting the instant is the same."""
    await bench.switch(time_zone="Asia/Tokyo")
    await bench.pull("netsuite/use", token="AvaTax")
    seen = await bench.another(time_zone="Asia/Tokyo").snapshot(None)
    used = token(seen, "AvaTax").last_used_at
    assert used
    assert abs(bench.clock.now() - used) < timedelta(minutes=1)


async def test_who_the_bot_is(bench: Bench) -> None:
    """It names its user and account, agrees with the clock, and says what signing in by token means."""
    by_certificate = await bench.another(M2M).identify()
    assert by_certificate.tenant == "3182736_SB1"
    assert by_certificate.username.startswith(BOT)
    assert abs(by_certificate.clock_skew_s) < 5
    assert not by_certificate.advice
    by_token = bench.another(TBA)
    await by_token.snapshot(None)
    identity = await by_token.identify()
    assert identity.username.startswith(BOT)
    assert "2027.1" in identity.advice[0][0]


async def test_people_for_the_sync(bench: Bench) -> None:
    """Employees and vendors are listed whole with their checkbox, as the Nexonia sync needs them."""
    assert isinstance(bench.platform, Records)
    listed = await bench.platform.records()
    assert listed.kinds == {RecordKind.EMPLOYEE, RecordKind.VENDOR}
    ruben = next(r for r in listed.records if r.email == "ruben.castellanos@larkspur.example")
    assert (ruben.flag, ruben.active) == (True, True)
    assert ruben.termination_date
    flagged = [r for r in listed.records if r.kind is RecordKind.VENDOR and r.flag]
    assert len(flagged) >= 4


async def test_a_checkbox_that_is_not_there_is_none_not_no(bench: Bench) -> None:
    """A field that the account does not show leaves every flag unknown."""
    listed = await bench.another(nexonia_field="custentity_other").records()
    assert {r.flag for r in listed.records} == {None}


async def test_vendors_who_may_not_be_seen_are_left_out_of_the_kinds(bench: Bench) -> None:
    """Without the permission only employees are listed, and the listing says so."""
    await bench.forbid("LIST_VENDOR")
    assert (await bench.platform.records()).kinds == {RecordKind.EMPLOYEE}


async def test_hostile_names_are_kept_as_data(bench: Bench) -> None:
    """Names with markup or hidden marks come through as they are; showing them safely is not the adapter's part."""
    seen = await bench.platform.snapshot(None)
    assert any("<!channel>" in p.name for p in seen.principals)
    assert all(p.status is not PrincipalStatus.UNKNOWN for p in seen.principals)
    assert token(seen, "fivetran test").kind is CredentialKind.TBA_TOKEN
