"""The settings of one NetSuite connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import ConfigError
from bot.text import Secret
from platforms.netsuite.account import AccountId, account_id

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Keys of the same table that are read by whoever composes us: the schedule, and where the secrets come from.
_SECRETS = ("private_key", "consumer_secret", "token_secret")
_NOT_OURS = frozenset({"platform", "scan_every_s", *_SECRETS, *(f"{name}_file" for name in _SECRETS)})
_M2M = ("client_id", "certificate_id")
_TBA = ("consumer_key", "token_id")


class SignIn(StrEnum):
    """How the bot proves who it is."""

    M2M = "m2m"  # OAuth 2.0 client credentials: an assertion signed with the key of a mapped certificate
    TBA = "tba"  # token-based authentication: each request signed; no new ones can be set up from 2027.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to reach one account, and what in it has a special meaning."""

    account: AccountId
    suitetalk_url: str  # REST records, SuiteQL and the token endpoint
    restlets_url: str  # certificates and the token services
    sign_in: SignIn
    client_id: str = ""
    certificate_id: str = ""  # the `kid` of our assertions
    private_key: Secret | None = None  # PEM, of the certificate
    consumer_key: str = ""
    consumer_secret: Secret | None = None
    token_id: str = ""
    token_secret: Secret | None = None
    client_ids: tuple[str, ...] = ()  # further integrations whose certificates are to be listed
    integration_accounts: tuple[str, ...] = ()  # e-mails, entity ids or internal ids; * stands for anything
    connector_application: str = "NetSuite Connector"
    connector_role: str = "NetSuite Connector Web Services"
    nexonia_field: str = ""  # the checkbox of employees and vendors, for example custentity_nexonia
    time_zone: str = "Etc/UTC"  # of the bot's user in NetSuite: what its dates are printed in
    concurrency: int = 1  # requests under way at once, over all our processes
    unused_for_s: int = 86_400  # how long an old credential must rest before it is retired
    timeout_s: float = 120.0  # the longest wait for bytes of an answer

    @property
    def token_url(self) -> str:
        """The token endpoint, which is also the audience of assertions."""
        return f"{self.suitetalk_url}/services/rest/auth/oauth2/v1/token"

    @property
    def zone(self) -> ZoneInfo:
        """The zone of ``time_zone``."""
        return ZoneInfo(self.time_zone)


def parse(connection: str, table: Mapping[str, object], secrets: Callable[[str], Secret]) -> Settings:
    """
    The settings in ``table``; ``secrets`` is asked for those of the one way to sign in.

    Raises:
        ConfigError: a key is unknown, missing or off; the hint names it and says how to mend it.
    """
    read = _Table(connection, table)
    ours = frozenset(Settings.__dataclass_fields__) - {"sign_in"} | {"url"}
    for key in sorted(set(table) - ours - _NOT_OURS):
        raise read.off(key, "unknown key")
    account = account_id(read.text("account", required=True))
    if isinstance(account, str):
        raise read.off("account", account)
    one = read.url("url")
    by_certificate = any(table.get(key) for key in _M2M)
    if by_certificate and any(table.get(key) for key in _TBA):
        raise read.off("client_id", "give either client_id and certificate_id, or consumer_key and token_id")
    needed = _M2M if by_certificate or not any(table.get(key) for key in _TBA) else _TBA
    named = {key: read.text(key, required=True, shape=r"[A-Za-z0-9._~-]{1,200}") for key in needed}
    m2m = needed is _M2M
    return Settings(
        account=account,
        suitetalk_url=read.url("suitetalk_url") or one or account.host("suitetalk.api"),
        restlets_url=read.url("restlets_url") or one or account.host("restlets.api"),
        sign_in=SignIn.M2M if m2m else SignIn.TBA,
        **named,
        private_key=secrets("private_key") if m2m else None,
        consumer_secret=None if m2m else secrets("consumer_secret"),
        token_secret=None if m2m else secrets("token_secret"),
        client_ids=read.texts("client_ids", shape=r"[A-Za-z0-9._~-]{1,200}"),
        integration_accounts=read.texts("integration_accounts"),
        connector_application=read.text("connector_application") or "NetSuite Connector",
        connector_role=read.text("connector_role") or "NetSuite Connector Web Services",
        nexonia_field=read.text("nexonia_field", shape=r"custentity[a-z0-9_]{1,60}").lower(),
        time_zone=read.zone("time_zone"),
        concurrency=int(read.number("concurrency", 1, 1, 2)),
        unused_for_s=int(read.number("unused_for_s", 86_400, 1, 366 * 86_400)),
        timeout_s=read.number("timeout_s", 120.0, 0.1, 900.0),
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

    def text(self, key: str, *, required: bool = False, shape: str = "") -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            raise self.off(key, "must be text")
        if required and not value:
            raise self.off(key, "is missing")
        if value and shape and not re.fullmatch(shape, value):
            raise self.off(key, "holds characters that no such value has; copy it again")
        return value

    def texts(self, key: str, *, shape: str = r".{1,200}") -> tuple[str, ...]:
        value = self._table.get(key, [])
        if not isinstance(value, list | tuple) or not all(
            isinstance(one, str) and re.fullmatch(shape, one) for one in value
        ):
            raise self.off(key, "must be a list of texts")
        return tuple(value)

    def url(self, key: str) -> str:
        value = self.text(key).rstrip("/")
        if value and not (plain_is_safe(value) and urlsplit(value).hostname):
            raise self.off(key, "must begin with https:// and name a host")
        return value

    def zone(self, key: str) -> str:
        value = self.text(key) or "Etc/UTC"
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self.off(key, 'must be an IANA name such as "America/New_York"') from None
        return value

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.off(key, "must be a number")
        if not least <= value <= most:
            raise self.off(key, f"must lie between {least:g} and {most:g}")
        return value
