"""The settings of one Salesforce connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.errors import ConfigError
from bot.text import Secret

SHARED_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Keys of the same table that are read by whoever composes us: the schedule, and where the secrets come from.
_NOT_OURS = frozenset(
    {"platform", "scan_every_s", "private_key", "private_key_file", "client_secret", "client_secret_file"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to reach one org and how much of it to use. Exactly one of the two secrets is set."""

    url: str  # https://{domain}.my.salesforce.com, without a trailing slash
    client_id: str
    login_url: str  # where tokens are asked for
    username: str = ""  # with it, JWT bearer; without it, client credentials
    private_key: Secret | None = None
    client_secret: Secret | None = None
    api_version: str = ""  # "65.0"; empty: the newest the org offers
    max_daily_share: float = 0.10  # of the org's daily API calls, for our scans in any 24 hours
    unused_for_s: int = 86_400  # how long an old grant must rest before it is revoked
    concurrency: int = 8  # requests under way at once
    timeout_s: float = 60.0  # the longest wait for bytes of an answer


def parse(connection: str, table: Mapping[str, object], secrets: Callable[[str], Secret]) -> Settings:
    """
    The settings in ``table``; ``secrets("private_key" | "client_secret")`` is asked for the one that is needed.

    Raises:
        ConfigError: a key is unknown, missing or off; the hint names it.
    """
    known = frozenset(Settings.__dataclass_fields__) | _NOT_OURS
    for key in sorted(set(table) - known):
        raise ConfigError(f'connections."{connection}".{key}: unknown key')
    read = _Table(connection, table)
    url = read.url("url", required=True)
    username = read.text("username")
    if not username and urlsplit(url).hostname in SHARED_HOSTS:
        raise read.off("url", "client credentials work on the My Domain address of the org only")
    return Settings(
        url=url,
        client_id=read.text("client_id", required=True),
        login_url=read.url("login_url") or url,
        username=username,
        private_key=secrets("private_key") if username else None,
        client_secret=None if username else secrets("client_secret"),
        api_version=read.text("api_version", shape=r"\d{2,3}\.0", example="65.0"),
        max_daily_share=read.number("max_daily_share", 0.10, 0.001, 1.0),
        unused_for_s=int(read.number("unused_for_s", 86_400, 1, 366 * 86_400)),
        concurrency=int(read.number("concurrency", 8, 1, 20)),
        timeout_s=read.number("timeout_s", 60.0, 0.1, 600.0),
    )


def plain_is_safe(url: str) -> bool:
    """Whether ``url`` is https, or leads no further than this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


class _Table:
    def __init__(self, connection: str, table: Mapping[str, Any]) -> None:
        self._connection = connection
        self._table = table

    def off(self, key: str, why: str) -> ConfigError:
        return ConfigError(f'connections."{self._connection}".{key}: {why}')

    def text(self, key: str, *, required: bool = False, shape: str = "", example: str = "") -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            raise self.off(key, "must be text")
        if required and not value:
            raise self.off(key, "is missing")
        if value and shape and not re.fullmatch(shape, value):
            raise self.off(key, f'must look like "{example}"')
        return value

    def url(self, key: str, *, required: bool = False) -> str:
        value = self.text(key, required=required).rstrip("/")
        if value and not (plain_is_safe(value) and urlsplit(value).hostname):
            raise self.off(key, "must begin with https:// and name a host")
        return value

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.off(key, "must be a number")
        if not least <= value <= most:
            raise self.off(key, f"must lie between {least:g} and {most:g}")
        return value
