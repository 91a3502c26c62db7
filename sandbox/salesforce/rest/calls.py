"""A data API call and its reply, free of HTTP, and the table that leads from one to the other."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.callers import Caller
from sandbox.salesforce.errors import ApiError, not_found


@dataclass(frozen=True, slots=True)
class Call:
    """
    One call, or one part of a composite call.

    `path` follows `/services/data/vXX.X` and has no trailing slash; `body` is parsed JSON or None. `short`
    asks a listing to leave part of itself out while claiming to be whole (a planted fault).
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    caller: Caller
    version: str
    headers: Mapping[str, str] = field(default_factory=dict)
    short: bool = False

    @property
    def base(self) -> str:
        """The address all paths of this call's version begin with."""
        return f"/services/data/v{self.version}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a JSON body (None for an empty one) and extra headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the API. Groups in the pattern become arguments of the handler, after the call."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


def route(method: str, pattern: str, handler: Handler) -> Route:
    """A route whose pattern must match the whole path, in any case."""
    return Route(method, re.compile(pattern, re.IGNORECASE), handler)


class Router:
    """Finds who answers a call."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = routes

    def answer(self, call: Call) -> Reply:
        """
        The reply to a call.

        Raises:
            ApiError: NOT_FOUND for an unknown path, METHOD_NOT_ALLOWED for a wrong verb, and whatever the
                handler refuses with.
        """
        method = "GET" if call.method == "HEAD" else call.method
        matches = [(r, m) for r in self._routes if (m := r.pattern.fullmatch(call.path))]
        for found, match in matches:
            if found.method == method:
                return found.handler(call, *match.groups())
        if not matches:
            raise not_found()
        allowed = ["HEAD"] * any(found.method == "GET" for found, _ in matches)
        allowed += sorted({found.method for found, _ in matches})
        raise ApiError(
            405,
            "METHOD_NOT_ALLOWED",
            f"HTTP Method '{call.method}' not allowed. Allowed are {','.join(allowed)}",
        )
