"""Fills a fresh account from the company file and the estate."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sandbox.company import cadence_s
from sandbox.world import Json
from sandbox.wrike.entities import Contact, Folder, Group, Invitation, Plan, Webhook
from sandbox.wrike.flows import Flow, Flows
from sandbox.wrike.oauth import OAuth
from sandbox.wrike.stamps import stamp
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Token, Tokens

ESTATE = Path(__file__).with_name("estate.toml")
BOT_APP = "Handover"
RUNS_REMEMBERED = 3
"""Runs of each flow, whose user can log in, that the audit log tells of at the start."""
ROLES = ("Full", "Editor", "Limited", "Read Only")
TYPES = {
    "owner": ("Account owner", "Owns the account"),
    "admin": ("Account admin", "Manages the account"),
    "regular": ("Regular user", "Full licence"),
    "external": ("External user", "Works from outside the company"),
    "collaborator": ("Collaborator", "No licence; comments and reads"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What an administrator would write down of the account, for nothing in its API tells: flows, service accounts."""

    service_accounts: tuple[str, ...]
    flows: tuple[Json, ...]


def plant(tenant: Tenant, tokens: Tokens, oauth: OAuth, flows: Flows) -> tuple[Token, Declared]:
    """Everything, in the order in which one thing needs another. Gives the bot's own permanent token."""
    estate = tenant.world.company.raw.get("wrike") or tomllib.loads(ESTATE.read_text(encoding="utf-8"))
    plan = estate.get("plan", {})
    tenant.plan = Plan(type=plan.get("type", "Enterprise"), seats=plan.get("seats", 48))
    tenant.access_roles = {tenant.mint.new("role"): title for title in ROLES}
    tenant.user_types = {key: (tenant.mint.new("type"), *texts) for key, texts in TYPES.items()}
    _people(tenant, estate)
    _groups(tenant, estate)
    _folders(tenant, estate)
    for entry in estate.get("invitations", []):
        _invitation(tenant, entry)
    oauth.register(BOT_APP)
    flows.client = oauth.register("Wrike Integrate")
    for entry in estate.get("flows", []):
        _flow(tenant, flows, entry)
    tenant.ago = timedelta(days=150)
    for entry in estate.get("tokens", []):
        if (user := tenant.by_email(entry["email"])) is not None:
            tokens.issue_permanent(user, entry["label"])
    for entry in estate.get("webhooks", []):
        _webhook(tenant, entry)
    _those_who_left(tenant)
    tenant.ago = timedelta()
    newest_first = sorted(tenant.audit, key=lambda row: row.at, reverse=True)
    tenant.audit.clear()
    tenant.audit.extend(newest_first)
    job = tenant.mint.new("job")
    tenant.jobs[job] = {"id": job, "status": "Completed", "progressPercent": 100, "type": "CopyFolder"}
    bot = tenant.by_email(estate.get("bot", "")) or next(c for c in tenant.contacts.values() if c.admin)
    return tokens.issue_permanent(bot, BOT_APP), _declared(estate)


def _declared(estate: Json) -> Declared:
    flows = [
        {
            "name": entry["name"],
            "system": entry["consumer"],
            "account": entry["acts_as"],
            "kind": "oauth",
            "folders": [entry["folder"]],
        }
        for entry in estate.get("flows", [])
    ]
    scripts = [
        {
            "name": entry["label"],
            "system": entry["label"],
            "account": entry["email"],
            "kind": "permanent_token",
            "folders": [],
        }
        for entry in estate.get("tokens", [])
    ]
    return Declared(tuple(estate.get("service_accounts", [])), tuple(flows + scripts))


def _people(tenant: Tenant, estate: Json) -> None:
    for person in tenant.world.people.values():
        if "wrike" in person.platforms:
            first, _, last = person.name.partition(" ")
            contact = Contact(
                id=tenant.mint.new("contact"),
                first=first,
                last=last,
                email=person.email,
                title=person.title,
                timezone=person.tz,
                owner=person.email == estate.get("owner"),
                admin=person.email in (estate.get("owner"), *estate.get("admins", [])),
                reports=person.email in estate.get("reports", []),
                elsewhere=person.email in estate.get("members_of_other_accounts", []),
                role="Collaborator" if person.email in estate.get("collaborators", []) else "User",
            )
            tenant.contacts[contact.id] = contact
            person.ids["wrike"] = contact.id
    for entry in estate.get("users", []):
        contact = Contact(
            id=tenant.mint.new("contact"),
            first=entry["first"],
            last=entry.get("last", ""),
            email=entry.get("email"),
            kind="Robot" if entry.get("robot") else "Person",
            role="Collaborator" if entry.get("collaborator") else "User",
            external=entry.get("external", False),
            admin=entry.get("admin", False),
            reports=entry.get("reports", False),
            active=entry.get("active", True),
            deleted=entry.get("deleted", False),
        )
        tenant.contacts[contact.id] = contact


def _groups(tenant: Tenant, estate: Json) -> None:
    departments = {person.email: person.department for person in tenant.world.people.values()}
    for entry in estate.get("groups", []):
        members = [
            one.id
            for one in tenant.contacts.values()
            if not one.deleted
            and one.kind == "Person"
            and (
                entry.get("everybody")
                or one.email in entry.get("members", [])
                or ("department" in entry and departments.get(one.email or "") == entry["department"])
            )
        ]
        everybody = entry.get("everybody", False)
        group = Group(tenant.mint.new("group"), entry["title"], members, my_team=everybody)
        tenant.groups[group.id] = group
        parent = next((one for one in tenant.groups.values() if one.title == entry.get("parent")), None)
        if parent is not None:
            group.parent_ids.append(parent.id)
            parent.child_ids.append(group.id)


def _folders(tenant: Tenant, estate: Json) -> None:
    born = tenant.now - timedelta(days=400)
    author = next(iter(tenant.contacts), "")
    for number, title, scope in (
        (tenant.root_id, "Root", "WsRoot"),
        (tenant.bin_id, "Recycle Bin", "RbRoot"),
    ):
        tenant.folders[number] = Folder(
            number, title, born, born, author, scope="WsRoot" if scope == "WsRoot" else "RbRoot"
        )
    by_title = {"": tenant.root}
    for entry in estate.get("folders", []):
        shared = [found for name in entry.get("shared", []) if (found := _sharer(tenant, name)) is not None]
        users = [one for one in shared if one in tenant.contacts]
        folder = Folder(
            id=tenant.mint.new_long("folder") if entry.get("new_id") else tenant.mint.new("folder"),
            title=entry["title"],
            created=born,
            updated=born,
            author_id=users[0] if users else author,
            shared=shared,
            access=entry.get("space"),
        )
        if entry.get("project"):
            folder.project = {
                "authorId": folder.author_id,
                "ownerIds": users[:1],
                "status": "Green",
                "createdDate": stamp(born),
            }
        parent = by_title[entry.get("in", "")]
        folder.parent_ids.append(parent.id)
        parent.child_ids.append(folder.id)
        tenant.folders[folder.id] = by_title[folder.title] = folder
    tenant.touch()


def _sharer(tenant: Tenant, name: str) -> str | None:
    contact = tenant.by_email(name)
    if contact is not None:
        return contact.id
    return next((group.id for group in tenant.groups.values() if group.title == name), None)


def _invitation(tenant: Tenant, entry: Json) -> None:
    tenant.ago = timedelta(days=entry.get("days_ago", 0))
    at = tenant.now
    inviter = tenant.by_email(entry.get("by", "")) or next(iter(tenant.contacts.values()))
    one = Invitation(
        id=tenant.mint.new("invitation"),
        email=entry["email"],
        inviter_id=inviter.id,
        invited=at,
        first=entry.get("first", ""),
        last=entry.get("last", ""),
        external=entry.get("external", False),
        status=entry.get("status", "Pending"),
    )
    if one.status != "Pending":
        one.resolved = at + timedelta(days=1)
    tenant.invitations[one.id] = one
    tenant.note(inviter, "InvitationSend", "Invitation", one.email, one.id, User_Role=one.role)


def _flow(tenant: Tenant, flows: Flows, entry: Json) -> None:
    user = tenant.by_email(entry["acts_as"])
    if user is None:
        return
    flow = Flow(entry["name"], entry["consumer"], cadence_s(entry["cadence"]), entry["does"], entry["folder"])
    flows.all[flow.name] = flow
    tenant.ago = timedelta(days=entry.get("connected_days_ago", 120))
    flows.connect(flow, user)
    for number in range(RUNS_REMEMBERED if user.active else 0, 0, -1):
        tenant.ago = timedelta(seconds=flow.cadence_s * number)
        flows.act(flow)


def _those_who_left(tenant: Tenant) -> None:
    """Rows about users who are deactivated or deleted from the start."""
    admin = next(one for one in tenant.contacts.values() if one.admin)
    for one in tenant.contacts.values():
        if one.deleted or not one.active:
            operation = "UserDeleted" if one.deleted else "UserDeactivated"
            tenant.note(admin, operation, "User", one.email or "", one.id)


def _webhook(tenant: Tenant, entry: Json) -> None:
    user = tenant.by_email(entry["email"])
    folder = next((one for one in tenant.folders.values() if one.title == entry.get("folder")), None)
    if user is not None:
        hook = Webhook(tenant.mint.new("webhook"), user.id, entry["url"])
        if folder is not None:
            hook.folder_id, hook.recursive = folder.id, True
        tenant.webhooks[hook.id] = hook
