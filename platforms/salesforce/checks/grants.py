"""Findings about what applications act as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

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
    title="An integration signs in with a person's approval",
    severity=Severity.P2,
    risk="When this person leaves or is frozen, the integration stops, and nobody will know why.",
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
    risk="What depends on it has stopped, or lives on a token that should be gone.",
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
    title="An app's client credentials act as a person",
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
    title="A user has almost no approval of an app left",
    severity=Severity.P2,
    risk=f"The approval after number {SLOTS} ends the oldest without a word, and with it whatever uses that one.",
    remedy="Revoke the approvals that are not in use.",
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
            said = f"{users.get(user, user)} has {plural(count, 'approval')} of {label[app]}, of {SLOTS} possible"
            yield found(approvals_nearly_full, user, said, bucket=app)


@check(
    id="salesforce.app-self-authorized",
    title="Anybody may approve this app for themselves",
    severity=Severity.P3,
    risk="Any user can let it act in their name, and each such approval is a new way in.",
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
