"""SOQL over REST: query, queryAll, the next page; also for the Tooling API."""

import re

from sandbox.salesforce.cursors import Cursor
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest.calls import Call, Reply, Route, route
from sandbox.salesforce.soql.columns import Extra
from sandbox.salesforce.soql.plan import Found, run

LARGEST_PAGE = 2000
SMALLEST_PAGE = 200
OAUTH_TOKEN_PAGE = 500
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


class Queries:
    """The query resources over one org. `extras` are the columns only the Tooling API offers."""

    def __init__(self, org: Org, extras: dict[str, dict[str, Extra]]) -> None:
        self._org = org
        self._extras = extras

    def routes(self) -> list[Route]:
        """Its addresses; the Tooling API's come first, because they are longer."""
        return [
            route("GET", r"/tooling/query", self.tooling),
            route("GET", r"/tooling/query/([^/]+)", self.more),
            route("GET", r"/(?:query|queryAll)", self.first),
            route("GET", r"/(?:query|queryAll)/([^/]+)", self.more),
        ]

    def first(self, call: Call) -> Reply:
        """The first page of a query."""
        found = run(self._org, _soql(call), call.caller.id, call.version)
        return self._page(call, found, "/query")

    def tooling(self, call: Call) -> Reply:
        """The first page of a Tooling API query; Metadata and FullName come one row at a time."""
        text = _soql(call)
        found = run(self._org, text, call.caller.id, call.version, tooling=True, extras=self._extras)
        heavy = re.search(r"\bselect\b.*\b(?:metadata|fullname)\b.*\bfrom\b", text, re.IGNORECASE | re.DOTALL)
        if heavy and len(found.rows) > 1:
            raise ApiError(
                400,
                "MALFORMED_QUERY",
                "When retrieving results with Metadata or FullName fields, the query qualifications must specify no"
                f" more than one row for retrieval. Result size: {len(found.rows)}",
            )
        return self._page(call, found, "/tooling/query")

    def more(self, call: Call, name: str) -> Reply:
        """A later page, by the name in nextRecordsUrl."""
        locator, _, offset = name.rpartition("-")
        cursor = self._org.cursors.find(locator, call.caller.id, self._org.now)
        if cursor is None or not offset.isdecimal() or not 0 < int(offset) < len(cursor.rows):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        path = call.path.rpartition("/")[0]
        return Reply(body=_printed(call, cursor, locator, int(offset), path))

    def _page(self, call: Call, found: Found, path: str) -> Reply:
        size = _batch_size(call, found)
        if found.aggregated and len(found.rows) > LARGEST_PAGE:
            raise ApiError(
                400,
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        rows, total = found.rows, found.total
        if call.short and rows:
            rows = rows[: len(rows) // 2]
            total = len(rows)
        cursor = Cursor(call.caller.id, rows, found.show, total, size, self._org.now)
        locator = self._org.cursors.keep(cursor) if len(rows) > size else ""
        return Reply(body=_printed(call, cursor, locator, 0, path))


def _printed(call: Call, cursor: Cursor, locator: str, offset: int, path: str) -> dict[str, object]:
    upto = offset + cursor.page
    records = [cursor.plan(row) for row in cursor.rows[offset:upto]]
    done = upto >= len(cursor.rows)
    page: dict[str, object] = {"totalSize": cursor.total, "done": done}
    if not done:
        page["nextRecordsUrl"] = f"{call.base}{path}/{locator}-{upto}"
    page["records"] = records
    return page


def _batch_size(call: Call, found: Found) -> int:
    """The caller's hint, within bounds. OauthToken comes by 500 at most."""
    largest = OAUTH_TOKEN_PAGE if found.kind.name == "OauthToken" else LARGEST_PAGE
    hint = _BATCH.search(call.headers.get("Sforce-Query-Options", ""))
    if hint is None:
        return largest
    return min(largest, max(SMALLEST_PAGE, int(hint[1])))


def _soql(call: Call) -> str:
    text = call.query.get("q", "")
    if not text.strip():
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified")
    return text
