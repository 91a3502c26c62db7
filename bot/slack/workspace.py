"""One Slack workspace as ``bot.app`` sees it: what is sent, what comes in, and how the link does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.config import SlackSettings
from bot.people.model import Person
from bot.platform.ports import Health
from bot.slack.chat import Chat
from bot.slack.checkup import Look, checkup, listens
from bot.slack.clients import Clients, Tokens
from bot.slack.directory import Directory, person_of
from bot.slack.files import Files
from bot.slack.home import Home
from bot.slack.inbound import Dispatch, Inbound
from bot.slack.link import SocketLink

READY_WITHIN_S = 60.0  # a link that is gone for longer makes the bot unready


@dataclass(slots=True)
class Slack:
    """Opened without touching the network; connected last, when everything behind it runs."""

    settings: SlackSettings
    address: str  # where Slack sends to; "" in Socket Mode
    tokens: Tokens
    clients: Clients
    directory: Directory
    chat: Chat
    files: Files
    _inbound: Inbound | None = None
    _link: SocketLink | None = None
    _team: str = ""

    @classmethod
    async def open(cls, tokens: Tokens, settings: SlackSettings, address: str = "") -> Slack:
        """Make the clients.

        Raises:
            ConfigError: the address would send real tokens elsewhere than to Slack.
        """
        clients = await Clients.open(tokens, settings.api_url)
        chat = Chat(clients, settings.command)
        return cls(settings, address, tokens, clients, Directory(clients), chat, Files(clients))

    async def connect(self, dispatch: Dispatch) -> None:
        """Take in what people do: by Socket Mode, and this returns when connected, or through ``received``.

        Raises:
            AuthFailed, ConfigError: Slack refuses us for good.
        """
        home = Home(self.clients, self.settings.command)
        command = self.settings.command
        self._inbound = Inbound(dispatch, self.clients, home, command=command, signing=self.tokens.signing)
        if not self.address:
            self._link = SocketLink(self._inbound, self.clients, self.tokens.app)
            await self._link.connect()
        self._team = await self.directory.team()

    async def received(
        self, body: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, Sequence[str]], str]:
        """The answer to a request: status, headers and body. What Slack did not sign is not even parsed."""
        if self._inbound is None:
            return HTTPStatus.SERVICE_UNAVAILABLE, {}, ""  # Slack tries an event again
        if not self._signed(body, headers):
            return HTTPStatus.UNAUTHORIZED, {}, "Not signed by Slack, or not within five minutes."
        if (event := _event_of(body)) is not None:
            stored = await self._inbound.take(event)
            return (HTTPStatus.OK if stored else HTTPStatus.SERVICE_UNAVAILABLE), {}, ""
        answer = await self._inbound.app.async_dispatch(AsyncBoltRequest(body=body, headers=dict(headers)))
        return answer.status, answer.headers, answer.body

    def _signed(self, body: str, headers: Mapping[str, str]) -> bool:
        try:
            return SignatureVerifier(self.tokens.signing.reveal()).is_valid_request(body, dict(headers))
        except (ValueError, OverflowError, TypeError):  # no number, a preposterous one, not ASCII
            return False

    async def refresh_homes(self) -> int:
        """Show the Home tab anew to those who had it open lately and for whom it looks different; how many."""
        return await self._inbound.refresh_homes() if self._inbound is not None else 0

    async def refused(self) -> None:
        """Wait until Slack refuses us for good, and raise why."""
        if self._link is None:
            await asyncio.Event().wait()  # who only listens is refused nothing
        else:
            raise await self._link.failed()

    async def disconnect(self) -> None:
        """Take in nothing more, and let what was begun come to its end."""
        if self._link is not None:
            await self._link.close()
        if self._inbound is not None:
            await self._inbound.aclose()

    def person(self, user: Mapping[str, Any]) -> Person:
        """A member as an event brings it."""
        return person_of(user, self._team)

    def pulse(self) -> Health:
        """How the link does."""
        if self.address and self._inbound is not None:
            return Health(name="Slack", ok=True, detail="listening for its requests")
        if self._link is None:
            return Health(name="Slack", ok=False, detail="not connected yet")
        down_s = self._link.down_for_s()
        detail = "connected by Socket Mode" if self._link.connected() else f"link down for {down_s:.0f} s"
        return Health(name="Slack", ok=down_s < READY_WITHIN_S, detail=detail)

    async def checkup(self) -> tuple[Look, ...]:
        """What ``doctor`` looks at."""
        way_in = listens(self.clients, self.tokens, self.address) if self.address else None
        return await checkup(self.clients, self.tokens.app, self.settings.alert_channel, way_in)

    async def aclose(self) -> None:
        """Let go of sockets."""
        await self.clients.aclose()


def _event_of(body: str) -> Mapping[str, Any] | None:
    """The event that a signed request brings, where it brings one."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) and said.get("type") == "event_callback" else None
