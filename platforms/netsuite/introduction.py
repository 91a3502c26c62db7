"""Who we are, whether the clocks agree, and what we may not see: what ``doctor`` and ``status`` say."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.errors import Forbidden, ProtocolChanged, Rejected
from bot.platform.model import Area, Gap
from bot.platform.ports import Identity
from platforms.netsuite import employees
from platforms.netsuite.account_self import Me, me
from platforms.netsuite.client import Client
from platforms.netsuite.config import SignIn
from platforms.netsuite.roles import ADMINISTRATOR
from platforms.netsuite.rows import number, text
from platforms.netsuite.sight import Sight
from platforms.netsuite.suiteql import Select, record_id

NOTES = "LIST_SYSTEMNOTES"
_TABLES = (  # table, area, what is hidden without it
    ("employee", Area.PRINCIPALS, "employees"),
    ("OAuthToken", Area.TBA_TOKEN, "access tokens"),
    ("LoginAudit", Area.LOGINS, "sign-ins"),
    ("role", Area.PRIVILEGES, "roles"),
    ("integrationapp", Area.APPLICATIONS, "integration records without a token or a sign-in"),
    ("vendor", Area.PRINCIPALS, "vendors who hold tokens"),
)
TBA_ADVICE = (
    "signs in by token-based authentication: no new integration can be set up with it from 2027.1, and it is to end"
    " with 2028.2 (tentative)",
    "set up OAuth 2.0 client credentials (M2M) for the bot: client_id, certificate_id and private_key",
)


async def introduce(client: Client) -> Identity:
    """Sign in, knock at each table and name what is closed. About ten requests."""
    settings = client.wire.settings
    skew_s = await _skew_s(client)
    own = await me(client)
    sight = Sight()
    for table, area, what in _TABLES:
        await sight.seen(_knock(client, table), area, what, table.lower())
    await sees_all_notes(client, sight, own)
    employees.unseen_dates(client, sight)
    return Identity(
        tenant=settings.account.realm,
        principal_id=own.entity,
        username=await _username(client, own),
        version=f"REST v1, by {settings.sign_in.value.upper()}",
        clock_skew_s=skew_s,
        capacity=None,
        gaps=tuple(sight.gaps),
        advice=(TBA_ADVICE,) if settings.sign_in is SignIn.TBA else (),
    )


async def _knock(client: Client, table: str) -> None:
    column = "status" if table == "LoginAudit" else "id"
    select = Select(columns=(("c", f"t.{column}"),), table=table, where=("ROWNUM <= 1",))
    await client.page(f"look at {table}", select.text(), 0, 1)


async def _skew_s(client: Client) -> float:
    """NetSuite's clock minus ours: by the server's own word, else by the Date of its answer."""
    before = client.wire.now()
    try:
        said = await client.system("read the server's time", "serverTime")
        told = datetime.fromisoformat(str(said["serverTime"]).replace("Z", "+00:00"))
        if told.tzinfo is not None:
            return (told.astimezone(UTC) - (before + (client.wire.now() - before) / 2)).total_seconds()
    except (Forbidden, Rejected, ProtocolChanged, KeyError, TypeError, ValueError):
        pass  # its form is not documented
    return client.wire.skew.total_seconds()


async def _username(client: Client, own: Me) -> str:
    if not own.entity:
        return "somebody NetSuite does not name to us"
    select = Select(
        columns=(("id", "t.id"), ("entityid", "t.entityid"), ("email", "t.email")),
        table="employee",
        where=(f"t.id = {record_id(own.entity)}",),
        order="t.id",
    )
    try:
        rows = await client.every("read our own record", select)
    except Forbidden:
        rows = []
    shown = (text(rows[0], "email") or text(rows[0], "entityid")) if rows else f"entity {own.entity}"
    return f"{shown}, role {own.role}" if own.role else shown


async def sees_all_notes(client: Client, sight: Sight, own: Me) -> None:
    """Name it where we see only our own System Notes, which NetSuite never says."""
    if own.role == ADMINISTRATOR or await _may_see_notes(client, own):
        return
    sight.gaps.append(
        Gap(
            area=Area.CHANGES,
            what="whose name is on changes of others",
            reason="without the permission System Notes NetSuite shows the bot its own changes only, without a word",
            remedy="Setup > Users/Roles > Manage Roles > the bot's role > Permissions > Lists: System Notes (View)",
        )
    )


async def _may_see_notes(client: Client, own: Me) -> bool:
    if not own.role:
        return False
    select = Select(
        columns=(("permlevel", "t.permlevel"),),
        table="rolepermissions",
        where=(f"t.role = {record_id(own.role)}", f"t.permkey = '{NOTES}'"),
        order="t.permlevel",
    )
    try:
        return any(
            number(row, "permlevel") >= 1 for row in await client.ordered("read our own permissions", select)
        )
    except Forbidden:
        return False
