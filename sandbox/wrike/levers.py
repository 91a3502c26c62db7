"""The world's own API for the account: what there is, what was bought, which switches; people and what they hold."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.wrike import growth, invitations
from sandbox.wrike.desk import Desk, described
from sandbox.wrike.levers_held import HeldLevers
from sandbox.wrike.levers_people import PeopleLevers

MOST_GENERATED = 200_000
FOLDERS_SHOWN = 500


class Levers:
    """Every answer is JSON; a wrong request is 400 {"error"}. All paths begin with /wrike/."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/wrike/state", self.state),
            web.post("/wrike/plan", self.plan),
            web.post("/wrike/generate", self.generate),
            web.post("/wrike/switches", self.switches),
            *PeopleLevers(self._desk).routes(),
            *HeldLevers(self._desk).routes(),
        ]

    async def state(self, request: web.Request) -> web.Response:
        """Contacts, invitations, tokens without their values, flows, plan, folders."""
        self._desk.refresh()
        tenant = self._desk.tenant
        return web.json_response(
            {
                "account": tenant.mint.account,
                "plan": asdict(tenant.plan) | {"taken": tenant.seats_taken()},
                "contacts": [described(one) for one in tenant.contacts.values()],
                "invitations": [
                    invitations.shown(tenant, one) | {"sent": one.sent} for one in tenant.invitations.values()
                ],
                "tokens": [self._desk.held(held) for held in self._desk.everything_held()],
                "flows": [self._desk.flow(flow) for flow in self._desk.flows.all.values()],
                "folders": [
                    {"id": one.id, "title": one.title, "shared": one.shared, "roles": one.roles}
                    for one in list(tenant.folders.values())[:FOLDERS_SHOWN]
                ],
            }
        )

    async def plan(self, request: web.Request) -> web.Response:
        """{"type", "seats", "audit", "deactivation", "suspended"}: what the company has bought."""
        asked = await Asked.of(request)
        plan = self._desk.tenant.plan
        plan.type = asked.text("type", plan.type)
        plan.seats = asked.whole("seats", plan.seats)
        rich = "Enterprise" in plan.type
        plan.audit = asked.flag("audit", rich if "type" in asked.values else plan.audit)
        plan.deactivation = asked.flag("deactivation", rich if "type" in asked.values else plan.deactivation)
        plan.suspended = asked.flag("suspended", plan.suspended)
        return self._desk.done(**asdict(plan))

    async def generate(self, request: web.Request) -> web.Response:
        """{"contacts", "folders"}: fill the account up to that many."""
        asked = await Asked.of(request)
        contacts, folders = asked.whole("contacts", 0), asked.whole("folders", 0)
        if not (0 <= contacts <= MOST_GENERATED and 0 <= folders <= MOST_GENERATED):
            refuse(f"contacts and folders must lie between 0 and {MOST_GENERATED}")
        growth.grow(self._desk.tenant, contacts=contacts, folders=folders)
        return self._desk.done(
            contacts=len(self._desk.tenant.contacts), folders=len(self._desk.tenant.folders)
        )

    async def switches(self, request: web.Request) -> web.Response:
        """Any switches by name; answers all of them. Pairs are given as lists of two texts."""
        asked = await Asked.of(request)
        now = self._desk.tenant.switches
        hints = get_type_hints(type(now))
        if unknown := asked.values.keys() - hints.keys():
            refuse(f"no such switch: {', '.join(sorted(unknown))}")
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in asked.values.items()}
        for name, value in values.items():
            if not _fits(hints[name], value):
                refuse(f"{name} cannot be {value!r}")
        self._desk.tenant.switches = replace(now, **values)
        self._desk.tenant.touch()
        return web.json_response(asdict(self._desk.tenant.switches))


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
