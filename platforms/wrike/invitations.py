"""Invitations: the whole list, since none can be asked for by its id."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.platform.model import Principal, PrincipalKind, PrincipalStatus
from bot.text import fold
from platforms.wrike.client import Client
from platforms.wrike.people import INVITED
from platforms.wrike.rows import Row, flag, instant, needed, text

PENDING, ACCEPTED, DECLINED, CANCELLED = "Pending", "Accepted", "Declined", "Cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One invitation. Its id is not that of the contact it becomes."""

    id: str
    email: str
    name: str
    status: str
    sent_at: datetime | None
    resolved_at: datetime | None
    role: str
    external: bool


def read(row: Row) -> Invitation:
    """One record of /invitations."""
    return Invitation(
        id=needed(row, "id"),
        email=needed(row, "email"),
        name=f"{text(row, 'firstName')} {text(row, 'lastName')}".strip(),
        status=needed(row, "status"),
        sent_at=instant(row, "invitationDate"),
        resolved_at=instant(row, "resolvedDate"),
        role=text(row, "role"),
        external=flag(row, "external"),
    )


async def listed(client: Client) -> tuple[Invitation, ...]:
    """
    Every invitation, resolved ones included, as long as Wrike keeps them.

    Raises:
        Forbidden: the token lacks amReadOnlyInvitation, or its user may not invite.
    """
    return tuple(map(read, await client.listing("list invitations", "/invitations")))


def latest(invitations: Iterable[Invitation], email: str) -> Invitation | None:
    """The invitation that counts for an address: a pending one, else the last that was sent."""
    theirs = [one for one in invitations if fold(one.email) == fold(email)]
    return max(
        theirs,
        key=lambda one: (one.status == PENDING, one.sent_at.timestamp() if one.sent_at else 0.0, one.id),
        default=None,
    )


def principal(invitation: Invitation, services: Collection[str]) -> Principal:
    """Somebody who was asked and has not come: an account that nothing can act as yet."""
    service = fold(invitation.email) in services
    return Principal(
        native_id=invitation.id,
        name=invitation.name or invitation.email,
        username=invitation.email,
        email=invitation.email,
        kind=PrincipalKind.SERVICE if service else PrincipalKind.PERSON,
        status=PrincipalStatus.INVITED,
        profile=INVITED,
    )
