"""How Wrike refuses: an HTTP status and a body of `errorDescription` and `error`."""

from __future__ import annotations

import json

from aiohttp import web


class Refusal(Exception):
    """
    One refused request.

    Source: developers.wrike.com, overview (codes of 400, 401, 403, 404), 2025; help.wrike.com (body), read for
    the project's facts. Texts are ours except the two of 401.
    """

    def __init__(self, status: int, error: str, text: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{status} {error}: {text}")
        self.retry_after_s = retry_after_s
        self.status = status
        self.error = error
        self.text = text

    def response(self, *, plain: bool = False) -> web.Response:
        """`plain`: JSON that calls itself text/plain, as the real 401 does on a known route."""
        body = json.dumps({"errorDescription": self.text, "error": self.error}, ensure_ascii=False)
        kind = "text/plain" if plain else "application/json"
        headers = {} if self.retry_after_s is None else {"Retry-After": f"{self.retry_after_s:g}"}
        return web.Response(
            text=body, status=self.status, content_type=kind, charset="utf-8", headers=headers
        )


def no_method() -> Refusal:
    return Refusal(401, "not_authorized", "Authorization method unknown")


def bad_token() -> Refusal:
    return Refusal(401, "not_authorized", "Access token is unknown or invalid")


def invalid_request(text: str) -> Refusal:
    return Refusal(400, "invalid_request", text)


def invalid_parameter(name: str, why: str = "is invalid") -> Refusal:
    return Refusal(400, "invalid_parameter", f"Parameter '{name}' {why}")


def parameter_required(name: str) -> Refusal:
    return Refusal(400, "parameter_required", f"Parameter '{name}' is required")


def forbidden(text: str = "Access to the entity is forbidden") -> Refusal:
    """No access to the entity, or no right to do this."""
    return Refusal(403, "access_forbidden", text)


def not_allowed(text: str) -> Refusal:
    """The licence or a quota is against it."""
    return Refusal(403, "not_allowed", text)


def not_found(text: str = "Resource not found") -> Refusal:
    return Refusal(404, "resource_not_found", text)
