"""The Socket Mode connection: kept up, watched, and given up only where Slack says it is for good."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import AuthFailed, BotError, ConfigError
from bot.slack.clients import Clients
from bot.slack.failures import CONNECTION, REFUSED, error_code
from bot.slack.inbound import Inbound
from bot.slack.redaction import VENDOR_LOGGER
from bot.slack.work import Work
from bot.text import Secret

log = logging.getLogger(__name__)

RENEW_AFTER_S = 45.0  # a connection that the library has not brought back by itself is made anew
LOOK_EVERY_S = 1.0
LOOK_WHILE_DOWN_S = 0.05
PING_EVERY_S = 10.0
_SWITCHED_OFF = "link_disabled"


class SocketLink:
    """One connection. Several replicas may each have one: Slack gives every payload to any of them."""

    def __init__(
        self,
        inbound: Inbound,
        clients: Clients,
        app_token: Secret,
        *,
        ping_every_s: float = PING_EVERY_S,
        renew_after_s: float = RENEW_AFTER_S,
    ) -> None:
        self._inbound = inbound
        self._events = Work()
        self._web = clients.interactive
        self._app_token = app_token
        self._ping_every_s = ping_every_s
        self._renew_after_s = renew_after_s
        self._client: _Socket | None = None
        self._watch: asyncio.Task[None] | None = None
        self._down_since: float | None = time.monotonic()
        self._settled = asyncio.Event()  # connected once, or refused for good
        self._given_up = asyncio.Event()
        self.failure: BotError | None = None

    async def connect(self) -> None:
        """Begin, and return when connected; while Slack cannot be reached this waits and keeps trying.

        Raises:
            AuthFailed: the app-level token was refused.
            ConfigError: Socket Mode is switched off for the app.
        """
        if self._watch is None:
            self._watch = asyncio.create_task(self._keep_up(), name="slack link")
        await self._settled.wait()
        if self.failure is not None:
            raise self.failure

    async def close(self) -> None:
        """Disconnect and stop trying. Payloads taken in already are still answered by ``Inbound``."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await self._drop()

    def connected(self) -> bool:
        """Whether payloads can reach us now, as of the last look (at most about a second ago)."""
        return self._down_since is None

    def down_for_s(self) -> float:
        """Seconds without a connection; 0 while there is one. Readiness fails at 60."""
        return 0.0 if self._down_since is None else time.monotonic() - self._down_since

    async def failed(self) -> BotError:
        """Wait until Slack refuses us for good, and say why; the process should stop then."""
        await self._given_up.wait()
        assert self.failure is not None  # noqa: S101  set before the event
        return self.failure

    async def _keep_up(self) -> None:
        while self.failure is None:
            client = self._client = _Socket(self._web, self._app_token, self._handle, self._ping_every_s)
            begun = time.monotonic()
            connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]  # vendor's
            try:
                while self.failure is None and not self._stuck(begun):
                    await self._look(client)
                    await asyncio.sleep(LOOK_EVERY_S if self.connected() else LOOK_WHILE_DOWN_S)
            finally:
                connecting.cancel()
            await self._drop()

    def _stuck(self, begun: float) -> bool:
        return min(self.down_for_s(), time.monotonic() - begun) > self._renew_after_s

    async def _look(self, client: _Socket) -> None:
        if client.refusal:
            self.failure = _failure(client.refusal)
            log.error("Slack refused the connection for good: %s", self.failure.hint)
            self._down()
            self._given_up.set()
            self._settled.set()
        elif await client.is_connected():
            if self._down_since is not None:
                log.info("connected to Slack after %.1f s", self.down_for_s())
            self._down_since = None
            self._settled.set()
        elif self._down_since is None:
            log.warning("the connection to Slack is down")
            self._down()

    def _down(self) -> None:
        if self._down_since is None:
            self._down_since = time.monotonic()

    async def _drop(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            self._down()
            await client.close()  # type: ignore[no-untyped-call]

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if (
            request.type == "events_api"
        ):  # on its own, since a store that waits must not keep commands waiting
            self._events.start(self._event(client, request))
            return
        started = time.time()
        response = await run_async_bolt_app(self._inbound.app, request)
        await send_async_response(client, request, response, started)

    async def _event(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledge an event once it is stored; without that, Slack sends it again."""
        if await self._inbound.take(request.payload):
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


class _Socket(SocketModeClient):
    """The library's client, except that it stops where trying again cannot help.

    Left alone it asks for a new address every few seconds for ever, even when Socket Mode was switched off.
    """

    def __init__(self, web: AsyncWebClient, app_token: Secret, handle: Any, ping_every_s: float) -> None:
        super().__init__(
            app_token=app_token.reveal(),
            web_client=web,
            logger=logging.getLogger(VENDOR_LOGGER),
            ping_interval=ping_every_s,
            on_message_listeners=[self._overhear],
        )
        self.proxy = web.proxy  # the library reads the environment's, even for a sandbox on this machine
        self.refusal = ""
        self.socket_mode_request_listeners.append(handle)

    async def issue_new_wss_url(self) -> str:
        if self.refusal:
            raise aiohttp.ClientError("refused for good")
        try:
            return await super().issue_new_wss_url()
        except SlackApiError as exc:
            code = error_code(exc)
            if code in REFUSED | {_SWITCHED_OFF, "forbidden_team"}:
                self._give_up(code)
            raise

    async def _overhear(self, message: aiohttp.WSMessage) -> None:
        """Runs before the library reacts to the same message."""
        if not isinstance(message.data, str) or '"disconnect"' not in message.data:
            return
        with contextlib.suppress(ValueError):
            said = json.loads(message.data)
            if said.get("type") == "disconnect" and said.get("reason") == _SWITCHED_OFF:
                self._give_up(_SWITCHED_OFF)

    def _give_up(self, code: str) -> None:
        self.refusal = code
        self.closed = True  # ends the library's own loops
        self.auto_reconnect_enabled = False


def _failure(code: str) -> BotError:
    if code == _SWITCHED_OFF:
        return ConfigError(
            "Socket Mode is switched off for the Slack app: its settings, Socket Mode, Enable."
        )
    return AuthFailed(
        f"Slack refused the app-level token ({code}): Basic Information, App-Level Tokens, scope "
        "connections:write.",
        connection=CONNECTION,
        operation="apps.connections.open",
    )
