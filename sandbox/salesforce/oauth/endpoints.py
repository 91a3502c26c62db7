"""The OAuth endpoints on the wire."""

from typing import Any

from aiohttp import web

from sandbox.salesforce import sessions
from sandbox.salesforce.errors import OAuthError
from sandbox.salesforce.ids import canonical
from sandbox.salesforce.oauth import flows, identity, inspection
from sandbox.salesforce.oauth.asking import Asked, asked, base_url
from sandbox.salesforce.oauth.issuing import success
from sandbox.salesforce.oauth.jwt_bearer import jwt_bearer
from sandbox.salesforce.org import Org
from sandbox.wire import WHO

_NO_STORE = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}


class Endpoints:
    """Handlers over one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[web.RouteDef]:
        """Every OAuth path of the vendor that this stand-in serves."""
        return [
            web.post("/services/oauth2/token", self.token),
            web.post("/services/oauth2/introspect", self.introspect),
            web.post("/services/oauth2/revoke", self.revoke),
            web.get("/services/oauth2/revoke", self.revoke),
            web.get("/services/oauth2/userinfo", self.userinfo),
            web.post("/services/oauth2/userinfo", self.userinfo),
            web.get("/id/{org_id}/{user_id}", self.identity),
            web.get("/.well-known/openid-configuration", self.discovery),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """The token endpoint, by grant type."""
        found = await asked(self._org, request)
        request[WHO] = found.form.get("client_id") or (found.basic or ("",))[0][:24]
        try:
            return web.json_response(self._token(found), headers=_NO_STORE)
        except OAuthError as refused:
            return _refused(refused)

    def _token(self, found: Asked) -> dict[str, Any]:
        match found.form.get("grant_type"):
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                session, app = jwt_bearer(self._org, found)
                return success(self._org, session, app, found.base_url)
            case "client_credentials":
                session, app = flows.client_credentials(self._org, found)
                return success(self._org, session, app, found.base_url)
            case "password":
                session, app = flows.password(self._org, found)
                return success(self._org, session, app, found.base_url)
            case "refresh_token":
                session, app, fresh = flows.refresh_token(self._org, found)
                more = {"refresh_token": fresh} if fresh else {}
                return success(self._org, session, app, found.base_url, **more)
            case "authorization_code":
                session, app, refresh = flows.authorization_code(self._org, found)
                return success(self._org, session, app, found.base_url, refresh_token=refresh)
            case _:
                raise OAuthError("unsupported_grant_type", "grant type not supported")

    async def introspect(self, request: web.Request) -> web.Response:
        """What a token is worth."""
        try:
            return web.json_response(inspection.introspect(self._org, await asked(self._org, request)))
        except OAuthError as refused:
            return _refused(refused)

    async def revoke(self, request: web.Request) -> web.Response:
        """The end of a token: an empty 200."""
        try:
            inspection.revoke(self._org, await asked(self._org, request))
        except OAuthError as refused:
            return _refused(refused)
        return web.Response()

    async def userinfo(self, request: web.Request) -> web.Response:
        """Who the bearer is. A bad token is answered in plain text."""
        session = sessions.find(self._org, _bearer(request))
        user = self._org["User"].get(session.user_id) if session else None
        if user is None:
            return web.Response(status=403, text="Bad_OAuth_Token")
        request[WHO] = user["Username"]
        return web.json_response(identity.userinfo(self._org, user, base_url(self._org, request)))

    async def identity(self, request: web.Request) -> web.Response:
        """The identity URL of the bearer."""
        session = sessions.find(self._org, _bearer(request))
        user = self._org["User"].get(session.user_id) if session else None
        if user is None:
            return web.Response(status=403, text="Bad_OAuth_Token")
        if canonical(request.match_info["org_id"]) != self._org.row["Id"]:
            return web.Response(status=403, text="Wrong_Org")
        if canonical(request.match_info["user_id"]) != user["Id"]:
            return web.Response(status=404, text="Bad_Id")
        return web.json_response(identity.identity(self._org, user, base_url(self._org, request)))

    async def discovery(self, request: web.Request) -> web.Response:
        """Where everything is."""
        return web.json_response(identity.discovery(base_url(self._org, request)))


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "oauth"}:
        return token.strip()
    return request.query.get("access_token", "")


def _refused(refused: OAuthError) -> web.Response:
    body = {"error": refused.error, "error_description": refused.description}
    return web.json_response(body, status=400, headers={"Cache-Control": "no-store"})
