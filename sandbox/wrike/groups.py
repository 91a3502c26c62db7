"""User groups: read by anybody with the scope, changed by administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.world import Json
from sandbox.wrike.calls import Answer, Call, Endpoint
from sandbox.wrike.entities import Group
from sandbox.wrike.errors import forbidden, invalid_parameter, invalid_request, not_found
from sandbox.wrike.params import Kind, has_metadata, need
from sandbox.wrike.tenant import Tenant

_READ = ("amReadOnlyGroup", "amReadWriteGroup")
_WRITE = ("amReadWriteGroup",)
_CHANGES: Mapping[str, Kind] = {
    "title": "text",
    "addMembers": "texts",
    "removeMembers": "texts",
    "parent": "text",
    "avatar": "table",
    "metadata": "tables",
}


def endpoints() -> list[Endpoint]:
    listing: dict[str, Kind] = {"metadata": "table", "fields": "texts"}
    making: dict[str, Kind] = {
        "title": "text",
        "members": "texts",
        "parent": "text",
        "avatar": "table",
        "metadata": "tables",
    }
    return [
        Endpoint("GET", "/groups", _READ, listed, listing),
        Endpoint("GET", "/groups/{ids}", _READ, by_id, {"fields": "texts"}),
        Endpoint("POST", "/groups", _WRITE, create, making),
        Endpoint("PUT", "/groups/{ids}", _WRITE, change, _CHANGES),
        Endpoint("PUT", "/groups_bulk", _WRITE, change_many, {"members": "tables"}),
        Endpoint("DELETE", "/groups/{ids}", _WRITE, delete, {"test": "flag"}),
    ]


def shown(tenant: Tenant, group: Group) -> Json:
    record: Json = {
        "id": group.id,
        "accountId": tenant.mint.account,
        "title": group.title,
        "memberIds": list(group.member_ids),
        "childIds": list(group.child_ids),
        "parentIds": list(group.parent_ids),
        "avatarUrl": f"http://{tenant.host}/avatars/{group.id}",
        "metadata": list(group.metadata),
    }
    if group.my_team:
        record["myTeam"] = True
    return record


def listed(call: Call) -> Answer:
    rows = [shown(call.tenant, group) for group in call.tenant.groups.values()]
    if "metadata" in call.given:
        rows = [row for row in rows if has_metadata(row["metadata"], call.given["metadata"])]
    return Answer("groups", rows[: (len(rows) + 1) // 2] if call.short else rows)


def by_id(call: Call) -> Answer:
    return Answer("groups", [shown(call.tenant, _group(call.tenant, call.one))])


def create(call: Call) -> Answer:
    call.as_admin()
    tenant = call.tenant
    title = need(call.given, "title")
    members = _members(tenant, "members", call.given.get("members", []))
    parent = _group(tenant, call.given["parent"]) if "parent" in call.given else None
    group = Group(tenant.mint.new("group"), title, members, metadata=list(call.given.get("metadata", [])))
    tenant.groups[group.id] = group
    if parent is not None:
        _put_under(group, parent)
    tenant.touch()
    tenant.note(call.user, "GroupCreated", "Group", title, group.id)
    return Answer("groups", [shown(tenant, group)])


def change(call: Call) -> Answer:
    call.as_admin()
    group = _group(call.tenant, call.one)
    if not call.given:
        raise invalid_request("Nothing to change")
    _change(call, group, call.given)
    return Answer("groups", [shown(call.tenant, group)])


def change_many(call: Call) -> Answer:
    """`members`: [{"id", "addMembers", "removeMembers"}], as the 2019 reference has it. All or nothing."""
    call.as_admin()
    orders = need(call.given, "members")
    for order in orders:
        if set(order) - {"id", "addMembers", "removeMembers"}:
            raise invalid_parameter("members")
    found = [(_group(call.tenant, str(order.get("id"))), order) for order in orders]
    for _, order in found:
        for name in ("addMembers", "removeMembers"):
            _members(call.tenant, name, order.get(name, []))
    for group, order in found:
        _change(call, group, order)
    return Answer("groups", [shown(call.tenant, group) for group, _ in found])


def delete(call: Call) -> Answer:
    """`test`: say what would happen, and do nothing."""
    call.as_admin()
    tenant, group = call.tenant, _group(call.tenant, call.one)
    if group.my_team:
        raise forbidden("The group of everybody cannot be deleted")
    if call.given.get("test"):
        return Answer("groups", [shown(tenant, group)])
    del tenant.groups[group.id]
    for other in tenant.groups.values():
        for links in (other.child_ids, other.parent_ids):
            if group.id in links:
                links.remove(group.id)
    for folder in tenant.folders.values():
        if group.id in folder.shared:
            folder.shared.remove(group.id)
    tenant.touch()
    tenant.note(call.user, "GroupDeleted", "Group", group.title, group.id)
    return Answer("groups", [])


def _change(call: Call, group: Group, given: Mapping[str, Any]) -> None:
    tenant = call.tenant
    adding = _members(tenant, "addMembers", given.get("addMembers", []))
    removing = _members(tenant, "removeMembers", given.get("removeMembers", []))
    parent = _group(tenant, given["parent"]) if given.get("parent") else None
    if parent is not None and (parent is group or group.id in _above(tenant, parent)):
        raise invalid_parameter("parent", "would make a circle")
    if "title" in given and given["title"] != group.title:
        group.title = need(given, "title")
        tenant.note(call.user, "GroupRenamed", "Group", group.title, group.id)
    for member in adding:
        if member not in group.member_ids:
            group.member_ids.append(member)
            _note_member(call, "GroupMemberAdded", group, member)
    for member in removing:
        if member in group.member_ids:
            group.member_ids.remove(member)
            _note_member(call, "GroupMemberRemoved", group, member)
    if parent is not None:
        _put_under(group, parent)
    if "metadata" in given:
        group.metadata = list(given["metadata"])
    tenant.touch()


def _above(tenant: Tenant, group: Group) -> set[str]:
    found: set[str] = set()
    waiting = list(group.parent_ids)
    while waiting:
        group_id = waiting.pop()
        if group_id not in found and group_id in tenant.groups:
            found.add(group_id)
            waiting += tenant.groups[group_id].parent_ids
    return found


def _put_under(group: Group, parent: Group) -> None:
    if parent.id not in group.parent_ids:
        group.parent_ids.append(parent.id)
        parent.child_ids.append(group.id)


def _note_member(call: Call, operation: str, group: Group, member: str) -> None:
    email = call.tenant.contacts[member].email or ""
    call.tenant.note(call.user, operation, "Group", group.title, group.id, Member=email)


def _members(tenant: Tenant, name: str, ids: list[str]) -> list[str]:
    for one in ids if isinstance(ids, list) else [None]:
        contact = tenant.contacts.get(one) if isinstance(one, str) else None
        if contact is None or contact.deleted:
            raise invalid_parameter(name)
    return list(dict.fromkeys(ids))


def _group(tenant: Tenant, group_id: str) -> Group:
    group = tenant.groups.get(group_id)
    if group is None:
        raise not_found()
    return group
