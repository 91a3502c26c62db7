"""Findings that depend on what the company has decided: shared accounts, administrators, how old a token may get.

Why either choice can be right: seed 000 names the licence that a separate account costs, and that one account can be
shared; and that a separate one makes clear what made a change.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.config.policies import Accounts, Administrator
from bot.findings.check import View, check, day, found, outlived
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, CredentialKind, PrincipalKind, PrincipalStatus
from bot.text import clean, plural
from platforms.netsuite.applications import CONNECTOR
from platforms.netsuite.checks.found import held, through

_NAMED = 5  # integrations named in the evidence
_ADMINISTRATOR = "Administrator"


@check(
    id="netsuite.account-shared",
    title="Several integrations sign in with one account",
    severity=Severity.P3,
    risk="A dedicated account shows which integration made a change, and stops only one thing when it stops. A shared"
    " one saves a full licence for each integration.",
    remedy="Give each integration an account of its own, or set policies.accounts to shared.",
    platforms=("netsuite",),
    needs=(Area.TBA_TOKEN, Area.PRINCIPALS),
    owasp=("NHI9",),
)
def account_shared(view: View) -> Iterable[Finding]:
    """Integration accounts behind more than one application, unless sharing is the policy."""
    if view.policies.accounts is Accounts.SHARED:
        return
    serves: dict[str, set[str]] = {}
    for credential, holder in held(view):
        if holder.kind is PrincipalKind.SERVICE:
            serves.setdefault(holder.native_id, set()).add(through(view, credential))
    for user, names in sorted(serves.items()):
        if len(names) > 1:
            named = ", ".join(clean(name, 60) for name in sorted(names)[:_NAMED])
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            said = (
                f"{view.principals[user].username} serves {plural(len(names), 'integration')}: {named}{more}"
            )
            yield found(account_shared, user, said)


@check(
    id="netsuite.integration-administrator",
    title="An integration acts as Administrator",
    severity=Severity.P2,
    risk="Whoever gets hold of its credential owns the account.",
    remedy="Give it a role with what it needs, or set policies.administrator to allowed.",
    platforms=("netsuite",),
    needs=(Area.TBA_TOKEN, Area.PRINCIPALS, Area.PRIVILEGES),
    owasp=("NHI5",),
)
def administrator(view: View) -> Iterable[Finding]:
    """Credentials of the Administrator role, and integration accounts that hold it.

    The user of NetSuite Connector's token is left out: Oracle asks for the role there.
    """
    if view.policies.administrator is Administrator.ALLOWED:
        return
    excused: set[str] = set()
    for credential, holder in held(view):
        app = view.applications.get(credential.application_id)
        if app and app.kind == CONNECTOR:
            excused.add(holder.native_id)
        if credential.role == _ADMINISTRATOR:
            said = f"{through(view, credential)} acts as {holder.username} with the role Administrator"
            yield found(administrator, credential.native_id, said)
    for one in view.snapshot.principals:
        active = one.kind is PrincipalKind.SERVICE and one.status is PrincipalStatus.ACTIVE
        if active and _ADMINISTRATOR in one.privileges and one.native_id not in excused:
            yield found(administrator, one.native_id, f"{one.username} holds the Administrator role")


@check(
    id="netsuite.token-too-old",
    title="A token is older than the company allows",
    severity=Severity.P3,
    risk="Tokens never end by themselves: whoever copied it at any time since can still use it.",
    remedy="Replace it with `rotate`.",
    platforms=("netsuite",),
    needs=(Area.TBA_TOKEN,),
    owasp=("NHI7",),
)
def too_old(view: View) -> Iterable[Finding]:
    """Live tokens made longer ago than the policy for access tokens; one whose age is unknown is not called old."""
    for credential, age in outlived(view, CredentialKind.TBA_TOKEN):
        said = f"{through(view, credential)} “{credential.label}”: made {age}"
        yield found(too_old, credential.native_id, said)


@check(
    id="netsuite.review-due",
    title="A credential's quarterly review is due",
    severity=Severity.P3,
    risk="Tokens and roles that nobody looks at outlive their use; NetSuite itself never ends them.",
    remedy="Its owner looks at token, user and role and says so with `owner attest`; without one, `owner set` first.",
    platforms=("netsuite",),
    needs=(Area.TBA_TOKEN,),
    owasp=("NHI7",),
)
def review_due(view: View) -> Iterable[Finding]:
    """Live credentials that no owner has stood by within policies.attest_days."""
    for credential, holder in held(view):
        last = view.vouched.get(credential.native_id)
        if last is None or (view.now - last).days >= view.policies.attest_days:
            stood = f"last attested {day(last)}" if last else "never attested"
            said = f"{through(view, credential)} as {holder.username}, role {credential.role or 'unknown'}: {stood}"
            yield found(review_due, credential.native_id, said)
