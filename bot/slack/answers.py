"""Ways for an answer to reach whoever asked, the next one where one is closed."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

import aiohttp

from bot.chat.model import Reply
from bot.errors import PlatformError, RateLimited
from bot.slack.clients import Clients
from bot.slack.failures import called
from bot.slack.render import render_message
from bot.slack.richtext import Json

log = logging.getLogger(__name__)

MOST_USES = (
    5  # of one response_url, within 30 minutes: docs.slack.dev/interactivity/handling-user-interaction
)
USABLE_FOR_S = 29 * 60.0
LONGEST_PAUSE_S = 5.0  # that an answer waits for Slack's pace; somebody is looking


@dataclass(slots=True)
class Asker:
    """Who waits for an answer, and where. ``url`` is Slack's response_url; ``ts`` the message acted upon."""

    user: str
    channel: str = ""
    url: str = field(default="", repr=False)
    ts: str = ""
    ephemeral: bool = False  # the message acted upon is seen by the asker alone
    uses: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def reachable(self) -> bool:
        """Whether the response_url should still work."""
        return bool(self.url) and self.uses < MOST_USES and time.monotonic() - self.since < USABLE_FOR_S


class Answers:
    """Answers through the response_url, else in the channel, else by direct message."""

    def __init__(self, clients: Clients, command: str) -> None:
        self._clients = clients
        self._command = command

    def payload(self, reply: Reply) -> Json:
        """A reply as the body of an acknowledgement or of a response_url."""
        kind = "in_channel" if reply.public else "ephemeral"
        return {"response_type": kind, **render_message(reply, command=self._command)}

    async def give(self, asker: Asker, reply: Reply) -> bool:
        """Let the asker see the reply; False, and a line in the log, where no way was open."""
        replace = reply.replace and bool(asker.ts or asker.ephemeral)
        if asker.reachable and await self._respond(
            asker, {**self.payload(reply), "replace_original": replace}
        ):
            return True
        message = render_message(reply, command=self._command)
        for way in self._ways(asker, reply):
            if await self._sent(way, asker, message):
                return True
        log.warning("an answer to %s found no way open", asker.user)
        return False

    async def _sent(self, way: str, asker: Asker, message: Json) -> bool:
        """Send one way, once more after a short pause where Slack asks for one."""
        for patient in (True, False):
            try:
                await self._send(way, asker, message)
            except RateLimited as exc:
                if patient and exc.retry_after_s <= LONGEST_PAUSE_S:
                    await asyncio.sleep(exc.retry_after_s)
                    continue
                log.info("an answer found %s closed: %s", way, exc.code)
            except PlatformError as exc:
                log.info("an answer found %s closed: %s", way, exc.code)
            else:
                return True
            break
        return False

    def _ways(self, asker: Asker, reply: Reply) -> list[str]:
        ways = ["replace"] if reply.replace and asker.ts and not asker.ephemeral else []
        if asker.channel:
            ways.append("channel" if reply.public else "ephemeral")
        return [*ways, "direct"]

    async def _send(self, way: str, asker: Asker, message: Json) -> None:
        client = self._clients.interactive
        match way:
            case "replace":
                await called("chat.update", client.chat_update(channel=asker.channel, ts=asker.ts, **message))
            case "channel":
                await self._post(asker.channel, message, "")
            case "ephemeral":
                call = client.chat_postEphemeral(channel=asker.channel, user=asker.user, **message)
                await called("chat.postEphemeral", call)
            case _:
                call = client.conversations_open(users=asker.user)
                opened = await called("conversations.open", call, person=asker.user)
                await self._post(str((opened.get("channel") or {}).get("id") or ""), message, asker.user)

    async def _post(self, channel: str, message: Json, person: str) -> None:
        call = self._clients.interactive.chat_postMessage(
            channel=channel, unfurl_links=False, unfurl_media=False, **message
        )
        await called("chat.postMessage", call, person=person)

    async def _respond(self, asker: Asker, body: Json) -> bool:
        asker.uses += 1
        try:
            async with self._clients.session.post(asker.url, json=body) as response:
                said = await response.text()
        except (aiohttp.ClientError, TimeoutError) as exc:
            log.info("a response_url did not answer: %s", type(exc).__name__)
            return False
        return response.status == 200 and '"ok":false' not in said.replace(" ", "")
