"""Who a folder is shared with, and with which access role: what PUT /folders and PUT /spaces change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.world import Json
from sandbox.wrike.calls import Call
from sandbox.wrike.entities import Folder
from sandbox.wrike.errors import forbidden, invalid_parameter
from sandbox.wrike.tenant import Tenant

READ_ONLY = "Read Only"


def may_change(call: Call, folder: Folder) -> None:
    """Raises 403 for collaborators, and for those whose access role on it only reads."""
    tenant, user = call.tenant, call.user
    if user.role != "User" or folder.scope in ("WsRoot", "RbRoot"):
        raise forbidden()
    roles = {
        tenant.access_roles.get(folder.roles[one]) for one in tenant.reach(user.id) if one in folder.roles
    }
    if roles == {READ_ONLY}:
        raise forbidden()


def ids_of(tenant: Tenant, name: str, value: Any) -> list[str]:
    """
    The ids in addShareds, in the shape the switch allows.

    The 2019 example and clients send plain ids; the OpenAPI of 2025 calls it an array of objects.
    """
    shape = tenant.switches.add_shareds_shape if name == "addShareds" else "ids"
    if not isinstance(value, list):
        raise invalid_parameter(name, "must be an array")
    found = []
    for item in value:
        if isinstance(item, str) and shape in ("ids", "both"):
            found.append(item)
        elif isinstance(item, dict) and isinstance(item.get("id"), str) and shape in ("objects", "both"):
            found.append(item["id"])
        else:
            raise invalid_parameter(name)
    return sharable(tenant, name, found) if name != "removeShareds" else found


def sharable(tenant: Tenant, name: str, ids: Iterable[str]) -> list[str]:
    """The ids, if each is a user who is still there, a group, or a pending invitation."""
    found = list(dict.fromkeys(ids))
    for one in found:
        contact, invitation = tenant.contacts.get(one), tenant.invitations.get(one)
        there = contact is not None and not contact.deleted
        waiting = invitation is not None and invitation.status == "Pending"
        if not there and not waiting and one not in tenant.groups:
            raise invalid_parameter(name)
    return found


def roles_of(tenant: Tenant, name: str, value: list[Json]) -> dict[str, str]:
    """User to access role, in the shape the switch names (UNCONFIRMED which is right)."""
    shapes = {"id_accessRoleId": ("id", "accessRoleId"), "userId_roleId": ("userId", "roleId")}
    keys = shapes.get(tenant.switches.access_roles_shape)
    if keys is None:
        raise invalid_parameter(name)
    found = {}
    for item in value:
        user, role = item.get(keys[0]), item.get(keys[1])
        if set(item) != set(keys) or not isinstance(user, str) or str(role) not in tenant.access_roles:
            raise invalid_parameter(name)
        found[user] = str(role)
    sharable(tenant, name, found)
    return found


def apply(
    call: Call, folder: Folder, *, add: Iterable[str], remove: Iterable[str], roles: dict[str, str]
) -> None:
    """Add and remove shares; a role given to somebody shares the folder with them too."""
    for one in [*add, *roles]:
        if one not in folder.shared:
            folder.shared.append(one)
    folder.roles |= roles
    for one in remove:
        if one in folder.shared:
            folder.shared.remove(one)
        folder.roles.pop(one, None)
    for one, role in roles.items():
        call.tenant.note(
            call.user,
            "UserTaskGroupRolesChanged",
            "Folder",
            folder.title,
            folder.id,
            User=one,
            Access_Role=call.tenant.access_roles[role],
        )
    call.tenant.touch()
