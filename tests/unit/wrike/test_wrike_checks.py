"""Each check finds its bad state, keeps quiet about the good one, and takes the unknown one for neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.config.policies import DEFAULTS, Accounts, Administrator, Policies
from bot.findings.check import Check, View
from bot.findings.model import Finding
from bot.platform.model import (
    Application,
    Content,
    Credential,
    CredentialKind,
    CredentialStatus,
    Login,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
    Tie,
)
from platforms.wrike.checks import accounts, owners
from platforms.wrike.people import ADMIN

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANA = Principal(
    native_id="ana",
    name="Ana",
    username="ana@acme.example",
    email="ana@acme.example",
    kind=PrincipalKind.PERSON,
    status=PrincipalStatus.ACTIVE,
    profile="Regular",
)
SVC = replace(
    ANA,
    native_id="svc",
    username="svc@acme.example",
    email="svc@acme.example",
    kind=PrincipalKind.SERVICE,
)
OF_ANA = Credential(
    native_id="flow:Billing",
    kind=CredentialKind.PERMANENT_TOKEN,
    label="Billing",
    principal_id="ana",
    application_id="flow:Billing",
    role="ana@acme.example",
)
OF_SVC = replace(OF_ANA, principal_id="svc", role="svc@acme.example")
BILLING = Application(native_id="flow:Billing", name="Billing", kind="NetSuite")
CASES = Application(native_id="flow:Cases", name="Cases", kind="Salesforce")
GOOD = Snapshot(
    connection="wrike:prod",
    taken_at=NOW,
    principals=(ANA, SVC),
    applications=(BILLING, CASES),
    credentials=(OF_SVC,),
)


def _run(check: Check, snapshot: Snapshot, policies: Policies = DEFAULTS) -> list[Finding]:
    return list(check.rule(View(snapshot=snapshot, now=NOW, policies=policies)))


def _of(account: Principal, **more: object) -> Snapshot:
    credential = replace(OF_ANA, principal_id=account.native_id, role=account.email, **more)  # type: ignore[arg-type]
    return replace(GOOD, principals=(account,), credentials=(credential,))


CHECKS = [one for module in (accounts, owners) for one in vars(module).values() if isinstance(one, Check)]
OAUTH = {"kind": CredentialKind.OAUTH_GRANT}
GONE = replace(ANA, status=PrincipalStatus.INACTIVE, profile="Deleted")
OFF = replace(ANA, status=PrincipalStatus.INACTIVE)
UNKNOWN = replace(ANA, status=PrincipalStatus.UNKNOWN)
INVITED = replace(ANA, status=PrincipalStatus.INVITED, profile="Invited")
BAD: dict[str, Snapshot] = {
    "wrike.token-of-person": _of(ANA),
    "wrike.connection-of-person": _of(ANA, **OAUTH),
    "wrike.service-is-admin": replace(GOOD, principals=(replace(SVC, privileges=(ADMIN,)),)),
    "wrike.account-of-several-systems": replace(
        GOOD, credentials=(OF_SVC, replace(OF_SVC, native_id="flow:Cases", application_id="flow:Cases"))
    ),
    "wrike.weak-account": _of(replace(SVC, profile="Collaborator")),
    "wrike.token-of-another": replace(GOOD, credentials=(replace(OF_SVC, principal_id="ana"),)),
    "wrike.content-not-shared": replace(
        GOOD,
        contents=(Content(native_id="f", name="F", kind="folder", path="F", needed_by=("flow:Billing",)),),
    ),
    "wrike.service-signs-in-by-hand": replace(
        GOOD,
        logins=(
            Login(
                native_id="1",
                principal_id="svc",
                at=NOW,
                succeeded=True,
                status="UserLoggedIn",
                channel="browser",
            ),
        ),
    ),
    "wrike.owner-deleted": _of(GONE),
    "wrike.owner-deactivated": _of(OFF),
    "wrike.owner-only-invited": _of(INVITED),
    "wrike.owner-unknown": replace(GOOD, credentials=(replace(OF_ANA, principal_id=""),)),
    "wrike.webhook-of-leaver": replace(
        GOOD,
        principals=(OFF,),
        ties=(
            Tie(native_id="w", principal_id="ana", kind="webhook", name="https://x.example", detail="Active"),
        ),
    ),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_bad_state_is_found_and_the_good_one_is_not(check: Check) -> None:
    """Every check has a sample of what it is for, which no good account has."""
    (found,) = _run(check, BAD[check.id])
    assert found.rule == check.id
    assert found.evidence
    assert _run(check, GOOD) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_dead_token_is_nobodys_worry(check: Check) -> None:
    """What was refused by every data centre needs no handover."""
    dead = tuple(replace(c, status=CredentialStatus.REVOKED) for c in BAD[check.id].credentials)
    about_flows = {f.subject for f in _run(check, replace(BAD[check.id], credentials=dead))}
    assert not {one for one in about_flows if one.startswith("flow:")}


def test_an_unknown_state_is_not_a_deactivated_one() -> None:
    """Where the tenant does not say who is deactivated, nobody is called so, and a person is still a person."""
    assert _run(owners.owner_deactivated, _of(UNKNOWN)) == []
    assert _run(accounts.token_of_person, _of(UNKNOWN)) != []


def test_a_gone_owner_is_told_once() -> None:
    """A flow of somebody who is gone is not also a flow of a person."""
    assert _run(accounts.token_of_person, _of(GONE)) == []
    assert _run(owners.owner_deactivated, _of(GONE)) == []


def test_a_connection_says_whether_the_audit_log_bears_it_out() -> None:
    """Declared and seen are different things, and the evidence says which."""
    (declared,) = _run(accounts.connection_of_person, _of(ANA, **OAUTH))
    (seen,) = _run(accounts.connection_of_person, _of(ANA, **OAUTH, created_at=NOW))
    assert "no consent was seen" in declared.evidence
    assert "consent of 2026-11-21" in seen.evidence


def test_a_reason_written_down_is_enough_for_an_administrator() -> None:
    """Some integrations invite users; then somebody has said so."""
    explained = replace(SVC, privileges=(f"{ADMIN}, because: it invites users",))
    assert _run(accounts.service_is_admin, replace(GOOD, principals=(explained,))) == []


def test_one_system_may_have_several_flows() -> None:
    """One account for each system, not for each flow; systems are compared without case."""
    both = (OF_SVC, replace(OF_SVC, native_id="flow:Cases", application_id="flow:Cases"))
    same = replace(GOOD, credentials=both, applications=(BILLING, replace(CASES, kind="NETSUITE")))
    assert _run(accounts.account_of_several_systems, same) == []


def test_content_is_fine_once_the_account_was_let_in() -> None:
    """By any way the listing saw: itself, a group, a folder above, a public space."""
    bad = BAD["wrike.content-not-shared"]
    good = replace(bad, contents=(replace(bad.contents[0], seen_by=("svc",)),))
    assert _run(accounts.content_not_shared, good) == []


def test_what_a_company_has_decided_is_no_finding() -> None:
    """Vendors' advice differs on shared accounts and administrators: policies say what holds here."""
    decided = Policies(accounts=Accounts.SHARED, administrator=Administrator.ALLOWED)
    for check in (accounts.account_of_several_systems, accounts.service_is_admin):
        assert _run(check, BAD[check.id])
        assert not _run(check, BAD[check.id], decided)
