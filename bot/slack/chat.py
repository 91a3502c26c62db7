"""Sends what the outbox holds: posts, edits of every copy, replies in threads, direct messages.

Slack offers no key that makes a second posting the same one. So each carries an opaque id in its metadata, and
where the app was given channels:history (groups:history, im:history) a posting without an answer is looked for.
Source: docs.slack.dev/reference/methods/conversations.history, include_all_metadata, read 2026-11-21.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.chat.codec import decode_reply
from bot.chat.model import Note, Para, Reply
from bot.db.outbox import PostedCopy, Posting
from bot.errors import Forbidden, OutcomeUnknown, PlatformError, RateLimited, Rejected, Unreachable
from bot.slack.clients import Clients
from bot.slack.failures import CONNECTION, PersonUnreachable, called
from bot.slack.render import render_message
from bot.slack.richtext import Json

log = logging.getLogger(__name__)

POST_EVERY_S = 1.0  # per channel: docs.slack.dev/apis/web-api/rate-limits, read 2026-11-21
EVENT_TYPE = "handover_posting"
CLOCKS_DIFFER = timedelta(minutes=5)  # ours and Slack's, at most
PAGE = 200
_MEMBER = re.compile(r"[UW][A-Z0-9]{1,30}")
_GONE = frozenset({"message_not_found", "cant_update_message"})
_TOO_OLD = "edit_window_closed"


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where a posting stands now. ``copies``: every copy of an edited message, the reposted ones anew."""

    channel: str
    ts: str
    copies: tuple[PostedCopy, ...] = ()


class Chat:
    """The sender. Messages to one channel go one after the other; to several, at the same time."""

    def __init__(self, clients: Clients, command: str) -> None:
        self._clients = clients
        self._command = command
        self._next: dict[str, float] = {}
        self._direct: dict[str, str] = {}

    def next_slot(self, channel: str) -> float:
        """Seconds until something may be posted to ``channel`` (or to that member) without being told off."""
        return max(0.0, self._next.get(channel, 0.0) - time.monotonic())

    async def deliver(
        self, posting: Posting, copies: tuple[PostedCopy, ...], *, again: bool = False
    ) -> Delivered:
        """Post, edit or answer, as the posting asks; ``copies`` are those of its thread.

        An edit changes every copy; one that is gone is posted again, and one too old is answered in its thread.
        A copy that can never be changed does not keep the others from it. Waits for the channel's slot.
        ``again``: the message says that an earlier copy may stand above it.

        Raises:
            PersonUnreachable: the person cannot get direct messages; ``.person`` says who.
            Forbidden: the channel is closed to us; the hint says how to mend it.
            RateLimited: try again after ``retry_after_s``.
            Unreachable: it was not sent, or the edit may be made again.
            OutcomeUnknown: it was sent and nobody answered; ``find`` may tell.
            AuthFailed, Rejected: nothing was sent, and trying again will not help.
            SchemaMismatch: the body was written by another version.
        """
        message = self._message(posting, again=again)
        if posting.edit and copies:
            now = await self._edit_all(message, copies)
            mine = next((copy for copy in now if copy.recipient == posting.channel), now[0])
            return Delivered(mine.channel, mine.ts, now)
        above = _above(posting, copies)
        if above is not None:
            return await self._post(above.recipient, message | {"thread_ts": above.ts})
        return await self._post(posting.channel, message)

    async def find(
        self, posting: Posting, copies: tuple[PostedCopy, ...], since: datetime
    ) -> Delivered | None:
        """Where a message that was perhaps posted after ``since`` stands; None when it certainly does not.

        Raises:
            Forbidden: we may not read that conversation.
            PersonUnreachable, RateLimited, Unreachable, AuthFailed, Rejected: it could not be looked for.
        """
        channel = await self._place(posting.channel)
        where = {"channel": channel, "oldest": f"{(since - CLOCKS_DIFFER).timestamp():.6f}"}
        if above := _above(posting, copies):
            where["ts"] = above.ts
        wanted = {"id": _opaque(posting)}
        while True:
            answer = await self._page(where)
            for message in answer.get("messages") or ():
                metadata = message.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE and metadata.get("event_payload") == wanted:
                    return Delivered(channel, str(message["ts"]))
            where["cursor"] = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not where["cursor"]:
                return None

    async def _page(self, where: Mapping[str, Any]) -> dict[str, Any]:
        client, asked = self._clients.interactive, {**where, "include_all_metadata": True, "limit": PAGE}
        if "ts" in where:
            return await called("conversations.replies", client.conversations_replies(**asked))
        return await called("conversations.history", client.conversations_history(**asked))

    def _message(self, posting: Posting, *, again: bool) -> Json:
        reply = decode_reply(posting.body)
        revision = hashlib.sha256(posting.body).hexdigest()[:12]
        return {
            **render_message(_again(reply) if again else reply, command=self._command, revision=revision),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": _opaque(posting)}},
        }

    async def _edit_all(
        self, message: Mapping[str, object], copies: tuple[PostedCopy, ...]
    ) -> tuple[PostedCopy, ...]:
        now: list[PostedCopy] = []
        lost: list[PlatformError] = []
        later: list[PlatformError] = []
        for copy in copies:
            try:
                now.append(await self._edit(message, copy))
            except (RateLimited, Unreachable) as exc:
                later.append(exc)
            except (Forbidden, PersonUnreachable, Rejected) as exc:
                log.warning("a copy of a message can no longer be changed: %s", exc.code)
                lost.append(exc)
                now.append(copy)
        if later:
            raise later[0]  # the next attempt edits all again, which changes nothing where it worked
        if len(lost) == len(copies):
            raise lost[0]
        return tuple(now)

    async def _edit(self, message: Mapping[str, object], copy: PostedCopy) -> PostedCopy:
        call = self._clients.interactive.chat_update(channel=copy.channel, ts=copy.ts, **message)  # type: ignore[arg-type]  # a dict of what chat_update takes
        try:
            await called("chat.update", call)
        except Rejected as exc:
            if exc.vendor_code == _TOO_OLD:
                await self._post(copy.recipient, {**message, "thread_ts": copy.ts})
                return copy
            if exc.vendor_code not in _GONE:
                raise
            placed = await self._post(copy.recipient, message)
            return PostedCopy(
                thread=copy.thread, recipient=copy.recipient, channel=placed.channel, ts=placed.ts
            )
        return copy

    async def _post(self, recipient: str, message: Mapping[str, object]) -> Delivered:
        channel = await self._place(recipient)
        try:
            return await self._post_once(recipient, channel, message)
        except Forbidden as exc:
            if exc.scope != "not_in_channel":
                raise
            await self._join(channel, exc)
            return await self._post_once(recipient, channel, message)

    async def _post_once(self, recipient: str, channel: str, message: Mapping[str, object]) -> Delivered:
        wait_s = self.next_slot(recipient)
        self._next[recipient] = time.monotonic() + wait_s + POST_EVERY_S  # taken before anybody else can
        await asyncio.sleep(wait_s)
        call = self._clients.interactive.chat_postMessage(
            channel=channel,
            unfurl_links=False,
            unfurl_media=False,
            link_names=False,
            parse="none",
            **message,  # type: ignore[arg-type]  # a dict of what chat_postMessage takes
        )
        try:
            answer = await called("chat.postMessage", call, person=recipient if _is_person(recipient) else "")
        except RateLimited as exc:
            self._next[recipient] = time.monotonic() + exc.retry_after_s
            raise
        except Unreachable as exc:
            if isinstance(exc.__cause__, aiohttp.ClientConnectorError):
                raise  # nothing left this machine
            raise OutcomeUnknown(
                "Slack did not say whether the message arrived.",
                connection=CONNECTION,
                operation="chat.postMessage",
            ) from exc
        return Delivered(str(answer.get("channel") or channel), str(answer.get("ts") or ""))

    async def _place(self, recipient: str) -> str:
        """The channel of a recipient: itself, or the direct conversation with a member."""
        if not _is_person(recipient):
            return recipient
        if recipient not in self._direct:
            call = self._clients.interactive.conversations_open(users=recipient)
            answer = await called("conversations.open", call, person=recipient)
            self._direct[recipient] = str((answer.get("channel") or {}).get("id") or "")
        return self._direct[recipient]

    async def _join(self, channel: str, why: Forbidden) -> None:
        """Join a public channel; where that cannot be, the first refusal says more than the second."""
        try:
            await called("conversations.join", self._clients.interactive.conversations_join(channel=channel))
        except (Forbidden, Rejected) as exc:
            raise why from exc


def _above(posting: Posting, copies: tuple[PostedCopy, ...]) -> PostedCopy | None:
    """The message that a posting answers, for its recipient; None when it will be that message."""
    return next((copy for copy in copies if copy.recipient == posting.channel), None)


def _opaque(posting: Posting) -> str:
    """What its metadata may say: every app in the workspace can read it."""
    return hashlib.sha256(posting.idem_key.encode()).hexdigest()[:16]


def _again(reply: Reply) -> Reply:
    said = Note(("Sent again after an interruption: an earlier copy may stand above.",))
    return replace(reply, parts=(*(reply.parts or (Para((reply.summary,)),)), said))


def _is_person(recipient: str) -> bool:
    return _MEMBER.fullmatch(recipient) is not None
