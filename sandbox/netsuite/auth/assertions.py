"""
The OAuth 2.0 token endpoint for machines: an assertion signed by a mapped certificate's key becomes a bearer.

Source: OAuth 2.0 client credentials flow, POST request to the token endpoint and the request token structure, facts §2.
"""

from __future__ import annotations

from typing import Any

import jwt
from aiohttp import web

from sandbox import wire
from sandbox.netsuite.account import Account, Mapping
from sandbox.netsuite.auth import audit
from sandbox.netsuite.auth.bearers import LIFETIME, Issuer
from sandbox.netsuite.auth.callers import Attempt, standing
from sandbox.netsuite.auth.door import origin
from sandbox.netsuite.tables import Row

PATH = "/services/rest/auth/oauth2/v1/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
SCOPES = frozenset({"restlets", "rest_webservices", "suite_analytics"})
CLOCK_DIFFERENCE_S = 300


class Refused(Exception):
    """The token endpoint says no. `detail` goes to the audit trail, None: nothing does."""

    def __init__(
        self, error: str, detail: str | None = None, *, status: int = 400, attempt: Attempt | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.detail = detail
        self.status = status
        self.attempt = attempt or Attempt()


class Tokens:
    """`POST …/token`, and `…/revoke`, which knows refresh tokens only."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._issuer = Issuer(account)

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.token), web.post("/services/rest/auth/oauth2/v1/revoke", self.revoke)]

    async def token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        account = self._account
        try:
            mapping, scopes, attempt = self._checked(form, request)
        except Refused as problem:
            if problem.detail is not None:
                account.world.counters[f"netsuite.refused.{problem.detail}"] += 1
                audit.record(account, problem.attempt, origin(request), problem.detail)
            return web.json_response({"error": problem.error}, status=problem.status)
        request[wire.WHO] = (
            f"{account.name('employee', mapping.entity)} ({(attempt.application or {})['name']})"
        )
        if account.switches.m2m_audit in ("grant", "both"):
            audit.record(account, attempt, origin(request))
        lifetime = int(LIFETIME.total_seconds())
        body = {
            "access_token": self._issuer.issue(mapping, scopes),
            "expires_in": str(lifetime) if account.switches.expires_in_is_text else lifetime,
            "token_type": account.switches.token_type,
        }
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    async def revoke(self, request: web.Request) -> web.Response:
        """Refresh tokens only; client credentials have none, so there is nothing that could be ended here."""
        return web.json_response({"error": "invalid_request"}, status=400)

    def _checked(self, form: dict[str, str], request: web.Request) -> tuple[Mapping, frozenset[str], Attempt]:
        if form.get("grant_type") != "client_credentials":
            raise Refused("invalid_request" if "grant_type" not in form else "unsupported_grant_type")
        if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
            raise Refused("invalid_request")
        mapping, claims = self._verified(form["client_assertion"])
        application = self._application(mapping, claims)
        attempt = Attempt(application, None, mapping.entity, mapping.role)
        if claims.get("aud") not in self._audiences(request):
            raise Refused("invalid_grant", "ClientAuthenticationFailed", attempt=attempt)
        self._check_times(claims, attempt)
        account = self._account
        if mapping.revoked or mapping.invalidated or mapping.valid_until < account.now.date():
            raise Refused("invalid_grant", "ClientAuthenticationFailed", attempt=attempt)
        if application["state"] != "Enabled":
            raise Refused("invalid_grant", "InvalidIntegration", attempt=attempt)
        detail = standing(account, mapping.entity, mapping.role, "ADMI_LOGIN_OAUTH2")
        if detail is not None:
            raise Refused(account.switches.disabled_entity_error, detail, attempt=attempt)
        asked = _scopes(claims.get("scope"))
        if not asked or not asked <= set(application["_scopes"]):
            raise Refused("invalid_scope", "ScopeMismatched", attempt=attempt)
        return mapping, asked, attempt

    def _verified(self, assertion: str) -> tuple[Mapping, dict[str, Any]]:
        try:
            header = jwt.get_unverified_header(assertion)
            if header.get("alg") not in ALGORITHMS:
                raise Refused("invalid_grant", "ClientAuthenticationFailed")
            mapping = self._account.mappings.get(str(header.get("kid", "")))
            if mapping is None:
                raise Refused("invalid_grant", "ClientAuthenticationFailed")
            options: Any = {
                f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
            }
            claims = jwt.decode(assertion, mapping.key, algorithms=[header["alg"]], options=options)
        except jwt.InvalidSignatureError:
            raise Refused("invalid_grant", "InvalidSignature") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Refused("invalid_grant", "ClientAuthenticationFailed") from None
        return mapping, claims

    def _application(self, mapping: Mapping, claims: dict[str, Any]) -> Row:
        found = self._account["integrationapp"].where(_client_id=claims.get("iss"))
        if not found:
            status, error = self._account.switches.unknown_client_error
            raise Refused(error, "InvalidIntegration", status=status)
        if found[0]["id"] != mapping.integration or not found[0]["_m2m"]:
            raise Refused("invalid_grant", "ClientAuthenticationFailed")
        return found[0]

    def _audiences(self, request: web.Request) -> list[str]:
        """The token endpoint's address: the one served here, and the one the account really has."""
        own = f"https://{self._account.label}.suitetalk.api.netsuite.com{PATH}"
        return [f"{request.scheme}://{request.host}{PATH}", f"{self._account.base_url}{PATH}", own]

    def _check_times(self, claims: dict[str, Any], attempt: Attempt) -> None:
        issued, ends = claims.get("iat"), claims.get("exp")
        now, switches = self._account.now.timestamp(), self._account.switches
        wrong = Refused("invalid_grant", "ClientAuthenticationFailed", attempt=attempt)
        if not isinstance(issued, int | float) or not isinstance(ends, int | float) or ends <= issued:
            raise wrong
        longest = switches.longest_assertion_s
        if ends - issued > longest or (
            ends - issued == longest and not switches.assertion_of_exactly_60_minutes
        ):
            raise wrong
        if ends <= now or issued > now + CLOCK_DIFFERENCE_S:
            raise wrong


def _scopes(value: Any) -> frozenset[str]:
    """A JSON array, or a text with commas or spaces; anything that is no scope gives the empty set."""
    named = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
    asked = frozenset(str(name) for name in named)
    return asked if asked <= SCOPES else frozenset()
