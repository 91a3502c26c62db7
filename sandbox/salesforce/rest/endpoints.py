"""The data API on the wire: version, session, allowance, body in; status, JSON, headers out."""

import json
import re
from typing import Any

import msgspec
from aiohttp import web

from sandbox.salesforce import sessions
from sandbox.salesforce.callers import Caller, caller
from sandbox.salesforce.errors import ApiError, invalid_session, not_found
from sandbox.salesforce.oauth.asking import source_ip
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import Restrictions
from sandbox.salesforce.records import Records
from sandbox.salesforce.rest.calls import Call, Reply, Router
from sandbox.salesforce.rest.collections import Collections
from sandbox.salesforce.rest.composite import Composite
from sandbox.salesforce.rest.credentials import Credentials
from sandbox.salesforce.rest.describe import NEWEST, OLDEST, Describes, versions
from sandbox.salesforce.rest.limits import Limits
from sandbox.salesforce.rest.query import Queries
from sandbox.salesforce.rest.sobjects import SObjects
from sandbox.salesforce.rest.tooling import Tooling
from sandbox.wire import SHORT_LISTING, WHO

_VERSION = re.compile(r"v(\d{2})\.0")
_PASSWORD = re.compile(r"/sobjects/User/[^/]+/password", re.IGNORECASE)


class Endpoints:
    """Handlers over one org."""

    def __init__(self, org: Org, records: Records, limits: Limits) -> None:
        self._org = org
        self._limits = limits
        tooling = Tooling(org, records)
        found = [
            *Queries(org, tooling.extras()).routes(),
            *Describes(org).routes(),
            *tooling.routes(),
            *limits.routes(),
            *Credentials(org).routes(),
            *SObjects(org, records).routes(),
            *Collections(org, records).routes(),
        ]
        self._router = Router(found)
        found += Composite(org, self._router).routes()

    def routes(self) -> list[web.RouteDef]:
        """Everything under /services/data."""
        return [
            web.get("/services/data", self.versions),
            web.get("/services/data/", self.versions),
            web.route("*", "/services/data/{version}", self.answer),
            web.route("*", "/services/data/{version}/{rest:.*}", self.answer),
        ]

    async def versions(self, request: web.Request) -> web.Response:
        """What can be asked for without a token."""
        return _json(200, versions())

    async def answer(self, request: web.Request) -> web.Response:
        """Any call."""
        path = "/" + request.match_info.get("rest", "")
        try:
            version = self._version(request.match_info["version"])
            who = self._caller(request)
            request[WHO] = who.user["Username"]
            self._limits.spend()
            call = Call(
                request.method,
                path.rstrip("/"),
                request.query,
                await _body(request),
                who,
                version,
                request.headers,
                request.get(SHORT_LISTING, False),
            )
            reply = self._router.answer(call)
        except ApiError as refused:
            bare = self._org.switches.password_error_shape == "object" and _PASSWORD.fullmatch(
                path.rstrip("/")
            )
            reply = Reply(refused.status, refused.item() if bare else [refused.item()])
        return _json(reply.status, reply.body, self._limits.header() | reply.headers)

    def _version(self, text: str) -> str:
        match = _VERSION.fullmatch(text)
        if match is None:
            raise not_found()
        number = int(match[1])
        first, last = self._org.switches.retired_versions
        if first <= number <= last:
            raise ApiError(410, "GONE", f"API version {number}.0 is retired")
        if not OLDEST <= number <= NEWEST:
            raise not_found()
        return f"{number}.0"

    def _caller(self, request: web.Request) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        session = sessions.find(self._org, token.strip()) if scheme.lower() in {"bearer", "oauth"} else None
        if session is None:
            raise invalid_session()
        if not {"api", "full"} & set(session.scope.split()):
            raise ApiError(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
        who = caller(self._org, session)
        ranges = self._org.restrictions.get(who.user["ProfileId"], Restrictions())
        if self._org.enforce_ip_every_request and not ranges.admits_address(source_ip(self._org, request)):
            raise ApiError(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
        if "ApiEnabled" not in who.held:
            raise ApiError(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
        sessions.touch(self._org, session)
        return who


async def _body(request: web.Request) -> Any:
    """The parsed JSON body, or None where there is none."""
    raw = await request.read()
    if not raw.strip():
        return None
    if request.content_type != "application/json":
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type {request.content_type} is not supported")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as exc:
        raise ApiError(400, "JSON_PARSER_ERROR", f"Unexpected character or end of input: {exc}") from exc


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/json",
        charset="UTF-8",
        headers=headers,
    )
