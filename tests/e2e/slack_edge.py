"""A Slack stand-in with our edge connected to it, and a dispatcher whose answers a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.chat.model import Option, Reply, Request
from bot.slack.clients import Clients, Tokens
from bot.slack.home import Home
from bot.slack.inbound import Inbound, Patience
from bot.slack.link import SocketLink
from bot.text import Secret
from sandbox.company import load
from sandbox.running import Sandbox, running
from tests.conformance.driving import WorldClient

QUICK = Patience(command=0.2, submit=0.2, search=0.2, opening=0.1, settle=0.1)


@dataclass
class Script:
    """A dispatcher that answers what it was told to, after as long as it was told to."""

    replies: list[Reply | Exception] = field(default_factory=list)
    after_s: float = 0.0
    title: str | None = None
    found: tuple[Option, ...] = ()
    requests: list[Request] = field(default_factory=list)
    events: list[tuple[str, str, Mapping[str, object]]] = field(default_factory=list)
    broken_events: int = 0
    event_error: Exception = field(default_factory=lambda: LookupError("a private name"))
    missed_all: int = 0

    async def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        await asyncio.sleep(self.after_s)
        reply = self.replies.pop(0) if self.replies else Reply(summary="Done")
        if isinstance(reply, Exception):
            raise reply
        return reply

    def modal(self, request: Request) -> str | None:
        return self.title

    async def search(self, request: Request) -> tuple[Option, ...]:
        self.requests.append(request)
        await asyncio.sleep(self.after_s)
        return self.found

    async def event(self, name: str, event: Mapping[str, object], event_id: str) -> None:
        if self.broken_events:
            self.broken_events -= 1
            raise self.event_error
        self.events.append((name, event_id, event))

    async def missed(self) -> None:
        self.missed_all += 1


@dataclass(frozen=True)
class Edge:
    """Everything a test drives."""

    sandbox: Sandbox
    world: WorldClient
    clients: Clients
    tokens: Tokens
    script: Script
    inbound: Inbound
    home: Home
    channel: str  # the alert channel

    async def ephemerals(self, user: str) -> list[dict[str, Any]]:
        return list((await self.world.get("/slack/ephemerals", user=user))["ephemerals"])

    async def messages(self, channel: str) -> list[dict[str, Any]]:
        return list((await self.world.get("/slack/messages", channel=channel))["messages"])

    async def views(self, user: str) -> list[dict[str, Any]]:
        return list((await self.world.get("/slack/views", user=user))["views"])

    def link(self) -> SocketLink:
        return SocketLink(self.inbound, self.clients, self.tokens.app, ping_every_s=0.5)


@asynccontextmanager
async def edge(patience: Patience = QUICK, *, people: int | None = None) -> AsyncIterator[Edge]:
    """Our edge beside a stand-in with so many people, not yet connected."""
    async with running(load(people=people), platforms=()) as sandbox, aiohttp.ClientSession() as http:
        slack = sandbox.ready["slack"]
        tokens = Tokens(
            bot=Secret(slack["bot_token"]),
            app=Secret(slack["app_token"]),
            signing=Secret(slack["signing_secret"]),
        )
        clients = await Clients.open(tokens, slack["api"])
        script, home = Script(), Home(clients, "/svc")
        inbound = Inbound(script, clients, home, command="/svc", signing=tokens.signing, patience=patience)
        world = WorldClient(sandbox.world_url, http)
        try:
            yield Edge(sandbox, world, clients, tokens, script, inbound, home, slack["channel"])
        finally:
            await inbound.aclose(1.0)
            await clients.aclose()


def words(shown: Any) -> str:
    """Everything a message or view says in its blocks."""
    if isinstance(shown, Mapping):
        own = [shown["text"]] if isinstance(shown.get("text"), str) else []
        return " ".join([*own, *filter(None, map(words, shown.values()))])
    if isinstance(shown, list):
        return " ".join(filter(None, map(words, shown)))
    return ""
