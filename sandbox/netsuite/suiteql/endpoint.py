"""
`POST /services/rest/query/v1/suiteql`: one page of a query's rows.

Source: executing SuiteQL queries through REST web services, facts §3, 2026-11.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from functools import lru_cache
from typing import Any

from aiohttp import web

from sandbox import wire
from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.callers import Caller
from sandbox.netsuite.auth.door import enter
from sandbox.netsuite.catalogue import TABLES
from sandbox.netsuite.errors import ApiError, invalid_query
from sandbox.netsuite.paging import MOST_ROWS, links, page
from sandbox.netsuite.suiteql import dates
from sandbox.netsuite.suiteql.checking import UNSUPPORTED
from sandbox.netsuite.suiteql.mirror import Mirror
from sandbox.netsuite.suiteql.scopes import Columns
from sandbox.netsuite.suiteql.translating import Sight, Statement, translate
from sandbox.world import Json

PATH = "/services/rest/query/v1/suiteql"


class SuiteQl:
    """The query service over one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._mirror = Mirror(account)
        self._translated = lru_cache(maxsize=512)(self._translate)

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.query)]

    async def query(self, request: web.Request) -> web.Response:
        caller = enter(self._account, request, "rest_webservices")
        caller.need("ADMI_RESTWEBSERVICES")
        caller.need("REPO_ANALYTICS")
        _need_transient(request)
        limit, offset = page(request)
        text = await _text(request)
        items, total = self.rows(caller, text, limit, offset)
        if request.get(wire.SHORT_LISTING):
            items = items[: len(items) // 2]
            total = offset + len(items)
        more = offset + len(items) < min(total, MOST_ROWS)
        return web.json_response(
            {
                "links": links(f"{self._account.base_url}{PATH}", limit, offset, total),
                "count": len(items),
                "hasMore": more,
                "items": items,
                "offset": offset,
                "totalResults": total,
            },
            content_type="application/vnd.oracle.resource+json",
        )

    def rows(self, caller: Caller, text: str, limit: int, offset: int) -> tuple[list[Json], int]:
        """One page as REST shows it, and how many rows there are in all. Raises ApiError."""
        switches = self._account.switches
        sight = Sight(
            hidden=frozenset(name for name in TABLES if not self._visible(caller, name)),
            own_notes_only=not caller.may("LIST_SYSTEMNOTES"),
            employee_dates=switches.employee_dates_visible,
            no_audit_count=switches.loginaudit_count_star_is_zero,
        )
        statement = self._translated(text, sight)
        now, zone = self._account.now, self._mirror.zone
        audited = now - timedelta(seconds=self._account.switches.audit_lag_s)
        values: dict[str, Any] = {
            "now": dates.number(now, zone),
            "audited": dates.number(audited, zone),
            "caller": caller.entity,
        }
        return self._run(statement, values, limit, offset)

    def _run(
        self, statement: Statement, values: dict[str, Any], limit: int, offset: int
    ) -> tuple[list[Json], int]:
        try:
            found = self._mirror.rows(statement.page(limit, offset), values, statement.tables)
            total = offset + len(found)
            if len(found) == limit or (offset and not found):
                total = self._mirror.rows(statement.count, values, statement.tables)[0][0]
        except sqlite3.Error as problem:
            raise invalid_query(f"{UNSUPPORTED}: {problem}.") from None
        return [_shown(statement.columns, row) for row in found], min(total, MOST_ROWS)

    def _translate(self, text: str, sight: Sight) -> Statement:
        def columns_of(name: str) -> Columns:
            if name in sight.hidden or name not in TABLES:
                raise invalid_query(f"Record '{name}' was not found.")
            columns = TABLES[name].columns
            if name == "employee" and not sight.employee_dates:
                return {k: v for k, v in columns.items() if k not in ("hiredate", "releasedate")}
            return columns

        return translate(text, columns_of, sight)

    def _visible(self, caller: Caller, name: str) -> bool:
        switches, spec = self._account.switches, TABLES[name]
        if name == "integrationapp" and not switches.integrationapp_visible:
            return False
        if spec.kept_by == "assignments" and name not in switches.role_assignments_visible:
            return False
        return spec.permission is None or caller.may(spec.permission)


def _need_transient(request: web.Request) -> None:
    wishes = ",".join(request.headers.getall("Prefer", [])).lower()
    if "transient" not in [wish.strip() for wish in wishes.split(",")]:
        detail = "Invalid value for the Prefer header: this request needs 'transient'."
        raise ApiError(400, "INVALID_HEADER", detail, header="Prefer")


async def _text(request: web.Request) -> str:
    try:
        body = json.loads(await request.text())
    except (ValueError, UnicodeDecodeError):
        raise ApiError(400, "INVALID_CONTENT", "Invalid JSON in the request body.") from None
    if not isinstance(body, dict) or not isinstance(text := body.get("q"), str) or not text.strip():
        raise ApiError(400, "INVALID_CONTENT", "The body must be an object with the query in 'q'.", path="q")
    return text


def _shown(columns: tuple[str, ...], row: tuple[Any, ...]) -> Json:
    """Everything is a text, and what is null is left out."""
    shown: Json = {"links": []}
    for name, value in zip(columns, row, strict=True):
        if value is None or value == "":
            continue
        if isinstance(value, float):
            value = f"{value:.10g}"
        shown[name] = str(value)
    return shown
