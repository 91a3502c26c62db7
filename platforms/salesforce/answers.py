"""What is asked of an org and what its answers look like; whatever lacks a promised part is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.errors import Forbidden, ProtocolChanged
from platforms.salesforce.errors import Missing, refused
from platforms.salesforce.rows import Row

_PAGE_PATH = re.compile(r"/services/data/v\d+\.0/(tooling/)?query/[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Query:
    """
    One SOQL query. ``counts``: it is a ``SELECT COUNT()``, whose answer is a total without records.

    ``stops_at``: the org brings no row after this one, though it may count more (0: it brings all).
    """

    operation: str
    soql: str
    counts: bool = False
    stops_at: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """Every row of a query; ``total`` is what the org said there are."""

    rows: tuple[Row, ...]
    total: int


@dataclass(slots=True)
class Page:
    """One page; ``more`` is the path of the next, empty on the last."""

    rows: list[Row]
    total: int
    more: str


def decode(body: bytes) -> Any:
    """The JSON of a body."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ProtocolChanged("an answer of Salesforce is not JSON", operation="read") from exc


def versions(body: bytes) -> list[str]:
    """The API versions an org offers."""
    found = decode(body)
    if not isinstance(found, list):
        raise ProtocolChanged("the list of API versions is not a list", operation="list API versions")
    return [v for v in (str(one.get("version", "")) for one in found) if re.fullmatch(r"\d+\.0", v)]


def page(body: Any) -> Page:
    """One page of a query's answer."""
    match body:
        case {"totalSize": int(total), "done": bool(done), "records": list(rows)}:
            more = body.get("nextRecordsUrl", "")
        case _:
            raise ProtocolChanged("a query's answer lacks totalSize, done or records", operation="query")
    if done != (not more) or (more and not _PAGE_PATH.fullmatch(more)):
        raise ProtocolChanged("a query's answer does not say where it goes on", operation="query")
    return Page(rows, total, more)


def columns(body: Any) -> frozenset[str]:
    """The columns of a describe."""
    match body:
        case {"fields": list(fields)}:
            return frozenset(str(one.get("name", "")) for one in fields)
        case _:
            raise ProtocolChanged("a describe lacks fields", operation="describe objects")


def made(body: bytes) -> str:
    """The id of what a create made; empty where the answer is not the documented one."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    match found:
        case {"id": str(made), "success": True}:
            return made
        case _:
            return ""


def subanswer(answer: Any, connection: str, operation: str) -> Any:
    """The body of one part of a composite, or Forbidden in its place; other refusals are raised."""
    match answer:
        case {"httpStatusCode": int(status), "body": body}:
            if 200 <= status < 300:
                return body
            error = refused(
                status, msgspec.json.encode(body), connection=connection, operation=operation, wrote=False
            )
            if status == 404:  # a describe of an object that is not there for us
                error = Missing(error.hint, scope="NOT_FOUND", connection=connection, operation=operation)
            if isinstance(error, Forbidden):
                return error
            raise error
        case _:
            raise ProtocolChanged("a subrequest's answer lacks its status", operation=operation)
