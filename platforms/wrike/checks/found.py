"""Finding the account behind a flow."""

from __future__ import annotations

from collections.abc import Iterator

from bot.findings.check import View
from bot.platform.model import Credential, CredentialStatus, Principal


def flows(view: View) -> Iterator[tuple[Credential, Principal | None]]:
    """Every declared flow whose token is not known to be dead, with the account it acts as where there is one."""
    for credential in view.snapshot.credentials:
        if credential.status is not CredentialStatus.REVOKED:
            yield credential, view.principals.get(credential.principal_id)


def system_of(view: View, credential: Credential) -> str:
    """The system that a flow serves."""
    application = view.applications.get(credential.application_id)
    return application.kind if application else ""
