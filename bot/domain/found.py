"""Making a finding of a check, so that identity, title and remedy are the check's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.domain.check import Check, View
from bot.domain.finding import Finding, Severity
from bot.domain.identity import Credential, CredentialKind, CredentialStatus
from bot.domain.text import clean, plural

EVENT_LASTS = timedelta(days=7)  # how long something that happened stays open after it was last seen


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


def outlived(view: View, kind: CredentialKind) -> Iterator[tuple[Credential, str]]:
    """Live ones made longer ago than the policy for their kind, with how long; of unknown age is not old."""
    oldest = view.policies.oldest(kind.value)
    for credential in view.snapshot.credentials:
        made = credential.created_at
        if oldest is None or made is None or credential.kind is not kind:
            continue
        if credential.status is CredentialStatus.ACTIVE and view.now - made > oldest:
            age = plural((view.now - made).days, "day")
            yield credential, f"{day(made)}, {age} ago; at most {oldest.days} are allowed"
