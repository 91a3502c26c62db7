"""
Wrike, played on this machine: API v4 and OAuth, as far as service accounts are concerned.

`README.md` beside this file says what is enforced, which switches there are and what is UNCONFIRMED.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, time

from aiohttp import web

from sandbox import wire
from sandbox.world import Json, Person, World
from sandbox.wrike import holdings
from sandbox.wrike.api import BASE, Api, Centre
from sandbox.wrike.desk import Desk, set_active
from sandbox.wrike.flows import Flows
from sandbox.wrike.levers import Levers
from sandbox.wrike.oauth import OAuth
from sandbox.wrike.seed import BOT_APP, plant
from sandbox.wrike.switches import Switches
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Tokens
from sandbox.wrike.traffic import Traffic

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LISTINGS = (
    rf"^{BASE}/(contacts|invitations|groups|spaces|webhooks|audit_log|folders(/[^/]+)?"
    r"|(folders|spaces)/[^/]+/folders)/?$"
)


class Wrike:
    """The stand-in for Wrike; see `sandbox.standin.StandIn`."""

    def __init__(self, world: World, switches: Switches | None = None) -> None:
        self._world = world
        self.tenant = Tenant(world, switches or Switches())
        self.tokens = Tokens(self.tenant)
        self.oauth = OAuth(self.tenant, self.tokens)
        self.flows = Flows(self.tenant, self.tokens)
        self._bot, self._declared = plant(self.tenant, self.tokens, self.oauth, self.flows)
        holdings.refresh(self.tenant, self.tokens, self.flows)
        self._api = Api(self.tenant, self.tokens)
        self._levers = Levers(Desk(self.tenant, self.tokens, self.oauth, self.flows))
        self._traffic = Traffic(self.tenant, self.flows)

    def application(self) -> web.Application:
        """The main data centre; starting it starts the other one on a port of its own, and the flows."""
        app = self._centre("main")
        app.cleanup_ctx.append(self._other_centre)
        app.cleanup_ctx.append(self._flows_at_work)
        return app

    def _centre(self, centre: Centre) -> web.Application:
        on_the_wire = wire.middleware(self._world, "wrike", refuse=self._api.refuse, listings=LISTINGS)
        app = web.Application(
            middlewares=[on_the_wire, self._leavers],
            client_max_size=4 * 1024 * 1024,
            handler_args={"max_line_size": 65_536, "max_field_size": 65_536},
        )

        async def api(request: web.Request) -> web.StreamResponse:
            return await self._api.handle(request, centre)

        app.router.add_route("*", BASE, api)
        app.router.add_route("*", BASE + "/{rest:.*}", api)
        app.add_routes(self.oauth.routes())
        return app

    async def _other_centre(self, _: web.Application) -> AsyncIterator[None]:
        runner = web.AppRunner(self._centre("other"), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.tenant.hosts["other"] = f"127.0.0.1:{runner.addresses[0][1]}"
        yield
        await runner.cleanup()

    async def _flows_at_work(self, _: web.Application) -> AsyncIterator[None]:
        async with self._traffic.running():
            yield

    @web.middleware
    async def _leavers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The account knows no last day: an administrator deactivates leavers when it has come."""
        for contact_id in [one for one, on in self.tenant.leavers.items() if on <= self.tenant.now]:
            del self.tenant.leavers[contact_id]
            try:
                set_active(self.tenant, self.tenant.contacts[contact_id], active=False)
            except web.HTTPConflict as refused:
                self._world.notify("wrike:leaver_kept", {"contact": contact_id, "why": refused.text})
            holdings.refresh(self.tenant, self.tokens, self.flows)
        return await handler(request)

    def hello(self, url: str) -> Json:
        """What a client needs: the API's address, a permanent token of the bot's account, and an OAuth app."""
        self.tenant.hosts["main"] = url.removeprefix("http://")
        client = next(one for one in self.oauth.clients.values() if one.label == BOT_APP)
        return {
            "url": f"{url}{BASE}",
            "token": self._bot.value,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "authorize_url": f"{url}/oauth2/authorize/v4",
            "token_url": f"{url}/oauth2/token",
            "other_url": f"http://{self.tenant.hosts['other']}{BASE}",
            "service_accounts": list(self._declared.service_accounts),
            "flows": list(self._declared.flows),
        }

    def deactivate(self, email: str) -> None:
        """As an administrator does it by hand; a 409 where Wrike refuses (owners, several accounts, plan)."""
        set_active(self.tenant, self.tenant.contacts[self._person(email).ids["wrike"]], active=False)
        holdings.refresh(self.tenant, self.tokens, self.flows)

    def reactivate(self, email: str) -> None:
        set_active(self.tenant, self.tenant.contacts[self._person(email).ids["wrike"]], active=True)
        holdings.refresh(self.tenant, self.tokens, self.flows)

    def terminate(self, email: str, on: date) -> None:
        self.tenant.leavers[self._person(email).ids["wrike"]] = datetime.combine(on, time(), tzinfo=UTC)

    def routes(self) -> list[web.RouteDef]:
        """The levers of the World panel, under /wrike/."""
        return self._levers.routes()

    def _person(self, email: str) -> Person:
        person = self._world.people.get(email)
        if person is None or "wrike" not in person.ids:
            raise LookupError(f"{email} has no user in this account")
        return person
