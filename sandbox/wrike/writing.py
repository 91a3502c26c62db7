"""Folders to change: made, renamed, moved, shared, thrown away. One operation at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sandbox.wrike import sharing
from sandbox.wrike.calls import WORKSPACE_WRITE, Answer, Call, Endpoint
from sandbox.wrike.entities import Folder
from sandbox.wrike.errors import Refusal, forbidden, invalid_parameter, invalid_request
from sandbox.wrike.folders import shown, visible_folder
from sandbox.wrike.params import Kind, need
from sandbox.wrike.stamps import stamp
from sandbox.wrike.tenant import Tenant

_CHANGES: Mapping[str, Kind] = {
    "title": "text",
    "description": "text",
    "addParents": "texts",
    "removeParents": "texts",
    "addShareds": "any",
    "removeShareds": "any",
    "addAccessRoles": "tables",
    "removeAccessRoles": "texts",
    "metadata": "tables",
    "restore": "flag",
    "project": "table",
    "withInvitations": "flag",
    "fields": "texts",
}


class Writing:
    """
    The writing methods of one account.

    The 2019 documents say that no more than one folder operation can run at a time; what happens to a second
    is UNCONFIRMED, hence a switch (refused, or it waits).
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._busy = asyncio.Lock()
        self._removed_from: dict[str, list[str]] = {}

    def endpoints(self) -> list[Endpoint]:
        making: Mapping[str, Kind] = {
            "title": "text",
            "description": "text",
            "shareds": "texts",
            "metadata": "tables",
            "project": "table",
            "withInvitations": "flag",
            "fields": "texts",
        }
        return [
            Endpoint("PUT", "/folders/{ids}", WORKSPACE_WRITE, self.change, _CHANGES),
            Endpoint("POST", "/folders/{ids}/folders", WORKSPACE_WRITE, self.create, making),
            Endpoint("DELETE", "/folders/{ids}", WORKSPACE_WRITE, self.delete, {}),
        ]

    async def change(self, call: Call) -> Answer:
        tenant, given = self._tenant, call.given
        folder = visible_folder(call, call.one)
        sharing.may_change(call, folder)
        if not given.keys() - {"withInvitations", "fields"}:
            raise invalid_request("Nothing to change")
        add = sharing.ids_of(tenant, "addShareds", given.get("addShareds", []))
        remove = sharing.ids_of(tenant, "removeShareds", given.get("removeShareds", []))
        roles = sharing.roles_of(tenant, "addAccessRoles", given.get("addAccessRoles", []))
        arriving, leaving = self._parents(call, folder)
        async with self._one_at_a_time():
            folder.title = need(given, "title") if "title" in given else folder.title
            folder.description = given.get("description", folder.description)
            folder.metadata = list(given.get("metadata", folder.metadata))
            if "project" in given:
                folder.project = (folder.project or {}) | given["project"]
            sharing.apply(
                call, folder, add=add, remove=[*remove, *given.get("removeAccessRoles", [])], roles=roles
            )
            if given.get("restore") and folder.id in self._removed_from:
                arriving, leaving = self._removed_from.pop(folder.id), [tenant.bin_id]
            self._move(folder, arriving, leaving)
            self._settle_scope(folder)
            folder.updated = tenant.now
            tenant.touch()
        invited = given.get("withInvitations", False)
        return Answer("folders", [shown(tenant, folder, call.user, invited)])

    async def create(self, call: Call) -> Answer:
        tenant, given = self._tenant, call.given
        parent = visible_folder(call, call.one)
        if parent is not tenant.root:
            sharing.may_change(call, parent)
        elif call.user.role != "User":
            raise forbidden()
        title = need(given, "title")
        shareds = sharing.sharable(tenant, "shareds", given.get("shareds", []))
        async with self._one_at_a_time():
            folder = Folder(
                id=tenant.mint.new_long("folder"),
                title=title,
                created=tenant.now,
                updated=tenant.now,
                author_id=call.user.id,
                shared=list(dict.fromkeys([call.user.id, *shareds])),
                description=given.get("description", ""),
                metadata=list(given.get("metadata", [])),
            )
            if "project" in given:
                born = {"authorId": call.user.id, "ownerIds": [], "createdDate": stamp(tenant.now)}
                folder.project = born | given["project"]
            tenant.folders[folder.id] = folder
            self._move(folder, [parent.id], [])
            tenant.touch()
        invited = given.get("withInvitations", False)
        return Answer("folders", [shown(tenant, folder, call.user, invited)])

    async def delete(self, call: Call) -> Answer:
        """Into the recycle bin, with everything under it that hangs nowhere else."""
        tenant, folder = self._tenant, visible_folder(call, call.one)
        sharing.may_change(call, folder)
        async with self._one_at_a_time():
            self._removed_from[folder.id] = list(folder.parent_ids)
            self._move(folder, [tenant.bin_id], list(folder.parent_ids))
            self._settle_scope(folder)
            tenant.touch()
        return Answer("folders", [shown(tenant, folder, call.user, with_invitations=False)])

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        switches = self._tenant.switches
        if self._busy.locked():
            self._tenant.world.counters["wrike.parallel_folder_writes"] += 1
            if switches.parallel_folder_write == "refused":
                raise Refusal(400, *switches.parallel_folder_error)
        async with self._busy:
            await asyncio.sleep(switches.folder_write_ms / 1000)
            yield

    def _parents(self, call: Call, folder: Folder) -> tuple[list[str], list[str]]:
        arriving = list(call.given.get("addParents", []))
        for parent_id in arriving:
            parent = visible_folder(call, parent_id)
            if parent is folder or folder.id in self._above(parent):
                raise invalid_parameter("addParents", "would make a circle")
        return arriving, list(call.given.get("removeParents", []))

    def _above(self, folder: Folder) -> set[str]:
        found: set[str] = set()
        waiting = list(folder.parent_ids)
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self._tenant.folders[one].parent_ids
        return found

    def _settle_scope(self, folder: Folder) -> None:
        """In the bin or out of it, with everything below that hangs nowhere else."""
        folders = self._tenant.folders
        gone = all(folders[one].scope in ("RbRoot", "RbFolder") for one in folder.parent_ids)
        folder.scope = "RbFolder" if gone else "WsFolder"
        for child in folder.child_ids:
            self._settle_scope(folders[child])

    def _move(self, folder: Folder, arriving: list[str], leaving: list[str]) -> None:
        for parent_id in arriving:
            if parent_id not in folder.parent_ids:
                folder.parent_ids.append(parent_id)
                self._tenant.folders[parent_id].child_ids.append(folder.id)
        for parent_id in leaving:
            if parent_id in folder.parent_ids:
                folder.parent_ids.remove(parent_id)
                self._tenant.folders[parent_id].child_ids.remove(folder.id)
