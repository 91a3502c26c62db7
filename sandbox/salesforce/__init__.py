"""
Salesforce, played on this machine: OAuth, the data and Tooling APIs, SOAP login and Metadata.

`README.md` beside this file says what is enforced, which switches there are and what is UNCONFIRMED.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time

from aiohttp import web

from sandbox import wire
from sandbox.asked import refuse
from sandbox.salesforce import assignments, levers, users
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.front import Front
from sandbox.salesforce.oauth.endpoints import Endpoints as OAuthEndpoints
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Records
from sandbox.salesforce.rest.endpoints import Endpoints as RestEndpoints
from sandbox.salesforce.rest.limits import Limits
from sandbox.salesforce.seed import BOT_APP, plant
from sandbox.salesforce.soap.endpoints import Endpoints as SoapEndpoints
from sandbox.salesforce.switches import Switches
from sandbox.salesforce.traffic import Traffic
from sandbox.world import Json, Person, World


class Salesforce:
    """The stand-in for Salesforce; see `sandbox.standin.StandIn`. `switches` may be replaced at any time."""

    def __init__(self, world: World, switches: Switches | None = None) -> None:
        self._world = world
        self.org = Org(world, switches or Switches())
        plant(self.org)
        self._limits = Limits(self.org)
        self._records = Records(self.org, users.RULES | assignments.RULES)
        self._levers = levers.Levers(self.org)
        self._traffic = Traffic(self.org)

    def application(self) -> web.Application:
        """The org's HTTP port; starting it starts the consumers' traffic, which idles until it is asked for."""
        front = Front(self.org)
        on_the_wire = wire.middleware(
            self._world,
            "salesforce",
            refuse=front.refuse,
            listings=r"/services/data/v[\d.]+/(tooling/)?query",
        )
        app = web.Application(
            middlewares=[front.count, on_the_wire, front.guard],
            client_max_size=50 * 1024 * 1024,
            handler_args={"max_line_size": 65_536, "max_field_size": 65_536},
        )
        app.add_routes(
            [
                *OAuthEndpoints(self.org).routes(),
                *RestEndpoints(self.org, self._records, self._limits).routes(),
                *SoapEndpoints(self.org, self._limits).routes(),
            ]
        )
        app.cleanup_ctx.append(self._consumers)
        return app

    async def _consumers(self, _: web.Application) -> AsyncIterator[None]:
        async with self._traffic.running():
            yield

    def hello(self, url: str) -> Json:
        """What the bot needs to sign in: one app, for the JWT and for the client credentials flow."""
        self.org.base_url = url
        app = next(app for app in self.org.apps.values() if app.name == BOT_APP)
        return {
            "url": url,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "username": app.run_as,
            "private_key": self.org.private_keys[app.name],
        }

    def deactivate(self, email: str) -> None:
        """As an administrator does it: posts that stand in the way go to the administrator first."""
        self._set_active(self._person(email), active=False)

    def reactivate(self, email: str) -> None:
        """Undo `deactivate`; a 409 with the vendor's words when no licence is free."""
        self._set_active(self._person(email), active=True)

    def terminate(self, email: str, on: date) -> None:
        """The org knows no last day: the administrator deactivates the person when it has come."""
        user_id = self._person(email).ids["salesforce"]
        self.org.leavers[user_id] = datetime.combine(on, time(), tzinfo=UTC)

    def routes(self) -> list[web.RouteDef]:
        """The levers of the World panel, under /salesforce/."""
        return self._levers.routes()

    def _set_active(self, person: Person, *, active: bool) -> None:
        try:
            levers.set_active(self.org, person.ids["salesforce"], active=active)
        except ApiError as refused:
            refuse(f"Salesforce refused: {refused.message}", 409)

    def _person(self, email: str) -> Person:
        person = self._world.people.get(email)
        if person is None or "salesforce" not in person.ids:
            raise LookupError(f"{email} has no user in this org")
        return person
