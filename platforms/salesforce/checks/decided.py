"""Findings that depend on what the company has decided: shared accounts, and how old a credential may get."""

from __future__ import annotations

from collections.abc import Iterable

from bot.config.policies import Accounts
from bot.findings.check import View, check, found, outlived
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, CredentialKind, CredentialStatus, PrincipalKind
from bot.text import clean, plural

_NAMED = 5  # integrations named in the evidence


@check(
    id="salesforce.account-shared",
    title="Several integrations sign in with one integration user",
    severity=Severity.P3,
    risk="Freezing it, or losing its credential, stops or opens all of them, and its history cannot tell them apart.",
    remedy="Give each integration an integration user of its own, or set policies.accounts to shared.",
    platforms=("salesforce",),
    needs=(Area.OAUTH_GRANT, Area.RUN_AS, Area.PRINCIPALS),
    owasp=("NHI9",),
)
def account_shared(view: View) -> Iterable[Finding]:
    """Integration users behind more than one application, unless sharing is the policy."""
    if view.policies.accounts is Accounts.SHARED:
        return
    serves: dict[str, set[str]] = {}
    for credential in view.snapshot.credentials:
        user = view.principals.get(credential.principal_id)
        if user and user.kind is PrincipalKind.SERVICE and credential.status is not CredentialStatus.REVOKED:
            app = view.applications.get(credential.application_id)
            serves.setdefault(user.native_id, set()).add(app.name if app else credential.label)
    for user_id, names in sorted(serves.items()):
        if len(names) > 1:
            named = ", ".join(clean(name, 60) for name in sorted(names)[:_NAMED])
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            username = view.principals[user_id].username
            yield found(
                account_shared,
                user_id,
                f"{username} serves {plural(len(names), 'integration')}: {named}{more}",
            )


@check(
    id="salesforce.credential-too-old",
    title="A credential is older than the company allows",
    severity=Severity.P3,
    risk="Whoever copied it at any time since can still use it.",
    remedy="Replace it with a new one, then revoke the old.",
    platforms=("salesforce",),
    needs=(Area.OAUTH_GRANT,),
    owasp=("NHI7",),
)
def too_old(view: View) -> Iterable[Finding]:
    """Grants made longer ago than the policy for their kind; one whose age is unknown is not called old."""
    for credential, age in outlived(view, CredentialKind.OAUTH_GRANT):
        yield found(too_old, credential.native_id, f"{credential.label}: approved {age}")
