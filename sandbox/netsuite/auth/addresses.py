"""The address a client thinks it called, which is what it signed."""

from __future__ import annotations

from aiohttp import web

_OWN_PORTS = {"http": "80", "https": "443"}


def candidates(request: web.Request) -> list[str]:
    """
    Scheme, host and path as the client may have written them, most likely first.

    NetSuite's own host names are always https there; here they arrive over plain HTTP when a client keeps the name
    and is led to this port.
    """
    host = request.host.lower()
    schemes = [request.headers.get("X-Forwarded-Proto", request.scheme)]
    if host.partition(":")[0].endswith(".netsuite.com"):
        schemes.insert(0, "https")
    return [f"{scheme}://{_without_own_port(host, scheme)}{request.rel_url.raw_path}" for scheme in schemes]


def _without_own_port(host: str, scheme: str) -> str:
    name, _, port = host.partition(":")
    return name if port == _OWN_PORTS.get(scheme) else host


def query(request: web.Request) -> str:
    """The query exactly as it was sent."""
    return request.raw_path.partition("?")[2]
