"""The client of one connection to one vendor."""

from __future__ import annotations

import logging
import ssl
from typing import Literal

import httpx

from bot.errors import ConfigError
from bot.platform.http.transport import Transport, may_be_plain

USER_AGENT = "Handover/0.1.0"


def client(
    base_url: str,
    *,
    connection: str,
    read_s: float = 60.0,
    connect_s: float = 5.0,
    pool_s: float = 30.0,
    max_connections: int = 20,
    verify: ssl.SSLContext | Literal[True] = True,
) -> httpx.AsyncClient:
    """
    A client for one tenant of one vendor; close it with ``aclose()``.

    It follows no redirect (a redirected write has an unknown outcome) and takes nothing from the environment
    but SSL_CERT_FILE and SSL_CERT_DIR: no proxy, no .netrc. ``read_s`` bounds each wait for bytes in either
    direction, ``pool_s`` the wait for a free socket. Certificates are always checked; ``verify`` may bring
    another set of roots.

    Raises:
        ConfigError: not an absolute URL, one with a user name in it, or plain http to another machine.
    """
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ConfigError(f"{connection}: the url is not a URL") from None
    if url.userinfo:
        raise ConfigError(f"{connection}: the url must not hold a user name or password")
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError(f"{connection}: the url must begin with https:// and name a host")
    if url.scheme == "http" and not may_be_plain(url):
        raise ConfigError(f"{connection}: the url must begin with https:// (http is for this machine only)")
    for chatty in ("httpx", "httpcore2"):  # they log whole URLs and response headers
        logging.getLogger(chatty).setLevel(logging.WARNING)
    tls = httpx.create_ssl_context() if verify is True else verify
    return httpx.AsyncClient(
        base_url=url,
        transport=Transport(tls=tls, max_connections=max_connections),
        timeout=httpx.Timeout(connect=connect_s, read=read_s, write=read_s, pool=pool_s),
        headers={"User-Agent": USER_AGENT},
        follow_redirects=False,
        trust_env=False,
    )
