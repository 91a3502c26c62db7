"""Certificates of OAuth 2.0 client credentials: those of integrations whose client id we know.

Source: NetSuite help, article_92130837826 and article_11111634165 (certificate endpoint), read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.errors import Forbidden, ProtocolChanged
from bot.platform.model import Area, Credential, CredentialKind, CredentialStatus
from platforms.netsuite.assertions import Self
from platforms.netsuite.client import Client
from platforms.netsuite.config import SignIn
from platforms.netsuite.errors import NotThere
from platforms.netsuite.rows import Row
from platforms.netsuite.sight import Sight

PREFIX = "certificate:"
SLOTS = 5  # active ones per integration record, since 2026.1 (section_158921905537)
LONGEST_DAYS = 730
MENU = "Setup > Integration > Manage Authentication > OAuth 2.0 Client Credentials (M2M) Setup"
_ENDPOINT = (
    "Setup > Users/Roles > Manage Roles > the bot's role > Permissions > Setup: Manage own OAuth 2.0 Client"
    " Credentials certificates"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate as the endpoint lists it. Entity and role are empty where it does not say."""

    id: str
    client_id: str
    algorithm: str
    ends: datetime
    ended_by_hand: bool  # revoked or invalidated
    entity: str = ""
    role: str = ""

    def active(self, now: datetime) -> bool:
        """Whether it takes a slot."""
        return not self.ended_by_hand and self.ends > now

    def credential(self, application_id: str, now: datetime) -> Credential:
        """As the inventory keeps it."""
        status = CredentialStatus.ACTIVE if self.active(now) else CredentialStatus.EXPIRED
        return Credential(
            native_id=PREFIX + self.id,
            kind=CredentialKind.M2M_CERTIFICATE,
            label=f"certificate {self.id[:12]} ({self.algorithm})",
            principal_id=self.entity,
            application_id=application_id,
            status=CredentialStatus.REVOKED if self.ended_by_hand else status,
            expires_at=self.ends,
            role=self.role,
        )


async def listed(client: Client, client_id: str) -> list[Certificate]:
    """The certificates of one integration that NetSuite shows us.

    Raises:
        Forbidden: our role lacks the permission, or this way of signing in is not enough.
    """
    own = client.wire.settings.client_id == client_id
    ours = (await client.wire.keys.current()).certificate_id if own else ""
    me = await client.wire.session.acting_as() if own else Self()
    return [
        _read(row, client_id, me if ours and str(row.get("certificate_id")) == ours else Self())
        for row in await client.certificates(client_id)
    ]


def _read(row: Row, client_id: str, me: Self) -> Certificate:
    try:
        ends = date.fromisoformat(str(row["valid_until"])[:10]) + timedelta(days=1)
        return Certificate(
            id=str(row["certificate_id"]),
            client_id=client_id,
            algorithm=str(row.get("algorithm", "")),
            ends=datetime(ends.year, ends.month, ends.day, tzinfo=UTC),
            ended_by_hand=bool(row.get("revoked")) or bool(row.get("invalidated")),
            entity=str(row.get("entity") or me.entity),
            role=str(row.get("role") or me.role),
        )
    except (KeyError, ValueError) as exc:
        raise ProtocolChanged("a certificate lacks certificate_id or valid_until", operation="list") from exc


async def read_certificates(client: Client, sight: Sight) -> Mapping[str, list[Certificate]]:
    """Certificates by client id; what no interface shows is named."""
    settings = client.wire.settings
    known = [one for one in (settings.client_id, *settings.client_ids) if one]
    sight.miss(
        Area.M2M_CERTIFICATE,
        "OAuth 2.0 client credentials mappings of integrations whose client id the bot does not know",
        "NetSuite lists them on a page only",
        f"Read them in {MENU}; give client ids as client_ids to see their certificates",
    )
    if known and settings.sign_in is SignIn.TBA:
        sight.miss(
            Area.M2M_CERTIFICATE,
            "certificates of known client ids",
            "the certificate endpoint takes OAuth 2.0 bearers only, and the bot signs in by token",
            "Let the bot sign in by M2M: set client_id, certificate_id and private_key",
        )
        return {}
    found: dict[str, list[Certificate]] = {}
    for client_id in dict.fromkeys(known):
        try:
            found[client_id] = await listed(client, client_id)
        except (Forbidden, NotThere) as error:
            what = f"certificates of client id {client_id[:8]}…"
            said = (
                error.scope if isinstance(error, Forbidden) else "that it has no such endpoint or client id"
            )
            sight.miss(Area.M2M_CERTIFICATE, what, f"NetSuite answered {said}", _ENDPOINT)
    own = (await client.wire.keys.current()).certificate_id
    ours = next((one for one in found.get(settings.client_id, ()) if one.id == own), None)
    if ours is not None:
        client.wire.certificate_ends = ours.ends
    elif client.wire.certificate_ends is not None and settings.client_id in found:
        # it was listed before and has just signed us in; NetSuite gives no count to hold the list against
        raise ProtocolChanged(
            f"{client.wire.connection}: the list of certificates lacks the one the bot signs in with.",
            connection=client.wire.connection,
            operation="list certificates",
        )
    return found
