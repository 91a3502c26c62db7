"""
A directory of Nexonia users, played on this machine. It is ours: no public API of Nexonia was found.

`README.md` beside this file says what is taken from the vendor's help articles and what is invented.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox import wire
from sandbox.nexonia.directory import Directory
from sandbox.nexonia.levers import Levers
from sandbox.nexonia.records import Records
from sandbox.nexonia.rest import BASE, Rest
from sandbox.nexonia.seed import plant
from sandbox.nexonia.switches import Switches
from sandbox.nexonia.sync import Outcome, Rules, SyncFailed, run
from sandbox.world import Json, Person, World

TICK_S = 1.0
NIGHTLY_HOUR = 2


class Nexonia:
    """The stand-in for Nexonia; see `sandbox.standin.StandIn`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.directory = Directory()
        self.records = Records(world)
        self._token = "nx_" + hashlib.sha256(f"{world.seed}:nexonia".encode()).hexdigest()[:40]
        self._rest = Rest(self.directory, self._token, Switches())
        self.synced: datetime | None = None
        self.last: list[Outcome] = []
        self.mailed: list[str] = []
        """Addresses that got the first-login notification."""
        plant(world, self.directory, self.records)
        self.refresh()
        self._night = self._nights()

    @property
    def switches(self) -> Switches:
        return self._rest.switches

    @switches.setter
    def switches(self, new: Switches) -> None:
        self._rest.switches = new

    @property
    def netsuite_is_played(self) -> bool:
        return self._world.sync_records is not None

    def application(self) -> web.Application:
        on_the_wire = wire.middleware(
            self._world, "nexonia", refuse=self._rest.refuse, listings=rf"^{BASE}/users$"
        )
        app = web.Application(middlewares=[on_the_wire])
        app.add_routes(self._rest.routes())
        app.cleanup_ctx.append(self._nightly)
        return app

    def hello(self, url: str) -> Json:
        return {"url": f"{url}{BASE}", "token": self._token}

    def today(self) -> date:
        return self._world.now.astimezone(ZoneInfo(self.switches.company_timezone)).date()

    def run_sync(self, today: date, *, full: bool) -> list[Outcome]:
        """One Configuration Sync. Raises SyncFailed, and then nothing has changed."""
        switches = self.switches
        kinds = {"employee"} if switches.employees else set()
        rules = Rules(
            kinds=frozenset(kinds | ({"vendor"} if switches.vendors else set())),
            employee_filter=switches.employee_filter,
            creates=full or not switches.creates_need_full_sync,
        )
        self.last = run(self.directory, self.records.all(), today, rules)
        self.synced = self._world.now
        if switches.notify_new_users:
            new = [row.user_id for row in self.last if row.action == "create" and row.user_id is not None]
            self.mailed += [self.directory.users[number].email for number in new]
        self.refresh()
        self._world.notify("nexonia:synced", {"rows": len(self.last)})
        return self.last

    def refresh(self) -> None:
        """Tell the world who has a user here, and who is inactive."""
        for person in self._world.people.values():
            mine = self.directory.by_email(person.email)
            active = [user for user in mine if user.active]
            if mine:
                person.ids["nexonia"] = (active or mine)[0].id
            if mine and not active:
                person.inactive.add("nexonia")
            else:
                person.inactive.discard("nexonia")

    def deactivate(self, email: str) -> None:
        """By hand, in Settings > Users, all users with that address; nothing where there is none yet."""
        self._set_active(email, active=False)

    def reactivate(self, email: str) -> None:
        self._set_active(email, active=True)

    def terminate(self, email: str, on: date) -> None:
        """Nothing yet: a last day is NetSuite's to know, and the sync after it makes the user inactive."""
        self._person(email)

    def routes(self) -> list[web.RouteDef]:
        """The levers of the World panel, under /nexonia/."""
        return Levers(self).routes()

    def _set_active(self, email: str, *, active: bool) -> None:
        for user in self.directory.by_email(self._person(email).email):
            user.active = active
        self.refresh()

    def _person(self, email: str) -> Person:
        person = self._world.people.get(email)
        if person is None:
            raise LookupError(f"{email} is nobody here")
        return person

    def _nights(self) -> int:
        """How many nightly runs the company's clock has passed since it began."""
        there = self._world.now.astimezone(ZoneInfo(self.switches.company_timezone))
        return there.date().toordinal() - (there.hour < NIGHTLY_HOUR)

    async def _nightly(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._every_night())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _every_night(self) -> None:
        """While the world's traffic is on, one sync when the company's clock has passed two in the morning."""
        while True:
            await asyncio.sleep(TICK_S)
            if self._world.traffic and self.switches.nightly and self._nights() > self._night:
                self._night = self._nights()
                try:
                    self.run_sync(self.today(), full=True)
                except SyncFailed as failed:
                    self._world.notify("nexonia:sync_failed", {"why": str(failed)})
