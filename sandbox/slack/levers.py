"""Levers on the world's port for what people do in Slack."""

from __future__ import annotations

from collections.abc import Awaitable

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.slack.deeds import Deeds
from sandbox.slack.hands import Impossible, Pressed
from sandbox.slack.naming import Names
from sandbox.slack.state import State
from sandbox.slack.submission import Submissions
from sandbox.slack.workspace import describe_message
from sandbox.world import Json


class Levers:
    """HTTP handlers under /world/slack/ that act for a person."""

    def __init__(self, state: State, names: Names, deeds: Deeds, submissions: Submissions) -> None:
        self._state = state
        self._names = names
        self._deeds = deeds
        self._submissions = submissions

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/slack/slash", self.slash),
            web.post("/slack/click", self.click),
            web.post("/slack/submit", self.submit),
            web.post("/slack/close", self.close),
            web.post("/slack/options", self.options),
            web.post("/slack/shortcut", self.shortcut),
            web.post("/slack/say", self.say),
            web.post("/slack/open_dm", self.open_dm),
            web.post("/slack/open_home", self.open_home),
            web.post("/slack/reload", self.reload),
        ]

    async def slash(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        channel = self._names.channel(asked.text("channel"), person)
        text, command = asked.text("text", ""), asked.text("command", None)
        return await acked(self._deeds.slash(person, channel, text, command))

    async def click(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        action_id, block_id = asked.text("action_id"), asked.text("block_id", None)
        pressed = Pressed(action_id, block_id, asked.values.get("value"), asked.table("state", {}))
        if view := self._names.view(asked, person):
            return await acked(self._deeds.click_in_view(person, view, pressed))
        channel = self._names.channel(asked.text("channel"), person)
        return await acked(self._deeds.click(person, channel, asked.text("ts"), pressed))

    async def submit(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        view = self._names.own_view(asked.text("view_id"), person)
        return await acked(self._submissions.submit(person, view, asked.table("values", {})))

    async def close(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        view = self._names.own_view(asked.text("view_id"), person)
        return await acked(self._submissions.close(person, view, clear=asked.flag("cleared", False)))

    async def options(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        view = self._names.view(asked, person)
        where: Json = {}
        blocks = view.payload["blocks"] if view else []
        if view is None:
            channel = self._names.channel(asked.text("channel"), person)
            message = self._state.workspace.messages_in(channel).get(asked.text("ts"))
            if message is None:
                refuse("there is no such message", 404)
            where = {
                "container": {"type": "message", "message_ts": message.ts, "channel_id": channel.id},
                "channel": {"id": channel.id, "name": channel.name},
                "message": describe_message(self._state.workspace, message),
            }
            blocks = message.blocks
        action_id, block_id = asked.text("action_id"), asked.text("block_id", None)
        typed = asked.text("value", "")
        return await acked(self._deeds.options(person, view, where, blocks, block_id, action_id, typed))

    async def shortcut(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person, callback_id = self._names.person(asked.text("user")), asked.text("callback_id")
        if asked.text("ts", None) is None:
            return await acked(self._deeds.shortcut(person, callback_id))
        channel = self._names.channel(asked.text("channel"), person)
        ts = asked.text("ts")
        return await acked(self._deeds.message_shortcut(person, callback_id, channel, ts))

    async def say(self, request: web.Request) -> web.Response:
        """{"user", "channel", "text", "thread_ts"}: a person writes a message; the app hears nothing of it."""
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        channel = self._names.channel(asked.text("channel"), person)
        try:
            ts = self._deeds.say(person, channel, asked.text("text"), asked.text("thread_ts", None))
        except Impossible as reason:
            refuse(str(reason))
        return web.json_response({"channel": channel.id, "ts": ts})

    async def open_dm(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        return web.json_response({"channel": self._state.workspace.dm_with(person.slack_id).id})

    async def open_home(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        tab = asked.text("tab", "home")
        if tab not in ("home", "messages"):
            refuse("tab must be home or messages")
        try:
            self._deeds.open_home(self._names.person(asked.text("user")), tab)
        except Impossible as reason:
            refuse(str(reason))
        return web.json_response({"ok": True})

    async def reload(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        return web.json_response({"gone": self._deeds.reload(self._names.person(asked.text("user")))})


async def acked(deed: Awaitable[Json]) -> web.Response:
    try:
        return web.json_response({"ack": await deed})
    except Impossible as reason:
        refuse(str(reason))
