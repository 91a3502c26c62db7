"""
OAuth 2.0, authorization code only: the page a person approves on, and the token endpoint.

Source: developers.wrike.com/docs/oauth-20-authorization (authorize address, scopes with commas, `host` in the reply);
codes of 10 minutes and single-use refresh tokens by third parties' clients. Loopback redirect addresses are taken
without registration, which is ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from sandbox.wrike.entities import Contact
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Grant, Token, Tokens

CODE_LIFE = timedelta(minutes=10)
SCOPES = frozenset(
    {"Default", "wsReadOnly", "wsReadWrite", "amReadOnlyAccessRole", "amReadOnlyAuditLog", "dataExportFull"}
    | {
        f"am{mode}{subject}"
        for mode in ("ReadOnly", "ReadWrite")
        for subject in ("Workflow", "Invitation", "Group", "User", "WorkSchedule", "TimelogCategory")
    }
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OAuthError(Exception):
    """A refusal of the token endpoint, RFC 6749 section 5.2 (Wrike's own shape is UNCONFIRMED: a switch)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@dataclass(slots=True, eq=False)
class Client:
    """An app of the App Console. `redirect_uri` is the registered one."""

    client_id: str
    client_secret: str = field(repr=False)
    label: str = ""
    redirect_uri: str = "http://127.0.0.1:8765/callback"


@dataclass(slots=True, eq=False)
class _Code:
    user_id: str
    client_id: str
    redirect_uri: str | None
    scopes: frozenset[str]
    issued: datetime
    used: bool = False


class OAuth:
    """Clients, codes and the endpoints of one account."""

    def __init__(self, tenant: Tenant, tokens: Tokens) -> None:
        self._tenant = tenant
        self._tokens = tokens
        self.clients: dict[str, Client] = {}
        self._codes: dict[str, _Code] = {}

    def register(self, label: str) -> Client:
        key = f"{self._tenant.world.seed}:wrike:client:{label}"
        number = hashlib.sha256(key.encode()).hexdigest()[:8]
        secret = base64.urlsafe_b64encode(hashlib.sha512(key.encode()).digest()).decode()[:64]
        client = Client(number, secret, label)
        self.clients[client.client_id] = client
        return client

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/oauth2/authorize/v4", self.page),
            web.post("/oauth2/authorize/v4", self.decided),
            web.post("/oauth2/token", self.token),
        ]

    def approve(
        self, user: Contact, client: Client, *, redirect_uri: str | None, scope: str, state: str | None
    ) -> tuple[str, str]:
        """
        The person logs in and consents. Gives the code and the address the browser is sent to.

        Raises OAuthError where the request or the person will not do.
        """
        scopes = self._scopes(scope)
        target = self._target(client, redirect_uri)
        if user.deleted or not user.active:
            raise OAuthError("access_denied", f"{user.email} cannot log in")
        raw = f"{self._tenant.world.seed}:{client.client_id}:{user.id}:{len(self._codes)}:code"
        code = base64.urlsafe_b64encode(hashlib.sha256(raw.encode()).digest()).decode().rstrip("=")
        self._codes[code] = _Code(user.id, client.client_id, redirect_uri, scopes, self._tenant.now)
        self._tenant.note(user, "UserLoggedIn", "User", user.email or "", user.id)
        query = {"code": code} | ({"state": state} if state is not None else {})
        return code, f"{target}{'&' if urlsplit(target).query else '?'}{urlencode(query)}"

    async def page(self, request: web.Request) -> web.Response:
        """A form on which somebody of the company says who they are and approves."""
        asked = request.query
        client = self.clients.get(asked.get("client_id", ""))
        if client is None or asked.get("response_type") != "code":
            return web.Response(status=400, text="Unknown client_id, or response_type is not code.")
        try:
            self._scopes(asked.get("scope", ""))
            self._target(client, asked.get("redirect_uri"))
        except OAuthError as refusal:
            return web.Response(status=400, text=f"{refusal.error}: {refusal.description}")
        kept = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">'
            for name in ("client_id", "redirect_uri", "scope", "state")
            if name in asked
        )
        wanted = html.escape(asked.get("scope", "Default"))
        text = (
            "<!doctype html><meta charset=utf-8><title>Wrike stand-in: allow an app</title>"
            f"<h1>{html.escape(client.label)} asks for access</h1><p>Scopes: {wanted}</p>"
            f'<form method="post">{kept}<label>E-mail <input name="email" type="email" required></label> '
            '<label>Password <input name="password" type="password"></label> '
            '<button name="decision" value="allow">Allow</button> '
            '<button name="decision" value="deny" formnovalidate>Deny</button></form>'
        )
        return web.Response(text=text, content_type="text/html")

    async def decided(self, request: web.Request) -> web.Response:
        """Allow or deny; the browser goes to the redirect address with a code or an error."""
        given = {key: str(value) for key, value in (await request.post()).items()}
        client = self.clients.get(given.get("client_id", ""))
        if client is None:
            return web.Response(status=400, text="Unknown client_id.")
        state, redirect_uri = given.get("state"), given.get("redirect_uri")
        try:
            target = self._target(client, redirect_uri)
        except OAuthError as refusal:
            return web.Response(status=400, text=refusal.description)
        user = self._tenant.by_email(given.get("email", ""))
        try:
            if given.get("decision") != "allow":
                raise OAuthError("access_denied", "The person said no")
            if user is None or (user.password is not None and user.password != given.get("password")):
                return web.Response(status=403, text="Wrong e-mail or password.")
            scope = given.get("scope", "")
            _, target = self.approve(user, client, redirect_uri=redirect_uri, scope=scope, state=state)
        except OAuthError as refusal:
            query = {"error": refusal.error} | ({"state": state} if state is not None else {})
            target = f"{target}{'&' if urlsplit(target).query else '?'}{urlencode(query)}"
        return web.Response(status=302, headers={"Location": target})

    async def token(self, request: web.Request) -> web.Response:
        """Code or refresh token for an access token; parameters as form fields, or in the query."""
        given = dict(request.query) | {k: str(v) for k, v in (await request.post()).items()}
        try:
            client = self._client(request, given)
            if given.get("grant_type") == "authorization_code":
                grant, token = self._spend_code(client, given)
            elif given.get("grant_type") == "refresh_token":
                grant, token = self._spend_refresh(client, given)
            else:
                raise OAuthError("unsupported_grant_type", "Only authorization_code and refresh_token")
        except OAuthError as refusal:
            return self._refused(refusal)
        body = {
            "access_token": token.value,
            "refresh_token": grant.refresh,
            "token_type": "bearer",
            "expires_in": self._tenant.switches.access_token_life_s,
            "host": self._tenant.host,
        }
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    def _client(self, request: web.Request, given: dict[str, str]) -> Client:
        client_id, secret = given.get("client_id", ""), given.get("client_secret", "")
        kind, _, rest = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic" and self._tenant.switches.basic_client_auth:
            try:
                client_id, _, secret = base64.b64decode(rest, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError) as problem:
                raise OAuthError("invalid_client", "Unreadable credentials", 401) from problem
        client = self.clients.get(client_id)
        if client is None or client.client_secret != secret:
            raise OAuthError("invalid_client", "Unknown client or wrong secret", 401)
        return client

    def _spend_code(self, client: Client, given: dict[str, str]) -> tuple[Grant, Token]:
        code = self._codes.get(given.get("code", ""))
        fresh = code is not None and not code.used and self._tenant.now <= code.issued + CODE_LIFE
        if code is None or not fresh or code.client_id != client.client_id:
            raise OAuthError("invalid_grant", "The code is unknown, used or too old")
        code.used = True
        if (
            code.redirect_uri is not None
            and given.get("redirect_uri", code.redirect_uri) != code.redirect_uri
        ):
            raise OAuthError("invalid_grant", "redirect_uri differs from the one of the authorize request")
        user = self._tenant.contacts[code.user_id]
        return self._tokens.grant(user, client.client_id, client.label, code.scopes)

    def _spend_refresh(self, client: Client, given: dict[str, str]) -> tuple[Grant, Token]:
        grant = self._tokens.by_refresh(given.get("refresh_token", ""))
        if grant is None or grant.client_id != client.client_id:
            raise OAuthError("invalid_grant", "The refresh token is unknown, spent or revoked")
        if not self._tokens.usable(Token("", "", grant.user_id, "oauth", "", grant.scopes, self._tenant.now)):
            raise OAuthError("invalid_grant", "The user cannot log in")
        return grant, self._tokens.refresh(grant)

    def _refused(self, refusal: OAuthError) -> web.Response:
        wrike = self._tenant.switches.oauth_error_shape == "wrike"
        name = "errorDescription" if wrike else "error_description"
        body = {"error": refusal.error, name: refusal.description}
        return web.json_response(body, status=refusal.status)

    def _scopes(self, text: str) -> frozenset[str]:
        """Scopes with commas between them; none means Default."""
        names = frozenset(name for name in text.replace(" ", ",").split(",") if name) or frozenset(
            {"Default"}
        )
        if unknown := names - SCOPES:
            raise OAuthError("invalid_scope", f"Unknown scope {min(unknown)}")
        return names

    def _target(self, client: Client, redirect_uri: str | None) -> str:
        if redirect_uri is None or redirect_uri == client.redirect_uri:
            return client.redirect_uri
        parts = urlsplit(redirect_uri)
        if parts.scheme not in ("http", "https") or parts.hostname not in _LOOPBACK:
            raise OAuthError("invalid_request", "redirect_uri is neither registered nor on this machine")
        return redirect_uri
