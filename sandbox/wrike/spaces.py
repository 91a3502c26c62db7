"""Spaces: the folders on top, public or private, with members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.world import Json
from sandbox.wrike import sharing
from sandbox.wrike.calls import WORKSPACE_READ, WORKSPACE_WRITE, Answer, Call, Endpoint
from sandbox.wrike.entities import Folder
from sandbox.wrike.errors import forbidden, invalid_parameter, invalid_request, not_found
from sandbox.wrike.folders import visible_folder
from sandbox.wrike.params import Kind, need, only
from sandbox.wrike.tenant import Tenant

_FIELDS = ("members",)
_CHANGES: Mapping[str, Kind] = {
    "title": "text",
    "descr": "text",
    "accessType": "text",
    "membersAdd": "tables",
    "membersUpdate": "tables",
    "membersRemove": "texts",
    "fields": "texts",
}


def endpoints() -> list[Endpoint]:
    listing: Mapping[str, Kind] = {"withArchived": "flag", "userIsMember": "flag", "fields": "texts"}
    return [
        Endpoint("GET", "/spaces", WORKSPACE_READ, listed, listing),
        Endpoint("GET", "/spaces/{ids}", WORKSPACE_READ, by_id, {"fields": "texts"}),
        Endpoint("PUT", "/spaces/{ids}", WORKSPACE_WRITE, change, _CHANGES),
    ]


def shown(tenant: Tenant, space: Folder, members: bool) -> Json:
    record: Json = {
        "id": space.id,
        "title": space.title,
        "avatarUrl": f"http://{tenant.host}/avatars/{space.id}",
        "accessType": space.access,
        "archived": False,
        "description": space.description,
    }
    if members:
        record["members"] = [
            {"id": one, "accessRoleId": space.roles.get(one, ""), "isManager": one == space.author_id}
            for one in space.shared
        ]
    return record


def listed(call: Call) -> Answer:
    seen, members = call.tenant.visible(call.user), _members_wanted(call)
    mine = call.tenant.reach(call.user.id)
    found = [one for one in call.tenant.folders.values() if one.access is not None and one.id in seen]
    if "userIsMember" in call.given:
        found = [one for one in found if mine.isdisjoint(one.shared) != call.given["userIsMember"]]
    rows = [shown(call.tenant, one, members) for one in found]
    return Answer("spaces", rows[: (len(rows) + 1) // 2] if call.short else rows)


def by_id(call: Call) -> Answer:
    return Answer("spaces", [shown(call.tenant, _space(call), _members_wanted(call))])


def change(call: Call) -> Answer:
    """
    Title, access and members; for members of the space who are no collaborators.

    Source: developers.wrike.com/reference/putspacessingle (parameter names), read 2026-11-24. The shape of a
    member, {"id", "accessRoleId", "isManager"}, is UNCONFIRMED.
    """
    tenant, space = call.tenant, _space(call)
    sharing.may_change(call, space)
    if tenant.reach(call.user.id).isdisjoint(space.shared) and not call.user.admin:
        raise forbidden()
    if not call.given.keys() - {"fields"}:
        raise invalid_request("Nothing to change")
    adding = _members(tenant, "membersAdd", call.given.get("membersAdd", []))
    updating = _members(tenant, "membersUpdate", call.given.get("membersUpdate", []))
    if any(one not in space.shared for one in updating):
        raise invalid_parameter("membersUpdate")
    if "title" in call.given:
        space.title = need(call.given, "title")
    space.description = call.given.get("descr", space.description)
    if "accessType" in call.given:
        access = only("accessType", call.given["accessType"], ("Private", "Public"))
        space.access = "Public" if access == "Public" else "Private"
    roles = {one: role for one, role in (adding | updating).items() if role}
    sharing.apply(call, space, add=adding, remove=call.given.get("membersRemove", []), roles=roles)
    space.updated = tenant.now
    return Answer("spaces", [shown(tenant, space, _members_wanted(call))])


def _members(tenant: Tenant, name: str, given: list[dict[str, Any]]) -> dict[str, str]:
    found = {}
    for item in given:
        role = str(item.get("accessRoleId", ""))
        if set(item) - {"id", "accessRoleId", "isManager"} or (role and role not in tenant.access_roles):
            raise invalid_parameter(name)
        found[str(item.get("id"))] = role
    sharing.sharable(tenant, name, found)
    return found


def _members_wanted(call: Call) -> bool:
    return any(only("fields", name, _FIELDS) for name in call.given.get("fields", ()))


def _space(call: Call) -> Folder:
    space = visible_folder(call, call.one)
    if space.access is None:
        raise not_found()
    return space
