"""The stand-in's levers on the world's port: what a test or the page does in and to this Slack."""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.slack.deeds import Deeds, Impossible, Pressed
from sandbox.slack.delivery import Delivery, Refused
from sandbox.slack.membership import Membership
from sandbox.slack.modals import View
from sandbox.slack.socket import REASONS, Sockets
from sandbox.slack.state import State
from sandbox.slack.workspace import Channel, Ephemeral, describe_message
from sandbox.world import Json, Person, World


class Levers:
    """HTTP handlers under /world/slack/; people are named by e-mail or Slack id, channels by id or name."""

    def __init__(
        self, state: State, deeds: Deeds, delivery: Delivery, sockets: Sockets, membership: Membership
    ) -> None:
        self._state = state
        self._deeds = deeds
        self._delivery = delivery
        self._sockets = sockets
        self._membership = membership
        self._world: World = state.world

    def routes(self) -> list[web.RouteDef]:
        posts = {
            "slash": self.slash,
            "click": self.click,
            "submit": self.submit,
            "close": self.close,
            "options": self.options,
            "shortcut": self.shortcut,
            "say": self.say,
            "open_dm": self.open_dm,
            "open_home": self.open_home,
            "reload": self.reload,
            "transport": self.transport,
            "disconnect": self.disconnect,
            "chaos": self.chaos,
            "policy": self.policy,
            "scopes": self.scopes,
            "revoke": self.revoke,
            "channel": self.channel,
            "join": self.join,
            "profile": self.profile,
            "usergroup": self.usergroup,
        }
        gets = {
            "messages": self.messages,
            "ephemerals": self.ephemerals,
            "views": self.views,
            "home": self.home,
            "dms": self.dms,
            "wire": self.wire,
            "file": self.file,
            "connections": self.connections,
            "policy": self.policies,
        }
        return [web.post(f"/slack/{name}", handler) for name, handler in posts.items()] + [
            web.get(f"/slack/{name}", handler) for name, handler in gets.items()
        ]

    async def slash(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        channel = self._channel(asked.text("channel"), person)
        text, command = asked.text("text", ""), asked.text("command", None)
        return await _acked(self._deeds.slash(person, channel, text, command))

    async def click(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        action_id, block_id = asked.text("action_id"), asked.text("block_id", None)
        pressed = Pressed(action_id, block_id, asked.values.get("value"), asked.table("state", {}))
        if view := self._view(asked, person):
            return await _acked(self._deeds.click_in_view(person, view, pressed))
        channel = self._channel(asked.text("channel"), person)
        return await _acked(self._deeds.click(person, channel, asked.text("ts"), pressed))

    async def submit(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        view = self._own_view(asked.text("view_id"), person)
        return await _acked(self._deeds.submit(person, view, asked.table("values", {})))

    async def close(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        view = self._own_view(asked.text("view_id"), person)
        return await _acked(self._deeds.close(person, view, clear=asked.flag("cleared", False)))

    async def options(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        view = self._view(asked, person)
        where: Json = {}
        blocks = view.payload["blocks"] if view else []
        if view is None:
            channel = self._channel(asked.text("channel"), person)
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
        return await _acked(self._deeds.options(person, view, where, blocks, block_id, action_id, typed))

    async def shortcut(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person, callback_id = self._person(asked.text("user")), asked.text("callback_id")
        if asked.text("ts", None) is None:
            return await _acked(self._deeds.shortcut(person, callback_id))
        channel = self._channel(asked.text("channel"), person)
        ts = asked.text("ts")
        return await _acked(self._deeds.message_shortcut(person, callback_id, channel, ts))

    async def say(self, request: web.Request) -> web.Response:
        """{"user", "channel", "text", "thread_ts"}: a person writes a message; the app hears nothing of it."""
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        channel = self._channel(asked.text("channel"), person)
        try:
            ts = self._deeds.say(person, channel, asked.text("text"), asked.text("thread_ts", None))
        except Impossible as reason:
            refuse(str(reason))
        return web.json_response({"channel": channel.id, "ts": ts})

    async def open_dm(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        return web.json_response({"channel": self._state.workspace.dm_with(person.slack_id).id})

    async def open_home(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        tab = asked.text("tab", "home")
        if tab not in ("home", "messages"):
            refuse("tab must be home or messages")
        try:
            self._deeds.open_home(self._person(asked.text("user")), tab)
        except Impossible as reason:
            refuse(str(reason))
        return web.json_response({"ok": True})

    async def reload(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        return web.json_response({"gone": self._deeds.reload(self._person(asked.text("user")))})

    async def transport(self, request: web.Request) -> web.Response:
        """{"http_url": address or null}; the address must answer Slack's challenge unless verify is false."""
        asked = await Asked.of(request)
        url = asked.text("http_url", None)
        if url is not None:
            if not url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]")):
                refuse("http_url must be an http address on this machine")
            if asked.flag("verify", True):
                try:
                    await self._delivery.verify(url)
                except Refused as refusal:
                    refuse(f"the address did not answer Slack's challenge: {refusal.reason}")
        self._delivery.http_url = url
        return web.json_response({"http_url": url, "transport": "http" if url else "socket"})

    async def disconnect(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        reason = asked.text("reason", "refresh_requested")
        if reason == "crash":
            told = self._sockets.connected
            await self._sockets.close()
            return web.json_response({"closed": told})
        if reason not in REASONS:
            refuse(f"reason must be crash or one of {', '.join(sorted(REASONS))}")
        notice_s = asked.number("notice_s", None)
        return web.json_response({"closed": await self._sockets.disconnect(reason, notice_s=notice_s)})

    async def chaos(self, request: web.Request) -> web.Response:
        """{"duplicate": n, "shuffle": bool, "interactions": n}: deliver events twice, late and disordered."""
        asked = await Asked.of(request)
        wanted = {
            "duplicate": asked.whole("duplicate", 0),
            "shuffle": asked.flag("shuffle", False),
            "duplicate_interactions": asked.whole("interactions", 0),
        }
        return self._set_policy(wanted)

    async def policy(self, request: web.Request) -> web.Response:
        return self._set_policy((await Asked.of(request)).values)

    async def policies(self, request: web.Request) -> web.Response:
        return self._set_policy({})

    def _set_policy(self, wanted: Json) -> web.Response:
        try:
            self._state.policy.change(wanted)
        except ValueError as problem:
            refuse(str(problem))
        names = type(self._state.policy).__slots__
        return web.json_response({name: getattr(self._state.policy, name) for name in names})

    async def scopes(self, request: web.Request) -> web.Response:
        self._state.tokens.scopes = tuple((await Asked.of(request)).texts("bot"))
        return web.json_response({"bot": list(self._state.tokens.scopes)})

    async def revoke(self, request: web.Request) -> web.Response:
        """{"how": "token_revoked" | "account_inactive" | null}: the app's tokens stop (or begin) to work."""
        how = (await Asked.of(request)).text("how", None)
        if how not in ("token_revoked", "account_inactive", None):
            refuse("how must be token_revoked, account_inactive or null")
        self._state.tokens.revoked = how
        if how == "token_revoked":
            tokens = {"oauth": [], "bot": [self._state.workspace.bot_user_id]}
            self._state.emit({"type": "tokens_revoked", "tokens": tokens})
        elif how == "account_inactive":
            self._state.emit({"type": "app_uninstalled"})
        return web.json_response({"how": how})

    async def channel(self, request: web.Request) -> web.Response:
        """{"channel", "bot": bool, "archived": bool}: invite or remove the bot, archive or revive."""
        asked = await Asked.of(request)
        channel = self._channel(asked.text("channel"))
        if (bot := asked.flag("bot", None)) is not None:
            (channel.members.add if bot else channel.members.discard)(self._state.workspace.bot_user_id)
        if (archived := asked.flag("archived", None)) is not None:
            channel.archived = archived
        self._world.notify("channel:changed", {"channel": channel.id})
        return web.json_response({"channel": self.describe_channel(channel)})

    async def join(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        email = asked.text("email").lower()
        if email in self._world.people:
            refuse(f"{email} is here already", 409)
        person = Person(
            email=email,
            name=asked.text("name"),
            slack_id=self._world.make_id("U", email),
            title=asked.text("title", ""),
            department=asked.text("department", ""),
        )
        self._membership.join(person)
        return web.json_response({"slack_id": person.slack_id})

    async def profile(self, request: web.Request) -> web.Response:
        """{"user", "name", "title"}: an edit that sends user_change without any deactivation."""
        asked = await Asked.of(request)
        person = self._person(asked.text("user"))
        person.name = asked.text("name", person.name)
        person.title = asked.text("title", person.title)
        self._membership.changed(person)
        return web.json_response({"ok": True})

    async def usergroup(self, request: web.Request) -> web.Response:
        """{"handle", "users": [people], "disabled": bool}"""
        asked = await Asked.of(request)
        wanted = asked.text("handle")
        group = next((one for one in self._state.workspace.groups.values() if one.handle == wanted), None)
        if group is None:
            refuse(f"there is no user group {wanted}", 404)
        if (disabled := asked.flag("disabled", None)) is not None:
            group.disabled = disabled
        if (users := asked.texts("users", None)) is not None:
            self._membership.set_group(group, [self._person(who).slack_id for who in users])
        return web.json_response({"id": group.id, "users": self._state.workspace.group_members(group)})

    async def messages(self, request: web.Request) -> web.Response:
        """
        Oldest first, replies among them (they carry thread_ts).

        With `user`, also what only that person sees there (is_ephemeral true), in its place.
        """
        channel = self._channel(request.query.get("channel", ""))
        shown = self._state.workspace.messages_in(channel).values()
        described = [describe_message(self._state.workspace, one) | {"channel": channel.id} for one in shown]
        if who := request.query.get("user"):
            person = self._person(who)
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
        person = self._person(request.query.get("user", ""))
        return web.json_response({"ephemerals": self._ephemerals(person)})

    def _ephemerals(self, person: Person) -> list[Json]:
        workspace = self._state.workspace
        sender = {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
        shown = [one for one in workspace.ephemerals if one.user == person.slack_id]
        return [_describe_ephemeral(one) | sender for one in shown]

    async def views(self, request: web.Request) -> web.Response:
        """The open modals, bottom first; the last one is on top."""
        person = self._person(request.query.get("user", ""))
        stack = self._state.modals.stacks.get(person.slack_id, [])
        return web.json_response({"views": [self._describe_view(view) for view in stack]})

    async def home(self, request: web.Request) -> web.Response:
        person = self._person(request.query.get("user", ""))
        home = self._state.modals.homes.get(person.slack_id)
        return web.json_response({"view": self._describe_view(home) if home else None})

    async def dms(self, request: web.Request) -> web.Response:
        person = self._person(request.query.get("user", ""))
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

    def describe_channel(self, channel: Channel) -> Json:
        bot = self._state.workspace.bot_user_id in channel.members
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "private": channel.kind != "public",
            "alerts": channel.id == self._state.workspace.alert_channel.id,
            "topic": channel.topic,
            "archived": channel.archived,
            "bot_is_member": bot,
            "members": sorted(channel.members),
        }

    def _describe_view(self, view: View) -> Json:
        return self._state.modals.describe(view) | {"errors": dict(view.errors), "user": view.user}

    def _person(self, who: str) -> Person:
        person = self._world.person(who)
        if person is None:
            refuse(f"user: nobody here is called {who!r}", 404)
        return person

    def _channel(self, wanted: str, person: Person | None = None) -> Channel:
        """A channel by id or name; "dm" is the person's direct message with the app."""
        if wanted == "dm" and person is not None:
            return self._state.workspace.dm_with(person.slack_id)
        channel = self._state.workspace.channel(wanted)
        if channel is None:
            refuse(f"channel: there is no {wanted!r}", 404)
        return channel

    def _view(self, asked: Asked, person: Person) -> View | None:
        """The modal or home tab a request means, or None if it means a message."""
        if asked.flag("home", False):
            home = self._state.modals.homes.get(person.slack_id)
            if home is None:
                refuse("the app has published no home tab for this person", 404)
            return home
        view_id = asked.text("view_id", None)
        return self._own_view(view_id, person) if view_id else None

    def _own_view(self, view_id: str, person: Person) -> View:
        view = self._state.modals.find(view_id)
        if view is None or view.user != person.slack_id:
            refuse(f"{person.email} has no view {view_id}", 404)
        return view


async def _acked(deed: Any) -> web.Response:
    try:
        return web.json_response({"ack": await deed})
    except Impossible as reason:
        refuse(str(reason))


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
