"""Queries, composites and single records of one org: complete answers or errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from bot.concurrency import every
from bot.errors import Forbidden, OutcomeUnknown, ProtocolChanged, Rejected
from platforms.salesforce import answers
from platforms.salesforce.answers import Listing, Page, Query, Row
from platforms.salesforce.wire import Call, Meter, Wire

TESTED_VERSION = 68.0  # the newest whose answers we know; Winter '27
QUERIES_PER_COMPOSITE = 5
SUBREQUESTS_PER_COMPOSITE = 25
_DEAD_CURSOR = "INVALID_QUERY_LOCATOR"


@dataclass(slots=True)
class Client:
    """What one piece of work asks of the org, counted by its own meter."""

    wire: Wire
    pin: str = ""
    meter: Meter = field(default_factory=Meter)
    _version: list[str] = field(default_factory=list)  # shared between the clients of a connection

    def metered(self, *, scan: bool = False) -> Client:
        """A client of the same connection with a count of its own."""
        return Client(self.wire, self.pin, Meter(scan=scan), self._version)

    async def version(self) -> str:
        """
        The API version to speak: the pin, else the newest that both the org and we know.

        Source: REST API Developer Guide, "Versions" (no sign-in, not counted), read 2026-11-21.

        Raises:
            ProtocolChanged: the org does not offer it.
        """
        if not self._version:
            call = Call(operation="list API versions", path="/services/data/", open=True)
            offered = await self.wire.send(call, self.meter, answers.versions)
            fitting = [v for v in offered if (v == self.pin if self.pin else float(v) <= TESTED_VERSION)]
            if not fitting:
                raise ProtocolChanged(
                    f"{self.wire.connection}: the org does not offer API version {self.pin or TESTED_VERSION}.",
                    connection=self.wire.connection,
                    operation="list API versions",
                )
            self._version[:] = [max(fitting, key=float)]
        return self._version[0]

    async def path(self, rest: str) -> str:
        """The path of a resource of the data API."""
        return f"/services/data/v{await self.version()}{rest}"

    async def resource(self, operation: str, rest: str) -> Any:
        """The decoded JSON of one resource."""
        return await self.wire.send(
            Call(operation=operation, path=await self.path(rest)), self.meter, answers.decode
        )

    async def query(self, query: Query, *, tooling: bool = False) -> Listing:
        """
        Every row, through all pages.

        Raises:
            Forbidden: the object or a column is not there for us (``Missing``), or not allowed.
            ProtocolChanged: fewer or more rows came than the org said there are.
        """
        path = await self.path(f"{'/tooling' if tooling else ''}/query?q={quote(query.soql)}")

        async def whole() -> Listing:
            return await self._rest(query, await self._turn(query, path))

        return await _again_if_the_cursor_died(whole)

    async def pages(self, query: Query) -> AsyncIterator[Sequence[Row]]:
        """
        The rows page by page as they come. When a cursor dies on the way all come again, once.

        Raises:
            Forbidden, ProtocolChanged: as ``query``; what came before is then not a listing.
        """
        path = await self.path(f"/query?q={quote(query.soql)}")
        for again in (True, False):
            try:
                async for rows in self._walk(query, await self._turn(query, path)):
                    yield rows
            except Rejected as error:
                if error.vendor_code != _DEAD_CURSOR or not again:
                    raise
            else:
                return

    async def queries(self, queries: Sequence[Query]) -> list[Listing | Forbidden]:
        """
        Many queries in few calls: five to a composite, which counts as one; answers in the order of asking.

        A query that is refused for want of a right is answered by that error; any other failure is raised.
        Source: REST API Developer Guide, "Composite" (25 subrequests, 5 of them queries), read 2026-11-21.
        """
        groups = [
            queries[i : i + QUERIES_PER_COMPOSITE] for i in range(0, len(queries), QUERIES_PER_COMPOSITE)
        ]
        found = await every(self._composite(group) for group in groups)
        return [one for group in found for one in group]

    async def allowed(self, queries: Sequence[Query]) -> list[Listing]:
        """Like ``queries``, but a refusal is raised."""
        found: list[Listing] = []
        for answer in await self.queries(queries):
            if isinstance(answer, Forbidden):
                raise answer
            found.append(answer)
        return found

    async def describes(self, objects: Sequence[str]) -> list[frozenset[str] | Forbidden]:
        """The columns of each object that we may see."""
        if len(objects) > SUBREQUESTS_PER_COMPOSITE:
            raise ValueError("too many objects for one composite")
        rests = [f"/sobjects/{name}/describe" for name in objects]
        told = await self._subrequests("describe objects", rests)
        return [one if isinstance(one, Forbidden) else answers.columns(one) for one in told]

    async def create(self, operation: str, kind: str, fields: Mapping[str, object]) -> str:
        """
        Make one record; its id.

        Raises:
            OutcomeUnknown: made, perhaps; read before anything else.
        """
        call = Call(
            operation=operation,
            method="POST",
            path=await self.path(f"/sobjects/{kind}"),
            wrote=True,
            body=msgspec.json.encode(fields),
        )
        made = await self.wire.send(call, self.meter, answers.made)
        if not made:
            raise OutcomeUnknown(
                f"{self.wire.connection}: the answer to {operation} could not be read.",
                connection=self.wire.connection,
                operation=operation,
            )
        return made

    async def update(self, operation: str, kind: str, record: str, fields: Mapping[str, object]) -> None:
        """Change one record, once."""
        call = Call(
            operation=operation,
            method="PATCH",
            path=await self.path(f"/sobjects/{kind}/{record}"),
            wrote=True,
            body=msgspec.json.encode(fields),
        )
        await self.wire.send(call, self.meter, bytes)

    async def delete(self, operation: str, kind: str, record: str) -> None:
        """
        Delete one record, once.

        Raises:
            OutcomeUnknown: deleted, perhaps. Rejected: not deleted, or gone already: read to tell.
        """
        path = await self.path(f"/sobjects/{kind}/{record}")
        await self.wire.send(
            Call(operation=operation, method="DELETE", path=path, wrote=True), self.meter, bytes
        )

    async def _composite(self, queries: Sequence[Query]) -> list[Listing | Forbidden]:
        names = list(dict.fromkeys(query.operation for query in queries))
        operation = " and ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
        told = await self._subrequests(operation, [f"/query?q={quote(query.soql)}" for query in queries])

        async def listing(query: Query, answer: Any) -> Listing | Forbidden:
            if isinstance(answer, Forbidden):
                return answer
            try:
                return await self._rest(query, answers.page(answer))
            except Rejected as error:
                if error.vendor_code != _DEAD_CURSOR:
                    raise
                return await self.query(query)

        return await every(listing(*pair) for pair in zip(queries, told, strict=True))

    async def _subrequests(self, operation: str, rests: Sequence[str]) -> list[Any]:
        """The decoded body of each GET, or Forbidden in its place."""
        asked = [
            {"method": "GET", "url": await self.path(rest), "referenceId": f"r{n}"}
            for n, rest in enumerate(rests)
        ]
        connection = self.wire.connection

        def read(body: bytes) -> list[Any]:
            parts = answers.decode(body).get("compositeResponse")
            if not isinstance(parts, list) or len(parts) != len(rests):
                raise ProtocolChanged(
                    "a composite was not answered in full", connection=connection, operation=operation
                )
            return [answers.subanswer(part, connection, operation) for part in parts]

        call = Call(
            operation=operation,
            method="POST",
            path=await self.path("/composite"),
            body=msgspec.json.encode({"allOrNone": False, "compositeRequest": asked}),
        )
        return await self.wire.send(call, self.meter, read)

    async def _turn(self, query: Query, path: str) -> Page:
        return await self.wire.send(
            Call(operation=query.operation, path=path),
            self.meter,
            lambda body: answers.page(answers.decode(body)),
        )

    async def _rest(self, query: Query, page: Page) -> Listing:
        return Listing(tuple([row async for rows in self._walk(query, page) for row in rows]), page.total)

    async def _walk(self, query: Query, page: Page) -> AsyncIterator[Sequence[Row]]:
        """The rows of a page and of those after it; in the end, whether they are as many as the org said."""
        total, came = page.total, len(page.rows)
        yield page.rows
        while page.more:
            page = await self._turn(query, page.more)
            came += len(page.rows)
            yield page.rows
        expected = min(total, query.stops_at) if query.stops_at else total
        if not query.counts and came != expected:
            raise ProtocolChanged(
                f"{self.wire.connection}: {query.operation} brought {came:,} of {total:,} rows.",
                connection=self.wire.connection,
                operation=query.operation,
            )


async def _again_if_the_cursor_died(whole: Callable[[], Awaitable[Listing]]) -> Listing:
    """A cursor lives two days and a user has few of them; one fresh start is worth it."""
    try:
        return await whole()
    except Rejected as error:
        if error.vendor_code != _DEAD_CURSOR:
            raise
    return await whole()
