"""Flows whose account is going or gone."""

from __future__ import annotations

from collections.abc import Iterable

from bot.findings.check import View, check, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, PrincipalStatus
from platforms.wrike.checks.found import flows
from platforms.wrike.people import DELETED

_NOT_PROOF = "whether its token still answers is another matter"


@check(
    id="wrike.owner-deleted",
    title="A flow acts as a user who is deleted",
    severity=Severity.P1,
    risk="Whatever still works stops without warning, and nobody can sign in to mend it.",
    remedy="Hand the flow over to a service account now.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS,),
    owasp=("NHI1",),
)
def owner_deleted(view: View) -> Iterable[Finding]:
    """Deleted owners; the owner's state says nothing certain of the token."""
    for credential, account in flows(view):
        if account and account.profile == DELETED:
            said = f"{credential.label} acts as {account.username}, who is deleted; {_NOT_PROOF}"
            yield found(owner_deleted, credential.native_id, said)


@check(
    id="wrike.owner-deactivated",
    title="A flow acts as a user who is deactivated",
    severity=Severity.P1,
    risk="Its token may stop at any moment; Wrike does not say whether it outlives its user.",
    remedy="Hand the flow over to a service account now.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS, Area.STATUS),
    owasp=("NHI1",),
)
def owner_deactivated(view: View) -> Iterable[Finding]:
    """Deactivated owners, where the tenant shows who is; unknown is not deactivated."""
    for credential, account in flows(view):
        if account and account.status is PrincipalStatus.INACTIVE and account.profile != DELETED:
            said = f"{credential.label} acts as {account.username}, who is deactivated; {_NOT_PROOF}"
            yield found(owner_deactivated, credential.native_id, said)


@check(
    id="wrike.owner-only-invited",
    title="A flow acts as somebody who was invited and never came",
    severity=Severity.P2,
    risk="Nothing can act as an account that does not exist: the declaration is wrong, or the flow is down.",
    remedy="Accept the invitation from its mailbox, or mend the declaration.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS,),
    owasp=("NHI1",),
)
def owner_only_invited(view: View) -> Iterable[Finding]:
    """Accounts that exist as a pending invitation only."""
    for credential, account in flows(view):
        if account and account.status is PrincipalStatus.INVITED:
            said = f"{credential.label} is declared to act as {account.username}, whose invitation is pending"
            yield found(owner_only_invited, credential.native_id, said)


@check(
    id="wrike.owner-unknown",
    title="A flow acts as an account that Wrike does not list",
    severity=Severity.P1,
    risk="The account is gone, or was never the one that was declared: nobody knows what the flow acts as.",
    remedy="Find out which account the flow acts as, and mend its declaration.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS, Area.STATUS),
    owasp=("NHI1",),
)
def owner_unknown(view: View) -> Iterable[Finding]:
    """Declared addresses that are neither a contact's nor an invitation's."""
    for credential, account in flows(view):
        if account is None:
            said = f"{credential.label} is declared to act as {credential.role}; Wrike lists no such user"
            yield found(owner_unknown, credential.native_id, said)


@check(
    id="wrike.webhook-of-leaver",
    title="A webhook belongs to a user who is gone",
    severity=Severity.P1,
    risk="Webhooks go with the user whose token made them: whoever waits for its calls waits in vain.",
    remedy="Make the webhook again with the token of a service account.",
    platforms=("wrike",),
    needs=(Area.TIES, Area.PRINCIPALS),
    owasp=("NHI1",),
)
def webhook_of_leaver(view: View) -> Iterable[Finding]:
    """Webhooks of deactivated or deleted users, as far as their tokens let us see them."""
    for tie in view.snapshot.ties:
        owner = view.principals.get(tie.principal_id)
        if tie.kind == "webhook" and owner and owner.status is PrincipalStatus.INACTIVE:
            said = f"webhook to {tie.name} ({tie.detail}) belongs to {owner.username}"
            yield found(webhook_of_leaver, tie.native_id, said)
