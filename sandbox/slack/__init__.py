"""
Slack, played on this machine: the Web API, Socket Mode, signed HTTP, and the people who use it.

`README.md` one folder up says what is enforced, which switches there are and what is UNCONFIRMED.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from functools import partial

from aiohttp import web

from sandbox import wire
from sandbox.slack.administration import Administration
from sandbox.slack.deeds import Deeds
from sandbox.slack.delivery import Delivery
from sandbox.slack.hands import Hands
from sandbox.slack.levers import Levers
from sandbox.slack.membership import Membership
from sandbox.slack.naming import Names, describe_channel
from sandbox.slack.observation import Observation
from sandbox.slack.socket import Sockets
from sandbox.slack.state import State
from sandbox.slack.submission import Submissions
from sandbox.slack.webapi import BODY_LIMIT, LISTINGS, WebApi, refusal
from sandbox.world import Json, Person, World


class Slack:
    """The stand-in for Slack; see `sandbox.standin.StandIn`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.state = State(world)
        self._sockets = Sockets(self.state)
        self._delivery = Delivery(self.state, self._sockets)
        self._membership = Membership(self.state, self._delivery)
        hands, names = Hands(self.state), Names(self.state)
        deeds = Deeds(self.state, self._delivery, hands)
        submissions = Submissions(self.state, self._delivery, hands)
        self._levers = (
            Levers(self.state, names, deeds, submissions),
            Administration(self.state, names, self._delivery, self._sockets, self._membership),
            Observation(self.state, names, self._delivery, self._sockets),
        )
        self.state.emit = self._delivery.event

    def application(self) -> web.Application:
        on_the_wire = wire.middleware(
            self._world, "slack", refuse=partial(refusal, self.state), listings=LISTINGS
        )
        app = web.Application(middlewares=[on_the_wire], client_max_size=BODY_LIMIT)
        app.add_routes([*WebApi(self.state).routes(), *self._sockets.routes()])
        app.cleanup_ctx.append(self._until_stopped)
        return app

    async def _until_stopped(self, _: web.Application) -> AsyncIterator[None]:
        yield
        await self._delivery.close()
        await self._sockets.close()

    def hello(self, url: str) -> Json:
        self.state.url = url
        return {
            "api": f"{url}/api/",
            "bot_token": self.state.tokens.bot,
            "app_token": self.state.tokens.app,
            "signing_secret": self.state.tokens.signing_secret,
            "channel": self.state.workspace.alert_channel.id,
            "command": self.state.workspace.command,
            "team_id": self.state.workspace.team_id,
            "bot_user_id": self.state.workspace.bot_user_id,
        }

    def deactivate(self, email: str) -> None:
        self._membership.deactivate(self._person(email))

    def reactivate(self, email: str) -> None:
        self._membership.reactivate(self._person(email))

    def terminate(self, email: str, on: date) -> None:
        self._membership.terminate(self._person(email), on)

    def routes(self) -> list[web.RouteDef]:
        return [route for levers in self._levers for route in levers.routes()]

    def channels(self) -> list[Json]:
        """Every channel but direct messages, for the world's state."""
        return [
            describe_channel(self.state, channel)
            for channel in self.state.workspace.channels.values()
            if channel.kind in ("public", "private")
        ]

    @property
    def connected(self) -> int:
        """How many Socket Mode connections the app has."""
        return self._sockets.connected

    def usergroups(self) -> list[Json]:
        return [
            {"id": group.id, "handle": group.handle, "users": self.state.workspace.group_members(group)}
            for group in self.state.workspace.groups.values()
        ]

    def bot(self) -> Json:
        workspace = self.state.workspace
        return {"user_id": workspace.bot_user_id, "name": workspace.bot_name, "command": workspace.command}

    def roles(self) -> dict[str, list[str]]:
        """Which user groups hold which of the bot's roles, for its configuration."""
        roles: dict[str, list[str]] = {"admin": [], "approver": [], "operator": [], "viewer": ["*"]}
        for group in self.state.workspace.groups.values():
            roles[group.role].append(group.id)
        return roles

    def deliver_by_http(self, url: str) -> None:
        """Send everything to this address from now on, without asking whether it answers."""
        self._delivery.http_url = url

    def _person(self, email: str) -> Person:
        person = self._world.people.get(email.lower())
        if person is None:
            raise LookupError(email)
        return person
