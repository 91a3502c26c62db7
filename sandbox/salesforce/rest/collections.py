"""Many records in one call: /composite/sobjects."""

from typing import Any

from sandbox.salesforce.catalogue import catalogue
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Records, visible
from sandbox.salesforce.rest.calls import Call, Reply, Route, route
from sandbox.salesforce.rest.sobjects import shown

MOST_WRITTEN = 200
MOST_READ = 2000


class _RolledBack(Exception):
    """One record failed in an all-or-none call; carries the results so far."""


class Collections:
    """The collection resources over one org."""

    def __init__(self, org: Org, records: Records) -> None:
        self._org = org
        self._records = records

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            route("POST", r"/composite/sobjects", self.create),
            route("PATCH", r"/composite/sobjects", self.update),
            route("DELETE", r"/composite/sobjects", self.delete),
            route("GET", r"/composite/sobjects/(\w+)", self.read),
            route("POST", r"/composite/sobjects/(\w+)", self.read),
        ]

    def create(self, call: Call) -> Reply:
        """New records; each names its type in `attributes`."""

        def one(record: Any) -> str:
            return self._records.create(call.caller, _type(record), record)

        return self._each(_records(call), _all_or_none(call), one)

    def update(self, call: Call) -> Reply:
        """Changes; each record carries its Id."""

        def one(record: Any) -> str:
            kind = _type(record)
            values = {name: value for name, value in record.items() if name.lower() != "id"}
            record_id = next((value for name, value in record.items() if name.lower() == "id"), "")
            self._records.update(call.caller, kind, str(record_id), values)
            return str(record_id)

        return self._each(_records(call), _all_or_none(call), one)

    def delete(self, call: Call) -> Reply:
        """The end of the records named in `ids`."""

        def one(record_id: Any) -> str:
            kind = next((k for k in catalogue().values() if str(record_id).startswith(k.prefix)), None)
            if kind is None:
                raise ApiError(400, "MALFORMED_ID", f"bad id {record_id}", ())
            self._records.delete(call.caller, kind.name, record_id)
            return str(record_id)

        ids = [part for part in call.query.get("ids", "").split(",") if part]
        _bounded(ids, MOST_WRITTEN)
        return self._each(ids, call.query.get("allOrNone", "false").lower() == "true", one)

    def read(self, call: Call, name: str) -> Reply:
        """Records of one type by Id; null where there is none."""
        kind = visible(self._org, call.caller, name)
        source = call.body if isinstance(call.body, dict) else {}
        ids, names = source.get("ids", []), source.get("fields", [])
        if not all(
            isinstance(part, list) and all(isinstance(one, str) for one in part) for part in (ids, names)
        ):
            raise ApiError(400, "JSON_PARSER_ERROR", "ids and fields must be arrays of strings")
        ids = ids or [part for part in call.query.get("ids", "").split(",") if part]
        wanted = ",".join(names) or call.query.get("fields", "")
        if not wanted:
            raise ApiError(400, "MISSING_ARGUMENT", "The fields parameter is required")
        _bounded(ids, MOST_READ)
        rows = [self._org[kind.name].get(record_id) for record_id in ids]
        found = [None if row is None else shown(self._org, call, kind, row, wanted) for row in rows]
        return Reply(body=found)

    def _each(self, records: list[Any], all_or_none: bool, one: Any) -> Reply:
        results: list[dict[str, Any]] = []
        try:
            with self._org.transaction():
                for record in records:
                    results.append(_attempted(one, record))
                if all_or_none and not all(result["success"] for result in results):
                    raise _RolledBack
        except _RolledBack:
            undone = ApiError(
                400,
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using AllOrNone header",
            )
            results = [
                r if not r["success"] else {"success": False, "errors": [undone.result()]} for r in results
            ]
        return Reply(body=results)


def _attempted(one: Any, record: Any) -> dict[str, Any]:
    try:
        return {"id": one(record), "success": True, "errors": []}
    except ApiError as refused:
        return {"success": False, "errors": [refused.result()]}


def _records(call: Call) -> list[Any]:
    body = call.body
    if not isinstance(body, dict) or not isinstance(body.get("records"), list):
        raise ApiError(400, "JSON_PARSER_ERROR", "Expected a JSON object with an array 'records'")
    _bounded(body["records"], MOST_WRITTEN)
    return list(body["records"])


def _bounded(items: list[Any], most: int) -> None:
    if len(items) > most:
        raise ApiError(
            400,
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {most} records into this call",
        )


def _all_or_none(call: Call) -> bool:
    return bool(call.body.get("allOrNone", False))


def _type(record: Any) -> str:
    attributes = record.get("attributes") if isinstance(record, dict) else None
    if not isinstance(attributes, dict) or not isinstance(attributes.get("type"), str):
        raise ApiError(400, "INVALID_INPUT", "Each record must have attributes with a type", ())
    return str(attributes["type"])
