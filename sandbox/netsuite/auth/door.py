"""The door of every protected endpoint: either kind of sign-in, one kind of refusal."""

from __future__ import annotations

from aiohttp import web

from sandbox import wire
from sandbox.netsuite.account import Account
from sandbox.netsuite.auth import audit, bearers, tba
from sandbox.netsuite.auth.addresses import candidates, query
from sandbox.netsuite.auth.callers import Attempt, BearerMalformed, Caller, LoginRefused
from sandbox.netsuite.errors import INVALID_LOGIN, ApiError


def signed(request: web.Request) -> tba.Signed:
    return tba.Signed(
        request.method, candidates(request), query(request), request.headers.get("Authorization", "")
    )


def origin(request: web.Request) -> audit.Origin:
    return audit.Origin(request.path, request.remote or "127.0.0.1", request.headers.get("User-Agent", ""))


def enter(account: Account, request: web.Request, scope: str) -> Caller:
    """
    The caller behind a request to a service of that scope (rest_webservices or restlets), noted in the audit trail.

    Raises:
        ApiError: 401, always with the same words; 400 for a bearer header without a token.
    """
    header = request.headers.get("Authorization", "")
    kind = header.partition(" ")[0].lower()
    try:
        if kind == "bearer":
            found = bearers.caller(account, header, scope)
        elif kind == "oauth":
            found = tba.caller(account, signed(request))
        else:
            raise LoginRefused(None)
    except BearerMalformed:
        raise refused(account, request, bearer=True, error="invalid_request", status=400) from None
    except LoginRefused as problem:
        note_refusal(account, request, problem)
        raise refused(account, request, bearer=kind == "bearer") from None
    request[wire.WHO] = found.who
    if found.token is not None or account.switches.m2m_audit in ("call", "both"):
        attempt = Attempt(found.application, found.token, found.entity, found.role)
        audit.record(account, attempt, origin(request))
    return found


def note_refusal(account: Account, request: web.Request, problem: LoginRefused) -> None:
    """Put a refusal into the audit trail and into the request log."""
    account.world.counters[f"netsuite.refused.{problem.detail or 'unlogged'}"] += 1
    if problem.attempt.entity is not None:
        request[wire.WHO] = f"{account.name('employee', problem.attempt.entity)} (refused)"
    if problem.detail is not None:
        audit.record(account, problem.attempt, origin(request), problem.detail)


def refused(
    account: Account, request: web.Request, *, bearer: bool, error: str = "", status: int = 401
) -> ApiError:
    """
    The refusal, whose body never says why.

    Source: REST web services error messages; OAuth 2.0 access to REST web services and RESTlets, facts §1, §2.
    """
    scheme, realm = ("Bearer", account.id) if bearer else ("OAuth", account.id)
    error = error or ("invalid_token" if bearer else "token_rejected")
    challenge = f'{scheme} realm="{realm}", error="{error}", error_description="Invalid login attempt."'
    headers = {"WWW-Authenticate": challenge}
    if request.path.startswith("/services/rest"):
        return ApiError(status, "INVALID_LOGIN", INVALID_LOGIN, headers=headers)
    code, message = account.switches.restlet_401
    return ApiError(status, code, message, headers=headers)
