"""
The directory over REST: list, read, create and change users. Ours, not Nexonia's.

Errors are {"error": {"code", "message"}}; users are never deleted, only made inactive.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from aiohttp import web

from sandbox.nexonia.directory import Directory, User
from sandbox.nexonia.switches import Switches
from sandbox.wire import SHORT_LISTING, WHO

BASE = "/directory/v1"
MOST_PER_PAGE = 200
LONGEST = 4000
_TEXTS = ("first", "last", "email", "role")
_FLAGS = ("active", "ignore")
_LINKS = ("integration_id", "manager_id")


class Refusal(Exception):
    """One refused request."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message = status, code, message

    def response(self, headers: dict[str, str] | None = None) -> web.Response:
        body = {"error": {"code": self.code, "message": self.message}}
        return web.json_response(body, status=self.status, headers=headers)


class Rest:
    """The endpoints over one directory. `switches` is looked up at every request."""

    def __init__(self, directory: Directory, token: str, switches: Switches) -> None:
        self._directory = directory
        self._token = token
        self.switches = switches

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{BASE}/users", self.listed),
            web.post(f"{BASE}/users", self.create),
            web.get(f"{BASE}/users/{{id}}", self.read),
            web.patch(f"{BASE}/users/{{id}}", self.change),
            web.route("*", f"{BASE}/{{rest:.*}}", self.unknown),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """`?page=&page_size=&active=&email=`: pages from 1; `pages` and `total` tell when it is whole."""
        return self._answered(request, lambda: self._page(request))

    async def read(self, request: web.Request) -> web.Response:
        return self._answered(request, lambda: self._user(request).shown())

    async def create(self, request: web.Request) -> web.Response:
        """First name, last name, e-mail and role are required, as on the form."""
        raw = await request.text()
        return self._answered(request, lambda: self._created(raw), status=201)

    async def change(self, request: web.Request) -> web.Response:
        """Any fields; inactivate and link among them."""
        raw = await request.text()
        return self._answered(request, lambda: self._changed(self._user(request), raw))

    async def unknown(self, request: web.Request) -> web.Response:
        def nothing() -> Any:
            raise Refusal(404, "not_found", "There is nothing at this address")

        return self._answered(request, nothing)

    def refuse(self, request: web.Request, status: int, retry_after_s: float) -> web.StreamResponse:
        """How a planted 429 or 500 is worded."""
        code = "too_many_requests" if status == 429 else "internal_error"
        headers = {"Retry-After": f"{retry_after_s:g}"} if status == 429 else None
        return Refusal(status, code, "Try again later").response(headers)

    def _answered(self, request: web.Request, work: Any, status: int = 200) -> web.Response:
        try:
            kind, _, value = request.headers.get("Authorization", "").partition(" ")
            if kind.lower() != "bearer" or not hmac.compare_digest(
                value.strip().encode(), self._token.encode()
            ):
                raise Refusal(401, "unauthorized", "The bearer token is missing or unknown")
            request[WHO] = "directory client"
            return web.json_response(work(), status=status)
        except Refusal as refusal:
            return refusal.response()

    def _page(self, request: web.Request) -> Any:
        page = self._whole(request, "page", 1, 10**6)
        size = self._whole(request, "page_size", 100, MOST_PER_PAGE)
        users = list(self._directory.users.values())
        if (active := request.query.get("active")) is not None:
            users = [user for user in users if user.active == (active == "true")]
        if (email := request.query.get("email")) is not None:
            users = [user for user in users if user.email.casefold() == email.strip().casefold()]
        if request.get(SHORT_LISTING):
            users = users[: (len(users) + 1) // 2]
        rows = [user.shown() for user in users[(page - 1) * size : page * size]]
        return {"users": rows, "page": page, "pages": max(1, -(-len(users) // size)), "total": len(users)}

    def _whole(self, request: web.Request, name: str, default: int, most: int) -> int:
        text = request.query.get(name, str(default))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:8]) <= most):
            raise Refusal(422, "invalid", f"{name} must lie between 1 and {most}")
        return int(text)

    def _user(self, request: web.Request) -> User:
        user = self._directory.users.get(request.match_info["id"])
        if user is None:
            raise Refusal(404, "not_found", "There is no such user")
        return user

    def _created(self, raw: str) -> Any:
        given = self._given(raw)
        for name in _TEXTS:
            if not str(given.get(name, "")).strip():
                raise Refusal(422, "required", f"{name} is required")
        self._judge(given, None)
        return self._directory.add(**given).shown()

    def _changed(self, user: User, raw: str) -> Any:
        given = self._given(raw)
        self._judge(given, user)
        for name, value in given.items():
            setattr(user, name, value)
        return user.shown()

    def _given(self, raw: str) -> dict[str, Any]:
        try:
            given = json.loads(raw)
        except (json.JSONDecodeError, RecursionError) as problem:
            raise Refusal(400, "bad_json", "The body is not JSON") from problem
        if not isinstance(given, dict):
            raise Refusal(400, "bad_json", "The body must be an object")
        for name, value in given.items():
            texts = name in _TEXTS and isinstance(value, str) and value.strip() and len(value) <= LONGEST
            links = name in _LINKS and (value is None or (isinstance(value, str) and 0 < len(value) <= 64))
            if not (texts or links or (name in _FLAGS and isinstance(value, bool))):
                raise Refusal(422, "invalid", f"{name} is unknown or has a wrong value")
        return given

    def _judge(self, given: dict[str, Any], user: User | None) -> None:
        link = given.get("integration_id")
        if link is not None and self._directory.linked_to(link, but=user) is not None:
            raise Refusal(409, "already_linked", "Another user has this Integration ID")
        email = given.get("email")
        others = [one for one in self._directory.by_email(email or "") if one is not user]
        if others and email is not None and not self.switches.duplicate_emails:
            raise Refusal(409, "email_taken", "Another user has this e-mail address")
