"""Users, employees and vendors from files that an administrator exports."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import Clock
from bot.errors import BadArgument, NotSupported, ProtocolChanged, Unreachable
from bot.user_sync.files import reader
from bot.user_sync.model import Record, RecordKind, RecordListing, UserListing
from platforms.nexonia.config import FileSettings, Settings

MOST_BYTES = 1 << 30


class FileDirectory:
    """The user list as Nexonia exports it. An old export is not believed: nobody knows what changed since."""

    def __init__(self, settings: FileSettings, clock: Clock, *, connection: str) -> None:
        self._settings = settings
        self._clock = clock
        self._connection = connection

    async def users(self) -> UserListing:
        """Every user of the export."""
        path, most = self._settings.users, timedelta(hours=self._settings.max_age_h)
        data, written = await _read(path, self._connection)
        if (age := self._clock.now() - written) > most:
            raise Unreachable(
                f"{self._connection}: {path.name} is {age.total_seconds() / 3600:.0f} hours old, and at most "
                f"{self._settings.max_age_h:g} are allowed. Export the user list again.",
                connection=self._connection,
                operation="read the users",
            )
        try:
            found = await asyncio.to_thread(
                lambda: reader.users(data, path.name, named=self._settings.columns)
            )
        except BadArgument as exc:
            raise _off(exc, self._connection) from exc
        return UserListing(taken_at=written, users=found, source=path.name)


async def record_listing(settings: Settings, clock: Clock, *, connection: str) -> RecordListing:
    """The employees and vendors of this connection's own files.

    Raises:
        NotSupported: it has none. Unreachable, ProtocolChanged: a file cannot be read, or something in it is off.
    """
    if not settings.record_files:
        raise NotSupported(
            f'{connection} is not told where employees and vendors come from: set records = "netsuite:…", or '
            "employees_file and vendors_file.",
            connection=connection,
            operation="list records",
        )
    found: list[Record] = []
    taken_at = clock.now()
    for kind, (path, columns) in settings.record_files.items():
        data, written = await _read(path, connection)
        taken_at = min(taken_at, written)
        found += await _records(settings, kind, data, path, columns, connection)
    return RecordListing(
        taken_at=taken_at,
        time_zone=settings.sync.time_zone,
        kinds=frozenset(settings.record_files),
        records=tuple(found),
        source=", ".join(path.name for path, _ in settings.record_files.values()),
    )


async def _records(
    settings: Settings, kind: RecordKind, data: bytes, path: Path, columns: Mapping[str, str], connection: str
) -> tuple[Record, ...]:
    needs_flag = kind in settings.sync.kinds and (kind is RecordKind.VENDOR or settings.sync.employee_filter)
    try:
        return await asyncio.to_thread(
            lambda: reader.records(data, path.name, kind, needs_flag=needs_flag, named=columns)
        )
    except BadArgument as exc:
        raise _off(exc, connection) from exc


def _off(exc: BadArgument, connection: str) -> ProtocolChanged:
    return ProtocolChanged(exc.hint, connection=connection, operation="read a file")


async def _read(path: Path, connection: str) -> tuple[bytes, datetime]:
    """The bytes of a file, and when it was written."""

    def read() -> tuple[bytes, float]:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        return data, path.stat().st_mtime

    try:
        data, at = await asyncio.to_thread(read)
    except OSError as exc:
        raise Unreachable(
            f"{connection}: {path.name} cannot be read: {exc.strerror}.",
            connection=connection,
            operation="read",
        ) from exc
    if len(data) > MOST_BYTES:
        raise ProtocolChanged(f"{path.name}: larger than 1 GiB.", connection=connection, operation="read")
    return data, datetime.fromtimestamp(at, UTC)
