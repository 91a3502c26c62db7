"""One Wrike account: everything in it, and who can see what."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from sandbox.world import Json, World
from sandbox.wrike.entities import AuditRow, Contact, Folder, Group, Invitation, Plan, Webhook
from sandbox.wrike.ids import Mint
from sandbox.wrike.switches import Switches

AUDIT_ROWS_KEPT = 20_000
CREATED = "2017-03-02T09:00:00Z"


class Tenant:
    """The account's state. `touch` after changing who may see which folder."""

    def __init__(self, world: World, switches: Switches) -> None:
        self.world = world
        self.switches = switches
        self.mint = Mint(world.seed)
        self.plan = Plan()
        self.hosts = {"main": "127.0.0.1", "other": "127.0.0.1"}
        """host:port of each data centre, filled when they are served."""
        self.contacts: dict[str, Contact] = {}
        self.groups: dict[str, Group] = {}
        self.invitations: dict[str, Invitation] = {}
        self.folders: dict[str, Folder] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.access_roles: dict[str, str] = {}
        """Id to title."""
        self.user_types: dict[str, tuple[str, str, str]] = {}
        """Our key to id, title and description."""
        self.jobs: dict[str, Json] = {}
        self.audit: deque[AuditRow] = deque(maxlen=AUDIT_ROWS_KEPT)
        self.leavers: dict[str, datetime] = {}
        self.root_id = self.mint.new("folder")
        self.bin_id = self.mint.new("folder")
        self.ago = timedelta()
        self._version = 0
        self._visible: dict[str, tuple[int, frozenset[str]]] = {}

    @property
    def now(self) -> datetime:
        """The world's time; earlier by `ago` while history is being made up."""
        return self.world.now - self.ago

    @property
    def host(self) -> str:
        """Where this account lives, for the token reply and for addresses in records."""
        return self.hosts[self.switches.centre]

    @property
    def root(self) -> Folder:
        return self.folders[self.root_id]

    def note(
        self,
        who: Contact,
        operation: str,
        kind: str,
        name: str,
        object_id: str,
        *,
        ip: str = "192.0.2.10",
        **details: Any,
    ) -> AuditRow:
        """Write an audit row. The labels in `details` have underscores where the real ones have blanks."""
        row = AuditRow(
            id=self.mint.new("audit"),
            operation=operation,
            user_id=who.id,
            user_email=who.email or "",
            at=self.now,
            object_type=kind,
            object_name=name,
            object_id=object_id,
            ip=ip,
            details={key.replace("_", " "): value for key, value in details.items()},
        )
        self.audit.appendleft(row)
        return row

    def by_email(self, email: str) -> Contact | None:
        """Who has this address, deleted users aside."""
        wanted = email.strip().lower()
        return next(
            (
                one
                for one in self.contacts.values()
                if (one.email or "").lower() == wanted and not one.deleted
            ),
            None,
        )

    def seats_taken(self) -> int:
        keep = self.switches.deactivated_keep_seat
        people = sum(1 for one in self.contacts.values() if one.takes_seat and (one.active or keep))
        waiting = (one for one in self.invitations.values() if one.status == "Pending" and one.role == "User")
        return people + sum(1 for _ in waiting)

    def reach(self, contact_id: str) -> set[str]:
        """The contact's id and the ids of every group they are in, directly or through a group in it."""
        found = {contact_id}
        waiting = [group.id for group in self.groups.values() if contact_id in group.member_ids]
        while waiting:
            group_id = waiting.pop()
            if group_id not in found and group_id in self.groups:
                found.add(group_id)
                waiting += self.groups[group_id].parent_ids
        return found

    def touch(self) -> None:
        self._version += 1

    def visible(self, contact: Contact) -> frozenset[str]:
        """Ids of the folders this user can open: shared with them, below such a one, or a public space."""
        known = self._visible.get(contact.id)
        if known is not None and known[0] == self._version:
            return known[1]
        mine = self.reach(contact.id)
        regular = contact.role == "User" and not contact.external
        waiting = [
            folder.id
            for folder in self.folders.values()
            if (folder.access == "Public" and regular) or not mine.isdisjoint(folder.shared)
        ]
        found = {self.root_id, self.bin_id}
        while waiting:
            folder_id = waiting.pop()
            if folder_id not in found:
                found.add(folder_id)
                waiting += self.folders[folder_id].child_ids
        self._visible[contact.id] = (self._version, frozenset(found))
        return self._visible[contact.id][1]
