"""GET /account, /version, /access_roles, /async_job."""

from __future__ import annotations

from sandbox.world import Json
from sandbox.wrike.calls import WORKSPACE_READ, Answer, Call, Endpoint
from sandbox.wrike.errors import not_found
from sandbox.wrike.params import only
from sandbox.wrike.tenant import CREATED

_FIELDS = ("subscription", "metadata", "customFields")


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/account", WORKSPACE_READ, account, {"fields": "texts", "metadata": "table"}),
        Endpoint("GET", "/version", (), version, {}),
        Endpoint("GET", "/access_roles", ("amReadOnlyAccessRole",), access_roles, {}),
        Endpoint("GET", "/async_job/{ids}", WORKSPACE_READ, async_job, {}),
    ]


def account(call: Call) -> Answer:
    """The account; counts of the subscription are for administrators only."""
    tenant = call.tenant
    asked = [only("fields", name, _FIELDS) for name in call.given.get("fields", ())]
    record: Json = {
        "id": tenant.mint.account,
        "name": tenant.world.company.name,
        "dateFormat": "dd/MM/yyyy",
        "firstDayOfWeek": "Mon",
        "workDays": ["Mon", "Tue", "Wed", "Thu", "Fri"],
        "rootFolderId": tenant.root_id,
        "recycleBinId": tenant.bin_id,
        "createdDate": CREATED,
        "joinedDate": CREATED,
    }
    if "subscription" in asked:
        plan = tenant.plan
        subscription: Json = {"type": plan.type, "suspended": plan.suspended}
        if call.user.admin or call.user.owner:
            subscription |= {"paid": plan.type != "Free", "userLimit": plan.seats}
        record["subscription"] = subscription
    if "metadata" in asked:
        record["metadata"] = []
    if "customFields" in asked:
        record["customFields"] = []
    return Answer("accounts", [record])


def version(call: Call) -> Answer:
    return Answer("version", [{"major": "4", "minor": "0"}])


def access_roles(call: Call) -> Answer:
    rows = [
        {"id": number, "title": title, "description": f"{title} access"}
        for number, title in call.tenant.access_roles.items()
    ]
    return Answer("accessRoles", rows)


def async_job(call: Call) -> Answer:
    """None of what this stand-in does is asynchronous; one finished job is there to be read."""
    job = call.tenant.jobs.get(call.one)
    if job is None:
        raise not_found()
    return Answer("asyncJob", [job])
