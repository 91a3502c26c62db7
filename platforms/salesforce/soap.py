"""The Metadata interface: the only place that tells an app's run-as user and certificate, and takes login rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from bot.concurrency import every
from bot.errors import OutcomeUnknown, PlatformError, ProtocolChanged
from platforms.salesforce.auth import Session
from platforms.salesforce.client import Client
from platforms.salesforce.errors import refused
from platforms.salesforce.wire import Call

NAMES_PER_READ = 10  # Metadata API Developer Guide, readMetadata(), read 2026-11-21
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns="http://soap.sforce.com/2006/04/metadata">'
    "<soapenv:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader></soapenv:Header>"
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
_NEVER_KEPT = frozenset({"consumerSecret"})  # some orgs hand it out; nothing of ours needs it
# A fault is always HTTP 500; this is the status the same refusal has on the data API.
_STATUS = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "API_DISABLED_FOR_ORG": 403,
    "UNSUPPORTED_API_VERSION": 410,
    "SERVER_UNAVAILABLE": 503,
    "UNKNOWN_EXCEPTION": 500,
}


@dataclass(frozen=True, slots=True)
class Element:
    """One XML element, by its local name. Shown without its text, which may be long."""

    name: str
    text: str
    children: tuple[Element, ...]

    def all(self, path: str) -> tuple[Element, ...]:
        """Every element at ``path`` ("oauthConfig/scopes"), in order."""
        here: tuple[Element, ...] = (self,)
        for part in path.split("/"):
            here = tuple(child for element in here for child in element.children if child.name == part)
        return here

    def one(self, path: str) -> str:
        """The text of the first element at ``path``, empty where there is none."""
        found = self.all(path)
        return found[0].text if found else ""

    def __repr__(self) -> str:
        return f"Element({self.name})"


@dataclass(frozen=True, slots=True)
class Listed:
    """One component as listMetadata names it."""

    kind: str
    full_name: str
    id: str


async def listed(client: Client, kinds: Sequence[str]) -> tuple[Listed, ...]:
    """Every component of up to three kinds, in one call."""
    if not 0 < len(kinds) <= 3:
        raise ValueError("listMetadata takes one to three kinds")
    version = await client.version()
    asked = "".join(f"<queries><type>{escape(kind)}</type></queries>" for kind in kinds)
    body = f"<listMetadata>{asked}<asOfVersion>{version}</asOfVersion></listMetadata>"
    found = await _call(client, f"list {', '.join(kinds)}", body)
    return tuple(Listed(one.one("type"), one.one("fullName"), one.one("id")) for one in found)


async def read(client: Client, kind: str, names: Sequence[str]) -> tuple[Element, ...]:
    """The components of these full names that exist, ten to a call."""
    groups = [names[i : i + NAMES_PER_READ] for i in range(0, len(names), NAMES_PER_READ)]

    async def group(names: Sequence[str]) -> tuple[Element, ...]:
        asked = "".join(f"<fullNames>{escape(name)}</fullNames>" for name in names)
        body = f"<readMetadata><type>{escape(kind)}</type>{asked}</readMetadata>"
        found = await _call(client, f"read {kind}", body)
        return tuple(record for one in found for record in one.all("records") if record.one("fullName"))

    return tuple(record for records in await every(group(names) for names in groups) for record in records)


async def update(client: Client, kind: str, full_name: str, fields: str) -> None:
    """
    Replace the fields of one component by ``fields``, XML in the alphabetical order of its elements.

    Raises:
        OutcomeUnknown: perhaps; read it back.
        Forbidden, Rejected: refused, nothing changed.
    """
    operation = f"update {kind}"
    body = (
        f'<updateMetadata><metadata xsi:type="{escape(kind)}">'
        f"<fullName>{escape(full_name)}</fullName>{fields}</metadata></updateMetadata>"
    )
    for result in await _call(client, operation, body, wrote=True):
        if result.one("success") != "true":
            problem = {"errorCode": result.one("errors/statusCode"), "message": result.one("errors/message")}
            raise refused(
                _STATUS.get(problem["errorCode"], 400),
                msgspec.json.encode([problem]),
                connection=client.wire.connection,
                operation=operation,
                wrote=True,
            )


def fault(status: int, body: bytes, *, connection: str, operation: str, wrote: bool) -> PlatformError:
    """The error for a SOAP fault, as the data API's table has it."""
    code = message = ""
    try:
        for element in _elements(_parse(body)):
            if element.name == "Fault":
                code = element.one("faultcode").rpartition(":")[2]
                message = element.one("faultstring")
    except ProtocolChanged:
        pass  # a gateway's page: the status alone decides
    if code:
        status = _STATUS.get(code, 400)
        body = msgspec.json.encode([{"errorCode": code, "message": message}])
    return refused(status, body, connection=connection, operation=operation, wrote=wrote)


async def _call(client: Client, operation: str, body: str, *, wrote: bool = False) -> tuple[Element, ...]:
    """The ``result`` elements of one call."""
    version = await client.version()

    def envelope(session: Session) -> bytes:
        return _ENVELOPE.format(session=escape(session.token.reveal()), body=body).encode()

    def results(answer: bytes) -> tuple[Element, ...]:
        try:
            wanted = [e for e in _elements(_parse(answer)) if e.name.endswith("MetadataResponse")]
        except ProtocolChanged as unreadable:
            if wrote:
                raise OutcomeUnknown(
                    f"{client.wire.connection}: the answer to {operation} could not be read.",
                    connection=client.wire.connection,
                    operation=operation,
                ) from unreadable
            raise
        if not wanted:
            raise ProtocolChanged("a SOAP answer lacks its response element", operation=operation)
        return wanted[0].all("result")

    return await client.wire.send(
        Call(
            operation=operation,
            method="POST",
            path=f"/services/Soap/m/{version}",
            wrote=wrote,
            body=envelope,
            content_type="text/xml; charset=UTF-8",
            headers=(("SOAPAction", '""'),),
            refuse=fault,
        ),
        client.meter,
        results,
    )


def _parse(body: bytes) -> Element:
    try:
        return _element(fromstring(body))
    except (ParseError, DefusedXmlException, ValueError) as exc:
        raise ProtocolChanged("a SOAP answer is not plain XML", operation="read metadata") from exc


def _element(raw: Any) -> Element:
    children = (_element(child) for child in raw)
    return Element(
        str(raw.tag).rpartition("}")[2],
        (raw.text or "").strip(),
        tuple(child for child in children if child.name not in _NEVER_KEPT),
    )


def _elements(root: Element) -> Iterator[Element]:
    yield root
    for child in root.children:
        yield from _elements(child)
