"""SOAP 1.1 envelopes: reading a request, writing a result or a fault."""

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from aiohttp import web
from defusedxml.ElementTree import ParseError, fromstring

from sandbox.salesforce.errors import SoapFault

METADATA = "http://soap.sforce.com/2006/04/metadata"
PARTNER = "urn:partner.soap.sforce.com"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

Tree = list[tuple[str, Any]]
"""Child elements in order: a name with text, a number, a boolean, None (an empty one), or another tree."""


@dataclass(frozen=True, slots=True)
class Request:
    """One operation. `session_id` is empty when the header has none."""

    operation: str
    body: Element
    session_id: str

    def texts(self, name: str) -> list[str]:
        """The texts of the operation's children of this name."""
        return [child.text or "" for child in self.body if local(child) == name]


def read(raw: bytes) -> Request:
    """
    The operation inside an envelope.

    Raises:
        SoapFault: the bytes are no XML, or no envelope with an operation.
    """
    try:
        root = fromstring(raw)
    except (ParseError, ValueError) as exc:
        raise SoapFault("soapenv:Client", "unable to parse the request as XML") from exc
    body = root.find(f"{{{_SOAP}}}Body")
    if body is None or len(body) == 0:
        raise SoapFault("soapenv:Client", "the envelope has no operation")
    session = next((e for e in root.iter() if local(e) == "sessionId"), None)
    return Request(local(body[0]), body[0], (session.text or "").strip() if session is not None else "")


def local(element: Element) -> str:
    """An element's name without its name space."""
    return str(element.tag).rpartition("}")[2]


def tree(element: Element) -> dict[str, Any]:
    """Children as a dictionary: text, a dictionary for what has children, a list for what repeats."""
    found: dict[str, Any] = {}
    for child in element:
        value = tree(child) if len(child) else (child.text or "").strip()
        name = local(child)
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        else:
            found[name] = value
    return found


def xsi_type(element: Element) -> str:
    """The type an element claims by xsi:type, without its prefix."""
    return element.get(f"{{{_XSI}}}type", "").rpartition(":")[2]


def xml(children: Tree) -> str:
    """The elements as text. A name may carry attributes after a space, written as they shall appear."""
    out = []
    for name, value in children:
        end = name.partition(" ")[0]
        if value is None:
            out.append(f"<{name}/>")
        else:
            inner = xml(value) if isinstance(value, list) else _text(value)
            out.append(f"<{name}>{inner}</{end}>")
    return "".join(out)


def response(operation: str, namespace: str, results: Tree) -> web.Response:
    """A successful answer to an operation."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_SOAP}" xmlns="{namespace}" xmlns:xsi="{_XSI}"><soapenv:Body>'
        f"<{operation}Response>{xml(results)}</{operation}Response></soapenv:Body></soapenv:Envelope>"
    )
    return web.Response(text=body, content_type="text/xml", charset="utf-8")


def fault_response(code: str, message: str, *, namespace: str = METADATA) -> web.Response:
    """A fault: HTTP 500, with the vendor's detail element where the code is its own."""
    own = ":" not in code
    fault_space = "urn:fault.partner.soap.sforce.com" if namespace == PARTNER else namespace
    detail = ""
    if own and namespace == PARTNER:
        kind = (
            "LoginFault"
            if code.startswith(("INVALID_LOGIN", "LOGIN_", "PASSWORD_"))
            else "UnexpectedErrorFault"
        )
        detail = (
            f'<detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
            f"<sf:exceptionMessage>{_text(message)}</sf:exceptionMessage></sf:{kind}></detail>"
        )
    name, text = (f"sf:{code}", f"{code}: {message}") if own else (code, message)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_SOAP}" xmlns:sf="{fault_space}" xmlns:xsi="{_XSI}"><soapenv:Body>'
        f"<soapenv:Fault><faultcode>{name}</faultcode><faultstring>{_text(text)}</faultstring>{detail}"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return web.Response(text=body, status=500, content_type="text/xml", charset="utf-8")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape("".join(char for char in str(value) if char.isprintable() or char in "\n\r\t"))
