"""Webhooks: kept, listed for the user who made them, suspended and deleted. None is ever called."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.world import Json
from sandbox.wrike.calls import WORKSPACE_READ, WORKSPACE_WRITE, Answer, Call, Endpoint
from sandbox.wrike.entities import Webhook
from sandbox.wrike.errors import invalid_parameter, not_found
from sandbox.wrike.folders import visible_folder
from sandbox.wrike.params import Kind, need, only
from sandbox.wrike.tenant import Tenant

_MAKING: Mapping[str, Kind] = {
    "hookUrl": "text",
    "secret": "text",
    "events": "texts",
    "recursive": "flag",
    "parameterisedEvents": "tables",
    "customItemTypes": "texts",
}


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/webhooks", WORKSPACE_READ, listed, {}),
        Endpoint("GET", "/webhooks/{ids}", WORKSPACE_READ, by_id, {}),
        Endpoint("POST", "/webhooks", WORKSPACE_WRITE, create, _MAKING),
        Endpoint("POST", "/folders/{ids}/webhooks", WORKSPACE_WRITE, create, _MAKING),
        Endpoint("POST", "/spaces/{ids}/webhooks", WORKSPACE_WRITE, create, _MAKING),
        Endpoint("PUT", "/webhooks/{ids}", WORKSPACE_WRITE, change, {"status": "text"}),
        Endpoint("DELETE", "/webhooks/{ids}", WORKSPACE_WRITE, delete, {}),
    ]


def shown(tenant: Tenant, hook: Webhook) -> Json:
    record: Json = {
        "id": hook.id,
        "accountId": tenant.mint.account,
        "hookUrl": hook.url,
        "status": hook.status,
    }
    if hook.folder_id is not None:
        record |= {"folderId": hook.folder_id, "recursive": hook.recursive}
    if hook.space_id is not None:
        record["spaceId"] = hook.space_id
    if hook.events:
        record["events"] = list(hook.events)
    return record


def listed(call: Call) -> Answer:
    """Those of the token's user; no administrator sees anybody else's."""
    rows = [
        shown(call.tenant, hook) for hook in call.tenant.webhooks.values() if hook.owner_id == call.user.id
    ]
    return Answer("webhooks", rows[: (len(rows) + 1) // 2] if call.short else rows)


def by_id(call: Call) -> Answer:
    return Answer("webhooks", [shown(call.tenant, _mine(call, wanted)) for wanted in call.ids])


def create(call: Call) -> Answer:
    url = need(call.given, "hookUrl")
    if not url.startswith(("https://", "http://")):
        raise invalid_parameter("hookUrl")
    hook = Webhook(
        id=call.tenant.mint.new("webhook"),
        owner_id=call.user.id,
        url=url,
        events=list(call.given.get("events", [])),
        recursive=call.given.get("recursive", False),
        has_secret="secret" in call.given,
    )
    if call.ids:
        folder = visible_folder(call, call.one)
        if folder.access is not None:
            hook.space_id = folder.id
        else:
            hook.folder_id = folder.id
    call.tenant.webhooks[hook.id] = hook
    return Answer("webhooks", [shown(call.tenant, hook)])


def change(call: Call) -> Answer:
    """The name of the parameter, `status`, is UNCONFIRMED."""
    hook = _mine(call, call.one)
    wanted = only("status", need(call.given, "status"), ("Active", "Suspended"))
    hook.status = "Active" if wanted == "Active" else "Suspended"
    return Answer("webhooks", [shown(call.tenant, hook)])


def delete(call: Call) -> Answer:
    del call.tenant.webhooks[_mine(call, call.one).id]
    return Answer("webhooks", [])


def _mine(call: Call, hook_id: str) -> Webhook:
    hook = call.tenant.webhooks.get(hook_id)
    if hook is None or hook.owner_id != call.user.id:
        raise not_found()
    return hook
