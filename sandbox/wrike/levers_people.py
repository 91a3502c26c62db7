"""What happens to users and invitations by hand: accepted, declined, deactivated, deleted, shared with."""

from __future__ import annotations

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.wrike import invitations
from sandbox.wrike.desk import Desk, administrator, described, set_active
from sandbox.wrike.entities import Invitation


class PeopleLevers:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/wrike/accept", self.accept),
            web.post("/wrike/decline", self.decline),
            web.post("/wrike/expire", self.expire),
            web.post("/wrike/deactivate", self.deactivate),
            web.post("/wrike/reactivate", self.reactivate),
            web.post("/wrike/delete", self.delete),
            web.post("/wrike/admin", self.admin),
            web.post("/wrike/share", self.share),
        ]

    async def accept(self, request: web.Request) -> web.Response:
        """
        {"email" | "invitation"[, "first_name", "last_name", "password"]}: the mailbox's owner follows the link.

        Answers {"contact", "email"}: the id of the new contact.
        """
        asked = await Asked.of(request)
        one = self._desk.invitation(asked)
        contact = invitations.accept(
            self._desk.tenant,
            one,
            first=asked.text("first_name", ""),
            last=asked.text("last_name", ""),
            password=asked.text("password", None),
        )
        if (person := self._desk.tenant.world.people.get(one.email.lower())) is not None:
            person.ids["wrike"] = contact.id
        return self._desk.done(contact=contact.id, email=contact.email)

    async def decline(self, request: web.Request) -> web.Response:
        return self._ended(self._desk.invitation(await Asked.of(request)), "Declined")

    async def expire(self, request: web.Request) -> web.Response:
        """The link in the mail works no longer; which status that leaves is a switch."""
        one = self._desk.invitation(await Asked.of(request))
        return self._ended(one, self._desk.tenant.switches.expired_invitation_status)

    async def deactivate(self, request: web.Request) -> web.Response:
        user = self._desk.user(await Asked.of(request))
        set_active(self._desk.tenant, user, active=False)
        return self._desk.done(**described(user))

    async def reactivate(self, request: web.Request) -> web.Response:
        user = self._desk.user(await Asked.of(request))
        set_active(self._desk.tenant, user, active=True)
        return self._desk.done(**described(user))

    async def delete(self, request: web.Request) -> web.Response:
        """{"email"}: an administrator deletes a user for good. Owners are refused."""
        user = self._desk.user(await Asked.of(request))
        if user.owner:
            refuse("Wrike refused: account owners cannot be deleted", 409)
        user.deleted = True
        self._desk.tenant.note(
            administrator(self._desk.tenant), "UserDeleted", "User", user.email or "", user.id
        )
        return self._desk.done(**described(user))

    async def admin(self, request: web.Request) -> web.Response:
        """{"email"[, "on", "reports", "owner"]}: the administrator's bit and what goes with it."""
        asked = await Asked.of(request)
        user = self._desk.user(asked)
        was = user.admin
        user.admin = asked.flag("on", user.admin)
        user.reports = asked.flag("reports", user.reports)
        user.owner = asked.flag("owner", user.owner)
        if user.admin != was:
            operation = "UserGrantAdmin" if user.admin else "UserRevokeAdmin"
            self._desk.tenant.note(
                administrator(self._desk.tenant), operation, "User", user.email or "", user.id
            )
        return self._desk.done(**described(user))

    async def share(self, request: web.Request) -> web.Response:
        """{"folder" (id or title), "email" | "group"[, "remove"]}: somebody shares a folder by hand."""
        asked = await Asked.of(request)
        folder = self._desk.folder(asked.text("folder"))
        group = asked.text("group", None)
        if group is None:
            one = self._desk.user(asked).id
        else:
            found = [g.id for g in self._desk.tenant.groups.values() if group in (g.id, g.title)]
            one = found[0] if found else refuse(f"no group is called {group}", 404)
        if asked.flag("remove", False):
            folder.shared = [shared for shared in folder.shared if shared != one]
        elif one not in folder.shared:
            folder.shared.append(one)
        self._desk.tenant.touch()
        return self._desk.done(folder=folder.id, shared=folder.shared)

    def _ended(self, one: Invitation, status: str) -> web.Response:
        invitations.resolve(self._desk.tenant, one, status)
        return self._desk.done(invitation=one.id, status=one.status)
