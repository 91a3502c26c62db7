"""Each check finds its bad state and keeps quiet about the good one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.findings.check import Check, View
from bot.findings.model import Finding, Severity
from bot.platform.model import (
    Application,
    Capacity,
    Credential,
    CredentialKind,
    Login,
    LoginRule,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
)
from platforms.salesforce.checks import accounts, credentials, logins

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANA = Principal(
    native_id="ana",
    name="Ana",
    username="ana@acme.example",
    kind=PrincipalKind.PERSON,
    status=PrincipalStatus.ACTIVE,
)
SVC = replace(
    ANA, native_id="svc", username="svc@acme.example", kind=PrincipalKind.SERVICE, profile="Integrations"
)
GRANT = Credential(
    native_id="grant:1",
    kind=CredentialKind.OAUTH_GRANT,
    label="Marketo sync",
    principal_id="ana",
    application_id="app",
)
RUN_AS = replace(GRANT, native_id="run-as:app", kind=CredentialKind.RUN_AS)
LOGIN = Login(
    native_id="0Ya1",
    principal_id="svc",
    at=NOW,
    succeeded=True,
    status="Success",
    channel="Remote Access 2.0 / OauthRefreshToken",
    application="Marketo sync",
    source="203.0.113.7",
)


def _run(
    check: Check, snapshot: Snapshot, known: Mapping[str, tuple[str, ...]] | None = None
) -> list[Finding]:
    return list(check.rule(View(snapshot=snapshot, now=NOW, known_sources=known or {})))


def _snapshot(**parts: tuple[object, ...]) -> Snapshot:
    people = parts.pop("principals", (ANA, SVC))
    return Snapshot(connection="salesforce:prod", taken_at=NOW, principals=people, **parts)  # type: ignore[arg-type]


def _with(**changes: object) -> Snapshot:
    return _snapshot(logins=(replace(LOGIN, **changes),))  # type: ignore[arg-type]


def _status(status: PrincipalStatus, **parts: tuple[object, ...]) -> Snapshot:
    return _snapshot(principals=(replace(ANA, status=status), replace(SVC, status=status)), **parts)


def test_a_grant_of_a_person_is_found_and_one_of_a_program_is_not() -> None:
    """What a person approved is a finding; what an integration user approved is as it should be."""
    (finding,) = _run(credentials.held_by_person, _snapshot(credentials=(GRANT,)))
    assert finding.subject == "grant:1"
    assert "ana@acme.example" in finding.evidence
    assert not _run(credentials.held_by_person, _snapshot(credentials=(replace(GRANT, principal_id="svc"),)))


def test_an_app_that_many_people_use_by_themselves_is_no_integration() -> None:
    """Five people with the mobile app are no findings; four with a connector are."""
    people = tuple(replace(ANA, native_id=f"p{n}") for n in range(5))
    held = tuple(replace(GRANT, native_id=f"grant:{n}", principal_id=f"p{n}") for n in range(5))
    assert not _run(credentials.held_by_person, _snapshot(principals=people, credentials=held))
    assert len(_run(credentials.held_by_person, _snapshot(principals=people, credentials=held[:4]))) == 4


@pytest.mark.parametrize("status", [PrincipalStatus.INACTIVE, PrincipalStatus.FROZEN])
@pytest.mark.parametrize("credential", [GRANT, RUN_AS])
def test_a_credential_of_somebody_who_cannot_sign_in_is_urgent(
    status: PrincipalStatus, credential: Credential
) -> None:
    """Grants and run-as settings of the deactivated and the frozen are found once, as this."""
    snapshot = _status(status, credentials=(credential,))
    (finding,) = _run(credentials.holder_stopped, snapshot)
    assert finding.severity is Severity.P1
    assert not _run(credentials.held_by_person, snapshot)
    assert not _run(credentials.runs_as_person, snapshot)


def test_an_app_that_runs_as_a_person_is_found() -> None:
    """Client credentials of a person are a finding, those of a program are not."""
    assert len(_run(credentials.runs_as_person, _snapshot(credentials=(RUN_AS,)))) == 1
    assert not _run(credentials.runs_as_person, _snapshot(credentials=(replace(RUN_AS, principal_id="svc"),)))


def test_the_fourth_approval_is_the_warning() -> None:
    """Four approvals of one app by one user are found, three are not, and apps are counted apart."""
    four = tuple(replace(GRANT, native_id=f"grant:{n}") for n in range(4))
    assert len(_run(credentials.approvals_nearly_full, _snapshot(credentials=four))) == 1
    other = replace(four[3], application_id="other")
    assert not _run(credentials.approvals_nearly_full, _snapshot(credentials=(*four[:3], other)))


def test_an_app_that_all_may_approve_is_found_and_an_unknown_policy_is_not() -> None:
    """A policy that could not be seen is not taken for an open one."""
    apps = tuple(
        Application(native_id=str(policy), name="App", self_authorize=policy)
        for policy in (True, False, None)
    )
    assert [f.subject for f in _run(credentials.self_authorized, _snapshot(applications=apps))] == ["True"]


def test_a_powerful_integration_user_is_found() -> None:
    """An administrator's profile or rights on an integration user are a finding, on a person they are not."""
    strong = replace(SVC, privileges=("Modify All Data",))
    admin = replace(SVC, native_id="admin", profile="System Administrator")
    person = replace(ANA, privileges=("Modify All Data",))
    found = _run(accounts.too_powerful, _snapshot(principals=(strong, admin, person, SVC)))
    assert {finding.subject for finding in found} == {"svc", "admin"}


def test_a_frozen_integration_user_is_urgent() -> None:
    """The frozen integration user is found here, and its grants do not repeat it."""
    snapshot = _status(PrincipalStatus.FROZEN, credentials=(replace(GRANT, principal_id="svc"),))
    assert [f.severity for f in _run(accounts.frozen, snapshot)] == [Severity.P1]
    assert not _run(credentials.holder_stopped, snapshot)


def test_a_profile_without_ranges_is_found_and_an_unread_one_is_not() -> None:
    """Only a profile whose rule was read, and is empty, counts as open."""
    empty = LoginRule(profile="Integrations")
    closed = replace(empty, ranges=(("203.0.113.0", "203.0.113.31", ""),))
    assert len(_run(accounts.from_anywhere, _snapshot(rules=(empty,)))) == 1
    assert not _run(accounts.from_anywhere, _snapshot(rules=(closed,)))
    assert not _run(accounts.from_anywhere, _snapshot())


def test_the_last_integration_licence_is_found() -> None:
    """Full supplies of integration licences are found; others are not ours to watch."""
    full = Capacity(name="licence Salesforce Integration", used=5, total=5)
    other = Capacity(name="licence Salesforce", used=5, total=5)
    found = _run(accounts.licences_gone, _snapshot(capacities=(full, other)))
    assert [finding.subject for finding in found] == [full.name]


@pytest.mark.parametrize(
    ("days", "check", "severity"),
    [
        (61, None, None),
        (60, credentials.ending, Severity.P3),
        (15, credentials.ending, Severity.P3),
        (14, credentials.ending, Severity.P2),
        (1, credentials.ending, Severity.P2),
        (0, credentials.ended, Severity.P2),
        (-20, credentials.ended, Severity.P2),
    ],
)
@pytest.mark.parametrize("kind", [CredentialKind.APP_CERTIFICATE, CredentialKind.CERTIFICATE])
def test_a_certificate_is_ending_or_ended_never_both(
    days: int, check: Check | None, severity: Severity | None, kind: CredentialKind
) -> None:
    """From sixty days on it is found, from fourteen it presses, at its end it becomes the other finding."""
    held = Credential(native_id="c", kind=kind, label="Partner portal", expires_at=NOW + timedelta(days=days))
    snapshot = _snapshot(credentials=(held,))
    found = [f for c in (credentials.ending, credentials.ended) for f in _run(c, snapshot)]
    assert [(f.rule, f.severity) for f in found] == ([(check.id, severity)] if check else [])


def test_a_lapsed_app_certificate_is_not_called_an_outage() -> None:
    """What Salesforce does after the end of an app's certificate is not documented, and the evidence says so."""
    app = Credential(native_id="c", kind=CredentialKind.APP_CERTIFICATE, label="App", expires_at=NOW)
    (finding,) = _run(credentials.ended, _snapshot(credentials=(app,)))
    assert "does not document" in finding.evidence


@pytest.mark.parametrize(
    ("check", "bad", "good"),
    [
        (logins.by_hand, {"interactive": True}, {}),
        (logins.by_hand, {"interactive": True}, {"interactive": True, "principal_id": "ana"}),
        (logins.outside_rules, {"succeeded": False, "status": "Restricted IP"}, {"status": "Success"}),
        (logins.outside_rules, {"succeeded": False, "status": "Restricted time"}, {"principal_id": "ana"}),
        (logins.password_flow, {"channel": "Remote Access 2.0 / OauthUsernamePassword"}, {}),
        (logins.soap_login, {"channel": "Other Apex API"}, {}),
        (logins.soap_login, {"channel": "Partner Product"}, {}),
        (logins.old_version, {"api_version": "40.0"}, {"api_version": "41.0"}),
        (logins.old_version, {"api_version": "37.0"}, {"api_version": "unknown"}),
    ],
)
def test_a_sign_in_that_should_not_be_is_found(
    check: Check, bad: dict[str, object], good: dict[str, object]
) -> None:
    """Each kind of doubtful sign-in is found, stays open for a week, and its harmless neighbour is not found."""
    (finding,) = _run(check, _with(**bad))
    assert finding.lasting == timedelta(days=7)
    assert finding.subject == "svc"
    assert not _run(check, _with(**good))


@pytest.mark.parametrize("application", ["", "N/A"])
def test_a_program_without_a_name_is_said_to_have_none(application: str) -> None:
    """Salesforce prints N/A where a sign-in came through no app."""
    (finding,) = _run(logins.soap_login, _with(channel="Other Apex API", application=application))
    assert finding.evidence.startswith("an unnamed app")


def test_a_version_that_is_gone_is_urgent() -> None:
    """Below 31 the integration is failing now, below 41 it will."""
    assert [f.severity for f in _run(logins.old_version, _with(api_version="30.0"))] == [Severity.P1]
    assert [f.severity for f in _run(logins.old_version, _with(api_version="31.0"))] == [Severity.P3]


def test_three_failures_are_one_finding() -> None:
    """Two failures can be a slip, three are a finding with their reasons."""
    failed = [
        replace(LOGIN, native_id=f"0Ya{n}", succeeded=False, status="Failed: Invalid Token") for n in range(3)
    ]
    (finding,) = _run(logins.failing, _snapshot(logins=tuple(failed)))
    assert "Failed: Invalid Token" in finding.evidence
    assert not _run(logins.failing, _snapshot(logins=tuple(failed[:2])))


def test_a_success_from_outside_the_ranges_is_found() -> None:
    """Where the profile has ranges, a success from elsewhere was made before they held, or past them."""
    rule = LoginRule(profile="Integrations", ranges=(("198.51.100.0", "198.51.100.255", ""),))
    (finding,) = _run(logins.outside_rules, _snapshot(logins=(LOGIN,), rules=(rule,)))
    assert finding.bucket == "203.0.113.7"


def test_an_address_is_new_only_against_known_ones() -> None:
    """The first address ever seen is learnt, not reported; failures never make an address known or new."""
    snapshot = _snapshot(logins=(LOGIN,))
    assert not _run(logins.new_source, snapshot)
    assert not _run(logins.new_source, snapshot, {"svc": ("203.0.113.7",)})
    (finding,) = _run(logins.new_source, snapshot, {"svc": ("198.51.100.1",)})
    assert finding.bucket == "203.0.113.7"
    assert not _run(logins.new_source, _with(succeeded=False), {"svc": ("198.51.100.1",)})
