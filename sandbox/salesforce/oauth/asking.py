"""What an OAuth endpoint needs to know about a request: form, client, address, host."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from aiohttp import web

from sandbox.salesforce.apps import App
from sandbox.salesforce.errors import OAuthError
from sandbox.salesforce.org import Org
from sandbox.salesforce.staging import by_key

_LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to an OAuth endpoint. `host_kind` is what the caller believes to be talking to."""

    form: Mapping[str, str] = field(repr=False)
    basic: tuple[str, str] | None = field(repr=False)
    source_ip: str
    host_kind: Literal["my_domain", "login"]
    host: str
    base_url: str


async def asked(org: Org, request: web.Request) -> Asked:
    """Read a request; form fields may come in the body, or in the query string as GET sends them."""
    form = dict(request.query)
    if request.content_type == "application/x-www-form-urlencoded":
        form |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    host = request.host.rpartition(":")[0] or request.host
    kind: Literal["my_domain", "login"] = "login" if host in _LOGIN_HOSTS else org.switches.host_kind
    return Asked(
        form,
        _basic(request.headers.get("Authorization", "")),
        source_ip(org, request),
        kind,
        host,
        base_url(org, request),
    )


def source_ip(org: Org, request: web.Request) -> str:
    """Where a request comes from: the first address of X-Forwarded-For if the switch trusts it."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if forwarded and org.switches.trust_forwarded_for:
        return forwarded.partition(",")[0].strip()
    return request.remote or "127.0.0.1"


def base_url(org: Org, request: web.Request) -> str:
    """The address later calls go to."""
    return org.base_url or f"{request.scheme}://{request.host}"


def client(org: Org, asked: Asked, *, secret_required: bool) -> App:
    """
    The app that asks, by Basic header or by form fields.

    Raises:
        OAuthError: invalid_client_id, or invalid_client for a wrong or missing secret.
    """
    client_id, secret = asked.basic or (asked.form.get("client_id", ""), asked.form.get("client_secret", ""))
    found = by_key(org, client_id)
    if found is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    app, expected = found
    if (secret or secret_required) and secret != expected:
        raise OAuthError("invalid_client", "invalid client credentials")
    return app


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client_id), unquote(secret)
