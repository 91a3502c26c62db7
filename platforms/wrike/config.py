"""The settings of one Wrike connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.errors import ConfigError
from bot.text import Secret, fold
from platforms.wrike.declared import Flow, FlowKind

# Source: the OpenAPI of developers.wrike.com, ``servers``, read for the facts of 2026-11-21.
DATA_CENTRES = (
    "https://www.wrike.com/api/v4",
    "https://app-eu.wrike.com/api/v4",
    "https://app-us2.wrike.com/api/v4",
)
LOGIN = "https://login.wrike.com/oauth2"
DEFAULT_SCOPES = (
    "Default",
    "wsReadWrite",
    "amReadWriteInvitation",
    "amReadWriteUser",
    "amReadOnlyGroup",
    "amReadOnlyAuditLog",
)
EMAIL = re.compile(r"[^@\s\"'<>\\,;]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Keys of the same table that are read by whoever composes us: the schedule, and where the secrets come from.
_NOT_OURS = frozenset(
    {"platform", "scan_every_s", "token", "token_file", "client_secret", "client_secret_file", "flows"}
)
_FLOW_KEYS = frozenset({"name", "system", "account", "kind", "secret", "secret_file", "folders"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to reach one account and what is declared of it. Either ``token`` or the client's two halves are set."""

    url: str  # https://{host}/api/v4, without a trailing slash
    other_urls: tuple[str, ...]  # the data centres to ask before a token is called dead
    token: Secret | None = None  # a permanent token
    client_id: str = ""
    client_secret: Secret | None = None
    authorize_url: str = f"{LOGIN}/authorize/v4"
    token_url: str = f"{LOGIN}/token"
    redirect_uri: str = "http://127.0.0.1:8765/wrike"
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    service_accounts: tuple[str, ...] = ()  # e-mail addresses, folded
    admin_reasons: Mapping[str, str]  # folded e-mail address → why it has Admin right
    flows: tuple[Flow, ...] = ()
    requests_per_minute: float = 395.0  # Wrike speaks of about 400
    burst: int = 15
    unused_for_s: int = 86_400  # how long the new token must have worked before the old one is ended
    password_length: int = 32
    timeout_s: float = 60.0  # the longest wait for bytes of an answer


def parse(connection: str, table: Mapping[str, object], secrets: Callable[[str], Secret]) -> Settings:
    """
    The settings in ``table``; ``secrets`` is asked for ``token`` or ``client_secret``, and ``flows.N.secret``.

    Raises:
        ConfigError: a key is unknown, missing or off; the hint names it.
    """
    known = frozenset(Settings.__dataclass_fields__) | _NOT_OURS
    for key in sorted(set(table) - known):
        raise ConfigError(f'connections."{connection}".{key}: unknown key')
    read = _Table(connection, table)
    client_id = read.text("client_id")
    has_token = bool(table.get("token") or table.get("token_file"))
    if client_id and has_token:
        raise read.off("token", "set either token or client_id, not both")
    url = read.url("url", DATA_CENTRES[0])
    return Settings(
        url=url,
        other_urls=_others(read, url),
        token=None if client_id else secrets("token"),
        client_id=client_id,
        client_secret=secrets("client_secret") if client_id else None,
        authorize_url=read.url("authorize_url", f"{LOGIN}/authorize/v4"),
        token_url=read.url("token_url", f"{LOGIN}/token"),
        redirect_uri=read.url("redirect_uri", "http://127.0.0.1:8765/wrike"),
        scopes=read.texts("scopes", DEFAULT_SCOPES),
        service_accounts=tuple(fold(one) for one in read.texts("service_accounts", ())),
        admin_reasons=read.reasons("admin_reasons"),
        flows=_flows(read, table.get("flows", []), secrets),
        requests_per_minute=read.number("requests_per_minute", 395.0, 1, 100_000),
        burst=int(read.number("burst", 15, 1, 1_000)),
        unused_for_s=int(read.number("unused_for_s", 86_400, 1, 366 * 86_400)),
        password_length=int(read.number("password_length", 32, 20, 128)),
        timeout_s=read.number("timeout_s", 60.0, 0.1, 600.0),
    )


def _others(read: _Table, url: str) -> tuple[str, ...]:
    """Wrike's other data centres; for any other address those that are named, so that no token strays."""
    if (named := read.urls("other_urls")) is not None:
        return tuple(one for one in named if one != url)
    return tuple(one for one in DATA_CENTRES if one != url) if url in DATA_CENTRES else ()


def _flows(read: _Table, given: object, secrets: Callable[[str], Secret]) -> tuple[Flow, ...]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise read.off("flows", "write each as a [[…flows]] table")
    flows: dict[str, Flow] = {}
    for number, table in enumerate(given):
        flow = _flow(read.inner(f"flows.{number}", table), number, secrets)
        if fold(flow.name) in flows:
            raise read.off(f"flows.{number}.name", f"there are two flows called {flow.name!r}")
        flows[fold(flow.name)] = flow
    return tuple(flows.values())


def _flow(read: _Table, number: int, secrets: Callable[[str], Secret]) -> Flow:
    for key in sorted(set(read.table) - _FLOW_KEYS):
        raise read.off(key, "unknown key")
    kind = read.text("kind", required=True)
    if kind not in set(FlowKind):
        raise read.off("kind", f"must be {' or '.join(FlowKind)}")
    account = read.text("account", required=True)
    if not EMAIL.fullmatch(account):
        raise read.off("account", "must be the e-mail address of the Wrike account the flow acts as")
    probed = bool(read.table.get("secret") or read.table.get("secret_file"))
    return Flow(
        name=read.text("name", required=True),
        system=read.text("system", required=True),
        account=account,
        kind=FlowKind(kind),
        folders=read.texts("folders", ()),
        secret=secrets(f"flows.{number}.secret") if probed else None,
    )


def plain_is_safe(url: str) -> bool:
    """Whether ``url`` is https, or leads no further than this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


class _Table:
    def __init__(self, connection: str, table: Mapping[str, Any], path: str = "") -> None:
        self._connection = connection
        self._path = path
        self.table = table

    def inner(self, path: str, table: Mapping[str, Any]) -> _Table:
        return _Table(self._connection, table, f"{path}.")

    def off(self, key: str, why: str) -> ConfigError:
        return ConfigError(f'connections."{self._connection}".{self._path}{key}: {why}')

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.table.get(key, "")
        if not isinstance(value, str):
            raise self.off(key, "must be text")
        if required and not value.strip():
            raise self.off(key, "is missing")
        return value.strip()

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self.table.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.off(key, "must be a list of texts")
        return tuple(value)

    def url(self, key: str, default: str) -> str:
        return self._url(key, self.text(key) or default)

    def urls(self, key: str) -> tuple[str, ...] | None:
        return tuple(self._url(key, one) for one in self.texts(key, ())) if key in self.table else None

    def _url(self, key: str, value: str) -> str:
        value = value.rstrip("/")
        if not (plain_is_safe(value) and urlsplit(value).hostname):
            raise self.off(key, "must begin with https:// and name a host")
        return value

    def reasons(self, key: str) -> dict[str, str]:
        value = self.table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) and one for one in value.values()):
            raise self.off(key, 'must be a table of reasons, such as "svc@example.com" = "invites users"')
        return {fold(name): reason for name, reason in value.items()}

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.off(key, "must be a number")
        if not least <= value <= most:
            raise self.off(key, f"must lie between {least:g} and {most:g}")
        return value
