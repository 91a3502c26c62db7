"""GET and PUT /users: the administrator's view of a user, the type of user, and deactivation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.wrike import contacts
from sandbox.wrike.calls import Answer, Call, Endpoint, require
from sandbox.wrike.entities import Contact, Role
from sandbox.wrike.errors import forbidden, invalid_parameter, invalid_request, not_allowed, not_found
from sandbox.wrike.params import only
from sandbox.wrike.tenant import Tenant

_TYPES: dict[str, tuple[Role, bool]] = {
    "regular": ("User", False),
    "external": ("User", True),
    "collaborator": ("Collaborator", False),
}
"""Types a user can be given by the API, with the older notions they stand for. Admin and owner are set by people."""


def endpoints() -> list[Endpoint]:
    changes = Endpoint(
        "PUT",
        "/users/{ids}",
        ("amReadWriteUser",),
        change,
        {"profile": "table", "userTypeId": "text", "active": "flag"},
    )
    return [
        Endpoint("GET", "/users/{ids}", ("amReadOnlyUser", "amReadWriteUser"), by_id, {}),
        changes,
        Endpoint("GET", "/user_types", (), types, {}),
    ]


def by_id(call: Call) -> Answer:
    return Answer("users", [contacts.shown(call.tenant, one, call.user) for one in _found(call)])


def types(call: Call) -> Answer:
    """Which scope this needs is UNCONFIRMED: none, or by a switch the one of users."""
    if call.tenant.switches.user_types_scope_needed:
        require(call.tenant, call.token, "amReadOnlyUser", "amReadWriteUser")
    rows = [
        {"id": number, "title": title, "description": text}
        for number, title, text in call.tenant.user_types.values()
    ]
    return Answer("userTypes", rows)


def change(call: Call) -> Answer:
    """Administrators only. All of the users named are judged before any is changed."""
    call.as_admin()
    given = call.given
    if not given:
        raise invalid_request("Nothing to change")
    if "profile" in given and len(given) > 1:
        raise invalid_request("Parameter 'profile' is mutually exclusive with other parameters")
    users = _found(call)
    wanted = _wanted_role(call.tenant, given)
    for one in users:
        if one.deleted:
            raise not_found()
        if wanted is not None and (one.owner or one.admin):
            raise forbidden("The type of administrators and owners cannot be changed by the API")
        if given.get("active") is False:
            refuse_deactivation(call.tenant, one)
        if wanted is not None and wanted[0] == "User" and one.role != "User":
            take_seat(call.tenant)
    for one in users:
        if wanted is not None and wanted != (one.role, one.external):
            one.role, one.external = wanted
            call.tenant.touch()
            call.tenant.note(
                call.user, "UserRoleChanged", "User", one.email or "", one.id, User_Role=one.user_type.title()
            )
        if "active" in given:
            set_active(call.tenant, one, call.user, active=given["active"])
    return Answer("users", [contacts.shown(call.tenant, one, call.user) for one in users])


def refuse_deactivation(tenant: Tenant, one: Contact) -> None:
    """
    Raises what stands in the way of deactivating this user.

    The plan, being an owner, being a member of several accounts: help.wrike.com; codes are UNCONFIRMED.
    """
    if not tenant.plan.deactivation:
        raise not_allowed("Deactivation of users is not available on this plan")
    if one.owner:
        raise not_allowed("Account owners cannot be deactivated")
    if one.elsewhere:
        raise not_allowed("Members of several accounts cannot be deactivated")


def set_active(tenant: Tenant, one: Contact, by: Contact, *, active: bool) -> None:
    """Change it, with its audit row; nothing where it is so already."""
    if one.active == active:
        return
    one.active = active
    tenant.note(by, "UserActivated" if active else "UserDeactivated", "User", one.email or "", one.id)


def take_seat(tenant: Tenant) -> None:
    """Raises 403 when every seat is taken."""
    if tenant.seats_taken() >= tenant.plan.seats:
        raise not_allowed(tenant.switches.no_seat_error[1])


def role_of_type(tenant: Tenant, type_id: str) -> tuple[Role, bool]:
    """Role and external of a user type. Raises invalid_parameter for ids that cannot be given."""
    for key, (number, _, _) in tenant.user_types.items():
        if number == type_id and key in _TYPES:
            return _TYPES[key]
    raise invalid_parameter("userTypeId")


def named_role(name: str, value: str) -> Role:
    return "User" if only(name, value, ("User", "Collaborator")) == "User" else "Collaborator"


def _wanted_role(tenant: Tenant, given: Mapping[str, Any]) -> tuple[Role, bool] | None:
    if "userTypeId" in given:
        return role_of_type(tenant, given["userTypeId"])
    profile = given.get("profile")
    if profile is None:
        return None
    if profile.get("accountId") != tenant.mint.account or set(profile) - {"accountId", "role", "external"}:
        raise invalid_parameter("profile")
    role = named_role("profile.role", str(profile.get("role", "User")))
    external = profile.get("external", False)
    if not isinstance(external, bool) or (external and role != "User"):
        raise invalid_parameter("profile.external")
    return role, external


def _found(call: Call) -> list[Contact]:
    found = [call.tenant.contacts.get(wanted) for wanted in call.ids]
    if None in found:
        raise not_found()
    return [one for one in found if one is not None]
