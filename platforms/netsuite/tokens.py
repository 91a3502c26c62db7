"""Access tokens of token-based authentication, as credentials. Their values are never shown by NetSuite."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.platform.model import Credential, CredentialKind, CredentialStatus
from platforms.netsuite.rows import Row, flag, instant, key, text
from platforms.netsuite.suiteql import Select, at, quoted, record_id
from platforms.netsuite.trail import Use

PREFIX = "token:"
TOKENS = Select(
    columns=(
        ("id", "t.id"),
        ("name", "t.tba_token_name"),
        ("app_id", "t.tba_app_name"),
        ("app", "BUILTIN.DF(t.tba_app_name)"),
        ("eid", "t.entity_name"),
        ("person", "BUILTIN.DF(t.entity_name)"),
        ("rid", "t.role_name"),
        ("created", at("t.dcreated")),
        ("revoked", "t.brevoked"),
        ("revoked_at", at("t.drevoked")),
        ("inactive", "t.binactive"),
    ),
    table="OAuthToken",
    order="t.id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One row of the token list."""

    id: str
    name: str
    app_id: str
    app: str
    entity: str
    person: str
    role: str
    row: Row

    @property
    def revoked(self) -> bool:
        """Ended for good."""
        return flag(self.row, "revoked")

    @property
    def inactive(self) -> bool:
        """Switched off, and can be switched on again."""
        return flag(self.row, "inactive")

    @property
    def alive(self) -> bool:
        """Neither."""
        return not (self.revoked or self.inactive)


def read(row: Row) -> Token:
    """One row."""
    return Token(
        id=key(row, "id"),
        name=text(row, "name"),
        app_id=text(row, "app_id"),
        app=text(row, "app"),
        entity=text(row, "eid"),
        person=text(row, "person"),
        role=text(row, "rid"),
        row=row,
    )


def of(*, application_id: str = "", entity: str = "", token: str = "", name: str = "") -> Select:
    """The query for some of them."""
    where = []
    if token:
        where.append(f"t.id = {record_id(token)}")
    if application_id:
        where.append(f"t.tba_app_name = {record_id(application_id)}")
    if entity:
        where.append(f"t.entity_name = {record_id(entity)}")
    if name:
        where.append(f"t.tba_token_name = {quoted(name)}")
    return Select(columns=TOKENS.columns, table=TOKENS.table, where=tuple(where), order="t.id")


@dataclass(frozen=True, slots=True)
class Standing:
    """Why whoever a token is for cannot sign in; empty where nothing says so."""

    why_not: str = ""


def status(token: Token, standing: Standing) -> CredentialStatus:
    """Where a token is in its life."""
    if token.revoked:
        return CredentialStatus.REVOKED
    if token.inactive:
        return CredentialStatus.PARKED
    return CredentialStatus.UNUSABLE if standing.why_not else CredentialStatus.ACTIVE


def credential(token: Token, standing: Standing, use: Use | None, zone: ZoneInfo) -> Credential:
    """A token as the inventory keeps it. Its last use is that of the last 90 days, from the audit trail."""
    return Credential(
        native_id=PREFIX + token.id,
        kind=CredentialKind.TBA_TOKEN,
        label=token.name or f"token {token.id}",
        principal_id=token.entity,
        application_id=token.app_id,
        status=status(token, standing),
        created_at=instant(token.row, "created", zone),
        last_used_at=use.last_success if use else None,
        use_count=use.successes if use else None,
        role=token.role,
    )
