"""Findings about certificates that end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.findings.check import View, check, day, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, Credential, CredentialKind
from bot.text import plural

SOON = timedelta(days=60)
PRESSING_DAYS = 14
_KINDS = frozenset({CredentialKind.APP_CERTIFICATE, CredentialKind.CERTIFICATE})
_NEEDS = (Area.APP_CERTIFICATE, Area.CERTIFICATE)


def _effect(certificate: Credential) -> str:
    # A product manager said in 2020 that lapses are tolerated; vendors say the opposite; Salesforce says nothing.
    if certificate.kind is CredentialKind.APP_CERTIFICATE:
        return "a lapse may not stop sign-ins: what Salesforce does then is not documented"
    return "what uses it may stop then"


@check(
    id="salesforce.certificate-ending",
    title="A certificate ends within 60 days",
    severity=Severity.P3,
    risk="Integrations that sign with it may stop. For certificates of apps Salesforce sends no warning.",
    remedy="Renew it, and give the new one to whoever signs with it before the old one ends.",
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
            said = (
                f"{certificate.label} ends {day(ends)}, in {plural(left.days, 'day')}; {_effect(certificate)}"
            )
            severity = Severity.P2 if left.days <= PRESSING_DAYS else Severity.P3
            yield found(ending, certificate.native_id, said, severity=severity)


@check(
    id="salesforce.certificate-ended",
    title="A certificate has ended",
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
            said = f"{certificate.label} ended {day(ends)}; {_effect(certificate)}"
            yield found(ended, certificate.native_id, said)
