"""What stands before every endpoint: too long addresses, too many slow requests, planted faults' wording."""

import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.salesforce import levers
from sandbox.salesforce.org import Org
from sandbox.salesforce.soap.envelope import fault_response

LONGEST_URI = 16_384
LONGEST_HEAD = 32_768
"""Bytes of the address, and of address and headers together, that are still answered."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Front:
    """Middlewares over one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._started: dict[int, float] = {}

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Outermost: how long each request has been under way, planted delays included."""
        key = id(request)
        self._started[key] = time.monotonic()
        try:
            return await handler(request)
        finally:
            del self._started[key]

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """
        Innermost: 414 and 431, the limit of concurrent long requests, leavers whose day has come.

        Source: REST API Developer Guide, status codes; Limits cheat sheet, concurrent requests; 2026-11-21.
        """
        levers.let_leavers_go(self._org)
        head = len(request.raw_path) + sum(len(k) + len(v) + 4 for k, v in request.raw_headers)
        if len(request.raw_path) > LONGEST_URI:
            return web.Response(status=414, text="URI Too Long")
        if head > LONGEST_HEAD:
            return web.Response(status=431, text="Request Header Fields Too Large")
        if request.path.startswith("/services/data/v") and self._long_requests() >= self._most():
            body = {
                "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
                "errorCode": "REQUEST_LIMIT_EXCEEDED",
            }
            return web.json_response([body], status=403)
        return await handler(request)

    def _most(self) -> int:
        return self._org.switches.long_requests_at_once

    def _long_requests(self) -> int:
        now, long = time.monotonic(), self._org.switches.long_request_s
        return sum(1 for started in self._started.values() if now - started >= long)

    def refuse(self, request: web.Request, status: int, retry_after_s: float) -> web.StreamResponse:
        """How this vendor words a planted 429 or 500. It has no 429: a used-up allowance is a 403."""
        limited = status == 429
        code = "REQUEST_LIMIT_EXCEEDED" if limited else "UNKNOWN_EXCEPTION"
        message = "TotalRequests Limit exceeded." if limited else "An unexpected error occurred."
        if request.path.startswith("/services/Soap"):
            return fault_response(code, message)
        if request.path.startswith(("/services/oauth2", "/id/")):
            error = "rate_limit_exceeded" if limited else "unknown_error"
            body = {"error": error, "error_description": message}
            return web.json_response(body, status=400 if limited else 500)
        return web.json_response([{"message": message, "errorCode": code}], status=403 if limited else 500)
