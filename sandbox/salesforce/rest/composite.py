"""Several calls in one: /composite with references between them, /composite/batch without."""

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest.calls import Call, Reply, Route, Router, route

MOST = 25
MOST_QUERIES = 5
_REFERENCE = re.compile(r"@\{([^}]+)\}")
_ADDRESS = re.compile(r"(?:/services/data/)?v(\d+\.\d+)(/.*)", re.IGNORECASE)
_WEIGHTY = re.compile(r"/(?:query|queryAll|composite/sobjects)(?:/|$)", re.IGNORECASE)


class _RolledBack(Exception):
    """A part failed in an all-or-none call."""


class Composite:
    """The composite resources; parts are answered by the same router as whole calls."""

    def __init__(self, org: Org, router: Router) -> None:
        self._org = org
        self._router = router

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [route("POST", r"/composite", self.composite), route("POST", r"/composite/batch", self.batch)]

    def composite(self, call: Call) -> Reply:
        """
        Up to 25 parts in order, each able to use the results of earlier ones; counts as one call.

        Source: REST API Developer Guide, "Composite", read 2026-11-21.
        """
        parts = _parts(call, "compositeRequest")
        heavy = sum(1 for part in parts if _WEIGHTY.search(urlsplit(str(part.get("url", ""))).path))
        if heavy > MOST_QUERIES:
            raise ApiError(
                400,
                "LIMIT_EXCEEDED",
                f"The composite request can have at most {MOST_QUERIES} query and"
                " sObject Collections subrequests",
            )
        names = [part.get("referenceId") for part in parts]
        if not all(isinstance(name, str) and re.fullmatch(r"\w+", name) for name in names):
            raise ApiError(
                400, "INVALID_INPUT", "Each subrequest must have a referenceId of letters, digits and _"
            )
        if len(set(names)) != len(names):
            raise ApiError(400, "INVALID_INPUT", "referenceId values must be unique")
        all_or_none = bool(call.body.get("allOrNone", False))
        results: dict[str, Reply] = {}
        try:
            with self._org.transaction():
                for part in parts:
                    results[part["referenceId"]] = self._part(call, part, results)
                    if all_or_none and results[part["referenceId"]].status >= 400:
                        raise _RolledBack
        except _RolledBack:
            results = _halted(names, results)
        shown = [
            {
                "body": reply.body,
                "httpHeaders": reply.headers,
                "httpStatusCode": reply.status,
                "referenceId": name,
            }
            for name, reply in results.items()
        ]
        return Reply(body={"compositeResponse": shown})

    def batch(self, call: Call) -> Reply:
        """Up to 25 independent parts; every one of them counts as a call."""
        parts, results = _parts(call, "batchRequests"), list[dict[str, Any]]()
        self._org.usage.spend(self._org.now, max(0, len(parts) - 1))
        halt = bool(call.body.get("haltOnError", False))
        failed = False
        for part in parts:
            if halt and failed:
                skipped = ApiError(
                    412,
                    "BATCH_PROCESSING_HALTED",
                    "Batch processing has halted because an error was encountered",
                )
                results.append({"statusCode": 412, "result": [skipped.item()]})
                continue
            reply = self._answer(call, part, str(part.get("url", "")), part.get("richInput"))
            failed = failed or reply.status >= 400
            results.append({"statusCode": reply.status, "result": reply.body})
        return Reply(body={"hasErrors": failed, "results": results})

    def _part(self, call: Call, part: dict[str, Any], earlier: dict[str, Reply]) -> Reply:
        try:
            url = str(_filled(str(part.get("url", "")), earlier))
            body = _filled(part.get("body"), earlier)
        except ApiError as refused:
            return Reply(refused.status, [refused.item()])
        return self._answer(call, part, url, body)

    def _answer(self, call: Call, part: dict[str, Any], url: str, body: Any) -> Reply:
        split = urlsplit(url)
        match = _ADDRESS.fullmatch(split.path.rstrip("/"))
        inner = Call(
            str(part.get("method", "GET")).upper(),
            unquote(match[2]) if match else "/",
            dict(parse_qsl(split.query)),
            body,
            call.caller,
            match[1] if match else call.version,
            {str(k): str(v) for k, v in part.get("httpHeaders", {}).items()},
            call.short,
        )
        try:
            if match is None or re.match(r"/composite(/batch|/graph)?$", inner.path, re.IGNORECASE):
                raise ApiError(400, "INVALID_INPUT", f"The subrequest url {url} is not supported")
            return self._router.answer(inner)
        except ApiError as refused:
            return Reply(refused.status, [refused.item()])


def _parts(call: Call, name: str) -> list[dict[str, Any]]:
    parts = call.body.get(name) if isinstance(call.body, dict) else None
    if not isinstance(parts, list) or not parts or not all(_is_part(part) for part in parts):
        raise ApiError(400, "JSON_PARSER_ERROR", f"Expected a JSON object with an array '{name}'")
    if len(parts) > MOST:
        raise ApiError(
            400, "LIMIT_EXCEEDED", f"The number of subrequests ({len(parts)}) exceeds the limit of {MOST}"
        )
    return parts


def _is_part(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("httpHeaders", {}), dict)


def _filled(value: Any, earlier: dict[str, Reply]) -> Any:
    """The value with every @{reference} replaced by what it points at."""
    if isinstance(value, dict):
        return {key: _filled(inner, earlier) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, earlier) for inner in value]
    if not isinstance(value, str):
        return value
    if whole := _REFERENCE.fullmatch(value):
        return _looked_up(whole[1], earlier)
    return _REFERENCE.sub(lambda match: str(_looked_up(match[1], earlier)), value)


def _looked_up(path: str, earlier: dict[str, Reply]) -> Any:
    name, *steps = re.findall(r"[^.\[\]]+", path)
    reply = earlier.get(name)
    if reply is None or reply.status >= 400:
        raise _bad_reference(path, name)
    found: Any = reply.body
    for step in steps:
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, TypeError, ValueError):
            raise _bad_reference(path, name) from None
    return found


def _bad_reference(path: str, name: str) -> ApiError:
    return ApiError(
        400, "PROCESSING_HALTED", f"Invalid reference specified. No value for {path} found in {name}"
    )


def _halted(names: list[Any], results: dict[str, Reply]) -> dict[str, Reply]:
    """What an all-or-none call answers after a failure: the failure itself, and a note on every other part."""
    note = ApiError(
        400,
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
    halted = Reply(400, [note.item()])
    return {
        name: results[name] if name in results and results[name].status >= 400 else halted for name in names
    }
