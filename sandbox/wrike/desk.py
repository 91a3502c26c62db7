"""Where the levers find what they are asked about, and how their answers look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.wrike import holdings, invitations, users
from sandbox.wrike.entities import Contact, Folder, Invitation
from sandbox.wrike.errors import Refusal
from sandbox.wrike.flows import Flow, Flows
from sandbox.wrike.oauth import OAuth
from sandbox.wrike.stamps import stamp
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Grant, Token, Tokens


@dataclass(frozen=True, slots=True)
class Desk:
    """One account with everything that is held in it. Who or what is not found is 404 {"error"}."""

    tenant: Tenant
    tokens: Tokens
    oauth: OAuth
    flows: Flows

    def done(self, **said: Any) -> web.Response:
        self.refresh()
        return web.json_response(said)

    def refresh(self) -> None:
        holdings.refresh(self.tenant, self.tokens, self.flows)

    def user(self, asked: Asked) -> Contact:
        email = asked.text("email")
        user = self.tenant.by_email(email) or self.tenant.contacts.get(email)
        return user if user is not None else refuse(f"{email} has no user in this account", 404)

    def invitation(self, asked: Asked) -> Invitation:
        invitations.let_expire(self.tenant)
        number = asked.text("invitation", None)
        if number is not None:
            one = self.tenant.invitations.get(number)
        else:
            one = invitations.pending_for(self.tenant, asked.text("email"))
        if one is None or one.status != "Pending":
            refuse("no pending invitation like that", 404)
        if one.link_dead:
            refuse("the link in the mail works no longer: it must be sent again", 409)
        return one

    def folder(self, name: str) -> Folder:
        found = self.tenant.folders.get(name)
        if found is None:
            found = next((one for one in self.tenant.folders.values() if one.title == name), None)
        return found if found is not None else refuse(f"no folder is called {name}", 404)

    def named_flow(self, asked: Asked) -> Flow:
        flow = self.flows.all.get(asked.text("flow"))
        return flow if flow is not None else refuse("no flow has that name", 404)

    def everything_held(self) -> list[Token | Grant]:
        return [*self.tokens.permanent.values(), *self.tokens.grants.values()]

    def held(self, held: Token | Grant) -> dict[str, Any]:
        used = held.used if isinstance(held, Token) else held.access[-1].used
        return {
            "id": held.id,
            "kind": held.kind if isinstance(held, Token) else "oauth",
            "label": label_of(held),
            "email": self.tenant.contacts[held.user_id].email,
            "revoked": held.revoked,
            "used": stamp(used) if used is not None else None,
        }

    def flow(self, flow: Flow) -> dict[str, Any]:
        user = self.tenant.contacts[flow.grant.user_id] if flow.grant is not None else None
        return {
            "flow": flow.name,
            "consumer": flow.consumer,
            "acts_as": user.email if user is not None else None,
            "ran": stamp(flow.ran) if flow.ran is not None else None,
            "failing": flow.failing,
        }


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


def described(one: Contact) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "kind": one.kind,
        "type": one.user_type,
        "active": one.active,
        "deleted": one.deleted,
    }


def label_of(held: Token | Grant) -> str:
    return held.label if isinstance(held, Token) else held.access[-1].label
