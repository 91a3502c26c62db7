"""Findings about NetSuite Connector's token user: whatever stops them stops the orders.

Sources: NetSuite help, section_162606561992; seed 001.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.findings.check import View, check, day, found
from bot.findings.model import Finding, Severity
from bot.platform.model import (
    Application,
    Area,
    Credential,
    CredentialKind,
    CredentialStatus,
    PrincipalStatus,
)
from platforms.netsuite.applications import CONNECTOR

_ADMINISTRATOR = "Administrator"
_NEEDS = (Area.TBA_TOKEN, Area.PRINCIPALS)


def _connectors(view: View) -> Iterable[tuple[Application, list[Credential]]]:
    """The Connector's record with its tokens that nobody revoked."""
    for app in view.snapshot.applications:
        if app.kind == CONNECTOR:
            kept = (CredentialStatus.ACTIVE, CredentialStatus.UNUSABLE)
            yield (
                app,
                [
                    c
                    for c in view.snapshot.credentials
                    if c.application_id == app.native_id
                    and c.kind is CredentialKind.TBA_TOKEN
                    and c.status in kept
                ],
            )


@check(
    id="netsuite.connector-user-stopped",
    title="NetSuite Connector's token user cannot sign in, or is about to go",
    severity=Severity.P1,
    risk="Orders stop posting. Oracle: do not delete or inactivate the user, to avoid breaking the connection.",
    remedy="Change the token user with `handover`, or undo what was done to this one.",
    platforms=("netsuite",),
    needs=_NEEDS,
    owasp=("NHI1",),
)
def user_stopped(view: View) -> Iterable[Finding]:
    """Inactive, without access, terminated, or with a release date ahead."""
    for _, tokens in _connectors(view):
        for token in tokens:
            user = view.principals.get(token.principal_id)
            if user is None:
                continue
            why = ""
            if user.status is PrincipalStatus.INACTIVE:
                why = "is inactive"
            elif user.status is PrincipalStatus.FROZEN:
                why = "has no access"
            elif user.ends_at:
                why = f"{'left' if user.ends_at <= view.now else 'leaves'} {day(user.ends_at)}"
            if why:
                yield found(user_stopped, token.native_id, f"{user.username} {why}; token “{token.label}”")


@check(
    id="netsuite.connector-role-lost",
    title="NetSuite Connector's token user lacks a role it needs",
    severity=Severity.P1,
    risk="Without the token's own role nothing signs in; without Administrator Oracle warns of connection trouble.",
    remedy="Give the role back in Setup > Users/Roles > Manage Users > the user > Access.",
    platforms=("netsuite",),
    needs=(*_NEEDS, Area.PRIVILEGES),
    owasp=("NHI1",),
)
def role_lost(view: View) -> Iterable[Finding]:
    """Users of live tokens without the token's role, or without Administrator."""
    for _, tokens in _connectors(view):
        for token in tokens:
            user = view.principals.get(token.principal_id)
            if user is None or user.status is PrincipalStatus.INACTIVE:
                continue
            missing = [role for role in (token.role, _ADMINISTRATOR) if role and role not in user.roles]
            if missing:
                said = f"{user.username} lacks {' and '.join(missing)}; token “{token.label}”"
                yield found(role_lost, token.native_id, said)


@check(
    id="netsuite.connector-token-gone",
    title="NetSuite Connector has no live token, or its record is switched off",
    severity=Severity.P1,
    risk="It cannot sign in: orders stop posting.",
    remedy="Make a token on the Access Tokens page and enter it in the Connector; enable the record if it is blocked.",
    platforms=("netsuite",),
    needs=(Area.TBA_TOKEN,),
    owasp=("NHI1",),
)
def token_gone(view: View) -> Iterable[Finding]:
    """The Connector's record without a token that is neither revoked nor inactive, or in another state than enabled."""
    for app, tokens in _connectors(view):
        ended = [c for c in view.snapshot.credentials if c.application_id == app.native_id]
        if not tokens and ended:
            yield found(
                token_gone, app.native_id, f"{len(ended)} tokens of {app.name}, all revoked or inactive"
            )
        if app.state and app.state.lower() != "enabled":
            yield found(token_gone, app.native_id, f"the record {app.name} is {app.state}", bucket="state")
