"""Levers on the world's port for what an administrator, or Slack itself, does to the workspace."""

from __future__ import annotations

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.slack.delivery import Delivery, Refused
from sandbox.slack.membership import Membership
from sandbox.slack.naming import Names, describe_channel
from sandbox.slack.socket import REASONS, Sockets
from sandbox.slack.state import State
from sandbox.world import Json, Person


class Administration:
    """HTTP handlers under /world/slack/ that change transport, switches, people, groups and channels."""

    def __init__(
        self, state: State, names: Names, delivery: Delivery, sockets: Sockets, membership: Membership
    ) -> None:
        self._state = state
        self._names = names
        self._delivery = delivery
        self._sockets = sockets
        self._membership = membership

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/slack/policy", self.policies),
            web.post("/slack/transport", self.transport),
            web.post("/slack/disconnect", self.disconnect),
            web.post("/slack/chaos", self.chaos),
            web.post("/slack/policy", self.policy),
            web.post("/slack/scopes", self.scopes),
            web.post("/slack/revoke", self.revoke),
            web.post("/slack/channel", self.channel),
            web.post("/slack/join", self.join),
            web.post("/slack/profile", self.profile),
            web.post("/slack/usergroup", self.usergroup),
        ]

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
        channel = self._names.channel(asked.text("channel"))
        if (bot := asked.flag("bot", None)) is not None:
            (channel.members.add if bot else channel.members.discard)(self._state.workspace.bot_user_id)
        if (archived := asked.flag("archived", None)) is not None:
            channel.archived = archived
        self._state.world.notify("channel:changed", {"channel": channel.id})
        return web.json_response({"channel": describe_channel(self._state, channel)})

    async def join(self, request: web.Request) -> web.Response:
        asked = await Asked.of(request)
        email = asked.text("email").lower()
        if email in self._state.world.people:
            refuse(f"{email} is here already", 409)
        person = Person(
            email=email,
            name=asked.text("name"),
            slack_id=self._state.world.make_id("U", email),
            title=asked.text("title", ""),
            department=asked.text("department", ""),
        )
        self._membership.join(person)
        return web.json_response({"slack_id": person.slack_id})

    async def profile(self, request: web.Request) -> web.Response:
        """{"user", "name", "title", "guest": bool}: an edit that sends user_change without any deactivation."""
        asked = await Asked.of(request)
        person = self._names.person(asked.text("user"))
        person.name = asked.text("name", person.name)
        person.title = asked.text("title", person.title)
        person.guest = asked.flag("guest", person.guest)
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
            self._membership.set_group(group, [self._names.person(who).slack_id for who in users])
        return web.json_response({"id": group.id, "users": self._state.workspace.group_members(group)})
