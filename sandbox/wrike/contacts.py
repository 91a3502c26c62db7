"""GET /contacts and PUT /contacts: users, groups and robots in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.world import Json
from sandbox.wrike.calls import MOST_IDS, WORKSPACE_READ, WORKSPACE_WRITE, Answer, Call, Endpoint
from sandbox.wrike.entities import Contact, Group
from sandbox.wrike.errors import forbidden, invalid_parameter, invalid_request, not_found
from sandbox.wrike.params import Kind, has_metadata, only
from sandbox.wrike.tenant import Tenant

TYPES = ("Person", "Group", "Robot")
OPTIONAL = ("metadata", "customFields", "workScheduleId", "currentBillRate", "currentCostRate", "jobRoleId")
NEW_FILTERS = ("emails", "name", "types", "active")
"""Changelog of 24 June 2025: filters by e-mail, name, type and active status. `types` is the least certain."""

_LIST: Mapping[str, Kind] = {
    "me": "flag",
    "metadata": "table",
    "deleted": "flag",
    "customFields": "tables",
    "fields": "texts",
    "emails": "texts",
    "name": "text",
    "types": "texts",
    "active": "flag",
}


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/contacts", WORKSPACE_READ, listed, _LIST),
        Endpoint("GET", "/contacts/{ids}", WORKSPACE_READ, by_id, {"fields": "texts", "metadata": "table"}),
        Endpoint(
            "PUT", "/contacts/{ids}", WORKSPACE_WRITE, change, {"metadata": "tables", "fields": "texts"}
        ),
    ]


def shown(tenant: Tenant, one: Contact, viewer: Contact) -> Json:
    """The record of a user. Nothing in it tells a deactivated user from another, unless a switch says so."""
    profile: Json = {
        "accountId": tenant.mint.account,
        "role": one.role,
        "external": one.external,
        "admin": one.admin,
        "owner": one.owner,
    }
    if one.email is not None:
        profile["email"] = one.email
    if tenant.switches.contact_shows_active:
        profile["active"] = one.active
    record: Json = {
        "id": one.id,
        "firstName": one.first,
        "lastName": one.last,
        "type": one.kind,
        "profiles": [profile],
        "avatarUrl": f"http://{tenant.host}/avatars/{one.id}",
        "timezone": one.timezone,
        "locale": one.locale,
        "deleted": one.deleted,
        "metadata": [],
    }
    if one.title:
        record["title"] = one.title
    if one is viewer:
        record["me"] = True
    return record


def shown_group(tenant: Tenant, group: Group) -> Json:
    """A group as a contact: no last name, no address."""
    record: Json = {
        "id": group.id,
        "firstName": group.title,
        "lastName": "",
        "type": "Group",
        "profiles": [
            {
                "accountId": tenant.mint.account,
                "role": "User",
                "external": False,
                "admin": False,
                "owner": False,
            }
        ],
        "avatarUrl": f"http://{tenant.host}/avatars/{group.id}",
        "timezone": "Europe/London",
        "locale": "en",
        "deleted": False,
        "memberIds": list(group.member_ids),
        "metadata": list(group.metadata),
    }
    if group.my_team:
        record["myTeam"] = True
    return record


def known_to(tenant: Tenant, viewer: Contact) -> tuple[list[Contact], list[Group]]:
    """Whom this user sees: everybody, or for a collaborator those who share a folder with them."""
    everybody, groups = list(tenant.contacts.values()), list(tenant.groups.values())
    if viewer.role == "User" or tenant.switches.collaborators_see_everybody:
        return everybody, groups
    near = {viewer.id}
    for folder_id in tenant.visible(viewer):
        near.update(tenant.folders[folder_id].shared)
    return [one for one in everybody if one.id in near], [group for group in groups if group.id in near]


def listed(call: Call) -> Answer:
    """The whole list, never in pages."""
    tenant, given = call.tenant, call.given
    _fields(given.get("fields", ()))
    if not tenant.switches.contact_filters and (name := next((n for n in NEW_FILTERS if n in given), None)):
        raise invalid_request(f"Unknown parameter '{name}'")
    if len(given.get("emails", ())) > MOST_IDS:
        raise invalid_parameter("emails", f"takes at most {MOST_IDS} values")
    for kind in given.get("types", ()):
        only("types", kind, TYPES)
    if given.get("me"):
        return Answer("contacts", [shown(tenant, call.user, call.user)])
    users, groups = known_to(tenant, call.user)
    found = [shown(tenant, one, call.user) for one in users if _wanted(call, one)]
    found += [shown_group(tenant, group) for group in groups if _wanted_group(call, group)]
    return Answer("contacts", found[: (len(found) + 1) // 2] if call.short else found)


def _wanted(call: Call, one: Contact) -> bool:
    given = call.given
    if "deleted" in given:
        if one.deleted != given["deleted"]:
            return False
    elif one.deleted and not call.tenant.switches.default_list_has_deleted:
        return False
    emails = {email.lower() for email in given.get("emails", ())}
    return (
        ("active" not in given or (one.active and not one.deleted) == given["active"])
        and ("emails" not in given or (one.email or "").lower() in emails)
        and ("name" not in given or given["name"].lower() in one.name.lower())
        and ("types" not in given or one.kind in given["types"])
        and "metadata" not in given
        and "customFields" not in given
    )


def _wanted_group(call: Call, group: Group) -> bool:
    given = call.given
    return (
        not given.get("deleted")
        and given.get("active", True)
        and "emails" not in given
        and ("name" not in given or given["name"].lower() in group.title.lower())
        and ("types" not in given or "Group" in given["types"])
        and ("metadata" not in given or has_metadata(group.metadata, given["metadata"]))
        and "customFields" not in given
    )


def by_id(call: Call) -> Answer:
    """Records in the order asked, deleted users among them (or a 404, by a switch)."""
    _fields(call.given.get("fields", ()))
    users, groups = known_to(call.tenant, call.user)
    near = {one.id: one for one in users}
    near_groups = {group.id: group for group in groups}
    found = []
    for wanted in call.ids:
        if group := near_groups.get(wanted):
            found.append(shown_group(call.tenant, group))
            continue
        one = near.get(wanted)
        gone = one is not None and one.deleted and call.tenant.switches.deleted_user_by_id == "404"
        if one is not None and not gone:
            found.append(shown(call.tenant, one, call.user))
        elif wanted in call.tenant.contacts and not gone:
            raise forbidden()
        elif call.tenant.switches.batch_with_missing == "refused" or len(call.ids) == 1:
            raise not_found()
    return Answer("contacts", found)


def change(call: Call) -> Answer:
    """Metadata of one's own record, or of a group for administrators; nothing else can be changed here."""
    wanted = call.one
    if wanted in call.tenant.groups:
        call.as_admin()
        group = call.tenant.groups[wanted]
        group.metadata = list(call.given.get("metadata", group.metadata))
        return Answer("contacts", [shown_group(call.tenant, group)])
    if wanted not in call.tenant.contacts:
        raise not_found()
    if wanted != call.user.id:
        raise forbidden("Only your own contact can be changed")
    return Answer("contacts", [shown(call.tenant, call.user, call.user)])


def _fields(asked: Iterable[str]) -> None:
    for name in asked:
        only("fields", name, OPTIONAL)
