"""What people hold: permanent tokens, consents, and the connections of Wrike Integrate's flows."""

from __future__ import annotations

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.wrike.desk import Desk, label_of
from sandbox.wrike.oauth import OAuthError
from sandbox.wrike.seed import BOT_APP

MOST_RUNS = 1000


class HeldLevers:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/wrike/token", self.token),
            web.post("/wrike/revoke", self.revoke),
            web.post("/wrike/approve", self.approve),
            web.post("/wrike/connect", self.connect),
            web.post("/wrike/run", self.run),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """{"email"[, "label"]}: a person makes a permanent token. Its value is in this answer and nowhere else."""
        asked = await Asked.of(request)
        user = self._desk.user(asked)
        if user.deleted or not user.active:
            refuse(f"{user.email} cannot log in to make a token", 409)
        token = self._desk.tokens.issue_permanent(user, asked.text("label", "API app"))
        return self._desk.done(id=token.id, token=token.value)

    async def revoke(self, request: web.Request) -> web.Response:
        """{"id"} or {"email"[, "label"]}: one token or consent, or all of that person's."""
        asked = await Asked.of(request)
        wanted, label = asked.text("id", None), asked.text("label", None)
        user = self._desk.user(asked) if wanted is None else None
        meant = [
            held
            for held in self._desk.everything_held()
            if not held.revoked
            and (held.id == wanted or (user is not None and held.user_id == user.id))
            and (label is None or label_of(held) == label)
        ]
        if not meant:
            refuse("nothing like that is held", 404)
        for held in meant:
            self._desk.tokens.revoke(held)
        return self._desk.done(revoked=[held.id for held in meant])

    async def approve(self, request: web.Request) -> web.Response:
        """
        {"email"[, "client_id", "redirect_uri", "scope", "state"]}: a person logs in and allows an app.

        Answers {"code", "redirect"}. Without client_id: the bot's app.
        """
        asked = await Asked.of(request)
        client_id = asked.text("client_id", None)
        for client in self._desk.oauth.clients.values():
            if client.client_id == client_id or (client_id is None and client.label == BOT_APP):
                break
        else:
            refuse(f"no app has the client id {client_id}", 404)
        try:
            code, target = self._desk.oauth.approve(
                self._desk.user(asked),
                client,
                redirect_uri=asked.text("redirect_uri", None),
                scope=asked.text("scope", ""),
                state=asked.text("state", None),
            )
        except OAuthError as refusal:
            refuse(f"{refusal.error}: {refusal.description}", 409)
        return self._desk.done(code=code, redirect=target)

    async def connect(self, request: web.Request) -> web.Response:
        """{"flow", "email"}: somebody signs in to the connection of a Wrike Integrate flow."""
        asked = await Asked.of(request)
        flow, user = self._desk.named_flow(asked), self._desk.user(asked)
        if user.deleted or not user.active:
            refuse(f"{user.email} cannot log in", 409)
        self._desk.flows.connect(flow, user)
        return self._desk.done(**self._desk.flow(flow))

    async def run(self, request: web.Request) -> web.Response:
        """{"flow"[, "times"]}: a flow runs; {"failing"} tells why it did not, or null."""
        asked = await Asked.of(request)
        flow, times = self._desk.named_flow(asked), asked.whole("times", 1)
        if not 1 <= times <= MOST_RUNS:
            refuse(f"times must lie between 1 and {MOST_RUNS}")
        for _ in range(times):
            self._desk.flows.run(flow)
        return self._desk.done(flow=flow.name, failing=flow.failing)
