"""The account itself: what was bought, and what its users can be."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import Forbidden
from bot.platform.model import Capacity
from bot.text import fold
from platforms.wrike.client import Client
from platforms.wrike.people import ROBOT, Directory
from platforms.wrike.rows import needed, text

# Source: help.wrike.com 115004530005 and ConductorOne's connector; plan names have changed since.
_DEACTIVATES = ("enterprise", "pinnacle", "apex")
_DOES_NOT = ("free", "team", "professional", "premium", "business")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was bought. ``seats`` is told to administrators only."""

    id: str
    name: str
    plan: str
    seats: int | None

    @property
    def may_deactivate(self) -> bool | None:
        """Whether users can be deactivated on this plan; None where we cannot tell."""
        plan = fold(self.plan)
        if any(word in plan for word in _DEACTIVATES):
            return True
        return False if any(word in plan for word in _DOES_NOT) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserType:
    """A licence level. ``role`` and ``external``: what a user of it is shown as, where its name tells us."""

    id: str
    title: str
    role: str = ""
    external: bool = False


async def read(client: Client) -> Account:
    """The account with its subscription. One request."""
    row = await client.one("read the account", "/account", {"fields": ["subscription"]})
    bought = row.get("subscription")
    bought = bought if isinstance(bought, dict) else {}
    limit = bought.get("userLimit")
    return Account(
        id=needed(row, "id"),
        name=text(row, "name"),
        plan=text(bought, "type"),
        seats=limit if isinstance(limit, int) and not isinstance(limit, bool) else None,
    )


def capacities(account: Account, directory: Directory, invited: int) -> tuple[Capacity, ...]:
    """Seats, where told. Deactivated users may keep theirs, and pending invitations take one: all are counted."""
    if account.seats is None or account.seats <= 0:
        return ()
    people = (one for one in directory.contacts.values() if one.type not in ("Group", ROBOT))
    taken = sum(one.role == "User" and not one.deleted for one in people)
    return (Capacity(name="user seats", used=taken + invited, total=account.seats),)


async def user_types(client: Client) -> tuple[UserType, ...] | Forbidden:
    """Every licence level, or why they are not shown: which scope it takes is not documented."""
    try:
        rows = await client.listing("list user types", "/user_types")
    except Forbidden as error:
        return error
    return tuple(_type(needed(row, "id"), text(row, "title")) for row in rows)


def _type(type_id: str, title: str) -> UserType:
    words = fold(title)
    if "collaborator" in words:
        return UserType(id=type_id, title=title, role="Collaborator")
    if "external" in words:
        return UserType(id=type_id, title=title, role="User", external=True)
    if "regular" in words:
        return UserType(id=type_id, title=title, role="User")
    return UserType(id=type_id, title=title)
