"""POST /hooks/scim: an identity provider says that somebody was deactivated. Signed; see docs/runbook.md.

The signature is hex HMAC-SHA256, with the secret as key, of ``v1:{timestamp}:{body}``. A message is taken for five
minutes after it was signed, and each only once: what was signed no later than what was last heard of a person is a
replay, over restarts and processes.
"""

from __future__ import annotations

import hashlib
import hmac
import json

import structlog
from aiolimiter import AsyncLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.errors import BotError, Conflict, NotFound, UserError
from bot.people import scim
from bot.people.members import People
from bot.text import Secret
from bot.web import bodies

log = structlog.get_logger()
PATH = "/hooks/scim"
TIMESTAMP, SIGNATURE = "x-handover-timestamp", "x-handover-signature"
TAKEN_FOR_S = 300
LARGEST = 64 * 1024  # bytes
A_MINUTE = 600


class ScimHook:
    """The route. One for the process: it counts what is posted."""

    def __init__(self, people: People, secret: Secret, clock: Clock) -> None:
        self._people = people
        self._secret = secret
        self._clock = clock
        self._posts = AsyncLimiter(A_MINUTE, 60)

    def routes(self) -> tuple[Route, ...]:
        """For the web server."""
        return (Route(PATH, self._post, methods=["POST"]),)

    async def _post(self, request: Request) -> Response:
        if not self._posts.has_capacity():
            return _said(429, "Too much at once. Try again in a minute.")
        await self._posts.acquire()
        body = await bodies.read(request, LARGEST)
        if body is None:
            return _said(413, "The body is too large.")
        stamp = request.headers.get(TIMESTAMP, "")
        if not self._signed(stamp, body, request.headers.get(SIGNATURE, "")):
            log.warning("scim.refused")
            return _said(401, "Not signed with our secret, or not within five minutes.")
        try:
            return await self._heard(body, int(stamp))
        except BotError as exc:
            log.info("scim.not_taken", code=exc.code)
            status = 404 if isinstance(exc, NotFound) else 409 if isinstance(exc, Conflict) else 400
            return _said(status if isinstance(exc, UserError) else 503, exc.hint)

    async def _heard(self, body: bytes, signed_at: int) -> Response:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return _said(400, "The body is not JSON.")
        word = scim.read(message)
        if word.active is not None:
            await self._people.struck(word.email, active=word.active, signed_at=signed_at)
        return Response(status_code=204)

    def _signed(self, stamp: str, body: bytes, signature: str) -> bool:
        good = f"v1={sign(self._secret, stamp, body)}"
        same = hmac.compare_digest(good.encode(), signature.encode("utf-8", "replace"))
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
            return False
        return same and abs(self._clock.now().timestamp() - int(stamp)) <= TAKEN_FOR_S


def sign(secret: Secret, stamp: str, body: bytes) -> str:
    """The signature of a body that is sent at ``stamp``, without its version."""
    text = b"v1:" + stamp.encode("utf-8", "replace") + b":" + body
    return hmac.new(secret.reveal().encode(), text, hashlib.sha256).hexdigest()


def _said(status: int, detail: str) -> Response:
    """An error as SCIM writes them (RFC 7644 section 3.12)."""
    schema = "urn:ietf:params:scim:api:messages:2.0:Error"
    return JSONResponse(
        {"schemas": [schema], "status": str(status), "detail": detail},
        status_code=status,
        headers={"Cache-Control": "no-store"},
    )
