"""Making a finding of a check, and finding the account behind a flow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.domain.check import Check, View
from bot.domain.finding import Finding
from bot.domain.identity import Credential, CredentialStatus, Principal
from bot.domain.text import clean

EVENT_LASTS = timedelta(days=7)  # how long something that happened stays open after it was last seen


def found(
    check: Check, subject: str, evidence: str, *, bucket: str = "", lasting: timedelta = timedelta(0)
) -> Finding:
    """One finding of ``check`` about the item with native id ``subject``."""
    return Finding(
        rule=check.id,
        subject=subject,
        title=check.title,
        severity=check.severity,
        evidence=clean(evidence, 400),
        remedy=check.remedy,
        bucket=bucket,
        lasting=lasting,
    )


def flows(view: View) -> Iterator[tuple[Credential, Principal | None]]:
    """Every declared flow whose token is not known to be dead, with the account it acts as where there is one."""
    for credential in view.snapshot.credentials:
        if credential.status is not CredentialStatus.REVOKED:
            yield credential, view.principals.get(credential.principal_id)


def system_of(view: View, credential: Credential) -> str:
    """The system that a flow serves."""
    application = view.applications.get(credential.application_id)
    return application.kind if application else ""
