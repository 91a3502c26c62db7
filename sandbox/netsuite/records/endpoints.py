"""`/services/rest/record/v1`: lists, records, changes and the metadata catalogue."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from sandbox import wire
from sandbox.netsuite import holdings, lifecycle
from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.callers import Caller
from sandbox.netsuite.auth.door import enter
from sandbox.netsuite.catalogue import CREATE, EDIT, FULL, VIEW
from sandbox.netsuite.errors import ApiError, invalid_parameter
from sandbox.netsuite.paging import links, page
from sandbox.netsuite.records import filtering, metadata, reading, writing
from sandbox.netsuite.records.properties import EMPLOYEE, SALES_ORDER, TYPES, RecordType
from sandbox.netsuite.records.reading import BASE
from sandbox.netsuite.tables import Row

RESOURCE = "application/vnd.oracle.resource+json"


class Records:
    """The record service over one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{BASE}/metadata-catalog", self.catalogue),
            web.get(f"{BASE}/metadata-catalog/{{type}}", self.described),
            web.get(f"{BASE}/{{type}}", self.listed),
            web.post(f"{BASE}/{{type}}", self.created),
            web.get(f"{BASE}/{{type}}/{{id}}", self.read),
            web.patch(f"{BASE}/{{type}}/{{id}}", self.changed),
            web.delete(f"{BASE}/{{type}}/{{id}}", self.deleted),
            web.get(f"{BASE}/{{type}}/{{id}}/{{sublist}}", self.sublist),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """Ids of what `q` means, in the order of ids."""
        caller, kind = self._enter(request, VIEW)
        caller.need("LIST_FIND")
        limit, offset = page(request)
        text = request.query.get("q", "")
        meant = filtering.test(text, kind) if text.strip() else None
        rows = [row for row in self._account[kind.table] if meant is None or meant(row)]
        items = [reading.stub(self._account, kind, row) for row in rows[offset : offset + limit]]
        total = len(rows)
        if request.get(wire.SHORT_LISTING):
            items = items[: len(items) // 2]
            total = offset + len(items)
        body = {
            "links": links(f"{self._account.base_url}{BASE}/{kind.name}", limit, offset, total),
            "count": len(items),
            "hasMore": offset + len(items) < total,
            "items": items,
            "offset": offset,
            "totalResults": total,
        }
        return web.json_response(body, content_type=RESOURCE)

    async def read(self, request: web.Request) -> web.Response:
        _, kind = self._enter(request, VIEW)
        row = self._row(request, kind)
        expand = request.query.get("expandSubResources", "false").lower() == "true"
        names = {name for name in request.query.get("fields", "").split(",") if name}
        if unknown := sorted(names - set(kind.properties) - {"id"}):
            raise invalid_parameter("fields", f"Unknown field {unknown[0][:60]}.")
        body = reading.record(self._account, kind, row, expand=expand, fields=names or None)
        return web.json_response(body, content_type=f"{RESOURCE}; type=singular")

    async def sublist(self, request: web.Request) -> web.Response:
        _, kind = self._enter(request, VIEW)
        row, name = self._row(request, kind), request.match_info["sublist"]
        one = kind.properties.get(name)
        if one is None or one.kind != "sublist":
            raise ApiError(404, "NONEXISTENT_ID", f"The sublist {name[:60]} does not exist.")
        body = reading.record(self._account, kind, row, expand=True, fields={name})[name]
        return web.json_response(body, content_type=RESOURCE)

    async def created(self, request: web.Request) -> web.Response:
        caller, kind = self._enter(request, CREATE)
        values = writing.understood(kind, await _body(request), request.headers)
        row = writing.create(caller, kind, values)
        return self._done(kind, row)

    async def changed(self, request: web.Request) -> web.Response:
        caller, kind = self._enter(request, EDIT)
        row = self._row(request, kind)
        values = writing.understood(kind, await _body(request), request.headers)
        replace = frozenset(name for name in request.query.get("replace", "").split(",") if name)
        if unknown := sorted(name for name in replace if name not in kind.properties):
            raise invalid_parameter("replace", f"Unknown sublist {unknown[0][:60]}.")
        writing.change(caller, kind, row, values, replace=replace)
        return self._done(kind, row)

    async def deleted(self, request: web.Request) -> web.Response:
        caller, kind = self._enter(request, FULL)
        row = self._row(request, kind)
        if kind is EMPLOYEE:
            lifecycle.delete_employee(self._account, row, by=caller.entity)
            holdings.refresh(self._account)
        else:
            self._account[kind.table].delete(row)
        return web.Response(status=204)

    async def catalogue(self, request: web.Request) -> web.Response:
        caller = self._caller(request)
        names = [name for name, kind in TYPES.items() if caller.may(kind.permission)]
        if selected := [name for name in request.query.get("select", "").split(",") if name]:
            if unknown := [name for name in selected if name not in names]:
                raise invalid_parameter("select", f"Record type {unknown[0][:60]} is not available.")
            names = selected
        if "swagger" in request.headers.get("Accept", ""):
            body = metadata.openapi(self._account, names)
            return web.json_response(body, content_type="application/swagger+json")
        return web.json_response(metadata.listed(self._account, names))

    async def described(self, request: web.Request) -> web.Response:
        _, kind = self._enter(request, VIEW)
        if "swagger" in request.headers.get("Accept", ""):
            body = metadata.openapi(self._account, [kind.name])
            return web.json_response(body, content_type="application/swagger+json")
        return web.json_response(metadata.schema(kind), content_type="application/schema+json")

    def _caller(self, request: web.Request) -> Caller:
        caller = enter(self._account, request, "rest_webservices")
        caller.need("ADMI_RESTWEBSERVICES")
        return caller

    def _enter(self, request: web.Request, level: int) -> tuple[Caller, RecordType]:
        caller, name = self._caller(request), request.match_info["type"]
        kind = TYPES.get(name) or TYPES.get(name.lower()) or _any_case(name)
        if kind is None:
            raise ApiError(404, "NONEXISTENT_ID", f"Record type '{name[:60]}' does not exist.")
        caller.need(kind.permission, level)
        return caller, kind

    def _row(self, request: web.Request, kind: RecordType) -> Row:
        """By internal id, or by `eid:` and the external id."""
        table, given = self._account[kind.table], request.match_info["id"]
        row = None
        if given.startswith("eid:"):
            row = next(iter(table.where(_externalid=given[4:])), None)
        elif given.isascii() and given.isdigit():
            row = table.get(int(given))
        if row is None:
            detail = (
                f"The record instance does not exist. Provide a valid record instance ID (not {given[:40]})."
            )
            raise ApiError(404, "NONEXISTENT_ID", detail)
        return row

    def _done(self, kind: RecordType, row: Row) -> web.Response:
        location = f"{self._account.base_url}{BASE}/{kind.name}/{row['id']}"
        self._account.world.notify("netsuite:changed", {"record": kind.name, "id": row["id"]})
        return web.Response(status=204, headers={"Location": location})


def _any_case(name: str) -> RecordType | None:
    return SALES_ORDER if name.lower() == SALES_ORDER.name.lower() else None


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.text())
    except (ValueError, UnicodeDecodeError):
        raise ApiError(400, "INVALID_CONTENT", "Invalid JSON in the request body.") from None
