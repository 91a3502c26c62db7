"""Findings about integration users themselves, and about the supply of licences for them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.config.policies import Administrator
from bot.findings.check import View, check, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, Principal, PrincipalKind, PrincipalStatus
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
    risk="Whoever gets hold of this integration's credential owns the org.",
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
    remedy="Find out who froze it and why in the setup audit trail, then unfreeze it.",
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
    title="No licence for another integration user is left",
    severity=Severity.P3,
    risk="The next handover has no account to go to.",
    remedy="Deactivate integration users that nothing uses, or order licences.",
    platforms=("salesforce",),
    needs=(Area.CAPACITIES,),
)
def licences_gone(view: View) -> Iterable[Finding]:
    """The two licences an integration user takes, used up."""
    for supply in view.snapshot.capacities:
        if supply.name in _LICENCES and supply.used >= supply.total:
            yield found(licences_gone, supply.name, f"{supply.name}: {supply.used} of {supply.total} in use")
