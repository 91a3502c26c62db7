"""The world's own HTTP API: what a test, the page or the demo does to the company and to its platforms."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox import page
from sandbox.asked import Asked, refuse
from sandbox.slack import Slack
from sandbox.standin import StandIn
from sandbox.world import FAULT_KINDS, Call, Fault, Person, World, describe_fault

PLATFORMS = ("slack", "salesforce", "netsuite", "wrike", "nexonia")
CALLS_PER_ANSWER = 1_000
BOT_DEEDS = frozenset({"start", "stop", "kill", "restart", "status"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAYS_NOTHING_S = 15.0


class BotSupervisor(Protocol):
    """Who starts and stops the bot for the World panel; `sandbox.demo` implements it."""

    async def do(self, deed: str) -> dict[str, Any]:
        """start, stop, kill, restart or status. Returns {"running", "pid", "ready_s", "log"}."""


class Control:
    """Builds the application served at {world}; `supervisor` may be given later, by the demo."""

    def __init__(self, world: World, slack: Slack, stand_ins: Mapping[str, StandIn]) -> None:
        self.world = world
        self.slack = slack
        self.stand_ins = stand_ins
        self.supervisor: BotSupervisor | None = None

    def application(self) -> web.Application:
        app = web.Application(middlewares=[local_only()])
        app.add_routes(
            [
                web.get("/world", self.state),
                web.post("/world/advance", self.advance),
                web.post("/world/deactivate", self.deactivate),
                web.post("/world/reactivate", self.reactivate),
                web.post("/world/terminate", self.terminate),
                web.post("/world/faults", self.faults),
                web.post("/world/latency", self.latency),
                web.post("/world/traffic", self.traffic),
                web.get("/world/calls", self.calls),
                web.get("/world/changes", self.changes),
                web.post("/world/bot", self.bot),
            ]
        )
        for name, stand_in in self.stand_ins.items():
            for route in stand_in.routes():
                if not route.path.startswith(f"/{name}/"):
                    raise ValueError(f"{name}: its levers must lie under /{name}/, not {route.path}")
                app.router.add_route(route.method, f"/world{route.path}", route.handler)
        page.mount(app, self.world, self.slack)
        return app

    async def state(self, request: web.Request) -> web.Response:
        """Everything at a glance; `?only=now,counters` answers those keys alone, cheaply."""
        parts: dict[str, Callable[[], Any]] = {
            "now": self.world.now.isoformat,
            "people": lambda: [describe_person(person) for person in self.world.people.values()],
            "channels": self.slack.channels,
            "usergroups": self.slack.usergroups,
            "bot": self.slack.bot,
            "platforms": lambda: list(self.stand_ins),
            "faults": lambda: [describe_fault(fault) for fault in self.world.faults],
            "counters": lambda: dict(sorted(self.world.counters.items())),
            "latency_ms": lambda: self.world.latency_ms,
            "traffic": lambda: self.world.traffic,
            "supervised": lambda: self.supervisor is not None,
        }
        only = [key for key in request.query.get("only", "").split(",") if key]
        if unknown := [key for key in only if key not in parts]:
            refuse(f"only: {unknown[0]!r} is not one of {', '.join(parts)}")
        return web.json_response({key: part() for key, part in parts.items() if not only or key in only})

    async def advance(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        days, seconds = asked.number("days", 0), asked.number("seconds", 0)
        if days < 0 or seconds < 0 or days + seconds == 0:
            refuse("days and seconds must be positive: the clock only moves forward")
        try:
            now = self.world.advance(days=days, seconds=seconds)
        except OverflowError:
            refuse("that is beyond the end of the calendar")
        return web.json_response({"now": now.isoformat()})

    async def deactivate(self, request: web.Request) -> web.Response:
        return await self._everywhere(request, lambda stand_in, email: stand_in.deactivate(email))

    async def reactivate(self, request: web.Request) -> web.Response:
        return await self._everywhere(request, lambda stand_in, email: stand_in.reactivate(email))

    async def _everywhere(self, request: web.Request, act: Callable[[StandIn, str], None]) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked)
        where, skipped = self._where(asked, person)
        for platform in where:
            try:
                act(self.stand_ins[platform], person.email)
            except LookupError as unknown:
                refuse(str(unknown), 404)
        return self._told(person, where, skipped)

    def _told(self, person: Person, where: list[str], skipped: dict[str, str]) -> web.Response:
        self.world.notify("person:changed", {"email": person.email, "where": where})
        return web.json_response({"person": describe_person(person), "done": where, "skipped": skipped})

    def _where(self, asked: Asked, person: Person) -> tuple[list[str], dict[str, str]]:
        """
        The platforms meant, and those named for which there is nothing to do, with the reason.

        Without "where": every platform on which this person has an account.
        """
        named = asked.texts("where", None)
        where, skipped = [], {}
        for platform in PLATFORMS if named is None else named:
            if platform not in PLATFORMS:
                refuse(f"where: {platform!r} is not one of {', '.join(PLATFORMS)}")
            if platform not in self.stand_ins:
                skipped[platform] = "not played by this sandbox"
            elif platform != "slack" and platform not in person.platforms and platform not in person.ids:
                skipped[platform] = "no account there"
            else:
                where.append(platform)
        return where, {} if named is None else skipped

    async def terminate(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked)
        try:
            on = date.fromisoformat(asked.text("on", self.world.now.date().isoformat()))
        except ValueError:
            refuse("on must be a day such as 2026-12-01")
        where, skipped = self._where(asked, person)
        person.terminated_on = on
        for platform in where:
            self.stand_ins[platform].terminate(person.email, on)
        return self._told(person, where, skipped)

    async def faults(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        platform = asked.text("platform", None)
        if platform is not None and platform not in self.stand_ins:
            refuse(f"platform must be one of {', '.join(self.stand_ins)}")
        if asked.flag("clear", False):
            cleared = self.world.clear_faults(platform, asked.whole("id", None))
            return web.json_response({"cleared": cleared})
        if platform is None:
            refuse("platform is missing: it must be a text")
        kind = asked.text("kind")
        if kind not in FAULT_KINDS:
            refuse(f"kind must be one of {', '.join(sorted(FAULT_KINDS))}")
        try:
            match = re.compile(asked.text("match", "^GET " if kind == "short_listing" else ""))
        except re.error as problem:
            refuse(f"match is not a regular expression: {problem}")
        count = asked.whole("count", None) if "count" in asked.values else 1
        retry_after_s = asked.number("retry_after_s", 1)
        if (count is not None and count < 1) or retry_after_s < 0:
            refuse("count must be at least 1 (or null: until cleared) and retry_after_s at least 0")
        fault = Fault(platform, kind, match, count, float(retry_after_s))
        self.world.add_fault(fault)
        return web.json_response({"fault": describe_fault(fault)})

    async def latency(self, request: web.Request) -> web.Response:
        latency_ms = (await Asked.of(request)).number("ms")
        if not 0 <= latency_ms <= 60_000:
            refuse("ms must lie between 0 and 60000")
        self.world.latency_ms = float(latency_ms)
        return web.json_response({"latency_ms": self.world.latency_ms})

    async def traffic(self, request: web.Request) -> web.Response:
        self.world.traffic = (await Asked.of(request)).flag("on")
        self.world.notify("traffic:changed", {"on": self.world.traffic})
        return web.json_response({"traffic": self.world.traffic})

    async def calls(self, request: web.Request) -> web.Response:
        platform = request.query.get("platform")
        since = _since(request)
        found = [call for call in self.world.calls if platform in (None, call.platform) and call.seq > since]
        return web.json_response({"calls": [_describe_call(call) for call in found[-CALLS_PER_ANSWER:]]})

    async def changes(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one per change, until the reader leaves or falls behind."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        with self.world.subscribe() as changes:
            await response.prepare(request)
            await response.write(b": connected\n\n")
            waiting = asyncio.ensure_future(anext(changes))
            try:
                while True:
                    done, _ = await asyncio.wait({waiting}, timeout=_SAYS_NOTHING_S)
                    if not done:
                        await response.write(b": still here\n\n")
                        continue
                    change = waiting.result()
                    line = json.dumps(
                        {"topic": change.topic, "at": change.at.isoformat(), "data": change.data}
                    )
                    await response.write(f"id: {change.seq}\nevent: change\ndata: {line}\n\n".encode())
                    waiting = asyncio.ensure_future(anext(changes))
            except (StopAsyncIteration, ConnectionError):
                return response
            finally:
                waiting.cancel()

    async def bot(self, request: web.Request) -> web.Response:
        deed = (await Asked.of(request)).text("do")
        if deed not in BOT_DEEDS:
            refuse(f"do must be one of {', '.join(sorted(BOT_DEEDS))}")
        if self.supervisor is None:
            refuse("this sandbox did not start the bot; run the demo for that", 409)
        return web.json_response(await self.supervisor.do(deed))

    def _person(self, asked: Asked) -> Person:
        email = asked.text("email")
        person = self.world.people.get(email.lower())
        if person is None:
            refuse(f"nobody here has the address {email}", 404)
        return person


def local_only() -> Middleware:
    """Refuse requests that a web page from elsewhere could make through this machine's browser."""

    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.url.host not in _LOOPBACK:
            refuse("the sandbox answers to 127.0.0.1 and localhost only", 403)
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            refuse("the sandbox takes no orders from another site", 403)
        return await handler(request)

    return guard


def describe_person(person: Person) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "slack_id": person.slack_id,
        "role": person.role,
        "title": person.title,
        "department": person.department,
        "manager": person.manager,
        "tz": person.tz,
        "ids": dict(person.ids),
        "holds": list(person.holds),
        "inactive": sorted(person.inactive),
        "terminated_on": person.terminated_on.isoformat() if person.terminated_on else None,
    }


def _describe_call(call: Call) -> dict[str, Any]:
    return asdict(call) | {"at": call.at.isoformat()}


def _since(request: web.Request) -> int:
    since = request.query.get("since", "0")
    if not since.isdigit():
        refuse("since must be a whole number")
    return int(since)
