"""Delivery of payloads to the app, by Socket Mode or by signed HTTP, with Slack's patience and retries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.slack import signing
from sandbox.slack.payloads import event_callback
from sandbox.slack.socket import Sockets
from sandbox.slack.state import State
from sandbox.world import Json

ACK_WITHIN_S = 3.0
RETRY_AFTER_S = (0.0, 60.0, 300.0)
"""Pauses before the three retries of an event, on the sandbox's clock."""
SHUFFLED_WITHIN_S = 0.3
CONNECTION_AWAITED_S = 30.0
TIMED_OUT: Json = {"error": "operation_timeout"}
"""What the person sees when no ack came within three seconds."""
FAILED: Json = {"error": "dispatch_failed"}
"""What they see when the app could not be reached or refused."""


class Refused(Exception):
    """The app's HTTP answer was not 2xx, or no connection could be made; `reason` is Slack's word for it."""

    def __init__(self, reason: str, *, no_retry: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.no_retry = no_retry


class Delivery:
    """One app's transport. `http_url` None means Socket Mode."""

    def __init__(self, state: State, sockets: Sockets) -> None:
        self.http_url: str | None = None
        self._state = state
        self._sockets = sockets
        self._tasks: set[asyncio.Task[None]] = set()
        self._events = 0
        self._session: aiohttp.ClientSession | None = None

    async def command(self, payload: dict[str, str]) -> Json:
        """The ack of a slash command, or {"error": operation_timeout or dispatch_failed}."""
        return await self._asked("slash_commands", dict(payload), urlencode(payload))

    async def interaction(self, payload: Json) -> Json:
        """The ack of an action, a submission, a request for options or a shortcut; as for commands."""
        form = urlencode({"payload": json.dumps(payload)})
        if payload["type"] == "block_actions":
            for _ in range(self._state.policy.duplicate_interactions):
                self.spawn(self._again("interactive", payload, form))
        return await self._asked("interactive", payload, form)

    async def _again(self, kind: str, payload: Json, form: str) -> None:
        await self._asked(kind, payload, form)

    async def _asked(self, kind: str, payload: Json, form: str) -> Json:
        self._state.world.counters["slack.deliveries"] += 1
        try:
            if self.http_url is None:
                return await self._sockets.send(kind, payload, answerable=True, timeout_s=ACK_WITHIN_S)
            return await self._post(self.http_url, form, "application/x-www-form-urlencoded", payload, kind)
        except TimeoutError:
            self._state.world.counters["slack.acks_missing"] += 1
            return dict(TIMED_OUT)
        except (ConnectionError, Refused):
            self._state.world.counters["slack.deliveries_failed"] += 1
            return dict(FAILED)

    def event(self, event: Json) -> None:
        """Send an event, once and again as chaos says, without waiting."""
        self._events += 1
        payload = event_callback(self._state, event, self._events)
        for _ in range(1 + self._state.policy.duplicate):
            self.spawn(self._event(payload))

    async def _event(self, payload: Json) -> None:
        if self._state.policy.shuffle:
            await asyncio.sleep(self._state.world.rng.uniform(0, SHUFFLED_WITHIN_S))
        reason = None
        for attempt in range(1 + len(RETRY_AFTER_S)):
            if attempt:
                await self._state.world.sleep(RETRY_AFTER_S[attempt - 1])
            self._state.world.counters["slack.deliveries"] += 1
            try:
                await self._event_once(payload, attempt, reason)
            except TimeoutError:
                reason = "timeout" if self.http_url is None else "http_timeout"
            except ConnectionError:  # no socket: real events are lost then
                self._state.world.counters["slack.events_lost"] += 1
                return
            except Refused as refusal:
                reason = refusal.reason
                if refusal.no_retry:
                    break
            else:
                return
        self._state.world.counters["slack.events_lost"] += 1

    async def _event_once(self, payload: Json, attempt: int, reason: str | None) -> None:
        if self.http_url is None:
            if self._state.policy.queue_events_without_socket:
                await self._sockets.wait_for_connection(CONNECTION_AWAITED_S)
            again: Json = {"retry_attempt": attempt, "retry_reason": reason or ""}
            await self._sockets.send("events_api", payload, answerable=False, timeout_s=ACK_WITHIN_S, **again)
            return
        retried = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason or ""} if attempt else {}
        await self._post(
            self.http_url, json.dumps(payload), "application/json", payload, "events_api", retried
        )

    async def verify(self, url: str) -> None:
        """Slack's check of a new request address. Raises Refused unless the challenge comes back."""
        challenge = f"{self._state.world.rng.getrandbits(160):040x}"
        asked = {
            "token": self._state.tokens.verification,
            "challenge": challenge,
            "type": "url_verification",
        }
        try:
            answer = await self._post(url, json.dumps(asked), "application/json", asked, "url_verification")
        except TimeoutError:
            raise Refused("http_timeout") from None
        if answer.get("challenge") != challenge and answer.get("text") != challenge:
            raise Refused("challenge_failed")

    async def _post(
        self,
        url: str,
        body: str,
        content_type: str,
        payload: Any,
        name: str,
        more: dict[str, str] | None = None,
    ) -> Json:
        """One signed request. A text answer becomes {"text": ...}, an empty one {}."""
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0", **(more or {})}
        secret = self._state.tokens.signing_secret
        headers |= signing.headers(secret, body, self._state.policy.signature)
        if self._session is None:
            self._session = aiohttp.ClientSession()
        self._state.wire.add("in", "http", name, payload)
        status: int | None = None
        text = ""
        try:
            async with (
                asyncio.timeout(ACK_WITHIN_S),
                self._session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as answer,
            ):
                status, text = answer.status, await answer.text()
                stop = answer.headers.get("X-Slack-No-Retry") == "1"
        except aiohttp.ClientError:
            raise Refused("connection_failed") from None
        finally:
            self._state.wire.add("out", "http", f"{name} answer", text, status)
        if not 200 <= status < 300:
            self._state.world.counters[f"slack.http_answers.{status}"] += 1
            raise Refused("http_error", no_retry=stop)
        return _answered(text)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background; ended with the stand-in."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _answered(text: str) -> Json:
    if not text.strip():
        return {}
    try:
        answer = json.loads(text)
    except json.JSONDecodeError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
