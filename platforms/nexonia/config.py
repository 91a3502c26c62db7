"""The settings of one Nexonia connection, strict: a key that does not fit the kind of directory stops the boot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import ConfigError
from bot.text import Secret, fold
from bot.user_sync.files.reader import RECORD_COLUMNS, USER_COLUMNS
from bot.user_sync.model import OURS, UNVERIFIED, RecordKind, SyncSettings
from platforms.nexonia.mapping import SANDBOX, RestMapping, rest_mapping

APPROVER_ROLES = ("Administrator", "Approver", "Auditor")
_ANY = frozenset(
    {
        "platform", "scan_every_s", "directory", "records", "employees_file", "vendors_file", "employee_columns",
        "vendor_columns", "kinds", "employee_filter", "notify", "time_zone", "forecast_at", "approver_roles",
    }
)  # fmt: skip
_OF_FILE = frozenset({"users_file", "user_columns", "max_age_h"})
_OF_HTTP = frozenset({"url", "token", "token_file", "write", "timeout_s"})
_OF_REST = frozenset({"auth_header", "auth_prefix", "rest"})
KINDS = {"file": _OF_FILE, "rest": _OF_HTTP | _OF_REST, "sandbox": _OF_HTTP}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """An export by an administrator."""

    users: Path
    columns: Mapping[str, str]  # our column → the export's heading
    max_age_h: float  # an older export is not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSettings:
    """A directory over HTTP."""

    url: str
    token: Secret = field(repr=False)
    mapping: RestMapping
    auth_header: str
    auth_prefix: str
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One connection: where users are read, its own files of records if it has some, and the sync."""

    source: FileSettings | RestSettings
    sync: SyncSettings
    record_files: Mapping[RecordKind, tuple[Path, Mapping[str, str]]]


def parse(connection: str, table: Mapping[str, object], secrets: Callable[[str], Secret]) -> Settings:
    """
    The settings in ``table``; ``secrets("token")`` is asked where the directory has one.

    Raises:
        ConfigError: a key is unknown, missing, off, or of another kind of directory; the hint names it.
    """
    read = _Table(connection, table)
    kind = read.choice("directory", tuple(KINDS), "file")
    for key in sorted(set(table) - _ANY - KINDS[kind]):
        elsewhere = [other for other, keys in KINDS.items() if key in keys]
        why = f'only for directory = "{elsewhere[0]}"' if elsewhere else "unknown key"
        raise read.off(key, why)
    files = {
        one: (read.path(f"{one}s_file"), read.columns(f"{one}_columns", RECORD_COLUMNS))
        for one in RecordKind
        if table.get(f"{one}s_file")
    }
    sync = _sync(read, kind, bool(files))
    source: FileSettings | RestSettings
    if kind == "file":
        source = FileSettings(
            users=read.path("users_file"),
            columns=read.columns("user_columns", USER_COLUMNS),
            max_age_h=read.number("max_age_h", 26.0, 0.1, 24 * 366),
        )
    else:
        mapping = SANDBOX if kind == "sandbox" else rest_mapping(read.table("rest"), read.off)
        if sync.writes:
            mapping.require_writing(read.off)
        source = RestSettings(
            url=read.text("url", required=True).rstrip("/"),
            token=secrets("token"),
            mapping=mapping,
            auth_header=read.text("auth_header") or "Authorization",
            auth_prefix=str(table.get("auth_prefix", "Bearer ")),
            timeout_s=read.number("timeout_s", 60.0, 0.1, 600.0),
        )
    return Settings(source=source, sync=sync, record_files=files)


def _sync(read: _Table, kind: str, files: bool) -> SyncSettings:
    records = read.text("records")
    if records and files:
        raise read.off("records", "either another connection lists the records, or files do")
    if records and not re.fullmatch(r"[a-z]+:[a-z0-9-]{1,32}", records):
        raise read.off("records", 'must name a connection, for example "netsuite:prod"')
    kinds = frozenset(RecordKind(one) for one in read.list("kinds", tuple(RecordKind), tuple(RecordKind)))
    for one in kinds if files else ():
        read.path(f"{one}s_file")
    return SyncSettings(
        kinds=kinds,
        employee_filter=read.flag("employee_filter"),
        notify=read.flag("notify"),
        records=records,
        time_zone=read.zone("time_zone"),
        forecast_at=read.time("forecast_at", "18:00"),
        approver_roles=frozenset(fold(role) for role in read.list("approver_roles", (), APPROVER_ROLES)),
        writes=read.flag("write"),
        label={"rest": UNVERIFIED, "sandbox": OURS}.get(kind, ""),
    )


class _Table:
    """Typed reading of one table, with errors that name the key."""

    def __init__(self, connection: str, table: Mapping[str, Any]) -> None:
        self._connection = connection
        self._table = table

    def off(self, key: str, why: str) -> ConfigError:
        return ConfigError(f'connections."{self._connection}".{key}: {why}')

    def text(self, key: str, *, required: bool = False) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            raise self.off(key, "must be text")
        if required and not value:
            raise self.off(key, "is missing")
        return value

    def choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        value = self.text(key) or default
        if value not in known:
            raise self.off(key, f"must be one of {', '.join(known)}")
        return value

    def path(self, key: str) -> Path:
        value = Path(self.text(key, required=True))
        if not value.is_absolute():
            raise self.off(key, "must be an absolute path")
        return value

    def flag(self, key: str) -> bool:
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise self.off(key, "must be true or false")
        return value

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.off(key, "must be a number")
        if not least <= value <= most:
            raise self.off(key, f"must lie between {least:g} and {most:g}")
        return value

    def list(self, key: str, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        value = self._table.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.off(key, "must be a list of texts")
        if known and (not value or not set(value) <= set(known)):
            raise self.off(key, f"must name some of {', '.join(known)}")
        return tuple(value)

    def table(self, key: str) -> Mapping[str, Any]:
        value = self._table.get(key, {})
        if not isinstance(value, Mapping):
            raise self.off(key, "must be a table")
        return value

    def columns(self, key: str, known: tuple[str, ...]) -> Mapping[str, str]:
        value = self.table(key)
        for ours, theirs in value.items():
            if ours not in known:
                raise self.off(f"{key}.{ours}", f"unknown column; there are {', '.join(known)}")
            if not isinstance(theirs, str) or not theirs.strip():
                raise self.off(f"{key}.{ours}", "must be a heading of the file")
        return dict(value)

    def zone(self, key: str) -> str:
        value = self.text(key)
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            raise self.off(key, 'must be a time zone, for example "America/New_York"') from None
        return value

    def time(self, key: str, default: str) -> str:
        value = self.text(key) or default
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise self.off(key, 'must be a time of day, for example "18:00"')
        return value
