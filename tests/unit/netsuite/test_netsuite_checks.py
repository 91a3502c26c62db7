"""Each check sees its bad state, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.config.policies import Accounts, Administrator, Policies
from bot.findings.check import Check, View
from bot.findings.model import Finding, Severity
from bot.platform.model import (
    Application,
    Area,
    Capacity,
    Credential,
    CredentialKind,
    CredentialStatus,
    Login,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
)
from platforms.netsuite.applications import CONNECTOR, KIND
from platforms.netsuite.checks import connector, endings, holders, practice, usage

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANA = Principal(
    native_id="7",
    name="Ana",
    username="ana@example.com",
    email="ana@example.com",
    kind=PrincipalKind.PERSON,
    status=PrincipalStatus.ACTIVE,
    roles=("Administrator", "Orders"),
    privileges=("Administrator",),
)
ROBOT = replace(ANA, native_id="8", name="svc", username="svc@example.com", kind=PrincipalKind.SERVICE)
ORDERS = Application(native_id="11", name="Order feed", kind=KIND, state="Enabled")
TAXES = replace(ORDERS, native_id="12", name="Taxes")
FARAPP = replace(ORDERS, native_id="13", name="NetSuite Connector", kind=CONNECTOR)
TOKEN = Credential(
    native_id="token:1",
    kind=CredentialKind.TBA_TOKEN,
    label="feed",
    principal_id="7",
    application_id="11",
    created_at=NOW - timedelta(days=200),
    last_used_at=NOW - timedelta(hours=1),
    role="Orders",
)
MAPPING = replace(TOKEN, native_id="mapping:11:7:1", kind=CredentialKind.M2M_CERTIFICATE)


def view(
    *credentials: Credential,
    people: Iterable[Principal] = (ANA, ROBOT),
    apps: Iterable[Application] = (ORDERS, TAXES, FARAPP),
    logins: Iterable[Login] = (),
    capacities: Iterable[Capacity] = (),
    now: datetime = NOW,
    policies: Policies = Policies(),  # noqa: B008  frozen
    vouched: dict[str, datetime] | None = None,
) -> View:
    snapshot = Snapshot(
        connection="netsuite:prod",
        taken_at=now,
        principals=tuple(people),
        applications=tuple(apps),
        credentials=credentials,
        logins=tuple(logins),
        capacities=tuple(capacities),
    )
    return View(snapshot=snapshot, now=now, policies=policies, vouched=vouched or {})


def run(check: Check, seen: View) -> list[Finding]:
    return list(check.rule(seen))


def test_a_person_or_an_integration_or_nobody_knows() -> None:
    """A person's token and one of an unknown kind are different findings; an integration account's is none."""
    assert [f.subject for f in run(holders.held_by_person, view(TOKEN))] == ["token:1"]
    assert run(holders.held_by_person, view(replace(TOKEN, principal_id="8"))) == []
    unknown = replace(ANA, kind=PrincipalKind.UNKNOWN)
    assert run(holders.held_by_person, view(TOKEN, people=(unknown,))) == []
    assert [f.subject for f in run(holders.unclassified, view(TOKEN, people=(unknown,)))] == ["token:1"]
    assert run(holders.unclassified, view(TOKEN)) == []


@pytest.mark.parametrize("status", [CredentialStatus.REVOKED, CredentialStatus.PARKED])
def test_what_is_revoked_or_parked_is_nobodys_trouble(status: CredentialStatus) -> None:
    """Only live credentials are found."""
    seen = view(replace(TOKEN, status=status))
    for check in (
        holders.held_by_person,
        holders.holder_left,
        practice.too_old,
        usage.unused,
        endings.tba_ends,
    ):
        assert run(check, seen) == []


def test_a_last_day_that_is_past_or_ahead() -> None:
    """Past with a live token is for now; ahead is for this week, and for now from two weeks on."""
    for days, check, severity in (
        (-3, holders.holder_left, Severity.P1),
        (40, holders.holder_leaving, Severity.P2),
        (10, holders.holder_leaving, Severity.P1),
    ):
        leaving = replace(ANA, ends_at=NOW + timedelta(days=days))
        (found,) = run(check, view(TOKEN, people=(leaving,)))
        assert found.severity is severity
    late = replace(ANA, ends_at=NOW + timedelta(days=90))
    assert run(holders.holder_leaving, view(TOKEN, people=(late,))) == []
    gone = replace(ANA, ends_at=NOW - timedelta(days=3), status=PrincipalStatus.INACTIVE)
    assert run(holders.holder_left, view(TOKEN, people=(gone,))) == []


def test_a_sleeping_token_says_what_would_wake_it() -> None:
    """The user's or the role's return."""
    asleep = replace(TOKEN, status=CredentialStatus.UNUSABLE)
    (found,) = run(holders.sleeps, view(asleep))
    assert "role Orders" in found.evidence
    (found,) = run(holders.sleeps, view(asleep, people=(replace(ANA, status=PrincipalStatus.INACTIVE),)))
    assert "ana@example.com is inactive" in found.evidence


def test_sharing_is_a_choice() -> None:
    """Two applications on one integration account are a finding unless the company chose to share."""
    both = (
        replace(TOKEN, principal_id="8"),
        replace(TOKEN, native_id="token:2", principal_id="8", application_id="12"),
    )
    (found,) = run(practice.account_shared, view(*both))
    assert "2 integrations: Order feed, Taxes" in found.evidence
    assert "licence" in practice.account_shared.risk
    assert run(practice.account_shared, view(*both, policies=Policies(accounts=Accounts.SHARED))) == []
    assert run(practice.account_shared, view(both[0])) == []


def test_administrator_is_a_choice_but_for_the_connector() -> None:
    """A token of the role, and an integration account that holds it; the Connector's user is excused."""
    admin = replace(TOKEN, principal_id="8", role="Administrator")
    assert {f.subject for f in run(practice.administrator, view(admin))} == {"token:1", "8"}
    allowed = Policies(administrator=Administrator.ALLOWED)
    assert run(practice.administrator, view(admin, policies=allowed)) == []
    connected = replace(TOKEN, principal_id="8", application_id="13")
    assert run(practice.administrator, view(connected)) == []


def test_age_is_a_choice() -> None:
    """Older than the policy; any age where the policy says so; unknown age is not old."""
    old = replace(TOKEN, created_at=NOW - timedelta(days=400))
    assert [f.subject for f in run(practice.too_old, view(old))] == ["token:1"]
    assert run(practice.too_old, view(TOKEN)) == []
    assert run(practice.too_old, view(old, policies=Policies(oldest_days=0))) == []
    assert run(practice.too_old, view(replace(old, created_at=None))) == []


def test_a_review_is_due_until_the_owner_says_so() -> None:
    """Never attested, or longer ago than the policy; attested lately is none."""
    assert len(run(practice.review_due, view(TOKEN))) == 1
    assert len(run(practice.review_due, view(TOKEN, vouched={"token:1": NOW - timedelta(days=100)}))) == 1
    assert run(practice.review_due, view(TOKEN, vouched={"token:1": NOW - timedelta(days=10)})) == []


def test_never_used_and_no_longer_used() -> None:
    """Young and unused, old and unused; a new token is given a week, a used one is none."""
    for days, check in ((30, usage.never_used), (200, usage.unused)):
        idle = replace(TOKEN, created_at=NOW - timedelta(days=days), last_used_at=None)
        others = {usage.never_used, usage.unused} - {check}
        assert len(run(check, view(idle))) == 1
        assert [run(other, view(idle)) for other in others] == [[]]
    fresh = replace(TOKEN, created_at=NOW - timedelta(days=2), last_used_at=None)
    assert run(usage.never_used, view(fresh)) == []
    assert run(usage.unused, view(TOKEN)) == []


def login(number: int, **more: object) -> Login:
    base = Login(
        native_id=str(number),
        principal_id="7",
        at=NOW - timedelta(minutes=number),
        succeeded=False,
        status="Failure: EntityOrRoleDisabled",
        channel="token",
        application="Order feed",
        source="203.0.113.7",
    )
    return replace(base, **more)  # type: ignore[arg-type]


def test_refusals_are_found_with_their_detail() -> None:
    """Three of one application and user; two are chance; it stays a week after the last."""
    (found,) = run(usage.refused, view(logins=[login(n) for n in range(3)]))
    assert "EntityOrRoleDisabled" in found.evidence
    assert found.lasting == timedelta(days=7)
    assert run(usage.refused, view(logins=[login(n) for n in range(2)])) == []


def test_hands_and_programs_under_one_name() -> None:
    """A person at work whose token works too; an integration account that somebody used by hand."""
    hand = login(1, succeeded=True, interactive=True, application="")
    (found,) = run(usage.mixed, view(TOKEN, logins=[hand]))
    assert "Order feed" in found.evidence
    assert run(usage.mixed, view(replace(TOKEN, last_used_at=None), logins=[hand])) == []
    assert run(usage.by_hand, view(TOKEN, logins=[hand])) == []
    (found,) = run(usage.by_hand, view(logins=[replace(hand, principal_id="8")]))
    assert found.subject == "8"


def test_the_end_of_tokens_is_said_once_per_application() -> None:
    """With both dates, until the application signs in by OAuth 2.0; more pressing in the last year."""
    two = (TOKEN, replace(TOKEN, native_id="token:2"))
    (found,) = run(endings.tba_ends, view(*two))
    assert (found.subject, found.severity) == ("11", Severity.P3)
    assert "2027.1 and 2028.2" in found.evidence
    assert run(endings.tba_ends, view(*two, MAPPING)) == []
    (late,) = run(endings.tba_ends, view(TOKEN, now=datetime(2027, 12, 1, tzinfo=UTC)))
    assert late.severity is Severity.P2


def test_certificates_near_their_end_and_full_houses() -> None:
    """Sixty days, pressing from fourteen; four of five places taken."""
    for days, severity in ((50, Severity.P3), (5, Severity.P2)):
        ending = replace(MAPPING, native_id="certificate:a", expires_at=NOW + timedelta(days=days))
        (found,) = run(endings.certificate_ending, view(ending))
        assert found.severity is severity
    assert run(endings.certificate_ending, view(MAPPING)) == []
    for used, count in ((3, 0), (4, 1), (5, 1)):
        supply = Capacity(name="certificates of abc…", used=used, total=5)
        assert len(run(endings.slots_full, view(capacities=[supply]))) == count


CONNECTED = replace(TOKEN, application_id="13", role="Orders")


@pytest.mark.parametrize(
    ("user", "check"),
    [
        (replace(ANA, status=PrincipalStatus.INACTIVE), connector.user_stopped),
        (replace(ANA, status=PrincipalStatus.FROZEN), connector.user_stopped),
        (replace(ANA, ends_at=NOW - timedelta(days=1)), connector.user_stopped),
        (replace(ANA, ends_at=NOW + timedelta(days=200)), connector.user_stopped),
        (replace(ANA, roles=("Orders",)), connector.role_lost),
        (replace(ANA, roles=("Administrator",)), connector.role_lost),
    ],
)
def test_whatever_stops_the_connectors_user_is_for_now(user: Principal, check: Check) -> None:
    """Inactive, without access, gone, about to go, without either role: urgent each time."""
    (found,) = run(check, view(CONNECTED, people=(user,)))
    assert (found.severity, found.subject) == (Severity.P1, "token:1")


def test_the_connector_without_a_token_or_switched_off() -> None:
    """All tokens revoked, or the record blocked, is for now; whole, nothing is found."""
    for check in (connector.user_stopped, connector.role_lost, connector.token_gone):
        assert run(check, view(CONNECTED)) == []
    (found,) = run(connector.token_gone, view(replace(CONNECTED, status=CredentialStatus.REVOKED)))
    assert found.severity is Severity.P1
    (found,) = run(connector.token_gone, view(CONNECTED, apps=(replace(FARAPP, state="Blocked"),)))
    assert "Blocked" in found.evidence


def test_checks_say_which_parts_they_need() -> None:
    """Blind in tokens, no finding about tokens may be called resolved."""
    for module in (holders, practice, connector):
        for check in vars(module).values():
            if isinstance(check, Check):
                assert Area.TBA_TOKEN in check.needs, check.id
