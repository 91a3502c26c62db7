"""Folders to read: the tree, which tells nobody's shares, and the records, which do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sandbox.world import Json
from sandbox.wrike.calls import WORKSPACE_READ, Answer, Call, Endpoint
from sandbox.wrike.entities import Contact, Folder
from sandbox.wrike.errors import forbidden, invalid_parameter, invalid_request, not_found
from sandbox.wrike.paging import PAGED, Pages
from sandbox.wrike.params import Kind, has_metadata, only
from sandbox.wrike.stamps import instant, stamp
from sandbox.wrike.tenant import Tenant

MOST_PER_PAGE = 1000
_FILTERS: Mapping[str, Kind] = {
    "permalink": "text",
    "descendants": "flag",
    "metadata": "table",
    "customField": "table",
    "updatedDate": "table",
    "project": "flag",
    "deleted": "flag",
}
"""Any of these turns the tree into records."""
_FIELDS = (
    "description",
    "briefDescription",
    "color",
    "customColumnIds",
    "attachmentCount",
    "superParentIds",
    "metadata",
    "hasAttachments",
    "customFields",
    "space",
    "contractType",
    "customItemTypeId",
)


class Folders:
    """The reading methods over one account's pages."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def endpoints(self) -> list[Endpoint]:
        listing = {**_FILTERS, **PAGED, "fields": "texts", "withInvitations": "flag"}
        single: Mapping[str, Kind] = {"fields": "texts", "withInvitations": "flag"}
        return [
            Endpoint("GET", "/folders", WORKSPACE_READ, self.listed, listing),
            Endpoint("GET", "/folders/{ids}", WORKSPACE_READ, self.by_id, single),
            Endpoint("GET", "/folders/{ids}/folders", WORKSPACE_READ, self.below, listing),
            Endpoint("GET", "/spaces/{ids}/folders", WORKSPACE_READ, self.below, listing),
        ]

    def listed(self, call: Call) -> Answer:
        seen = call.tenant.visible(call.user)
        if call.given.get("deleted"):
            chosen = [
                f for f in call.tenant.folders.values() if f.id in seen and f.scope in ("RbRoot", "RbFolder")
            ]
        else:
            chosen = [f for f in call.tenant.folders.values() if f.id in seen and f.scope != "RbFolder"]
        return self._answer(call, chosen, top=call.tenant.root)

    def below(self, call: Call) -> Answer:
        """The folder asked for and everything under it."""
        top = visible_folder(call, call.one)
        seen, found, waiting = call.tenant.visible(call.user), [], [top.id]
        known = set(waiting)
        while waiting:
            folder = call.tenant.folders[waiting.pop(0)]
            found.append(folder)
            below = [one for one in folder.child_ids if one in seen and one not in known]
            known.update(below)
            waiting += below
        return self._answer(call, found, top=top)

    def by_id(self, call: Call) -> Answer:
        """Records in the order asked, up to a hundred."""
        _fields(call.given.get("fields", ()))
        found = []
        for wanted in call.ids:
            if len(call.ids) > 1 and call.tenant.switches.batch_with_missing == "left_out":
                if wanted in call.tenant.visible(call.user):
                    found.append(call.tenant.folders[wanted])
            else:
                found.append(visible_folder(call, wanted))
        if call.short:
            found = found[: (len(found) + 1) // 2]
        invited = call.given.get("withInvitations", False)
        return Answer("folders", [shown(call.tenant, one, call.user, invited) for one in found])

    def _answer(self, call: Call, chosen: list[Folder], top: Folder) -> Answer:
        given = call.given
        _fields(given.get("fields", ()))
        if not call.tenant.switches.folders_paged and (given.keys() & PAGED.keys()):
            raise invalid_request("Unknown parameter 'pageSize'")
        records = bool(given.keys() & _FILTERS.keys())
        kind = "folders" if records else "folderTree"
        if (page := self._pages.continued(call, kind)) is not None:
            return page
        if records:
            invited = given.get("withInvitations", False)
            wanted = _filter(call, chosen, top)
            rows = [shown(call.tenant, one, call.user, invited) for one in wanted]
        else:
            rows = [leaf(call.tenant, one, call.user) for one in chosen]
        return self._pages.first(call, kind, rows, most=MOST_PER_PAGE, counted=False)


def visible_folder(call: Call, folder_id: str) -> Folder:
    """Raises 404 for an id of nothing, 403 for a folder this user cannot see."""
    folder = call.tenant.folders.get(folder_id)
    if folder is None:
        raise not_found()
    if folder_id not in call.tenant.visible(call.user):
        raise forbidden()
    return folder


def leaf(tenant: Tenant, folder: Folder, viewer: Contact) -> Json:
    """A node of the tree: no shares, no parents. The root takes in whatever is seen without its parents."""
    seen = tenant.visible(viewer)
    children = [child for child in folder.child_ids if child in seen]
    if folder.id == tenant.root_id:
        children += [
            one.id
            for one in tenant.folders.values()
            if one.id in seen
            and one.parent_ids
            and one.scope == "WsFolder"
            and seen.isdisjoint(one.parent_ids)
        ]
    record: Json = {"id": folder.id, "title": folder.title, "childIds": children, "scope": folder.scope}
    if folder.project is not None:
        record["project"] = dict(folder.project)
    if folder.access is not None:
        record["space"] = True
    return record


def shown(tenant: Tenant, folder: Folder, viewer: Contact, with_invitations: bool) -> Json:
    """The record, with the ids of contacts and groups it is shared with directly, and of invitations if asked."""
    seen = tenant.visible(viewer)
    shared = [one for one in folder.shared if with_invitations or one not in tenant.invitations]
    record: Json = {
        "id": folder.id,
        "accountId": tenant.mint.account,
        "title": folder.title,
        "createdDate": stamp(folder.created),
        "updatedDate": stamp(folder.updated),
        "description": folder.description,
        "sharedIds": shared,
        "parentIds": [one for one in folder.parent_ids if one in seen],
        "childIds": [one for one in folder.child_ids if one in seen],
        "superParentIds": [],
        "scope": folder.scope,
        "hasAttachments": False,
        "permalink": permalink(tenant, folder),
        "workflowId": f"{tenant.mint.account}K4AAAAAA",
        "metadata": list(folder.metadata),
        "customFields": [],
    }
    if folder.project is not None:
        record["project"] = dict(folder.project)
    if folder.access is not None:
        record["space"] = True
    return record


def permalink(tenant: Tenant, folder: Folder) -> str:
    """The address people follow; its number is not the id."""
    return f"http://{tenant.host}/open.htm?id={int.from_bytes(folder.id.encode()[-6:])}"


def _filter(call: Call, chosen: Iterable[Folder], top: Folder) -> list[Folder]:
    given, found = call.given, []
    since, until = _dates(given.get("updatedDate", {}))
    for folder in chosen:
        if folder.scope in ("WsRoot", "RbRoot"):
            continue
        if given.get("descendants") is False and top.id not in folder.parent_ids and folder is not top:
            continue
        if "permalink" in given and permalink(call.tenant, folder) != given["permalink"]:
            continue
        if "project" in given and (folder.project is not None) != given["project"]:
            continue
        if "metadata" in given and not has_metadata(folder.metadata, given["metadata"]):
            continue
        if "customField" in given or (since and folder.updated < since) or (until and folder.updated > until):
            continue
        found.append(folder)
    return found


def _dates(given: Mapping[str, object]) -> tuple[datetime | None, datetime | None]:
    if set(given) - {"start", "end"}:
        raise invalid_parameter("updatedDate")
    try:
        start, end = (instant(str(given[key])) if key in given else None for key in ("start", "end"))
    except ValueError as problem:
        raise invalid_parameter("updatedDate") from problem
    return start, end


def _fields(asked: Iterable[str]) -> None:
    for name in asked:
        only("fields", name, _FIELDS)
