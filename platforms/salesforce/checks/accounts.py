"""Findings about integration users themselves, and about the supply of licences for them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.config.policies import Accounts, Administrator
from bot.findings.check import View, check, found, outlived
from bot.findings.model import Finding, Severity
from bot.platform.model import (
    Area,
    CredentialKind,
    CredentialStatus,
    Principal,
    PrincipalKind,
    PrincipalStatus,
)
from bot.text import clean, plural
from platforms.salesforce.people import ADMINISTRATOR, INTEGRATION_LICENCE

_TOO_MUCH = frozenset({"Modify All Data"})  # not "Manage Users": the bot's own account needs it
_LICENCES = frozenset({f"licence {INTEGRATION_LICENCE}", "permission set licence Salesforce API Integration"})


def _programs(view: View) -> list[Principal]:
    return [
        p
        for p in view.snapshot.principals
        if p.kind is PrincipalKind.SERVICE and p.status is not PrincipalStatus.INACTIVE
    ]


@check(
    id="salesforce.integration-too-powerful",
    title="An integration user may do almost anything",
    severity=Severity.P2,
    risk="Anyone who gets this integration's credential owns the org.",
    remedy="Give it a minimal profile, and a permission set with the objects it needs.",
    platforms=("salesforce",),
    needs=(Area.PRIVILEGES, Area.PRINCIPALS),
    owasp=("NHI5",),
)
def too_powerful(view: View) -> Iterable[Finding]:
    """Integration users who are administrators, or hold an administrator's rights."""
    if view.policies.administrator is Administrator.ALLOWED:
        return  # the company has decided so, and says so in its configuration
    for user in _programs(view):
        strong = sorted(_TOO_MUCH & set(user.privileges))
        if user.profile == ADMINISTRATOR:
            strong = [f"profile {ADMINISTRATOR}", *strong]
        if strong:
            yield found(too_powerful, user.native_id, f"{user.username} holds {', '.join(strong)}")


@check(
    id="salesforce.integration-frozen",
    title="An integration user is frozen",
    severity=Severity.P1,
    risk="Nothing that signs in with it works. Salesforce freezes by itself after sign-ins from suspect addresses.",
    remedy="Find out who froze it and why in Setup, View Setup Audit Trail. Then unfreeze it.",
    platforms=("salesforce",),
    needs=(Area.PRINCIPALS,),
    owasp=("NHI1",),
)
def frozen(view: View) -> Iterable[Finding]:
    """Integration users who are frozen."""
    for user in _programs(view):
        if user.status is PrincipalStatus.FROZEN:
            yield found(frozen, user.native_id, f"{user.username} is frozen")


@check(
    id="salesforce.integration-from-anywhere",
    title="An integration user may sign in from any address",
    severity=Severity.P3,
    risk="A stolen credential works from everywhere.",
    remedy="Restrict its login IP ranges with `salesforce restrict`.",
    platforms=("salesforce",),
    needs=(Area.RULES, Area.PRINCIPALS),
    owasp=("NHI6",),
)
def from_anywhere(view: View) -> Iterable[Finding]:
    """Integration users whose profile has no login IP range."""
    open_profiles = {rule.profile for rule in view.snapshot.rules if not rule.ranges}
    for user in _programs(view):
        if user.profile in open_profiles:
            said = f"profile {user.profile} of {user.username} has no login IP range"
            yield found(from_anywhere, user.native_id, said)


@check(
    id="salesforce.no-integration-licence-left",
    title="No license is free for a new integration user",
    severity=Severity.P3,
    risk="You cannot create an account for the next handover.",
    remedy="Deactivate integration users that are unused, or order licenses.",
    platforms=("salesforce",),
    needs=(Area.CAPACITIES,),
)
def licences_gone(view: View) -> Iterable[Finding]:
    """The two licences an integration user takes, used up."""
    for supply in view.snapshot.capacities:
        if supply.name in _LICENCES and supply.used >= supply.total:
            yield found(licences_gone, supply.name, f"{supply.name}: {supply.used} of {supply.total} in use")


_NAMED = 5  # integrations named in the evidence


@check(
    id="salesforce.account-shared",
    title="Several integrations sign in with one integration user",
    severity=Severity.P3,
    risk="If it is frozen, all of them stop. Its sign-in history cannot tell them apart.",
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
                f"{username} is used by {plural(len(names), 'integration')}: {named}{more}",
            )


@check(
    id="salesforce.credential-too-old",
    title="A credential is older than the company allows",
    severity=Severity.P3,
    risk="Anyone who copied it can still use it.",
    remedy="Replace it with a new one, then revoke the old.",
    platforms=("salesforce",),
    needs=(Area.OAUTH_GRANT,),
    owasp=("NHI7",),
)
def too_old(view: View) -> Iterable[Finding]:
    """Grants made longer ago than the policy for their kind; one whose age is unknown is not called old."""
    for credential, age in outlived(view, CredentialKind.OAUTH_GRANT):
        yield found(too_old, credential.native_id, f"{credential.label}: approved {age}")
