"""Pages of lists and queries: limit, offset and the links between them."""

from __future__ import annotations

from aiohttp import web

from sandbox.netsuite.errors import invalid_parameter
from sandbox.world import Json

MOST_ROWS = 100_000
LARGEST_PAGE = 1_000


def page(request: web.Request) -> tuple[int, int]:
    """
    limit (1 to 1000, default 1000) and offset (a multiple of limit, below 100,000).

    Raises:
        ApiError: 400 INVALID_PARAMETER naming the query parameter. Source: facts §3.
    """
    numbers = {"limit": LARGEST_PAGE, "offset": 0}
    for name in numbers:
        given = request.query.get(name)
        if given is None:
            continue
        if not given.isascii() or not given.isdigit():
            raise invalid_parameter(name, f"Invalid value '{given[:40]}' for query parameter {name}.")
        numbers[name] = int(given)
    limit, offset = numbers["limit"], numbers["offset"]
    if not 1 <= limit <= LARGEST_PAGE:
        raise invalid_parameter("limit", f"The limit must be between 1 and {LARGEST_PAGE}.")
    if offset >= MOST_ROWS:
        raise invalid_parameter("offset", f"The offset must be lower than {MOST_ROWS}.")
    if offset % limit:
        raise invalid_parameter("offset", f"The offset {offset} must be divisible by the limit {limit}.")
    return limit, offset


def links(address: str, limit: int, offset: int, total: int) -> list[Json]:
    """self, and where there is more than one page: first, last, next, previous."""
    if total <= limit and not offset:
        return [{"rel": "self", "href": address}]
    at = {"self": offset, "first": 0, "last": max(0, (total - 1) // limit * limit)}
    if offset + limit < total:
        at["next"] = offset + limit
    if offset:
        at["previous"] = offset - limit
    return [{"rel": rel, "href": f"{address}?limit={limit}&offset={where}"} for rel, where in at.items()]
