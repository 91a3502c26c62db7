"""
NetSuite, played on this machine: token and certificate sign-in, SuiteQL, records, RESTlets.

`README.md` beside this file says what is enforced, which switches there are and what is UNCONFIRMED.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from aiohttp import web

from sandbox import wire
from sandbox.netsuite import holdings, lifecycle
from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.assertions import Tokens
from sandbox.netsuite.auth.certificates import Certificates
from sandbox.netsuite.auth.tokenservices import TokenServices
from sandbox.netsuite.front import Front
from sandbox.netsuite.levers.consumers import ConsumerLevers
from sandbox.netsuite.levers.credentials import CredentialLevers
from sandbox.netsuite.levers.people import PeopleLevers
from sandbox.netsuite.records.endpoints import Records
from sandbox.netsuite.records.syncing import sync_records
from sandbox.netsuite.restlets import Restlets
from sandbox.netsuite.seed.planting import plant
from sandbox.netsuite.suiteql.endpoint import PATH, SuiteQl
from sandbox.netsuite.switches import Switches
from sandbox.netsuite.system import System
from sandbox.netsuite.tables import Row
from sandbox.netsuite.traffic import Traffic
from sandbox.world import Json, World


class NetSuite:
    """The stand-in for NetSuite; see `sandbox.standin.StandIn`. `account.switches` may be replaced at any time."""

    def __init__(self, world: World, switches: Switches | None = None) -> None:
        self._world = world
        self.account = Account(world, switches or Switches())
        self._hello = plant(self.account)
        self.front = Front(self.account)
        self.suiteql = SuiteQl(self.account)
        holdings.refresh(self.account)
        world.sync_records = lambda: sync_records(self.account)

    def application(self) -> web.Application:
        """One port for what NetSuite spreads over its suitetalk, restlets and app hosts."""
        on_the_wire = wire.middleware(
            self._world,
            "netsuite",
            refuse=self.front.refuse,
            listings=rf"{PATH}|/certificates$|/record/v1/\w+$",
        )
        app = web.Application(
            middlewares=[self.front.count, on_the_wire, self.front.guard],
            client_max_size=10 * 1024 * 1024,
            handler_args={"max_line_size": 65_536, "max_field_size": 65_536},
        )
        account = self.account
        parts = (
            Tokens(account), Certificates(account), TokenServices(account), self.suiteql, Records(account),
            Restlets(account), System(account),
        )  # fmt: skip
        for part in parts:
            app.add_routes(part.routes())
        app.on_response_prepare.append(self.front.dated)
        app.cleanup_ctx.append(self._consumers)
        return app

    async def _consumers(self, _: web.Application) -> AsyncIterator[None]:
        async with Traffic(self.account).running():
            yield

    def hello(self, url: str) -> Json:
        """What the bot needs to sign in: by certificate, and by token."""
        self.account.base_url = url
        return {"url": url} | self._hello

    def deactivate(self, email: str) -> None:
        """As an administrator does it: Inactive is ticked, everything else stays as it is."""
        lifecycle.set_inactive(self.account, self._employee(email), inactive=True)

    def reactivate(self, email: str) -> None:
        """Undo `deactivate`: tokens that were not revoked work again."""
        lifecycle.set_inactive(self.account, self._employee(email), inactive=False)

    def terminate(self, email: str, on: date) -> None:
        """Only the release date is set, which ends nobody's tokens."""
        lifecycle.set_release_date(self.account, self._employee(email), on)

    def routes(self) -> list[web.RouteDef]:
        """The levers of the World panel, under /netsuite/."""
        parts = (ConsumerLevers(self.account), CredentialLevers(self.account), PeopleLevers(self.account))
        return [route for part in parts for route in part.routes()]

    def _employee(self, email: str) -> Row:
        person = self._world.people.get(email)
        found = (
            self.account["employee"].get(int(person.ids["netsuite"]))
            if person and "netsuite" in person.ids
            else None
        )
        if found is None:
            raise LookupError(f"{email} has no employee record in this account")
        return found
