"""Listings and records of one account: complete answers or errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.concurrency import every
from bot.errors import OutcomeUnknown, ProtocolChanged
from platforms.wrike.rows import Row
from platforms.wrike.wire import Call, Meter, Params, Wire

IDS_PER_CALL = 100  # Source: developers.wrike.com, "up to 100" in every path that takes ids
LONGEST_PATH = 6_000  # characters; ids may have 256, and servers commonly take lines of 8,000
SIDE_BY_SIDE = 6  # batches under way at once; the pace decides, this only bridges latency
MOST_PAGES = 100_000


@dataclass(slots=True)
class Client:
    """What one piece of work asks of the account, counted by its own meter."""

    wire: Wire
    meter: Meter = field(default_factory=Meter)

    @property
    def connection(self) -> str:
        """The connection's name."""
        return self.wire.connection

    def metered(self) -> Client:
        """A client of the same connection with a count of its own."""
        return Client(self.wire)

    async def listing(self, operation: str, path: str, params: Params | None = None) -> list[Row]:
        """
        Every record, through all pages where there are any.

        Raises:
            ProtocolChanged: fewer came than Wrike said there are, or the pages go in a circle.
        """
        found: list[Row] = []
        body = await self.wire.send(Call(operation=operation, path=path, params=params), self.meter)
        told, seen = body.get("responseSize"), set[str]()
        paged = "nextPageToken" in body
        while True:
            found += body["data"]
            token = body.get("nextPageToken")
            if not token:
                break
            if not isinstance(token, str) or token in seen or len(seen) > MOST_PAGES:
                raise self._changed(f"the pages of {operation} do not end", operation)
            seen.add(token)
            more = Call(operation=operation, path=path, params={"nextPageToken": token})
            body = await self.wire.send(more, self.meter)
        if paged and isinstance(told, int) and told > len(found):
            raise self._changed(f"{operation} brought {len(found):,} of {told:,}", operation)
        return found

    async def one(self, operation: str, path: str, params: Params | None = None) -> Row:
        """The one record of an answer."""
        rows = (await self.wire.send(Call(operation=operation, path=path, params=params), self.meter))["data"]
        if len(rows) != 1:
            raise self._changed(f"{operation} brought {len(rows)} records for one", operation)
        return dict(rows[0])

    async def batches(self, operation: str, path: str, ids: Sequence[str]) -> list[list[Row]]:
        """The records of many ids, up to a hundred to a call, in the order of asking.

        Raises:
            Missing, Forbidden: one of them is not there, or not for us; Wrike does not say which.
        """
        room = asyncio.Semaphore(SIDE_BY_SIDE)

        async def batch(part: Sequence[str]) -> list[Row]:
            async with room:
                return await self.listing(operation, f"{path}/{joined(part)}")

        return await every(batch(part) for part in _parts(ids))

    async def write(self, operation: str, method: str, path: str, params: Params | None = None) -> Row:
        """
        Change or make one record, once; the record as Wrike then shows it.

        Raises:
            OutcomeUnknown: made, perhaps; read before anything else.
        """
        call = Call(operation=operation, method=method, path=path, params=params or {})
        rows: list[Any] = (await self.wire.send(call, self.meter))["data"]
        if not rows and method != "DELETE":
            raise OutcomeUnknown(
                f"{self.connection}: the answer to {operation} is empty.",
                connection=self.connection,
                operation=operation,
            )
        return dict(rows[0]) if rows else {}

    def _changed(self, what: str, operation: str) -> ProtocolChanged:
        return ProtocolChanged(f"{self.connection}: {what}.", connection=self.connection, operation=operation)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Runs of ids that fit into one address."""
    start, length = 0, 0
    for at, one in enumerate(ids):
        length += len(quote(one, safe="")) + 1
        if at - start == IDS_PER_CALL or (length > LONGEST_PATH and at > start):
            yield ids[start:at]
            start, length = at, len(quote(one, safe="")) + 1
    if start < len(ids):
        yield ids[start:]


def joined(ids: Iterable[str]) -> str:
    """Ids in a path. They are opaque: up to 256 characters, ``:`` and ``=`` among them."""
    return ",".join(quote(one, safe="") for one in ids)
