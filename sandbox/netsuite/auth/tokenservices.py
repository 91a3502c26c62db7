"""
The token services: revoketoken, tokeninfo, and the three steps by which a person mints a token of their own.

Source: token-based authentication, token services and the three-step authorization flow, facts §1, 2026-11.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from aiohttp import web

from sandbox import wire
from sandbox.netsuite import holdings
from sandbox.netsuite.account import Account, RequestToken
from sandbox.netsuite.auth import tba
from sandbox.netsuite.auth.callers import Caller, LoginRefused
from sandbox.netsuite.auth.door import note_refusal, refused, signed
from sandbox.netsuite.auth.minting import new_token
from sandbox.netsuite.errors import ApiError
from sandbox.netsuite.lifecycle import revoke_token

_PAGE = """<!doctype html><title>NetSuite</title><h1>Allow {app} to act for you?</h1>
<p>In this sandbox a person consents by the lever <code>POST /world/netsuite/authorize</code>.</p>
"""


class TokenServices:
    """On the restlets and app hosts, so their errors have the RESTlets' shape."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        both = {"revoketoken": self.revoke, "tokeninfo": self.info, "requesttoken": self.request_token,
                "accesstoken": self.access_token}  # fmt: skip
        routes = [
            web.route(method, f"/rest/{name}", do) for name, do in both.items() for method in ("GET", "POST")
        ]
        return [*routes, web.get("/app/login/secure/authorizetoken.nl", self.page)]

    async def revoke(self, request: web.Request) -> web.Response:
        """Signed by the very token that is to go. What a success looks like is UNCONFIRMED."""
        caller = self._caller(request)
        token = caller.token
        named = (request.query.get("consumerKey"), request.query.get("token"))
        if token is None or named != (caller.application["_consumer_key"], token["_token_id"]):
            raise refused(self._account, request, bearer=False)
        revoke_token(self._account, token)
        holdings.refresh(self._account)
        return web.Response(text=self._account.switches.revoke_token_body, content_type="application/json")

    async def info(self, request: web.Request) -> web.Response:
        caller = self._caller(request)
        return web.json_response(
            {
                "companyId": self._account.id,
                "companyName": self._account.world.company.name,
                "roleId": str(caller.role),
                "roleName": self._account.name("role", caller.role),
            }
        )

    async def request_token(self, request: web.Request) -> web.Response:
        """Step one. Answers a form, with the newline that the real service adds."""
        try:
            app, oauth, attempt = tba.application(self._account, signed(request), "oauth_callback")
            tba.prove(self._account, signed(request), oauth, attempt, app["_consumer_secret"], "")
        except LoginRefused as problem:
            raise self._refused(request, problem) from None
        token, secret = self._account.mint("request token"), self._account.mint("request secret")
        self._account.request_tokens[token] = RequestToken(secret, app["id"], oauth["oauth_callback"])
        body = {"oauth_token": token, "oauth_token_secret": secret, "oauth_callback_confirmed": "true"}
        return web.Response(text=urlencode(body) + "\n", content_type="application/x-www-form-urlencoded")

    async def page(self, request: web.Request) -> web.Response:
        """Step two is a page for a browser; it keeps the state that must come back."""
        found = self._account.request_tokens.get(request.query.get("oauth_token", ""))
        if found is None:
            return web.Response(status=400, text="This request token is unknown or was used.")
        found.state = request.query.get("state", found.state)
        app = self._account.name("integrationapp", found.integration) or ""
        safe = app.replace("&", "&amp;").replace("<", "&lt;")
        return web.Response(text=_PAGE.format(app=safe), content_type="text/html")

    async def access_token(self, request: web.Request) -> web.Response:
        """Step three: the permanent token."""
        try:
            app, oauth, attempt = tba.application(
                self._account, signed(request), "oauth_token", "oauth_verifier"
            )
            pending = self._account.request_tokens.get(oauth["oauth_token"])
            if pending is None or pending.integration != app["id"]:
                raise LoginRefused(self._account.switches.token_unknown_detail, attempt)
            tba.prove(self._account, signed(request), oauth, attempt, app["_consumer_secret"], pending.secret)
            if not pending.verifier or oauth["oauth_verifier"] != pending.verifier:
                raise LoginRefused(self._account.switches.token_unknown_detail, attempt)
        except LoginRefused as problem:
            raise self._refused(request, problem) from None
        del self._account.request_tokens[oauth["oauth_token"]]
        try:
            made = new_token(
                self._account,
                app,
                pending.entity,
                pending.role,
                f"{app['name']} (by consent)",
                by=pending.entity,
            )
        except ValueError as problem:
            raise ApiError(400, "USER_ERROR", str(problem)) from None
        holdings.refresh(self._account)
        body = {"oauth_token": made["_token_id"], "oauth_token_secret": made["_secret"]}
        return web.Response(text=urlencode(body) + "\n", content_type="application/x-www-form-urlencoded")

    def _caller(self, request: web.Request) -> Caller:
        try:
            caller = tba.caller(self._account, signed(request))
        except LoginRefused as problem:
            raise self._refused(request, problem) from None
        request[wire.WHO] = caller.who
        return caller

    def _refused(self, request: web.Request, problem: LoginRefused) -> ApiError:
        note_refusal(self._account, request, problem)
        return refused(self._account, request, bearer=False)


def consent(account: Account, oauth_token: str, entity: int, role: int) -> str:
    """
    Somebody signs in on the authorization page and allows it. Gives the address the browser is sent to.

    Raises:
        LookupError: no such request token is waiting.
    """
    pending = account.request_tokens.get(oauth_token)
    if pending is None or pending.verifier:
        raise LookupError(oauth_token)
    pending.verifier, pending.entity, pending.role = account.mint("verifier"), entity, role
    query = urlencode(
        {
            "oauth_token": oauth_token, "oauth_verifier": pending.verifier, "company": account.id,
            "role": role, "entity": entity, "state": pending.state,
        }
    )  # fmt: skip
    joined = "&" if urlsplit(pending.callback).query else "?"
    return f"{pending.callback}{joined}{query}"
