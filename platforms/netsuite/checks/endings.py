"""Findings about what ends by a date: token-based authentication itself, and certificates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.findings.check import View, check, day, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, CredentialKind, CredentialStatus
from bot.text import plural
from platforms.netsuite.checks.found import held, through
from platforms.netsuite.deadlines import ENDS_ABOUT

_YEAR = timedelta(days=365)
SOON = timedelta(days=60)
PRESSING = timedelta(days=14)
SLOTS_LEFT = 1


@check(
    id="netsuite.tba-ends",
    title="An integration depends on tokens, which NetSuite is ending",
    severity=Severity.P3,
    risk="From 2027.1 no new integration can use token-based authentication; with 2028.2 it is to end (tentative), and"
    " SOAP with it.",
    remedy="Plan OAuth 2.0 client credentials (M2M) with whoever runs the integration.",
    platforms=("netsuite",),
    needs=(Area.TBA_TOKEN,),
    owasp=("NHI4",),
)
def tba_ends(view: View) -> Iterable[Finding]:
    """Applications with a live token; they count as planned once they sign in by OAuth 2.0 as well."""
    tokens: dict[str, int] = {}
    modern: set[str] = set()
    for credential, _ in held(view):
        if credential.kind is CredentialKind.M2M_CERTIFICATE:
            modern.add(credential.application_id)
        elif credential.application_id:
            tokens[credential.application_id] = tokens.get(credential.application_id, 0) + 1
    severity = Severity.P2 if view.now > ENDS_ABOUT - _YEAR else Severity.P3
    for app, count in sorted(tokens.items()):
        if app not in modern:
            name = view.applications[app].name if app in view.applications else app
            said = f"{name}: {plural(count, 'live token')}, no OAuth 2.0 sign-in seen; 2027.1 and 2028.2 are the dates"
            yield found(tba_ends, app, said, severity=severity)


@check(
    id="netsuite.certificate-ending",
    title="A certificate ends within 60 days",
    severity=Severity.P3,
    risk="What signs in with it stops on that day, and an ended mapping has to be made anew.",
    remedy="Renew it with `rotate` before that day.",
    platforms=("netsuite",),
    owasp=("NHI7",),
)
def certificate_ending(view: View) -> Iterable[Finding]:
    """Certificates of the client ids that are known, pressing from 14 days on."""
    for one in view.snapshot.credentials:
        live = one.kind is CredentialKind.M2M_CERTIFICATE and one.status is CredentialStatus.ACTIVE
        if live and one.expires_at and one.expires_at <= view.now + SOON:
            left = one.expires_at - view.now
            said = f"{one.label} of {through(view, one)} ends {day(one.expires_at)}, in {plural(left.days, 'day')}"
            severity = Severity.P2 if left <= PRESSING else Severity.P3
            yield found(certificate_ending, one.native_id, said, severity=severity)


@check(
    id="netsuite.certificate-slots-full",
    title="An integration has almost no room for another certificate",
    severity=Severity.P2,
    risk="A certificate cannot be renewed before its end when all five places are taken.",
    remedy="Revoke the certificates that nothing uses.",
    platforms=("netsuite",),
    owasp=("NHI7",),
)
def slots_full(view: View) -> Iterable[Finding]:
    """Client ids with four or five active certificates."""
    for supply in view.snapshot.capacities:
        if supply.name.startswith("certificates of ") and supply.used >= supply.total - SLOTS_LEFT:
            yield found(slots_full, supply.name, f"{supply.name}: {supply.used} of {supply.total} in use")
