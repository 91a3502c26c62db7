"""What there is in a Wrike account: users, groups, invitations, folders (spaces among them), webhooks, audit rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sandbox.world import Json

Role = Literal["User", "Collaborator"]


@dataclass(slots=True, eq=False)
class Contact:
    """A user of the account. `kind` Robot is a bot account, which has no mailbox."""

    id: str
    first: str
    last: str
    email: str | None
    kind: Literal["Person", "Robot"] = "Person"
    role: Role = "User"
    external: bool = False
    admin: bool = False
    owner: bool = False
    reports: bool = False
    """Holds the right "Create user activity reports"."""
    elsewhere: bool = False
    """Is a member of another account too."""
    active: bool = True
    deleted: bool = False
    title: str = ""
    timezone: str = "Europe/London"
    locale: str = "en"
    password: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    @property
    def user_type(self) -> str:
        """The key of this user's type in `Tenant.user_types`."""
        if self.owner:
            return "owner"
        if self.admin:
            return "admin"
        if self.role == "Collaborator":
            return "collaborator"
        return "external" if self.external else "regular"

    @property
    def takes_seat(self) -> bool:
        return self.kind == "Person" and self.role == "User" and not self.deleted


@dataclass(slots=True, eq=False)
class Group:
    id: str
    title: str
    member_ids: list[str] = field(default_factory=list)
    child_ids: list[str] = field(default_factory=list)
    parent_ids: list[str] = field(default_factory=list)
    my_team: bool = False
    metadata: list[Json] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Invitation:
    id: str
    email: str
    inviter_id: str
    invited: datetime
    first: str = ""
    last: str = ""
    role: Role = "User"
    external: bool = False
    status: Literal["Pending", "Accepted", "Declined", "Cancelled"] = "Pending"
    resolved: datetime | None = None
    sent: int = 1
    """How many mails went out."""
    link_dead: bool = False
    """Still Pending, but the link in the mail works no longer, until it is sent again."""


@dataclass(slots=True, eq=False)
class Folder:
    """
    A folder, a project or a space. `shared` holds contact, group and invitation ids.

    `access` is set for spaces only: Public ones are open to every regular user.
    """

    id: str
    title: str
    created: datetime
    updated: datetime
    author_id: str
    parent_ids: list[str] = field(default_factory=list)
    child_ids: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    description: str = ""
    project: Json | None = None
    access: Literal["Public", "Private"] | None = None
    scope: Literal["WsRoot", "RbRoot", "WsFolder", "RbFolder"] = "WsFolder"
    metadata: list[Json] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Webhook:
    id: str
    owner_id: str
    url: str
    status: Literal["Active", "Suspended"] = "Active"
    folder_id: str | None = None
    space_id: str | None = None
    events: list[str] = field(default_factory=list)
    recursive: bool = False
    has_secret: bool = False


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: str
    operation: str
    user_id: str
    user_email: str
    at: datetime
    object_type: str
    object_name: str
    object_id: str
    ip: str
    details: Json


@dataclass(slots=True)
class Plan:
    """What was bought. `audit` and `deactivation` depend on it; `seats` counts users that are no collaborators."""

    type: str = "Enterprise"
    seats: int = 45
    audit: bool = True
    deactivation: bool = True
    suspended: bool = False
