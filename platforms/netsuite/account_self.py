"""Who we are in the account: needed so that no plan ever ends our own credential."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.errors import Forbidden, ProtocolChanged, Rejected
from platforms.netsuite.client import Client
from platforms.netsuite.config import SignIn
from platforms.netsuite.rows import text
from platforms.netsuite.suiteql import Select

_RECENT = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Our entity and role, and the token we sign in with; empty where it could not be told."""

    entity: str = ""
    role: str = ""
    token_name: str = ""
    application: str = ""


async def me(client: Client) -> Me:
    """From our own bearer, else from what NetSuite says of our token, else from our lines in the audit trail."""
    own = await client.wire.session.acting_as()
    if own.entity:
        return Me(entity=own.entity, role=own.role)
    if client.wire.settings.sign_in is SignIn.M2M:
        return Me()
    try:
        said = await client.token_info()
        found = {str(k).lower(): str(v) for k, v in said.items()} if isinstance(said, dict) else {}
    except (Forbidden, Rejected, ProtocolChanged):
        found = {}
    traced = await _traced(client)
    return Me(
        entity=traced.entity,
        role=traced.role or found.get("roleid", ""),
        token_name=traced.token_name,
        application=traced.application,
    )


async def _traced(client: Client) -> Me:
    """The one token that signs in under our own program's name, if there is exactly one."""
    select = Select(
        columns=(
            ("uid", "t.user"),
            ("rid", "t.role"),
            ("tok", "t.oAuthAccessTokenName"),
            ("app", "t.oAuthAppName"),
            ("n", "COUNT(t.status)"),
        ),
        table="LoginAudit",
        where=(
            "t.status = 'Success'",
            "t.userAgent LIKE 'Handover/%'",
            "t.oAuthAccessTokenName IS NOT NULL",
            f"t.date >= SYSDATE - {_RECENT.days}",
        ),
        group="t.user, t.role, t.oAuthAccessTokenName, t.oAuthAppName",
        order="t.user, t.role, t.oAuthAccessTokenName, t.oAuthAppName",
    )
    try:
        rows = await client.ordered("find our own token", select)
    except Forbidden:
        return Me()
    if len(rows) != 1:
        return Me()
    row = rows[0]
    return Me(
        entity=text(row, "uid"),
        role=text(row, "rid"),
        token_name=text(row, "tok"),
        application=text(row, "app"),
    )
