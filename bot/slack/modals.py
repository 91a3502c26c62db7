"""Forms on somebody's screen: opened within Slack's three seconds, filled when there is something to say."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.chat.model import Para, Reply
from bot.errors import PlatformError
from bot.slack.clients import Clients
from bot.slack.failures import called
from bot.slack.render import loading_view, notice_view, render_view
from bot.slack.richtext import Json

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A view on somebody's screen. ``hash`` guards it against two updates crossing."""

    view_id: str
    hash: str
    title: str


class Modals:
    """Opens, pushes and updates views. Whatever Slack refuses is a False or None: there are other ways to answer."""

    def __init__(self, clients: Clients, command: str) -> None:
        self._clients = clients
        self._command = command

    async def loading(self, trigger_id: str, title: str, *, above: bool = False) -> Opened | None:
        """Show at once that something is coming. ``above``: on top of the view that is open."""
        return await self._open(trigger_id, loading_view(title), title, above)

    async def show(self, trigger_id: str, reply: Reply, channel: str, *, above: bool = False) -> bool:
        """Open the reply's form, or a view that only says the reply."""
        title = reply.form.title if reply.form else "Handover"
        return await self._open(trigger_id, self.view(reply, title, channel), title, above) is not None

    def view(self, reply: Reply, title: str, channel: str) -> Json:
        """The reply's form; without one, the reply itself to read."""
        if reply.form is not None:
            return render_view(reply.form, command=self._command, channel=channel)
        return notice_view(title, reply.parts or (Para((reply.summary,)),), command=self._command)

    async def fill(self, opened: Opened, reply: Reply, channel: str) -> bool:
        """Put the reply in the place of what was opened."""
        view = self.view(reply, opened.title, channel)
        return await self.update(opened.view_id, view, opened.hash)

    async def update(self, view_id: str, view: Json, known_hash: str = "") -> bool:
        """Change a view; False where it was closed, or changed by something newer."""
        call = self._clients.interactive.views_update(view_id=view_id, hash=known_hash or None, view=view)
        try:
            await called("views.update", call)
        except PlatformError as exc:
            log.info("a view could not be updated: %s", exc.hint)
            return False
        return True

    async def _open(self, trigger_id: str, view: Json, title: str, above: bool) -> Opened | None:
        client = self._clients.interactive
        opens = client.views_push if above else client.views_open
        try:
            answer = await called(
                "views.push" if above else "views.open", opens(trigger_id=trigger_id, view=view)
            )
        except PlatformError as exc:
            log.info("a view could not be opened: %s", exc.hint)
            return None
        shown: Mapping[str, Any] = answer.get("view") or {}
        return Opened(str(shown.get("id") or ""), str(shown.get("hash") or ""), title)
