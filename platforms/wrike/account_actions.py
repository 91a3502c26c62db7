"""Target states of accounts: invited, a member, of a type, deactivated or not, deleted, noted as a program's."""

from __future__ import annotations

from datetime import datetime

from bot.errors import Conflict, Forbidden
from bot.platform.plan import Action, Confirmation
from bot.text import Secret, fold
from platforms.wrike import audit, invitations, people
from platforms.wrike.client import joined
from platforms.wrike.errors import Missing
from platforms.wrike.org import Org, done, not_done, unknown
from platforms.wrike.people import Contact


async def invited(org: Org, action: Action, key: str) -> Confirmation:
    """Somebody with this address is a member, or an invitation to it waits; and its mail was sent by this plan."""
    email = action.params["email"]
    if member := await _member(org, email):
        return done(f"{email} is a member already", member.id)
    last = invitations.latest(await invitations.listed(org.client), email)
    if last is None or last.status not in (invitations.PENDING, invitations.ACCEPTED):
        return not_done(f"no invitation to {email} is waiting")
    if last.id == action.params.get("resend") and not await org.memory.recall(_resent(key)):
        return not_done("the invitation that waits already is to be sent again")
    return done(f"the invitation to {email} is {last.status.lower()}", last.id, invitation=last.id)


async def invite(org: Org, action: Action, key: str) -> None:
    """Send the invitation; one that waits already is sent again, never made twice."""
    email = action.params["email"]
    last = invitations.latest(await invitations.listed(org.client), email)
    if last and last.status == invitations.PENDING:
        await org.client.write("resend the invitation", "PUT", _invitation(last.id), {"resend": True})
        await org.memory.keep(_resent(key), Secret(last.id))
        return
    asked = {
        "email": email,
        "firstName": action.params.get("first", ""),
        "lastName": action.params.get("last", ""),
        "userTypeId": action.params.get("user_type", ""),
    }
    await org.client.write(
        "invite", "POST", "/invitations", {name: value for name, value in asked.items() if value}
    )


async def uninvited(org: Org, action: Action, key: str) -> Confirmation:
    """No invitation to this address waits. Whoever came in by one is a member, and stays."""
    last = invitations.latest(await invitations.listed(org.client), action.params["email"])
    if last and last.status == invitations.PENDING:
        return not_done("the invitation still waits")
    return done("no invitation waits")


async def uninvite(org: Org, action: Action, key: str) -> None:
    """Cancel the invitation that waits."""
    last = invitations.latest(await invitations.listed(org.client), action.params["email"])
    if last and last.status == invitations.PENDING:
        await org.client.write("cancel the invitation", "DELETE", _invitation(last.id))


async def accepted(org: Org, action: Action, key: str) -> Confirmation:
    """The invited address is a member now: under a new id, which later steps need."""
    email = action.params["email"]
    directory = await people.directory(org.client)
    member = next((one for one in directory.by_email(email) if not one.deleted), None)
    if member:
        if member.active is False:
            return not_done(f"{email} is a member, but deactivated: activate it in Wrike")
        facts = {"contact": member.id, "account": directory.account}
        return done(f"{email} is a member; its id is {member.id}", member.id, **facts)
    try:
        last = invitations.latest(await invitations.listed(org.client), email)
    except Forbidden:
        return not_done(f"{email} has not accepted yet")
    return not_done(_waiting(email, last))


def _waiting(email: str, last: invitations.Invitation | None) -> str:
    again = "Invite it again in Wrike (Account Management → Users) and this goes on by itself, or cancel the request"
    if last is None:
        return f"the invitation to {email} is not listed any more: it ran out or was removed. {again}"
    when = f" on {last.resolved_at:%Y-%m-%d}" if last.resolved_at else ""
    match last.status:
        case invitations.DECLINED:
            return f"the invitation to {email} was declined{when}. {again}"
        case invitations.CANCELLED:
            return f"the invitation to {email} was cancelled, or ran out{when}. {again}"
        case invitations.ACCEPTED:
            return f"{email} has accepted, and Wrike does not list it yet"
        case _:
            return f"{email} has not accepted yet"


async def has_type(org: Org, action: Action, key: str) -> Confirmation:
    """The account is what users of that type are shown as; the type itself is in no record."""
    one = await contact(org, contact_id(action))
    title = action.params["title"]
    same = one.role == action.params["role"] and one.external == (action.params["external"] == "true")
    if one.admin or one.owner:
        return unknown(f"it is {one.rank}: its type is set by hand only")
    return done(f"it is shown as {one.rank}", one.id) if same else not_done(f"it is {one.rank}, not {title}")


async def set_type(org: Org, action: Action, key: str) -> None:
    """Set the licence level."""
    path = f"/users/{joined([contact_id(action)])}"
    await org.client.write("set the user type", "PUT", path, {"userTypeId": action.params["user_type"]})


async def activity(org: Org, action: Action, key: str) -> Confirmation:
    """Whether the user is active or not, by the tenant's own filter, else by the audit log."""
    wanted = action.params["active"] == "true"
    directory = await people.directory(org.client)
    one = directory.contacts.get(action.subject)
    if one is None or one.deleted:
        return unknown("the user is deleted")
    if one.active is not None:
        return done(_state(one.active), one.id) if one.active == wanted else not_done(_state(one.active))
    since = datetime.fromisoformat(action.known.get("approved_at", org.client.wire.now().isoformat()))
    rows = await audit.events(org.client, since, ("UserDeactivated", "UserActivated"))
    last = next((row for row in rows if action.subject in (row.object_id, row.user_id)), None)
    if last is None:
        return not_done("the audit log shows no such change since this was asked for")
    now = last.operation == "UserActivated"
    return done(f"audit log: {last.operation}", last.id) if now == wanted else not_done(_state(now))


def _state(active: bool) -> str:
    return "it is active" if active else "it is deactivated"


async def set_activity(org: Org, action: Action, key: str) -> None:
    """Deactivate the user, or take that back."""
    wanted = action.params["active"] == "true"
    deed = "activate the user" if wanted else "deactivate the user"
    await org.client.write(deed, "PUT", f"/users/{joined([action.subject])}", {"active": wanted})


async def deleted(org: Org, action: Action, key: str) -> Confirmation:
    """The user is deleted, or not there under its id at all."""
    try:
        one = await contact(org, action.subject)
    except Missing:
        return done("Wrike knows no such user any more", action.subject)
    return done("Wrike shows the user as deleted", one.id) if one.deleted else not_done("it is still there")


async def remembered(org: Org, action: Action, key: str) -> Confirmation:
    """The bot knows that only programs use this account."""
    known = fold(action.params["email"]) in await org.register.known_accounts()
    return done("noted as a service account") if known else not_done("not noted yet")


async def remember(org: Org, action: Action, key: str) -> None:
    """Note it, in our own memory only."""
    await org.register.add_account(action.params["email"], action.params["system"])


async def contact(org: Org, wanted: str) -> Contact:
    """One contact by id.

    Raises:
        Missing: not there. Forbidden: not for us.
    """
    directory_account = (await people.me(org.client))[1]
    row = await org.client.one("read a user", f"/contacts/{joined([wanted])}")
    return people.read(row, directory_account)


def contact_id(action: Action) -> str:
    """The account a step is about: named by the plan, or found by an earlier step.

    Raises:
        Conflict: neither; the plan is not one of ours.
    """
    found = action.params.get("contact") or action.known.get("contact", "")
    if not found:
        raise Conflict("no earlier step has found the account")
    return found


async def _member(org: Org, email: str) -> Contact | None:
    directory = await people.directory(org.client)
    return next((one for one in directory.by_email(email) if not one.deleted), None)


def _invitation(wanted: str) -> str:
    return f"/invitations/{joined([wanted])}"


def _resent(key: str) -> str:
    return f"resent:{key}"
