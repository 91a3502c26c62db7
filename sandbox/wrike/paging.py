"""Pages: only for those who ask by pageSize, with nextPageToken and responseSize at the root of the body."""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.world import Json
from sandbox.wrike.calls import Answer, Call
from sandbox.wrike.errors import invalid_parameter

LISTINGS_KEPT = 200


class Pages:
    """Listings under way. A page token continues the listing as it was when its first page was taken."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[str, str, Sequence[Json], int, int]] = OrderedDict()
        self._count = 0

    def continued(self, call: Call, kind: str) -> Answer | None:
        """The next page if the request carries a page token, whatever else it carries."""
        token = call.given.get("nextPageToken")
        if token is None:
            return None
        found = self._open.get(token)
        if found is None or found[:2] != (kind, call.user.id):
            raise invalid_parameter("nextPageToken", "is unknown")
        _, _, rows, start, size = found
        return self._page(call, kind, rows, start, size)

    def first(self, call: Call, kind: str, rows: Sequence[Json], *, most: int, counted: bool) -> Answer:
        """
        Everything, or the first page where pageSize was sent.

        `counted`: responseSize is told even then. A short listing loses its second half without a word.
        """
        if call.short:
            rows = rows[: (len(rows) + 1) // 2]
        size = call.given.get("pageSize")
        if size is None:
            return Answer(kind, rows, {"responseSize": len(rows)} if counted else None)
        if not 1 <= size <= most:
            raise invalid_parameter("pageSize", f"must lie between 1 and {most}")
        return self._page(call, kind, rows, 0, size)

    def _page(self, call: Call, kind: str, rows: Sequence[Json], start: int, size: int) -> Answer:
        extra: dict[str, Any] = {"responseSize": len(rows)}
        if start + size < len(rows):
            extra["nextPageToken"] = self._keep(call.user.id, kind, rows, start + size, size)
        return Answer(kind, rows[start : start + size], extra)

    def _keep(self, user_id: str, kind: str, rows: Sequence[Json], start: int, size: int) -> str:
        self._count += 1
        digest = hashlib.sha256(f"{user_id}:{kind}:{self._count}".encode()).digest()
        token = "AAAA" + base64.b32encode(digest).decode().rstrip("=")
        self._open[token] = (kind, user_id, rows, start, size)
        while len(self._open) > LISTINGS_KEPT:
            self._open.popitem(last=False)
        return token


PAGED: Mapping[str, Any] = {"pageSize": "whole", "nextPageToken": "text"}
