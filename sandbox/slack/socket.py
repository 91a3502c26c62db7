"""
Socket Mode: the app's web sockets, the envelopes sent over them and their acknowledgements.

Source:
    docs.slack.dev/apis/events-api/using-socket-mode, read 2026-11-21.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.state import State
from sandbox.wire import WHO
from sandbox.world import Json

CONNECTIONS = 10
APPROXIMATE_LIFE_S = 18_060
WARNED_S = 10.0
REASONS = frozenset({"warning", "refresh_requested", "link_disabled", "too_many_websockets"})
_BUILD = 54


@dataclass(eq=False, slots=True)
class _Connection:
    socket: web.WebSocketResponse
    host: str
    waiting: set[str] = field(default_factory=set)


class Sockets:
    """Every open connection of the app; each payload goes to any one of them, as with Slack."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._open: list[_Connection] = []
        self._acks: dict[str, asyncio.Future[Any]] = {}
        self._expired: set[str] = set()
        self._arrived = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/link/", self.connect)]

    @property
    def connected(self) -> int:
        return len(self._open)

    async def wait_for_connection(self, timeout_s: float) -> bool:
        """Whether somebody was or came to be connected in time."""
        if self._open:
            return True
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def connect(self, request: web.Request) -> web.StreamResponse:
        request[WHO] = "app"
        if not self._state.tickets.use(request.query.get("ticket", "")):
            return web.Response(status=403, text="unknown, used or expired ticket")
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        connection = _Connection(socket, f"applink-sandbox-{len(self._open) + 1}")
        if len(self._open) >= CONNECTIONS:
            await self._goodbye(connection, "too_many_websockets")
            return socket
        await socket.send_json(self._hello(connection))
        self._open.append(connection)
        self._arrived.set()
        self._state.world.notify("connection:changed", {"connected": self.connected})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(message.data)
        finally:
            self._forget(connection)
        return socket

    def _hello(self, connection: _Connection) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connected + 1,
            "debug_info": {
                "host": connection.host,
                "build_number": _BUILD,
                "approximate_connection_time": APPROXIMATE_LIFE_S,
            },
            "connection_info": {"app_id": self._state.workspace.app_id},
        }

    def _receive(self, text: str) -> None:
        try:
            ack = json.loads(text)
            envelope_id = ack["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self._state.world.counters["slack.unreadable_acks"] += 1
            return
        self._state.wire.add("out", "socket", "ack", ack)
        waiting = self._acks.pop(envelope_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack.get("payload") or {})
        elif envelope_id in self._expired:
            self._expired.discard(envelope_id)
            self._state.world.counters["slack.acks_late"] += 1

    def _forget(self, connection: _Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)
        if not self._open:
            self._arrived.clear()
        self._state.world.notify("connection:changed", {"connected": self.connected})

    async def send(
        self, kind: str, payload: Json, *, answerable: bool, timeout_s: float, **also: Any
    ) -> Json:
        """
        Deliver one payload and wait for its ack's payload ({} if it had none).

        Raises ConnectionError when nobody is connected, TimeoutError when no ack came in time.
        """
        envelope_id = str(uuid.UUID(int=self._state.world.rng.getrandbits(128), version=4))
        envelope = {
            "envelope_id": envelope_id,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": answerable,
            **also,
        }
        acked: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._acks[envelope_id] = acked
        try:
            await self._push(envelope)
            self._state.wire.add("in", "socket", kind, envelope)
            async with asyncio.timeout(timeout_s):
                answer: Json = await acked
                return answer
        except TimeoutError:
            self._expired.add(envelope_id)
            raise
        finally:
            self._acks.pop(envelope_id, None)

    async def _push(self, envelope: Json) -> None:
        """Hand an envelope to one connection, trying the others when that one is closing."""
        for connection in self._state.world.rng.sample(self._open, len(self._open)):
            try:
                await connection.socket.send_json(envelope)
            except (ConnectionError, RuntimeError):  # closing: Slack would pick another one too
                self._forget(connection)
            else:
                return
        raise ConnectionError("the app has no Socket Mode connection")

    async def disconnect(self, reason: str, *, notice_s: float | None = None) -> int:
        """
        Tell every connection to go, then close it: at once, or after `notice_s` (10 s for a warning).

        Returns how many were told. The app may connect again at once, also after link_disabled (what Slack
        answers to apps.connections.open then is UNCONFIRMED).
        """
        told = list(self._open)
        notice_s = (WARNED_S if reason == "warning" else 0.0) if notice_s is None else notice_s
        await asyncio.gather(*(self._goodbye(connection, reason, notice_s) for connection in told))
        return len(told)

    async def _goodbye(self, connection: _Connection, reason: str, notice_s: float = 0.0) -> None:
        goodbye = {"type": "disconnect", "reason": reason, "debug_info": {"host": connection.host}}
        try:
            await connection.socket.send_json(goodbye)
        except (ConnectionError, RuntimeError):
            return
        self._state.wire.add("in", "socket", "disconnect", goodbye)
        await asyncio.sleep(notice_s)
        self._forget(connection)
        await connection.socket.close()

    async def close(self) -> None:
        """Drop every connection without a word, as a crash of Slack's host would."""
        for connection in tuple(self._open):
            self._forget(connection)
            await connection.socket.close()
