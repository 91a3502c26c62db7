"""What several checks look at, and the words that they share."""

from __future__ import annotations

from collections.abc import Iterable

from bot.findings.check import View, day
from bot.platform.model import Credential, CredentialKind, CredentialStatus, Principal

KINDS = (CredentialKind.TBA_TOKEN, CredentialKind.M2M_CERTIFICATE)


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
