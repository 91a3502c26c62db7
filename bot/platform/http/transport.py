"""httpx on the connection pool of httpcore2.

The pool that httpx brings (httpcore 1.0.9) loses a slot whenever a request is cancelled at the wrong moment
and then answers nothing but PoolTimeout: https://github.com/encode/httpcore/issues/1093, reproduced 2026-11.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import cast

import httpcore2
import httpx

KEEPALIVE_S = 5.0  # short: a write on a connection the vendor is just closing has an unknown outcome

# Most specific first: every httpcore2 class, as the httpx class that callers know.
_AS_HTTPX: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore2.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore2.PoolTimeout, httpx.PoolTimeout),
    (httpcore2.ReadTimeout, httpx.ReadTimeout),
    (httpcore2.WriteTimeout, httpx.WriteTimeout),
    (httpcore2.TimeoutException, httpx.TimeoutException),
    (httpcore2.ConnectError, httpx.ConnectError),
    (httpcore2.ReadError, httpx.ReadError),
    (httpcore2.WriteError, httpx.WriteError),
    (httpcore2.NetworkError, httpx.NetworkError),
    (httpcore2.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore2.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore2.ProtocolError, httpx.ProtocolError),
    (httpcore2.ProxyError, httpx.ProxyError),
    (httpcore2.UnsupportedProtocol, httpx.UnsupportedProtocol),
)


def may_be_plain(url: httpx.URL) -> bool:
    """Whether ``url`` leads to this machine, where a request without TLS can be overheard by nobody."""
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except tuple(ours for ours, _ in _AS_HTTPX) as exc:
        theirs = next(theirs for ours, theirs in _AS_HTTPX if isinstance(exc, ours))
        raise theirs(str(exc)) from exc


class _Body(httpx.AsyncByteStream):
    def __init__(self, got: httpcore2.Response) -> None:
        self._got = got

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._got.aiter_stream():
                yield part

    async def aclose(self) -> None:
        with _as_httpx():
            await self._got.aclose()


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over at most ``max_connections`` sockets; a cancelled request always gives its socket back.

    Raises:
        httpx.TransportError: nothing else; plain http to another machine is an UnsupportedProtocol.
    """

    def __init__(self, *, tls: ssl.SSLContext, max_connections: int) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=KEEPALIVE_S,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme != "https" and not may_be_plain(url):
            raise httpx.UnsupportedProtocol("only https leaves this machine", request=request)
        sent = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=cast(AsyncIterable[bytes], request.stream),
            extensions=request.extensions,
        )
        with _as_httpx():
            got = await self._pool.handle_async_request(sent)
        return httpx.Response(
            status_code=got.status,
            headers=got.headers,
            stream=_Body(got),
            extensions=got.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()
