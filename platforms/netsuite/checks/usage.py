"""Findings about how credentials are used, from the login audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.findings.check import EVENT_LASTS, View, check, day, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, CredentialKind, Login, PrincipalKind
from bot.text import clean, plural
from platforms.netsuite.checks.found import held, through

UNUSED = timedelta(days=90)
SETTLED = timedelta(days=7)  # a token younger than this may still wait to be entered somewhere
FAILURES = 3
MIXED_LASTS = timedelta(days=30)
_NEEDS = (Area.TBA_TOKEN, Area.LOGINS)


@check(
    id="netsuite.token-never-used",
    title="A token was never used",
    severity=Severity.P3,
    risk="It is a key that nobody misses, in a place that nobody remembers.",
    remedy="Ask whoever made it, and revoke it.",
    platforms=("netsuite",),
    needs=_NEEDS,
    owasp=("NHI1", "NHI7"),
)
def never_used(view: View) -> Iterable[Finding]:
    """Live tokens between a week and 90 days old without one success; of older ones the trail may have forgotten it."""
    for credential, holder in held(view):
        made = credential.created_at
        if credential.kind is not CredentialKind.TBA_TOKEN or made is None or credential.last_used_at:
            continue
        if SETTLED < view.now - made <= UNUSED:
            said = f"{through(view, credential)} “{credential.label}” of {holder.username}: made {day(made)}"
            yield found(never_used, credential.native_id, said)


@check(
    id="netsuite.token-unused",
    title="A live token has not been used for 90 days",
    severity=Severity.P3,
    risk="What nobody uses nobody misses, when it is copied either.",
    remedy="Set it inactive, which can be undone, and revoke it after a quiet month.",
    platforms=("netsuite",),
    needs=_NEEDS,
    owasp=("NHI1", "NHI7"),
)
def unused(view: View) -> Iterable[Finding]:
    """Live tokens older than 90 days without a success in that time."""
    for credential, holder in held(view):
        made = credential.created_at
        if credential.kind is not CredentialKind.TBA_TOKEN or made is None or view.now - made <= UNUSED:
            continue
        if credential.last_used_at is None or view.now - credential.last_used_at > UNUSED:
            said = f"{through(view, credential)} “{credential.label}” of {holder.username}: made {day(made)}"
            yield found(unused, credential.native_id, said)


@check(
    id="netsuite.sign-in-refused",
    title="An integration is refused again and again",
    severity=Severity.P2,
    risk="It has stopped, or somebody tries a token that is gone.",
    remedy="Mend what the detail names, or find out who still holds the old token.",
    platforms=("netsuite",),
    needs=(Area.LOGINS,),
    owasp=("NHI1",),
)
def refused(view: View) -> Iterable[Finding]:
    """Three refusals or more of one application and user since the last scan, with the trail's own detail."""
    groups: dict[tuple[str, str], list[Login]] = {}
    for login in view.snapshot.logins:
        if login.application and not login.succeeded:
            groups.setdefault((login.application, login.principal_id), []).append(login)
    for (application, user), logins in sorted(groups.items()):
        if len(logins) < FAILURES:
            continue
        holder = view.principals.get(user)
        last = max(logins, key=lambda login: login.at)
        who = holder.username if holder else "an unknown user"
        said = (
            f"{application} as {who}: {plural(len(logins), 'refusal')}, last {last.at:%Y-%m-%d %H:%M} UTC from"
            f" {last.source or 'an unknown address'}: {clean(last.status, 80)}"
        )
        yield found(refused, user or application, said, bucket=application, lasting=EVENT_LASTS)


@check(
    id="netsuite.name-mixed",
    title="A person's own changes and an integration's stand under one name",
    severity=Severity.P2,
    risk="System Notes cannot tell who made a change: whoever is Set By worked by hand and by program.",
    remedy="Hand the integration over to an account of its own.",
    platforms=("netsuite",),
    needs=(Area.LOGINS, Area.PRINCIPALS),
    owasp=("NHI10",),
)
def mixed(view: View) -> Iterable[Finding]:
    """People seen signing in by hand while a live credential of theirs is in use."""
    for user, logins in _by_hand(view, PrincipalKind.PERSON):
        apps = sorted({through(view, c) for c, h in held(view) if h.native_id == user and c.last_used_at})
        if apps:
            name = view.principals[user].username
            last = max(login.at for login in logins)
            said = f"{name} worked by hand at {last:%Y-%m-%d %H:%M} UTC; programs under that name: {', '.join(apps)}"
            yield found(mixed, user, said, lasting=MIXED_LASTS)


@check(
    id="netsuite.person-used-integration-account",
    title="Somebody signed in by hand with an integration account",
    severity=Severity.P2,
    risk="A person knows its password, and what they do there is done in the integration's name.",
    remedy="Find out who it was by the address, and change the password.",
    platforms=("netsuite",),
    needs=(Area.LOGINS, Area.PRINCIPALS),
    owasp=("NHI10",),
)
def by_hand(view: View) -> Iterable[Finding]:
    """Successes in the user interface of accounts that are named as integration accounts."""
    for user, logins in _by_hand(view, PrincipalKind.SERVICE):
        last = max(logins, key=lambda login: login.at)
        said = (
            f"{view.principals[user].username}: {plural(len(logins), 'sign-in')}, last {last.at:%Y-%m-%d %H:%M} UTC"
            f" from {last.source or 'an unknown address'}"
        )
        yield found(by_hand, user, said, lasting=EVENT_LASTS)


def _by_hand(view: View, kind: PrincipalKind) -> Iterable[tuple[str, list[Login]]]:
    groups: dict[str, list[Login]] = {}
    for login in view.snapshot.logins:
        holder = view.principals.get(login.principal_id)
        if login.interactive and login.succeeded and holder and holder.kind is kind:
            groups.setdefault(login.principal_id, []).append(login)
    return sorted(groups.items())
