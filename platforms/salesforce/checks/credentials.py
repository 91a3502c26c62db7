"""Findings about what applications act as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from bot.findings.check import View, check, day, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, Credential, CredentialKind, PrincipalKind, PrincipalStatus
from bot.text import plural
from platforms.salesforce.grants import SLOTS

# An app that this many people approved for themselves is a client they use, not an integration.
CLIENT_USERS = 5
_STOPPED = {PrincipalStatus.INACTIVE: "deactivated", PrincipalStatus.FROZEN: "frozen"}


def _of(view: View, kind: CredentialKind) -> list[Credential]:
    return [credential for credential in view.snapshot.credentials if credential.kind is kind]


def _clients(view: View) -> set[str]:
    """Apps that people use by themselves, such as the mobile app."""
    people = {p.native_id for p in view.snapshot.principals if p.kind is PrincipalKind.PERSON}
    holders: dict[str, set[str]] = {}
    for grant in _of(view, CredentialKind.OAUTH_GRANT):
        if grant.principal_id in people:
            holders.setdefault(_app(grant), set()).add(grant.principal_id)
    return {app for app, users in holders.items() if len(users) >= CLIENT_USERS}


def _app(grant: Credential) -> str:
    return grant.application_id or grant.label


@check(
    id="salesforce.grant-held-by-person",
    title="An integration uses a person's OAuth grant",
    severity=Severity.P2,
    risk="The integration stops when this person is deactivated or frozen.",
    remedy="Hand it over to an integration user.",
    platforms=("salesforce",),
    needs=(Area.OAUTH_GRANT, Area.PRINCIPALS),
    owasp=("NHI1",),
)
def held_by_person(view: View) -> Iterable[Finding]:
    """Grants of people, but for apps that many people use by themselves."""
    clients = _clients(view)
    people = {p.native_id: p for p in view.snapshot.principals if p.kind is PrincipalKind.PERSON}
    for grant in _of(view, CredentialKind.OAUTH_GRANT):
        person = people.get(grant.principal_id)
        if person and person.status not in _STOPPED and _app(grant) not in clients:
            said = f"{grant.label} acts as {person.username}; last used {day(grant.last_used_at)}"
            yield found(held_by_person, grant.native_id, said)


@check(
    id="salesforce.holder-cannot-sign-in",
    title="A credential belongs to a deactivated or frozen user",
    severity=Severity.P1,
    risk="Integrations that use it have stopped, or use a token that should be revoked.",
    remedy="Hand it over if it is still needed, else revoke it.",
    platforms=("salesforce",),
    needs=(Area.OAUTH_GRANT, Area.RUN_AS, Area.PRINCIPALS),
    owasp=("NHI1",),
)
def holder_stopped(view: View) -> Iterable[Finding]:
    """Grants and run-as settings of users who cannot sign in; frozen integration users have their own check."""
    users = {p.native_id: p for p in view.snapshot.principals}
    for kind in (CredentialKind.OAUTH_GRANT, CredentialKind.RUN_AS):
        for credential in _of(view, kind):
            user = users.get(credential.principal_id)
            if user is None or user.status not in _STOPPED:
                continue
            if user.kind is PrincipalKind.SERVICE and user.status is PrincipalStatus.FROZEN:
                continue
            said = (
                f"{credential.label} acts as {user.username}, who is {_STOPPED[user.status]};"
                f" last used {day(credential.last_used_at) if kind is CredentialKind.OAUTH_GRANT else 'unknown'}"
            )
            yield found(holder_stopped, credential.native_id, said)


@check(
    id="salesforce.runs-as-person",
    title="An app's run-as user is a person",
    severity=Severity.P2,
    risk="The app stops when this person is deactivated, and until then does everything in their name.",
    remedy="Hand it over to an integration user.",
    platforms=("salesforce",),
    needs=(Area.RUN_AS, Area.PRINCIPALS),
    owasp=("NHI1", "NHI5"),
)
def runs_as_person(view: View) -> Iterable[Finding]:
    """Run-as users who are people and can sign in."""
    users = {p.native_id: p for p in view.snapshot.principals}
    for credential in _of(view, CredentialKind.RUN_AS):
        user = users.get(credential.principal_id)
        if user and user.kind is PrincipalKind.PERSON and user.status not in _STOPPED:
            yield found(runs_as_person, credential.native_id, f"{credential.label} act as {user.username}")


@check(
    id="salesforce.approvals-nearly-full",
    title="A user is close to the limit of OAuth grants for an app",
    severity=Severity.P2,
    risk=f"Grant number {SLOTS + 1} revokes the oldest one without warning. What uses that one stops.",
    remedy="Revoke the OAuth grants that are unused.",
    platforms=("salesforce",),
    needs=(Area.OAUTH_GRANT,),
    owasp=("NHI7",),
)
def approvals_nearly_full(view: View) -> Iterable[Finding]:
    """Four or five approvals of one app by one user."""
    grants = _of(view, CredentialKind.OAUTH_GRANT)
    label = {_app(grant): grant.label for grant in grants}
    users = {p.native_id: p.username for p in view.snapshot.principals}
    for (user, app), count in sorted(Counter((g.principal_id, _app(g)) for g in grants).items()):
        if count >= SLOTS - 1:
            said = f"{users.get(user, user)} has {plural(count, 'OAuth grant')} for {label[app]}; the limit is {SLOTS}"
            yield found(approvals_nearly_full, user, said, bucket=app)


@check(
    id="salesforce.app-self-authorized",
    title="Any user can authorize this app",
    severity=Severity.P3,
    risk="Each user who authorizes it adds an OAuth grant that can reach the org.",
    remedy="Set Permitted Users to admin approved in the app's policies.",
    platforms=("salesforce",),
    needs=(Area.APPLICATIONS,),
    owasp=("NHI3", "NHI6"),
)
def self_authorized(view: View) -> Iterable[Finding]:
    """Apps whose policy lets all users approve them; clients that people use by themselves are meant so."""
    clients = _clients(view)
    for app in view.snapshot.applications:
        if app.self_authorize and app.native_id not in clients:
            yield found(self_authorized, app.native_id, f"{app.name}: all users may self-authorize")


SOON = timedelta(days=60)
PRESSING_DAYS = 14
_KINDS = frozenset({CredentialKind.APP_CERTIFICATE, CredentialKind.CERTIFICATE})
_NEEDS = (Area.APP_CERTIFICATE, Area.CERTIFICATE)


def _effect(certificate: Credential) -> str:
    # A product manager said in 2020 that lapses are tolerated; vendors say the opposite; Salesforce says nothing.
    if certificate.kind is CredentialKind.APP_CERTIFICATE:
        return "sign-ins may still work: Salesforce does not document this"
    return "integrations that use it may stop"


@check(
    id="salesforce.certificate-ending",
    title="A certificate expires within 60 days",
    severity=Severity.P3,
    risk="Integrations that sign with it may stop. For certificates of apps Salesforce sends no warning.",
    remedy="Renew it. Give the new one to the integration before the old one expires.",
    platforms=("salesforce",),
    needs=_NEEDS,
    owasp=("NHI7",),
)
def ending(view: View) -> Iterable[Finding]:
    """Certificates of apps and of the key store, pressing from 14 days on."""
    for certificate in view.snapshot.credentials:
        ends = certificate.expires_at
        if certificate.kind in _KINDS and ends and view.now < ends <= view.now + SOON:
            left = ends - view.now
            said = f"{certificate.label} expires {day(ends)}, in {plural(left.days, 'day')}; {_effect(certificate)}"
            severity = Severity.P2 if left.days <= PRESSING_DAYS else Severity.P3
            yield found(ending, certificate.native_id, said, severity=severity)


@check(
    id="salesforce.certificate-ended",
    title="A certificate has expired",
    severity=Severity.P2,
    risk="Integrations that sign with it may have stopped, or may stop without notice.",
    remedy="Renew it, or remove it when nothing uses it.",
    platforms=("salesforce",),
    needs=_NEEDS,
    owasp=("NHI7",),
)
def ended(view: View) -> Iterable[Finding]:
    """Certificates past their end."""
    for certificate in view.snapshot.credentials:
        ends = certificate.expires_at
        if certificate.kind in _KINDS and ends and ends <= view.now:
            said = f"{certificate.label} expired {day(ends)}; {_effect(certificate)}"
            yield found(ended, certificate.native_id, said)
