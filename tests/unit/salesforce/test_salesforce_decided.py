"""Checks that follow what the company decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.config.policies import DEFAULTS, Accounts, Administrator, Policies
from bot.findings.check import Check, View
from bot.findings.model import Finding
from bot.platform.model import (
    Application,
    Credential,
    CredentialKind,
    CredentialStatus,
    Principal,
    PrincipalKind,
    Snapshot,
)
from platforms.salesforce.checks import accounts
from platforms.salesforce.people import ADMINISTRATOR

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SVC = Principal(
    native_id="svc",
    name="Svc",
    username="svc@acme.example",
    kind=PrincipalKind.SERVICE,
    profile=ADMINISTRATOR,
)
ONE = Credential(
    native_id="g1",
    kind=CredentialKind.OAUTH_GRANT,
    label="Marketo",
    principal_id="svc",
    application_id="a1",
    created_at=NOW - timedelta(days=400),
)
TWO = replace(ONE, native_id="g2", label="Gong", application_id="a2", created_at=None)
APPS = (Application(native_id="a1", name="Marketo sync"), Application(native_id="a2", name="Gong"))


def run(check: Check, *credentials: Credential, policies: Policies = DEFAULTS) -> list[Finding]:
    snapshot = Snapshot(
        connection="salesforce:prod",
        taken_at=NOW,
        principals=(SVC,),
        applications=APPS,
        credentials=credentials,
    )
    return list(check.rule(View(snapshot=snapshot, now=NOW, policies=policies)))


def test_an_account_behind_two_integrations_is_named_with_both() -> None:
    """Dedicated is the default; the finding says what shares the account."""
    (finding,) = run(accounts.account_shared, ONE, TWO)
    assert finding.subject == "svc"
    assert "2 integrations: Gong, Marketo sync" in finding.evidence


def test_two_grants_of_one_app_are_no_sharing() -> None:
    """Nor is a grant that was revoked."""
    assert run(accounts.account_shared, ONE, replace(ONE, native_id="g3")) == []
    assert run(accounts.account_shared, ONE, replace(TWO, status=CredentialStatus.REVOKED)) == []


def test_a_company_that_shares_is_not_nagged() -> None:
    """Each account costs a licence; whoever decided to share them hears nothing of it."""
    assert run(accounts.account_shared, ONE, TWO, policies=Policies(accounts=Accounts.SHARED)) == []


def test_an_old_grant_is_found_and_one_of_unknown_age_is_not() -> None:
    """Could not see is never old."""
    (finding,) = run(accounts.too_old, ONE, TWO)
    assert finding.subject == "g1"
    assert "400 days ago; at most 365" in finding.evidence


def test_the_age_is_the_companys() -> None:
    """By kind before all, and no age is no limit."""
    assert run(accounts.too_old, ONE, policies=Policies(oldest_days=0)) == []
    assert run(accounts.too_old, ONE, policies=Policies(ages_days={"oauth_grant": 500})) == []
    assert run(accounts.too_old, ONE, policies=Policies(oldest_days=0, ages_days={"oauth_grant": 90}))


def test_an_administrator_is_a_finding_unless_the_company_allows_it() -> None:
    """As one connector's own instructions ask."""
    assert run(accounts.too_powerful)
    assert run(accounts.too_powerful, policies=Policies(administrator=Administrator.ALLOWED)) == []
