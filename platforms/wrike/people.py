"""Contacts: people, groups and robots, with the little that Wrike tells of whether they can sign in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.errors import ProtocolChanged, Rejected
from bot.platform.model import Principal, PrincipalKind, PrincipalStatus
from bot.text import fold
from platforms.wrike.client import Client
from platforms.wrike.rows import Row, flag, needed, tables, text, texts

ADMIN, OWNER = "Account admin", "Account owner"
INVITED, DELETED = "Invited", "Deleted"
GROUP, ROBOT = "Group", "Robot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One record of /contacts. ``active`` is None where the tenant does not tell."""

    id: str
    name: str
    email: str  # empty for groups, and for robots without a mailbox
    type: str  # Person, Group, Robot, or a word that is newer than we are
    deleted: bool
    role: str  # User or Collaborator
    external: bool
    admin: bool
    owner: bool
    accounts: frozenset[str]
    members: tuple[str, ...]
    active: bool | None = None

    @property
    def regular(self) -> bool:
        """Whether public spaces are open to it."""
        return self.role == "User" and not self.external

    @property
    def rank(self) -> str:
        """The account role, as Wrike's own pages call it."""
        if self.deleted:
            return DELETED
        if self.owner:
            return "Owner"
        if self.admin:
            return "Admin"
        if self.role == "Collaborator":
            return "Collaborator"
        return "External" if self.external else "Regular"

    @property
    def status(self) -> PrincipalStatus:
        """Never active only because it is not deleted."""
        if self.deleted or self.active is False:
            return PrincipalStatus.INACTIVE
        return PrincipalStatus.ACTIVE if self.active else PrincipalStatus.UNKNOWN


def read(row: Row, account: str) -> Contact:
    """A contact of the account; what concerns its other accounts is counted only.

    Raises:
        ProtocolChanged: it lacks its id.
    """
    profiles = tables(row, "profiles")
    own = next((one for one in profiles if one.get("accountId") == account), {})
    given, family = text(row, "firstName"), text(row, "lastName")
    return Contact(
        id=needed(row, "id"),
        name=f"{given} {family}".strip(),
        email=text(own, "email"),
        type=text(row, "type"),
        deleted=flag(row, "deleted"),
        role=text(own, "role"),
        external=flag(own, "external"),
        admin=flag(own, "admin"),
        owner=flag(own, "owner"),
        accounts=frozenset(text(one, "accountId") for one in profiles),
        members=texts(row, "memberIds"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Everybody, by id. ``tells_active``: whether this tenant says who is deactivated."""

    account: str
    own_id: str
    contacts: Mapping[str, Contact]
    tells_active: bool

    def by_email(self, email: str) -> tuple[Contact, ...]:
        """The contacts with this address, those that are not deleted first."""
        wanted = fold(email)
        found = [one for one in self.contacts.values() if wanted and fold(one.email) == wanted]
        return tuple(sorted(found, key=lambda one: (one.deleted, one.id)))

    def circles(self, contact_id: str) -> frozenset[str]:
        """The contact and every group it is in, directly or through a group in it."""
        found, waiting = {contact_id}, [contact_id]
        while waiting:
            inner = waiting.pop()
            for one in self.contacts.values():
                if one.type == GROUP and inner in one.members and one.id not in found:
                    found.add(one.id)
                    waiting.append(one.id)
        return frozenset(found)


async def me(client: Client) -> tuple[Row, str]:
    """Our own record, and the id of the account that our token is bound to."""
    own = await client.one("read who we are", "/contacts", {"me": True})
    accounts = [text(one, "accountId") for one in tables(own, "profiles")]
    if len(accounts) == 1:
        return own, accounts[0]
    account = needed(await client.one("read the account", "/account"), "id")
    return own, account


async def directory(client: Client) -> Directory:
    """
    Every contact, deleted ones included.

    A deactivated user's record looks like any other, so the ``active`` filter of June 2025 is asked for those who are
    and for those who are not. Who is in neither answer, or in both, has an unknown state; a tenant that refuses the
    filter leaves everybody's unknown. Source: developers.wrike.com/docs/change-log; 5 requests.

    Raises:
        ProtocolChanged: somebody is in one listing who must be in another, so that one was short.
    """
    own, account = await me(client)
    own_id = needed(own, "id")
    listed = {one.id: one for one in _read(await client.listing("list contacts", "/contacts"), account)}
    gone = await client.listing("list deleted contacts", "/contacts", {"deleted": True})
    listed |= {one.id: one for one in _read(gone, account)}
    active = await _filtered(client, account, wanted=True)
    inactive = await _filtered(client, account, wanted=False)
    if missing := ({own_id} | active | inactive) - set(listed):
        raise ProtocolChanged(
            f"{client.connection}: the listing of contacts cannot be whole: {len(missing)} are missing.",
            connection=client.connection,
            operation="list contacts",
        )
    if own_id in inactive or own_id not in active:  # we act, so the filter means something else
        active, inactive = set(), set()
    contacts = {one.id: replace(one, active=_state(one.id, active, inactive)) for one in listed.values()}
    alive = (one for one in contacts.values() if not one.deleted and one.type != GROUP)
    told = all(one.active is not None for one in alive)
    return Directory(account=account, own_id=own_id, contacts=contacts, tells_active=told)


def _state(contact_id: str, active: Collection[str], inactive: Collection[str]) -> bool | None:
    if (contact_id in active) == (contact_id in inactive):
        return None
    return contact_id in active


async def _filtered(client: Client, account: str, *, wanted: bool) -> set[str]:
    """Ids of those who are active, or are not; none where the tenant has no such filter."""
    try:
        rows = await client.listing("list active contacts", "/contacts", {"active": wanted})
    except Rejected as error:
        if error.status != 400:
            raise
        return set()
    return {one.id for one in _read(rows, account)}


def _read(rows: Iterable[Row], account: str) -> list[Contact]:
    return [read(row, account) for row in rows]


def principal(contact: Contact, services: Collection[str], reasons: Mapping[str, str]) -> Principal:
    """As the inventory has it. A program's account is a robot or declared to be one; any other is a person's."""
    email = fold(contact.email)
    service = contact.type == ROBOT or email in services
    known = contact.type in ("Person", ROBOT) or service
    kind = PrincipalKind.SERVICE if service else PrincipalKind.PERSON if known else PrincipalKind.UNKNOWN
    rights = [OWNER] * contact.owner + [ADMIN] * contact.admin
    if rights and (reason := reasons.get(email)):
        rights = [f"{right}, because: {reason}" for right in rights]
    return Principal(
        native_id=contact.id,
        name=contact.name or contact.email or contact.id,
        username=contact.email or contact.name or contact.id,
        email=contact.email,
        kind=kind,
        status=contact.status,
        profile=contact.rank,
        privileges=tuple(sorted(rights)),
        roles=("Member of several accounts",) if len(contact.accounts) > 1 else (),
    )
