"""The Home tab, published when it would look different."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from bot.chat.model import Part
from bot.errors import Rejected
from bot.slack.clients import Clients
from bot.slack.failures import called
from bot.slack.render import render_home
from bot.slack.richtext import Json

log = logging.getLogger(__name__)

_REFUSED_BLOCKS = frozenset({"invalid_arguments", "invalid_blocks", "invalid_blocks_format"})
REMEMBERED = 5_000  # people whose Home we know the look of


class Home:
    """Publishes to one person at a time; knows what each saw last."""

    def __init__(self, clients: Clients, command: str) -> None:
        self._clients = clients
        self._command = command
        self._charts = True  # until Slack refuses one: not every Slack has the block of 2026
        self._shown: OrderedDict[str, tuple[str, str]] = OrderedDict()  # person → digest, Slack's hash

    def viewers(self) -> tuple[str, ...]:
        """Who opened their Home tab lately, the latest first."""
        return tuple(reversed(self._shown))

    async def publish(self, user: str, parts: Sequence[Part], *, again: bool = False) -> bool:
        """Show ``parts`` on somebody's Home tab; False when they see just that already.

        ``again``: they did not open it just now, so they do not count as a later viewer.

        Slack's hash guards against an older publication overtaking a newer one; where it conflicts, what we hold
        now is the newer.

        Raises:
            Forbidden: the Home tab is switched off.
            PlatformError: it may or may not be shown.
        """
        view = render_home(parts, command=self._command, charts=self._charts)
        digest = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
        known, seen = self._shown.get(user, ("", ""))
        if digest == known:
            return False
        try:
            answer = await self._published(user, view, seen)
        except Rejected as exc:
            plain = render_home(parts, command=self._command, charts=False)
            if exc.vendor_code not in _REFUSED_BLOCKS or plain == view:
                raise
            answer = await self._published(user, plain, seen)
            log.warning("Slack refused the Home tab's chart (%s): it is a list from now on", exc.vendor_code)
            self._charts = False
        self._shown[user] = (digest, str((answer.get("view") or {}).get("hash") or ""))
        if not again:
            self._shown.move_to_end(user)
        while len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
        return True

    async def _published(self, user: str, view: Json, seen: str) -> dict[str, Any]:
        publish = self._clients.interactive.views_publish
        try:
            return await called("views.publish", publish(user_id=user, view=view, hash=seen or None))
        except Rejected as exc:
            if exc.vendor_code != "hash_conflict":
                raise
            return await called("views.publish", publish(user_id=user, view=view))
