"""Invitations: made, changed, sent again and cancelled by the API; accepted only by whoever owns the mailbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.world import Json
from sandbox.wrike import users
from sandbox.wrike.calls import Answer, Call, Endpoint
from sandbox.wrike.entities import Contact, Invitation, Role
from sandbox.wrike.errors import (
    Refusal,
    forbidden,
    invalid_parameter,
    invalid_request,
    not_allowed,
    not_found,
)
from sandbox.wrike.params import need
from sandbox.wrike.stamps import stamp
from sandbox.wrike.tenant import Tenant

_READ = ("amReadOnlyInvitation", "amReadWriteInvitation")
_WRITE = ("amReadWriteInvitation",)
_ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+")


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/invitations", _READ, listed, {}),
        Endpoint(
            "POST",
            "/invitations",
            _WRITE,
            create,
            {
                "email": "text",
                "firstName": "text",
                "lastName": "text",
                "role": "text",
                "external": "flag",
                "subject": "text",
                "message": "text",
                "userTypeId": "text",
            },
        ),
        Endpoint(
            "PUT",
            "/invitations/{ids}",
            _WRITE,
            change,
            {"resend": "flag", "role": "text", "external": "flag", "userTypeId": "text"},
        ),
        Endpoint("DELETE", "/invitations/{ids}", _WRITE, cancel, {}),
    ]


def shown(tenant: Tenant, one: Invitation) -> Json:
    record: Json = {"id": one.id, "accountId": tenant.mint.account}
    if one.first:
        record["firstName"] = one.first
    if one.last:
        record["lastName"] = one.last
    record |= {
        "email": one.email,
        "status": one.status,
        "inviterUserId": one.inviter_id,
        "invitationDate": stamp(one.invited),
    }
    if one.resolved is not None:
        record["resolvedDate"] = stamp(one.resolved)
    return record | {"role": one.role, "external": one.external}


def listed(call: Call) -> Answer:
    """The whole list, resolved ones too; there is no way to ask for one of them."""
    let_expire(call.tenant)
    _may_invite(call)
    rows = [shown(call.tenant, one) for one in call.tenant.invitations.values()]
    return Answer("invitations", rows[: (len(rows) + 1) // 2] if call.short else rows)


def create(call: Call) -> Answer:
    tenant, given = call.tenant, call.given
    let_expire(tenant)
    _may_invite(call)
    email = need(given, "email")
    if not _ADDRESS.fullmatch(email):
        raise invalid_parameter("email")
    if tenant.plan.type == "Free" and ("subject" in given or "message" in given):
        raise not_allowed("Subject and message are not available on free accounts")
    role, external = _role(tenant, given)
    if (member := tenant.by_email(email)) is not None:
        return _member_invited(call, member)
    pending = pending_for(tenant, email)
    how = tenant.switches.duplicate_invitation
    if pending is not None and how != "second":
        if how != "resend":
            raise Refusal(
                int(how),
                "invalid_request" if how == "400" else "not_allowed",
                "The user is already invited to this account",
            )
        pending.sent += 1
        return Answer("invitations", [shown(tenant, pending)])
    if role == "User":
        users.take_seat(tenant)
    one = Invitation(
        id=tenant.mint.new("invitation"),
        email=email,
        inviter_id=call.user.id,
        invited=tenant.now,
        first=given.get("firstName", ""),
        last=given.get("lastName", ""),
        role=role,
        external=external,
    )
    tenant.invitations[one.id] = one
    _note_sent(call, one)
    tenant.world.notify("wrike:invited", {"email": email, "invitation": one.id})
    return Answer("invitations", [shown(tenant, one)])


def change(call: Call) -> Answer:
    """A pending invitation gets another role, or its mail is sent again."""
    one = _pending(call)
    if not call.given:
        raise invalid_request("Nothing to change")
    if call.given.keys() & {"role", "external", "userTypeId"}:
        role, external = _role(call.tenant, {"role": one.role, "external": one.external} | dict(call.given))
        if role == "User" and one.role != "User":
            users.take_seat(call.tenant)
        one.role, one.external = role, external
    if call.given.get("resend"):
        one.sent += 1
        one.invited, one.link_dead = call.tenant.now, False
        _note_sent(call, one)
    return Answer("invitations", [shown(call.tenant, one)])


def cancel(call: Call) -> Answer:
    one = _pending(call)
    resolve(call.tenant, one, "Cancelled")
    return Answer("invitations", [shown(call.tenant, one)])


def pending_for(tenant: Tenant, email: str) -> Invitation | None:
    wanted = email.strip().lower()
    return next(
        (i for i in tenant.invitations.values() if i.status == "Pending" and i.email.lower() == wanted), None
    )


def let_expire(tenant: Tenant) -> None:
    """Invitations that are older than a switch allows end as that switch's neighbour says."""
    if tenant.switches.invitation_life_days is None:
        return
    oldest = tenant.now - timedelta(days=tenant.switches.invitation_life_days)
    for one in list(tenant.invitations.values()):
        if one.status == "Pending" and one.invited < oldest:
            resolve(tenant, one, tenant.switches.expired_invitation_status)


def resolve(tenant: Tenant, one: Invitation, status: str) -> None:
    """The invitation ends without a member; what was shared with it is shared with nobody."""
    one.status = "Declined" if status == "Declined" else "Cancelled" if status == "Cancelled" else "Pending"
    one.link_dead = one.status == "Pending"
    if one.status != "Pending":
        one.resolved = tenant.now
        _move_shares(tenant, one.id, None)
    tenant.world.notify("wrike:invitation_ended", {"email": one.email, "status": one.status})


def accept(
    tenant: Tenant, one: Invitation, *, first: str = "", last: str = "", password: str | None = None
) -> Contact:
    """
    The mailbox's owner follows the link and sets a password: a contact with an id of its own appears.

    Whether shares made to the invitation carry over is UNCONFIRMED, hence a switch.
    """
    contact = Contact(
        id=tenant.mint.new("contact"),
        first=first or one.first or one.email.partition("@")[0],
        last=last or one.last,
        email=one.email,
        role=one.role,
        external=one.external,
        password=password,
    )
    tenant.contacts[contact.id] = contact
    one.status, one.resolved = "Accepted", tenant.now
    carry = tenant.switches.invitation_shares_carry_over
    _move_shares(tenant, one.id, contact.id if carry else None)
    for group in tenant.groups.values():
        if group.my_team:
            group.member_ids.append(contact.id)
    tenant.touch()
    tenant.note(contact, "InvitationAccepted", "Invitation", one.email, one.id, User_Role=one.role)
    tenant.note(contact, "UserLoggedIn", "User", one.email, contact.id)
    tenant.world.notify("wrike:accepted", {"email": one.email, "contact": contact.id})
    return contact


def _move_shares(tenant: Tenant, old: str, new: str | None) -> None:
    for folder in tenant.folders.values():
        if old in folder.shared:
            folder.shared.remove(old)
            role = folder.roles.pop(old, None)
            if new is not None:
                folder.shared.append(new)
                if role is not None:
                    folder.roles[new] = role
    tenant.touch()


def _member_invited(call: Call, member: Contact) -> Answer:
    how = call.tenant.switches.member_invitation
    if how == "accepted":
        one = Invitation(
            id=call.tenant.mint.new("invitation"),
            email=member.email or "",
            inviter_id=call.user.id,
            invited=call.tenant.now,
            status="Accepted",
            resolved=call.tenant.now,
        )
        call.tenant.invitations[one.id] = one
        return Answer("invitations", [shown(call.tenant, one)])
    error = "invalid_request" if how == "400" else "not_allowed"
    raise Refusal(int(how), error, "The user is already a member of this account")


def _role(tenant: Tenant, given: Mapping[str, Any]) -> tuple[Role, bool]:
    if "userTypeId" in given:
        return users.role_of_type(tenant, given["userTypeId"])
    role = users.named_role("role", given.get("role", "User"))
    external = bool(given.get("external", False))
    if external and role != "User":
        raise invalid_parameter("external", "goes with the role User only")
    return role, external


def _may_invite(call: Call) -> None:
    if call.tenant.switches.regular_users_may_invite and call.user.role == "User":
        return
    if not (call.user.admin or call.user.owner):
        raise forbidden("Only administrators may invite")


def _pending(call: Call) -> Invitation:
    let_expire(call.tenant)
    _may_invite(call)
    one = call.tenant.invitations.get(call.one)
    if one is None:
        raise not_found()
    if one.status != "Pending":
        raise invalid_request(f"The invitation is {one.status.lower()}")
    return one


def _note_sent(call: Call, one: Invitation) -> None:
    label = "External User" if one.external else one.role
    call.tenant.note(call.user, "InvitationSend", "Invitation", one.email, one.id, User_Role=label)
