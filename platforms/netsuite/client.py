"""The account's interfaces, one method each: SuiteQL, records, system, certificates, token services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from bot.errors import OutcomeUnknown, ProtocolChanged
from bot.platform import http
from platforms.netsuite.errors import UnknownColumn
from platforms.netsuite.rows import Row, key, number
from platforms.netsuite.sessions import Sign
from platforms.netsuite.suiteql import CAP, PAGE, Select, record_id
from platforms.netsuite.wire import Call, Meter, Wire

_SUITEQL = {"Prefer": "transient", "Content-Type": "application/json"}
# By default NetSuite ignores properties that it does not know, and says nothing.
_STRICT = {"X-NetSuite-PropertyNameValidation": "Error", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class First:
    """The first page of a query, how many rows there are in all, and whether more pages follow."""

    rows: list[Row]
    total: int
    more: bool


@dataclass(slots=True)
class Client:
    """One piece of work with the account; ``meter`` counts what it costs."""

    wire: Wire
    meter: Meter = field(default_factory=Meter)
    unseen: set[str] = field(
        default_factory=set
    )  # columns that the account turned out not to show: "employee.title"

    async def page(
        self, operation: str, query: str, offset: int = 0, limit: int = PAGE
    ) -> tuple[list[Row], bool]:
        """One page of a query, and whether more follow.

        Raises:
            Forbidden: the table is not there for us: permission or feature, NetSuite does not say which.
            UnknownColumn: a column is not.
        """
        found = await self._page(operation, query, offset, limit)
        return found["items"], found["hasMore"]

    async def pages(self, operation: str, select: Select) -> AsyncIterator[list[Row]]:
        """Every row by ascending ``id``, page by page, complete at the end of the iteration or an error.

        A page begins after the last id of the one before, so that neither rows that come and go meanwhile nor
        the cap of a query can hide any.
        """
        select, last, more = self.seen(select), "", True
        while more:
            after = (f"t.id > {record_id(last)}",) if last else ()
            try:
                rows, more = await self.page(operation, select.text(*after))
            except UnknownColumn as refused:
                select = self._dropped(select, refused)
                continue
            if rows:
                last = key(rows[-1], "id")
            elif more:
                raise ProtocolChanged(f"{self.wire.connection}: an empty page says more follows.")
            yield rows

    async def every(self, operation: str, select: Select) -> list[Row]:
        """All rows of ``pages``."""
        return [row async for page in self.pages(operation, select) for row in page]

    async def whole(self, operation: str, select: Select) -> list[Row]:
        """All rows of ``pages``, held against their count: a listing may be cut short and call itself complete.

        Raises:
            ProtocolChanged: they differ, and still do when both are asked for again.
        """
        for _ in range(2):  # somebody may have come or gone meanwhile
            rows = await self.every(operation, select)
            counted = await self.count(operation, select)
            if counted == len(rows):
                return rows
        raise ProtocolChanged(
            f"{self.wire.connection}: NetSuite counts {counted:,} but listed {len(rows):,} ({operation}).",
            connection=self.wire.connection,
            operation=operation,
        )

    async def count(self, operation: str, select: Select) -> int:
        """How many rows NetSuite counts; -1 where it answers no count."""
        rows = await self.rows(f"count to {operation}", select.count())
        return number(rows[0], "n") if rows else -1

    async def counted(self, operation: str, select: Select) -> First:
        """The first page of a query without ids, and how many rows it has in all."""
        select = self.seen(select)
        while True:
            try:
                found = await self._page(operation, select.text(), 0, PAGE)
            except UnknownColumn as refused:
                select = self._dropped(select, refused)
                continue
            total = found.get("totalResults")
            if not isinstance(total, int):
                raise ProtocolChanged(f"{self.wire.connection}: a page of {operation} lacks totalResults.")
            return First(found["items"], total, found["hasMore"])

    async def ordered(self, operation: str, select: Select, *, begun: First | None = None) -> list[Row]:
        """Every row of a query without ids, in its own order, which must leave only equal rows untold apart.

        Raises:
            ProtocolChanged: it has more rows than one query may bring (ask for less at once), or fewer came than
            were promised.
        """
        first = begun or await self.counted(operation, select)
        select = self.seen(select)
        found, more = list(first.rows), first.more
        while more:
            if len(found) % PAGE or len(found) >= CAP:
                raise ProtocolChanged(
                    f"{self.wire.connection}: {operation} brings more rows than one query may."
                )
            rows, more = await self.page(operation, select.text(), offset=len(found))
            found += rows
        if len(found) < first.total:
            raise ProtocolChanged(
                f"{self.wire.connection}: {operation} promised {first.total:,} rows and brought {len(found):,}."
            )
        return found

    async def rows(self, operation: str, query: str) -> list[Row]:
        """The rows of a query that is known to have few."""
        found, more = await self.page(operation, query)
        if more:
            raise ProtocolChanged(f"{self.wire.connection}: {operation} brings more than {PAGE} rows.")
        return found

    def seen(self, select: Select) -> Select:
        """The query without the columns known to be hidden."""
        for output, expression in select.columns:
            if _named(select, expression) in self.unseen:
                select = select.without(output)
        return select

    def _dropped(self, select: Select, refused: UnknownColumn) -> Select:
        """The query without the column that was refused; refused again if it is none of ours."""
        self.unseen.add(f"{select.table.lower()}.{refused.vendor_code.rpartition('.')[2]}")
        fewer = self.seen(select)
        if fewer == select or not fewer.columns:
            raise refused
        return fewer

    async def _page(self, operation: str, query: str, offset: int, limit: int) -> dict[str, Any]:
        call = Call(
            operation=operation,
            method="POST",
            url=f"{self.wire.settings.suitetalk_url}/services/rest/query/v1/suiteql?limit={limit}&offset={offset}",
            body=msgspec.json.encode({"q": query}),
            headers=_SUITEQL,
        )
        found = await self._json(call)
        if (
            not isinstance(found, dict)
            or not isinstance(found.get("items"), list)
            or not isinstance(found.get("hasMore"), bool)
        ):
            raise ProtocolChanged(f"{self.wire.connection}: a page of {operation} lacks items or hasMore.")
        return found

    # records ----------------------------------------------------------------------------------------

    async def record(self, operation: str, kind: str, id_: str) -> dict[str, Any]:
        """One record with its sublists."""
        url = f"{self._record(kind, id_)}?expandSubResources=true"
        found = await self._json(Call(operation=operation, url=url))
        if not isinstance(found, dict):
            raise ProtocolChanged(f"{self.wire.connection}: {operation} brought no record.")
        return found

    async def patch(
        self, operation: str, kind: str, id_: str, body: Mapping[str, object], *, replace: str = ""
    ) -> None:
        """Change one record, once. ``replace`` names a sublist to be made exactly what ``body`` holds."""
        url = self._record(kind, id_) + (f"?replace={replace}" if replace else "")
        call = Call(
            operation=operation,
            method="PATCH",
            url=url,
            wrote=True,
            body=msgspec.json.encode(body),
            headers=_STRICT,
        )
        status = await self.wire.send(call, self.meter, lambda response: response.status_code)
        if status == 202:
            raise OutcomeUnknown(
                f"{self.wire.connection} took {operation} on for later.", operation=operation
            )

    def _record(self, kind: str, id_: str) -> str:
        return f"{self.wire.settings.suitetalk_url}/services/rest/record/v1/{kind}/{record_id(id_)}"

    # system -----------------------------------------------------------------------------------------

    async def system(self, operation: str, service: str) -> Any:
        """What a system service answers: ``serverTime``, ``governanceLimits``."""
        url = f"{self.wire.settings.suitetalk_url}/services/rest/system/v1/{service}"
        return await self._json(Call(operation=operation, url=url))

    # certificates -----------------------------------------------------------------------------------

    async def certificates(self, client_id: str) -> list[Row]:
        """The certificates of one integration, as far as NetSuite shows them to us."""
        found = await self._json(Call(operation="list certificates", url=self._certificates(client_id)))
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ProtocolChanged(f"{self.wire.connection}: the certificates are no list.")
        return found

    async def upload(self, client_id: str, pem: str, *, role: str, entity: str) -> str:
        """Map a certificate to a role and an entity, once; its id, empty where the answer does not tell it."""
        body = {"fileContent": pem, "role": record_id(role), "entity": record_id(entity)}
        said = await self._write("upload the certificate", self._certificates(client_id), body)
        try:
            found = msgspec.json.decode(said)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ""
        return str(found.get("certificate_id", "")) if isinstance(found, dict) else ""

    async def revoke_certificate(self, client_id: str, certificate_id: str) -> None:
        """End a certificate for good, once."""
        url = f"{self._certificates(client_id)}/{quote(certificate_id, safe='-._~')}/revoke"
        await self._write("revoke the certificate", url, None)

    def _certificates(self, client_id: str) -> str:
        client = quote(client_id, safe="-._~")
        return f"{self.wire.settings.restlets_url}/services/rest/auth/oauth2/v1/clients/{client}/certificates"

    # token services ---------------------------------------------------------------------------------

    async def token_info(self) -> Any:
        """What NetSuite says of the token that signs; its members are not documented."""
        url = f"{self.wire.settings.restlets_url}/rest/tokeninfo"
        return await self._json(Call(operation="look at our own token", url=url))

    async def revoke_token(self, consumer_key: str, token: str, sign: Sign) -> None:
        """End a token for good, once, signed with its own secret."""
        query = f"consumerKey={quote(consumer_key, safe='')}&token={quote(token, safe='')}"
        call = Call(
            operation="revoke the token",
            url=f"{self.wire.settings.restlets_url}/rest/revoketoken?{query}",
            wrote=True,
            authorization=sign,
        )
        await self.wire.send(call, self.meter, lambda response: None)

    async def _write(self, operation: str, url: str, body: object) -> bytes:
        call = Call(
            operation=operation,
            method="POST",
            url=url,
            wrote=True,
            body=b"" if body is None else msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
        )
        return await self.wire.send(call, self.meter, lambda response: response.content)

    async def _json(self, call: Call) -> Any:
        def read(response: http.Response) -> Any:
            try:
                return msgspec.json.decode(response.content)
            except (msgspec.DecodeError, UnicodeDecodeError) as exc:
                raise ProtocolChanged(
                    f"{self.wire.connection} answered {call.operation} with something that is not JSON.",
                    connection=self.wire.connection,
                    operation=call.operation,
                ) from exc

        return await self.wire.send(call, self.meter, read)


def _named(select: Select, expression: str) -> str:
    """``employee.releasedate`` for ``TO_CHAR(t.releasedate, …)``."""
    column = expression.partition("t.")[2]
    end = next((i for i, c in enumerate(column) if not (c.isalnum() or c == "_")), len(column))
    return f"{select.table.lower()}.{column[:end].lower()}"
