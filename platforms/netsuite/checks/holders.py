"""Findings about who holds an integration's credential: people, and people who go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.findings.check import View, check, day, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, CredentialStatus, PrincipalKind, PrincipalStatus
from bot.text import plural
from platforms.netsuite.checks.found import held, through, used

AHEAD = timedelta(days=60)
PRESSING = timedelta(days=14)
_NEEDS = (Area.TBA_TOKEN, Area.PRINCIPALS)


@check(
    id="netsuite.token-held-by-person",
    title="An integration signs in as a person",
    severity=Severity.P2,
    risk="When this person leaves, loses the role or is made inactive, the integration stops. Until then every record"
    " it touches is Set By them, and nobody can tell their own changes from its.",
    remedy="Hand it over to an integration account.",
    platforms=("netsuite",),
    needs=_NEEDS,
    owasp=("NHI1", "NHI10"),
)
def held_by_person(view: View) -> Iterable[Finding]:
    """Live tokens and OAuth 2.0 sign-ins of people who are active."""
    for credential, holder in held(view):
        if holder.kind is PrincipalKind.PERSON and holder.status is not PrincipalStatus.INACTIVE:
            said = f"{through(view, credential)} signs in as {holder.username}, {used(credential)}"
            yield found(held_by_person, credential.native_id, said)


@check(
    id="netsuite.holder-unclassified",
    title="Nobody has said whether a token's holder is a person or an integration",
    severity=Severity.P3,
    risk="NetSuite does not tell the two apart, so warnings about it may be missing or idle.",
    remedy="Name it in integration_accounts of the connection, or hand the token over.",
    platforms=("netsuite",),
    needs=_NEEDS,
    owasp=("NHI1",),
)
def unclassified(view: View) -> Iterable[Finding]:
    """Live credentials of accounts without any sign of a person that are not configured either."""
    for credential, holder in held(view):
        if holder.kind is PrincipalKind.UNKNOWN:
            yield found(
                unclassified,
                credential.native_id,
                f"{through(view, credential)} signs in as {holder.username}",
            )


@check(
    id="netsuite.holder-left",
    title="A credential of somebody whose last day has passed still works",
    severity=Severity.P1,
    risk="A termination date alone stops nothing in NetSuite: whoever left may still act, and what depends on the"
    " token stops at the moment somebody makes the employee inactive.",
    remedy="Hand it over, then revoke the token and make the employee inactive.",
    platforms=("netsuite",),
    needs=(*_NEEDS, Area.END_DATES),
    owasp=("NHI1",),
)
def holder_left(view: View) -> Iterable[Finding]:
    """Live credentials of employees whose release date is past while they are not inactive."""
    for credential, holder in held(view):
        if holder.ends_at and holder.ends_at <= view.now and holder.status is not PrincipalStatus.INACTIVE:
            said = f"{holder.username} left {day(holder.ends_at)}; {through(view, credential)} {used(credential)}"
            yield found(holder_left, credential.native_id, said)


@check(
    id="netsuite.holder-leaving",
    title="Somebody leaves whose credential an integration uses",
    severity=Severity.P2,
    risk="It stops when the employee is made inactive, usually on the last day.",
    remedy="Hand it over before that day.",
    platforms=("netsuite",),
    needs=(*_NEEDS, Area.END_DATES),
    owasp=("NHI1",),
)
def holder_leaving(view: View) -> Iterable[Finding]:
    """Release dates within 60 days, pressing from 14 days on."""
    for credential, holder in held(view):
        if holder.ends_at and view.now < holder.ends_at <= view.now + AHEAD:
            left = holder.ends_at - view.now
            said = (
                f"{holder.username} leaves {day(holder.ends_at)}, in {plural(left.days, 'day')};"
                f" {through(view, credential)} {used(credential)}"
            )
            severity = Severity.P1 if left <= PRESSING else Severity.P2
            yield found(holder_leaving, credential.native_id, said, severity=severity)


@check(
    id="netsuite.token-sleeps",
    title="A token waits to work again when its user or role comes back",
    severity=Severity.P2,
    risk="Inactive users and removed roles only put tokens to sleep: giving the role back, or making the user active,"
    " silently revives every one of them.",
    remedy="Revoke it if nothing needs it, else hand it over.",
    platforms=("netsuite",),
    needs=(*_NEEDS, Area.PRIVILEGES),
    owasp=("NHI1",),
)
def sleeps(view: View) -> Iterable[Finding]:
    """Tokens neither revoked nor inactive whose user is inactive, or whose role is gone or inactive."""
    for credential, holder in held(view, CredentialStatus.UNUSABLE):
        inactive = holder.status is PrincipalStatus.INACTIVE
        why = (
            f"{holder.username} is inactive"
            if inactive
            else f"the role {credential.role} is gone or inactive"
        )
        said = f"{through(view, credential)} “{credential.label}”: {why}; {used(credential)}"
        yield found(sleeps, credential.native_id, said)
