"""POST /slack/events: everything that Slack sends where the app has no Socket Mode, at one address.

The signature over the body and its age (five minutes at most) are checked before anything is parsed.
Source: docs.slack.dev/authentication/verifying-requests-from-slack, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.config.web import SLACK_EVENTS
from bot.web import bodies

LARGEST = 4 * 1024 * 1024  # bytes; a view of 250 kB comes back with its state, three letters for each byte
Receive = Callable[[str, Mapping[str, str]], Awaitable[tuple[int, Mapping[str, Sequence[str]], str]]]


class SlackEvents:
    """The route. ``receive`` takes body and headers, and gives status, headers and body."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    def routes(self) -> tuple[Route, ...]:
        """For the web server."""
        return (Route(SLACK_EVENTS, self._post, methods=["POST"]),)

    async def _post(self, request: Request) -> Response:
        body = await bodies.read(request, LARGEST)
        if body is None:
            return PlainTextResponse("The body is too large.", 413)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return PlainTextResponse("The body is not UTF-8.", 400)
        status, headers, said = await self._receive(text, dict(request.headers))
        response = Response(said, status)
        sent = MutableHeaders(raw=response.raw_headers)
        for name, values in headers.items():
            for value in values:
                sent.append(name, value)
        return response
