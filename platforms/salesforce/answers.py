"""What is asked of an org and what its answers look like; whatever lacks a promised part is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from bot.errors import Forbidden, ProtocolChanged
from platforms.salesforce.errors import Missing, refused

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


Row = Mapping[str, Any]


def value(row: Row, path: str) -> Any:
    """
    What stands at ``path`` ("Profile.Name"); None where it, or a record on the way, is null.

    Raises:
        ProtocolChanged: a column that was asked for is absent.
    """
    found: Any = row
    try:
        if "." not in path:  # nearly all; a scan reads hundreds of thousands
            return found[path]
        for part in path.split("."):
            if found is None:
                return None
            found = found[part]
    except (KeyError, TypeError) as exc:
        raise ProtocolChanged(f"an answer of Salesforce lacks {path}", operation="read") from exc
    return found


def text(row: Row, path: str) -> str:
    """The text at ``path``, empty for null. Half a surrogate pair, which JSON can spell, becomes "?"."""
    found = value(row, path)
    if found is None:
        return ""
    said = str(found)
    return said if said.isascii() else said.encode("utf-8", "replace").decode("utf-8")


def flag(row: Row, path: str) -> bool:
    """Whether ``path`` is true; null is not."""
    return value(row, path) is True


def number(row: Row, path: str) -> int:
    """The whole number at ``path``, zero for null."""
    found = value(row, path)
    if found is None:
        return 0
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ProtocolChanged(f"{path} is not a number in an answer of Salesforce", operation="read")
    return int(found)


def instant(row: Row, path: str) -> datetime | None:
    """The aware UTC time at ``path``; Salesforce prints ``2026-11-21T08:00:00.000+0000``."""
    found = text(row, path)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found).astimezone(UTC)
    except ValueError as exc:
        raise ProtocolChanged(f"{path} is not a time in an answer of Salesforce", operation="read") from exc


def end_of(row: Row, path: str) -> datetime | None:
    """The first instant, in UTC, of the day at ``path``: an end date promises nothing for the day itself."""
    found = text(row, path)
    if not found:
        return None
    try:
        day = date.fromisoformat(found[:10])
    except ValueError as exc:
        raise ProtocolChanged(f"{path} is not a date in an answer of Salesforce", operation="read") from exc
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
