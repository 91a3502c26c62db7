"""A file for one person, in their direct messages with the bot.

Source: docs.slack.dev/messaging/working-with-files, files.getUploadURLExternal and files.completeUploadExternal,
read 2026-11-21.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

from bot.errors import OutcomeUnknown, ProtocolChanged, Unreachable
from bot.slack.clients import Clients
from bot.slack.failures import CONNECTION, called

OPERATION = "files.upload"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Files:
    """Uploads in Slack's three steps. Nothing is seen by anybody until the last."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def give(self, person: str, name: str, title: str, content: bytes) -> None:
        """Put a file into somebody's direct messages.

        Raises:
            PersonUnreachable: they get no direct messages. Unreachable, RateLimited: it did not get there.
            ProtocolChanged: Slack named an address that a file must not be sent to.
            OutcomeUnknown: the last step got no answer; it may have arrived.
        """
        client = self._clients.interactive
        opened = await called("conversations.open", client.conversations_open(users=person), person=person)
        ticket = await called(
            "files.getUploadURLExternal",
            client.files_getUploadURLExternal(filename=name, length=len(content)),
        )
        await self._send(str(ticket.get("upload_url") or ""), content)
        share = client.files_completeUploadExternal(
            files=[{"id": str(ticket.get("file_id") or ""), "title": title}],
            channel_id=str((opened.get("channel") or {}).get("id") or ""),
        )
        try:
            await called("files.completeUploadExternal", share, person=person)
        except Unreachable as exc:
            raise OutcomeUnknown(
                "Slack did not say whether the file arrived. Look at your messages before you ask again.",
                connection=CONNECTION,
                operation=OPERATION,
            ) from exc

    async def _send(self, url: str, content: bytes) -> None:
        """The bytes, to the address that Slack named; our token is not sent there."""
        address = urlsplit(url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise ProtocolChanged(
                "Slack named no safe address for the file.", connection=CONNECTION, operation=OPERATION
            )
        try:
            async with self._clients.session.post(url, data=content) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise Unreachable(
                "Slack did not take the file. Try again in a minute.",
                connection=CONNECTION,
                operation=OPERATION,
            ) from exc
        if status != 200:
            raise Unreachable(
                "Slack did not take the file. Try again in a minute.",
                connection=CONNECTION,
                operation=OPERATION,
            )
