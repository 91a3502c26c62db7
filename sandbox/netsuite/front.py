"""What stands before every endpoint: the account's concurrency limit, errors' shapes, planted faults' wording."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import format_datetime

from aiohttp import web

from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.door import refused
from sandbox.netsuite.errors import ApiError, response

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OVER = web.RequestKey("over", bool)
"""True for a request that came while as many others were under way as the account may have."""
_UNGOVERNED = ("/app/login", "/rest/", "/services/rest/auth/oauth2/v1/token")
TOO_MANY = "Concurrent request limit exceeded. Request blocked."


class Front:
    """Middlewares over one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.active = 0
        """Requests under way that count against the account's limit."""

    async def dated(self, request: web.Request, answer: web.StreamResponse) -> None:
        """The Date of every answer is the account's own clock, wrong or right, as a server's is."""
        answer.headers["Date"] = format_datetime(self._account.now.astimezone(UTC), usegmt=True)

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Outermost: a request over the limit is marked when it comes, and takes no place."""
        if request.path.startswith(_UNGOVERNED):
            return await handler(request)
        request[OVER] = self.active >= self._account.switches.concurrency_limit
        if request[OVER]:
            self._account.world.counters["netsuite.over_limit"] += 1
            return await handler(request)
        self.active += 1
        self._account.world.counters["netsuite.most_at_once"] = max(
            self.active, self._account.world.counters["netsuite.most_at_once"]
        )
        try:
            return await handler(request)
        finally:
            self.active -= 1

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """
        Innermost: refuses what is over the limit, and words every refusal.

        Source: facts §3, concurrency; the REST body and RESTlets' 400 are UNCONFIRMED; overload may look like a 401.
        """
        try:
            if request.get(OVER):
                raise await self._over(request)
            return await handler(request)
        except ApiError as problem:
            error = problem
        except web.HTTPNotFound:
            error = ApiError(404, "NONEXISTENT_ID", f"The URL {request.path} does not exist.")
        except web.HTTPMethodNotAllowed as problem:
            allowed = {"Allow": ", ".join(sorted(problem.allowed_methods))}
            error = ApiError(405, "INVALID_METHOD", f"{request.method} is not allowed here.", headers=allowed)
        return response(request.path, error)

    async def _over(self, request: web.Request) -> ApiError:
        switches = self._account.switches
        if switches.overload == "401_after_wait":
            await self._account.world.sleep(switches.overload_wait_s)
            bearer = request.headers.get("Authorization", "").lower().startswith("bearer")
            return refused(self._account, request, bearer=bearer)
        return _too_many(request, switches.retry_after_s)

    def refuse(self, request: web.Request, status: int, retry_after_s: float) -> web.StreamResponse:
        """How this vendor words a planted 429 or 500."""
        if status == 429:
            return response(request.path, _too_many(request, retry_after_s))
        detail = "An unexpected error has occurred. Error ID: m2x0sandbox"
        return response(request.path, ApiError(500, "UNEXPECTED_ERROR", detail))


def _too_many(request: web.Request, retry_after_s: float | None) -> ApiError:
    if request.path.startswith("/app/site/hosting"):
        return ApiError(400, "SSS_REQUEST_LIMIT_EXCEEDED", TOO_MANY)
    headers = {} if retry_after_s is None else {"Retry-After": f"{retry_after_s:g}"}
    return ApiError(429, "CONCURRENCY_LIMIT_EXCEEDED", TOO_MANY, headers=headers)
