"""The API's front: credential, data centre, rate limit, then the method; and how answers look."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Literal

from aiohttp import web

from sandbox.wire import SHORT_LISTING, WHO
from sandbox.wrike import account, contacts, errors, groups, invitations, spaces, users, webhooks
from sandbox.wrike.audit import Audit
from sandbox.wrike.calls import MOST_IDS, Answer, Call, Endpoint, require, split
from sandbox.wrike.errors import Refusal
from sandbox.wrike.folders import Folders
from sandbox.wrike.paging import Pages
from sandbox.wrike.params import collect, read
from sandbox.wrike.rates import Rates
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Token, Tokens
from sandbox.wrike.writing import Writing

BASE = "/api/v4"
Centre = Literal["main", "other"]


class Api:
    """Every method of the account, served by both data centres; only the account's own one knows its tokens."""

    def __init__(self, tenant: Tenant, tokens: Tokens) -> None:
        self._tenant = tenant
        self._tokens = tokens
        self._rates = Rates()
        pages = Pages()
        self._table: list[Endpoint] = [
            *contacts.endpoints(),
            *users.endpoints(),
            *invitations.endpoints(),
            *groups.endpoints(),
            *Folders(pages).endpoints(),
            *Writing(tenant).endpoints(),
            *spaces.endpoints(),
            *account.endpoints(),
            *Audit(pages).endpoints(),
            *webhooks.endpoints(),
        ]

    async def handle(self, request: web.Request, centre: Centre) -> web.StreamResponse:
        """Any request under /api/v4."""
        segments = split(request.rel_url.raw_path[len(BASE) :])
        methods = [(one, ids) for one in self._table if (ids := one.match(segments)) is not None]
        values: Mapping[str, Any] = {}
        try:
            try:
                values = await collect(request)
            except Refusal as unreadable:  # the credential is judged before everything else
                self._credential(request, request.query, centre)
                raise unreadable from unreadable.__cause__
            token = self._credential(request, values, centre)
            request[WHO] = self._tenant.contacts[token.user_id].email or token.user_id
            self._slow_down(token)
            answer = await self._run(request, values, methods, token)
        except Refusal as refusal:
            return refusal.response(plain=refusal.status == 401 and bool(methods))
        return web.json_response(self._body(answer, values))

    async def _run(
        self,
        request: web.Request,
        values: Mapping[str, Any],
        methods: list[tuple[Endpoint, tuple[str, ...]]],
        token: Token,
    ) -> Answer:
        verb = request.method
        if verb == "GET" and isinstance(values.get("method"), str):
            verb = values["method"].upper()
        for endpoint, ids in methods:
            if endpoint.verb == verb:
                require(self._tenant, token, *endpoint.scopes)
                if len(ids) > MOST_IDS:
                    raise errors.invalid_request(f"At most {MOST_IDS} ids")
                user = self._tenant.contacts[token.user_id]
                given = read(values, endpoint.params)
                call = Call(self._tenant, token, user, given, ids, bool(request.get(SHORT_LISTING)))
                answer = endpoint.method(call)
                return await answer if inspect.isawaitable(answer) else answer
        raise Refusal(404, *self._tenant.switches.unknown_path_error)

    def _credential(self, request: web.Request, values: Mapping[str, Any], centre: Centre) -> Token:
        """
        The token, from the header in either case or from access_token.

        Source: live probe of 2026-09-07 (texts, and that the credential comes before the route).
        """
        value = values.get("access_token")
        kind, _, rest = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            value = rest.strip()
        if not isinstance(value, str) or not value:
            raise errors.no_method()
        if centre != self._tenant.switches.centre:
            if self._tokens.known(value) and self._tenant.switches.wrong_centre == "300":
                raise Refusal(300, "incorrect_base_url", "Incorrect base URL for this account")
            raise errors.bad_token()
        token = self._tokens.find(value)
        if token is None:
            raise errors.bad_token()
        return token

    def _slow_down(self, token: Token) -> None:
        switches = self._tenant.switches
        key = {"account": "", "user": token.user_id, "token": token.id}[switches.rate_counts]
        wait_s = self._rates.wait_s(key, switches)
        if wait_s:
            self._tenant.world.counters["wrike.429"] += 1
            raise Refusal(429, *switches.rate_error, retry_after_s=wait_s if switches.retry_after else None)

    def refuse(self, request: web.Request, status: int, retry_after_s: float) -> web.StreamResponse:
        """How a planted 429 or 500 is worded. Retry-After is sent only where a switch says so."""
        switches = self._tenant.switches
        pair = switches.rate_error if status == 429 else switches.server_error
        wait_s = retry_after_s if status == 429 and switches.retry_after else None
        return Refusal(status, *pair, retry_after_s=wait_s).response()

    def _body(self, answer: Answer, values: Mapping[str, Any]) -> dict[str, Any]:
        body = {"kind": answer.kind, **(answer.extra or {}), "data": list(answer.data)}
        if "state" in values:
            body["state"] = values["state"]
        return body
