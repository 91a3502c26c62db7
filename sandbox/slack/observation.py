"""Levers on the world's port for what can be seen: messages, modals, home tabs, files and the wire."""

from __future__ import annotations

import base64

from aiohttp import web

from sandbox.asked import refuse
from sandbox.slack.delivery import Delivery
from sandbox.slack.modals import View
from sandbox.slack.naming import Names
from sandbox.slack.socket import Sockets
from sandbox.slack.state import State
from sandbox.slack.workspace import Ephemeral, describe_message
from sandbox.world import Json, Person


class Observation:
    """HTTP handlers under /world/slack/ that change nothing."""

    def __init__(self, state: State, names: Names, delivery: Delivery, sockets: Sockets) -> None:
        self._state = state
        self._names = names
        self._delivery = delivery
        self._sockets = sockets

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/slack/messages", self.messages),
            web.get("/slack/ephemerals", self.ephemerals),
            web.get("/slack/views", self.views),
            web.get("/slack/home", self.home),
            web.get("/slack/dms", self.dms),
            web.get("/slack/wire", self.wire),
            web.get("/slack/file", self.file),
            web.get("/slack/connections", self.connections),
        ]

    async def messages(self, request: web.Request) -> web.Response:
        """
        Oldest first, replies among them (they carry thread_ts).

        With `user`, also what only that person sees there (is_ephemeral true), in its place.
        """
        channel = self._names.channel(request.query.get("channel", ""))
        shown = self._state.workspace.messages_in(channel).values()
        described = [describe_message(self._state.workspace, one) | {"channel": channel.id} for one in shown]
        if who := request.query.get("user"):
            person = self._names.person(who)
            if not self._state.workspace.may_see(person.slack_id, channel):
                refuse(f"{person.email} cannot see that conversation", 403)
            described += [
                one | {"is_ephemeral": True}
                for one in self._ephemerals(person)
                if one["channel"] == channel.id
            ]
            described.sort(key=lambda one: float(one["ts"]))
        return web.json_response({"channel": channel.id, "messages": described})

    async def ephemerals(self, request: web.Request) -> web.Response:
        person = self._names.person(request.query.get("user", ""))
        return web.json_response({"ephemerals": self._ephemerals(person)})

    def _ephemerals(self, person: Person) -> list[Json]:
        workspace = self._state.workspace
        sender = {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
        shown = [one for one in workspace.ephemerals if one.user == person.slack_id]
        return [_describe_ephemeral(one) | sender for one in shown]

    async def views(self, request: web.Request) -> web.Response:
        """The open modals, bottom first; the last one is on top."""
        person = self._names.person(request.query.get("user", ""))
        stack = self._state.modals.stacks.get(person.slack_id, [])
        return web.json_response({"views": [self._describe_view(view) for view in stack]})

    async def home(self, request: web.Request) -> web.Response:
        person = self._names.person(request.query.get("user", ""))
        home = self._state.modals.homes.get(person.slack_id)
        return web.json_response({"view": self._describe_view(home) if home else None})

    async def dms(self, request: web.Request) -> web.Response:
        person = self._names.person(request.query.get("user", ""))
        mine = [
            {
                "id": channel.id,
                "user": person.slack_id,
                "with": self._state.workspace.bot_user_id,
                "bot": True,
            }
            for channel in self._state.workspace.channels.values()
            if channel.kind == "im" and person.slack_id in channel.members
        ]
        return web.json_response({"dms": mine})

    async def wire(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        if not since.isdigit():
            refuse("since must be a whole number")
        found = self._state.wire.since(int(since))
        return web.json_response({"entries": found, "last": found[-1]["seq"] if found else int(since)})

    async def file(self, request: web.Request) -> web.Response:
        file = self._state.workspace.files.get(request.query.get("id", ""))
        if file is None or file.content is None:
            refuse("there is no such file", 404)
        content = base64.b64encode(file.content).decode()
        return web.json_response({"name": file.name, "title": file.title, "base64": content})

    async def connections(self, request: web.Request) -> web.Response:
        transport = "http" if self._delivery.http_url else "socket"
        return web.json_response({"connected": self._sockets.connected, "transport": transport})

    def _describe_view(self, view: View) -> Json:
        return self._state.modals.describe(view) | {"errors": dict(view.errors), "user": view.user}


def _describe_ephemeral(shown: Ephemeral) -> Json:
    return {
        "ts": shown.ts,
        "channel": shown.channel,
        "user": shown.user,
        "text": shown.text,
        "blocks": shown.blocks,
        "attachments": shown.attachments,
        "thread_ts": shown.thread_ts,
    }
