"""
Response addresses: five answers within thirty minutes, without a token.

Source:
    docs.slack.dev/interactivity/handling-user-interaction, "message responses", read 2026-11-21. The HTTP
    status and text of a refusal (404 expired_url, 404 used_url) are UNCONFIRMED.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.world import World

USES = 5
LIVES = timedelta(minutes=30)


@dataclass(slots=True)
class Reach:
    """
    Where an answer goes: whose action in which channel.

    `message_ts` or `ephemeral_ts` is the message acted on, which replace_original and delete_original mean;
    for a command it becomes the first answer.
    """

    user: str
    channel: str
    at: datetime
    message_ts: str | None = None
    ephemeral_ts: str | None = None
    thread_ts: str | None = None
    left: int = USES


class ResponseUrls:
    def __init__(self, world: World) -> None:
        self._world = world
        self._issued: dict[str, Reach] = {}

    def issue(
        self,
        user: str,
        channel: str,
        *,
        message_ts: str | None = None,
        ephemeral_ts: str | None = None,
        thread_ts: str | None = None,
    ) -> tuple[str, Reach]:
        """The secret part of a new address, and what it reaches."""
        key = secrets.token_urlsafe(18)
        reach = Reach(user, channel, self._world.now, message_ts, ephemeral_ts, thread_ts)
        self._issued[key] = reach
        return key, reach

    def use(self, key: str) -> Reach:
        """Spend one use. Raises LookupError whose text is Slack's: invalid_url, expired_url or used_url."""
        reach = self._issued.get(key)
        if reach is None:
            raise LookupError("invalid_url")
        if self._world.now - reach.at > LIVES:
            raise LookupError("expired_url")
        if reach.left == 0:
            raise LookupError("used_url")
        reach.left -= 1
        return reach
