"""Making a finding of a check, and the words that several checks share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.check import Check, View
from bot.domain.finding import Finding, Severity
from bot.domain.identity import Credential, CredentialKind, CredentialStatus, Principal
from bot.domain.text import clean

EVENT_LASTS = timedelta(days=7)  # how long something that happened stays open after it was last seen
KINDS = (CredentialKind.TBA_TOKEN, CredentialKind.M2M_CERTIFICATE)


def found(
    check: Check,
    subject: str,
    evidence: str,
    *,
    bucket: str = "",
    severity: Severity | None = None,
    lasting: timedelta = timedelta(0),
) -> Finding:
    """One finding of ``check`` about the item with native id ``subject``."""
    return Finding(
        rule=check.id,
        subject=subject,
        title=check.title,
        severity=severity or check.severity,
        evidence=clean(evidence, 400),
        remedy=check.remedy,
        bucket=bucket,
        lasting=lasting,
    )


def day(at: datetime | None) -> str:
    """A date in words; "never" for none."""
    return f"{at:%Y-%m-%d}" if at else "never"


def used(credential: Credential) -> str:
    """When it was last used, as far as the audit trail is asked."""
    return (
        f"last used {day(credential.last_used_at)}" if credential.last_used_at else "not used within 90 days"
    )


def held(view: View, *statuses: CredentialStatus) -> Iterable[tuple[Credential, Principal]]:
    """Tokens and mappings with who holds them; by default the live ones."""
    wanted = statuses or (CredentialStatus.ACTIVE,)
    for credential in view.snapshot.credentials:
        holder = view.principals.get(credential.principal_id)
        if holder and credential.kind in KINDS and credential.status in wanted:
            yield credential, holder


def through(view: View, credential: Credential) -> str:
    """The name of its application, else its own."""
    app = view.applications.get(credential.application_id)
    return app.name if app else credential.label
