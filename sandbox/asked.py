"""Reading what somebody asks of the world's own API, with errors that name the key."""

from __future__ import annotations

import json
from typing import Any, Never

from aiohttp import web

_MISSING: Any = object()


def refuse(text: str, status: int = 400) -> Never:
    """Answer {"error": text}. Raises aiohttp's HTTP exception for that status."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
    }
    raise kinds[status](text=json.dumps({"error": text}), content_type="application/json")


class Asked:
    """A JSON object whose values are taken by name and type; anything else is refused with 400."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    @classmethod
    async def of(cls, request: web.Request) -> Asked:
        """The request's JSON object; an empty body is an empty object."""
        raw = await request.text()
        try:
            values = json.loads(raw) if raw.strip() else {}
        except json.JSONDecodeError as problem:
            refuse(f"the body is not JSON: {problem}")
        if not isinstance(values, dict):
            refuse("the body must be a JSON object")
        return cls(values)

    def text(self, key: str, default: Any = _MISSING) -> Any:
        return self._take(key, str, "a text", default)

    def whole(self, key: str, default: Any = _MISSING) -> Any:
        return self._take(key, int, "a whole number", default)

    def number(self, key: str, default: Any = _MISSING) -> Any:
        return self._take(key, int | float, "a number", default)

    def flag(self, key: str, default: Any = _MISSING) -> Any:
        value = self.values.get(key, default)
        if not isinstance(value, bool) and value is not default:
            refuse(f"{key} must be true or false")
        if value is _MISSING:
            refuse(f"{key} is missing")
        return value

    def texts(self, key: str, default: Any = _MISSING) -> Any:
        value = self._take(key, list, "a list of texts", default)
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            refuse(f"{key} must be a list of texts")
        return value

    def table(self, key: str, default: Any = _MISSING) -> Any:
        return self._take(key, dict, "an object", default)

    def _take(self, key: str, kind: Any, called: str, default: Any) -> Any:
        value = self.values.get(key)
        if value is None:
            if default is _MISSING:
                refuse(f"{key} is missing: it must be {called}")
            return default
        if not isinstance(value, kind) or isinstance(value, bool):
            refuse(f"{key} must be {called}")
        return value
