"""What the World panel and tests do in the account as people: accept an invitation, make or revoke a token, share."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.wrike import growth, holdings, invitations, users
from sandbox.wrike.entities import Contact, Folder, Invitation
from sandbox.wrike.errors import Refusal
from sandbox.wrike.flows import Flow, Flows
from sandbox.wrike.oauth import OAuth, OAuthError
from sandbox.wrike.seed import BOT_APP
from sandbox.wrike.stamps import stamp
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Grant, Token, Tokens

MOST_RUNS = 1000
MOST_GENERATED = 200_000


@dataclass(frozen=True, slots=True)
class Levers:
    """The world's own API for this account. Every answer is JSON; a wrong request is 400 {"error"}."""

    tenant: Tenant
    tokens: Tokens
    oauth: OAuth
    flows: Flows

    def routes(self) -> list[web.RouteDef]:
        """All paths begin with /wrike/."""
        deeds = {
            "accept": self.accept,
            "decline": self.decline,
            "expire": self.expire,
            "token": self.token,
            "revoke": self.revoke,
            "approve": self.approve,
            "connect": self.connect,
            "deactivate": self.deactivate,
            "reactivate": self.reactivate,
            "delete": self.delete,
            "admin": self.admin,
            "share": self.share,
            "plan": self.plan,
            "run": self.run,
            "generate": self.generate,
            "switches": self.switches,
        }
        routes = [web.post(f"/wrike/{name}", deed) for name, deed in deeds.items()]
        return [web.get("/wrike/state", self.state), *routes]

    async def state(self, request: web.Request) -> web.Response:
        """Contacts, invitations, tokens without their values, flows, plan, folders."""
        self._refresh()
        tenant = self.tenant
        return web.json_response(
            {
                "account": tenant.mint.account,
                "plan": asdict(tenant.plan) | {"taken": tenant.seats_taken()},
                "contacts": [_described(one) for one in tenant.contacts.values()],
                "invitations": [
                    invitations.shown(tenant, one) | {"sent": one.sent} for one in tenant.invitations.values()
                ],
                "tokens": [self._held(held) for held in self._everything_held()],
                "flows": [self._flow(flow) for flow in self.flows.all.values()],
                "folders": [
                    {"id": one.id, "title": one.title, "shared": one.shared, "roles": one.roles}
                    for one in list(tenant.folders.values())[:500]
                ],
            }
        )

    async def accept(self, request: web.Request) -> web.Response:
        """
        {"email" | "invitation"[, "first_name", "last_name", "password"]}: the mailbox's owner follows the link.

        Answers {"contact", "email"}: the id of the new contact.
        """
        asked = await Asked.of(request)
        one = self._invitation(asked)
        contact = invitations.accept(
            self.tenant,
            one,
            first=asked.text("first_name", ""),
            last=asked.text("last_name", ""),
            password=asked.text("password", None),
        )
        if (person := self.tenant.world.people.get(one.email.lower())) is not None:
            person.ids["wrike"] = contact.id
        return self._done(contact=contact.id, email=contact.email)

    async def decline(self, request: web.Request) -> web.Response:
        return self._ended(self._invitation(await Asked.of(request)), "Declined")

    async def expire(self, request: web.Request) -> web.Response:
        """The link in the mail works no longer; which status that leaves is a switch."""
        one = self._invitation(await Asked.of(request))
        return self._ended(one, self.tenant.switches.expired_invitation_status)

    async def token(self, request: web.Request) -> web.Response:
        """{"email"[, "label"]}: a person makes a permanent token. Its value is in this answer and nowhere else."""
        asked = await Asked.of(request)
        user = self._user(asked)
        if user.deleted or not user.active:
            refuse(f"{user.email} cannot log in to make a token", 409)
        token = self.tokens.issue_permanent(user, asked.text("label", "API app"))
        return self._done(id=token.id, token=token.value)

    async def revoke(self, request: web.Request) -> web.Response:
        """{"id"} or {"email"[, "label"]}: one token or consent, or all of that person's."""
        asked = await Asked.of(request)
        wanted, label = asked.text("id", None), asked.text("label", None)
        user = self._user(asked) if wanted is None else None
        meant = [
            held
            for held in self._everything_held()
            if not held.revoked
            and (held.id == wanted or (user is not None and held.user_id == user.id))
            and (label is None or _label(held) == label)
        ]
        if not meant:
            refuse("nothing like that is held", 404)
        for held in meant:
            self.tokens.revoke(held)
        return self._done(revoked=[held.id for held in meant])

    async def approve(self, request: web.Request) -> web.Response:
        """
        {"email"[, "client_id", "redirect_uri", "scope", "state"]}: a person logs in and allows an app.

        Answers {"code", "redirect"}. Without client_id: the bot's app.
        """
        asked = await Asked.of(request)
        client_id = asked.text("client_id", None)
        for client in self.oauth.clients.values():
            if client.client_id == client_id or (client_id is None and client.label == BOT_APP):
                break
        else:
            refuse(f"no app has the client id {client_id}", 404)
        try:
            code, target = self.oauth.approve(
                self._user(asked),
                client,
                redirect_uri=asked.text("redirect_uri", None),
                scope=asked.text("scope", ""),
                state=asked.text("state", None),
            )
        except OAuthError as refusal:
            refuse(f"{refusal.error}: {refusal.description}", 409)
        return self._done(code=code, redirect=target)

    async def connect(self, request: web.Request) -> web.Response:
        """{"flow", "email"}: somebody signs in to the connection of a Wrike Integrate flow."""
        asked = await Asked.of(request)
        flow, user = self._named_flow(asked), self._user(asked)
        if user.deleted or not user.active:
            refuse(f"{user.email} cannot log in", 409)
        self.flows.connect(flow, user)
        return self._done(**self._flow(flow))

    async def run(self, request: web.Request) -> web.Response:
        """{"flow"[, "times"]}: a flow runs; {"failing"} tells why it did not, or null."""
        asked = await Asked.of(request)
        flow, times = self._named_flow(asked), asked.whole("times", 1)
        if not 1 <= times <= MOST_RUNS:
            refuse(f"times must lie between 1 and {MOST_RUNS}")
        for _ in range(times):
            self.flows.run(flow)
        return self._done(flow=flow.name, failing=flow.failing)

    async def deactivate(self, request: web.Request) -> web.Response:
        user = self._user(await Asked.of(request))
        set_active(self.tenant, user, active=False)
        return self._done(**_described(user))

    async def reactivate(self, request: web.Request) -> web.Response:
        user = self._user(await Asked.of(request))
        set_active(self.tenant, user, active=True)
        return self._done(**_described(user))

    async def delete(self, request: web.Request) -> web.Response:
        """{"email"}: an administrator deletes a user for good. Owners are refused."""
        user = self._user(await Asked.of(request))
        if user.owner:
            refuse("Wrike refused: account owners cannot be deleted", 409)
        user.deleted = True
        self.tenant.note(administrator(self.tenant), "UserDeleted", "User", user.email or "", user.id)
        return self._done(**_described(user))

    async def admin(self, request: web.Request) -> web.Response:
        """{"email"[, "on", "reports", "owner"]}: the administrator's bit and what goes with it."""
        asked = await Asked.of(request)
        user = self._user(asked)
        was = user.admin
        user.admin = asked.flag("on", user.admin)
        user.reports = asked.flag("reports", user.reports)
        user.owner = asked.flag("owner", user.owner)
        if user.admin != was:
            operation = "UserGrantAdmin" if user.admin else "UserRevokeAdmin"
            self.tenant.note(administrator(self.tenant), operation, "User", user.email or "", user.id)
        return self._done(**_described(user))

    async def share(self, request: web.Request) -> web.Response:
        """{"folder" (id or title), "email" | "group"[, "remove"]}: somebody shares a folder by hand."""
        asked = await Asked.of(request)
        folder = self._folder(asked.text("folder"))
        group = asked.text("group", None)
        if group is None:
            one = self._user(asked).id
        else:
            found = [g.id for g in self.tenant.groups.values() if group in (g.id, g.title)]
            one = found[0] if found else refuse(f"no group is called {group}", 404)
        if asked.flag("remove", False):
            folder.shared = [shared for shared in folder.shared if shared != one]
        elif one not in folder.shared:
            folder.shared.append(one)
        self.tenant.touch()
        return self._done(folder=folder.id, shared=folder.shared)

    async def plan(self, request: web.Request) -> web.Response:
        """{"type", "seats", "audit", "deactivation", "suspended"}: what the company has bought."""
        asked = await Asked.of(request)
        plan = self.tenant.plan
        plan.type = asked.text("type", plan.type)
        plan.seats = asked.whole("seats", plan.seats)
        rich = "Enterprise" in plan.type
        plan.audit = asked.flag("audit", rich if "type" in asked.values else plan.audit)
        plan.deactivation = asked.flag("deactivation", rich if "type" in asked.values else plan.deactivation)
        plan.suspended = asked.flag("suspended", plan.suspended)
        return self._done(**asdict(plan))

    async def generate(self, request: web.Request) -> web.Response:
        """{"contacts", "folders"}: fill the account up to that many."""
        asked = await Asked.of(request)
        contacts, folders = asked.whole("contacts", 0), asked.whole("folders", 0)
        if not (0 <= contacts <= MOST_GENERATED and 0 <= folders <= MOST_GENERATED):
            refuse(f"contacts and folders must lie between 0 and {MOST_GENERATED}")
        growth.grow(self.tenant, contacts=contacts, folders=folders)
        return self._done(contacts=len(self.tenant.contacts), folders=len(self.tenant.folders))

    async def switches(self, request: web.Request) -> web.Response:
        """Any switches by name; answers all of them. Pairs are given as lists of two texts."""
        asked = await Asked.of(request)
        now = self.tenant.switches
        hints = get_type_hints(type(now))
        if unknown := asked.values.keys() - hints.keys():
            refuse(f"no such switch: {', '.join(sorted(unknown))}")
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in asked.values.items()}
        for name, value in values.items():
            if not _fits(hints[name], value):
                refuse(f"{name} cannot be {value!r}")
        self.tenant.switches = replace(now, **values)
        self.tenant.touch()
        return web.json_response(asdict(self.tenant.switches))

    def _done(self, **said: Any) -> web.Response:
        self._refresh()
        return web.json_response(said)

    def _ended(self, one: Invitation, status: str) -> web.Response:
        invitations.resolve(self.tenant, one, status)
        return self._done(invitation=one.id, status=one.status)

    def _refresh(self) -> None:
        holdings.refresh(self.tenant, self.tokens, self.flows)

    def _everything_held(self) -> list[Token | Grant]:
        return [*self.tokens.permanent.values(), *self.tokens.grants.values()]

    def _held(self, held: Token | Grant) -> dict[str, Any]:
        used = held.used if isinstance(held, Token) else held.access[-1].used
        return {
            "id": held.id,
            "kind": held.kind if isinstance(held, Token) else "oauth",
            "label": _label(held),
            "email": self.tenant.contacts[held.user_id].email,
            "revoked": held.revoked,
            "used": stamp(used) if used is not None else None,
        }

    def _flow(self, flow: Flow) -> dict[str, Any]:
        user = self.tenant.contacts[flow.grant.user_id] if flow.grant is not None else None
        return {
            "flow": flow.name,
            "consumer": flow.consumer,
            "acts_as": user.email if user is not None else None,
            "ran": stamp(flow.ran) if flow.ran is not None else None,
            "failing": flow.failing,
        }

    def _invitation(self, asked: Asked) -> Invitation:
        invitations.let_expire(self.tenant)
        number = asked.text("invitation", None)
        if number is not None:
            one = self.tenant.invitations.get(number)
        else:
            one = invitations.pending_for(self.tenant, asked.text("email"))
        if one is None or one.status != "Pending":
            refuse("no pending invitation like that", 404)
        return one

    def _user(self, asked: Asked) -> Contact:
        email = asked.text("email")
        user = self.tenant.by_email(email) or self.tenant.contacts.get(email)
        return user if user is not None else refuse(f"{email} has no user in this account", 404)

    def _folder(self, name: str) -> Folder:
        found = self.tenant.folders.get(name)
        if found is None:
            found = next((one for one in self.tenant.folders.values() if one.title == name), None)
        return found if found is not None else refuse(f"no folder is called {name}", 404)

    def _named_flow(self, asked: Asked) -> Flow:
        flow = self.flows.all.get(asked.text("flow"))
        return flow if flow is not None else refuse("no flow has that name", 404)


def set_active(tenant: Tenant, user: Contact, *, active: bool) -> None:
    """As an administrator does it by hand; a 409 with the vendor's words where Wrike refuses."""
    try:
        if not active:
            users.refuse_deactivation(tenant, user)
        users.set_active(tenant, user, administrator(tenant), active=active)
    except Refusal as refused:
        refuse(f"Wrike refused: {refused.text}", 409)


def administrator(tenant: Tenant) -> Contact:
    return next(one for one in tenant.contacts.values() if one.owner or one.admin)


def _described(one: Contact) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "kind": one.kind,
        "type": one.user_type,
        "active": one.active,
        "deleted": one.deleted,
    }


def _label(held: Token | Grant) -> str:
    return held.label if isinstance(held, Token) else held.access[-1].label


def _fits(hint: Any, value: Any) -> bool:
    """Claims that a switch declared so can have this value."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and len(value) == 2 and all(isinstance(item, str) for item in value)
    if hint is bool or isinstance(value, bool):
        return hint is bool and isinstance(value, bool)
    if hint is float:
        return isinstance(value, int | float) and value >= 0
    return (isinstance(value, int) and value >= 0) or (value is None and type(None) in get_args(hint))
