"""Employees and vendors as the Nexonia sync needs them: every one, with the checkbox that says whether they go."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import Forbidden
from bot.user_sync.model import Record, RecordKind, RecordListing
from platforms.netsuite.client import Client
from platforms.netsuite.errors import deed
from platforms.netsuite.rows import Row, day, flag, key, text
from platforms.netsuite.suiteql import Select, name
from platforms.netsuite.suiteql import day as printed

_COLUMNS = (
    ("id", "t.id"),
    ("firstname", "t.firstname"),
    ("lastname", "t.lastname"),
    ("email", "t.email"),
    ("isinactive", "t.isinactive"),
)
_STAFF = (("released", printed("t.releasedate")), ("supervisor", "t.supervisor"))


async def listing(client: Client) -> RecordListing:
    """Both lists, whole; ``kinds`` leaves out vendors where the bot may not see them.

    The checkbox is None in every record of a kind that does not show it, which is never taken for "no".

    Raises:
        Forbidden: employees cannot be seen. AuthFailed, Unreachable, RateLimited, ProtocolChanged.
    """
    settings = client.wire.settings
    now = client.wire.now()
    records = await _kind(client, RecordKind.EMPLOYEE, (*_COLUMNS, *_STAFF))
    kinds = {RecordKind.EMPLOYEE}
    try:
        records += await _kind(client, RecordKind.VENDOR, _COLUMNS)
        kinds.add(RecordKind.VENDOR)
    except Forbidden:
        pass  # said by ``kinds``
    return RecordListing(
        taken_at=now,
        time_zone=settings.time_zone,
        kinds=frozenset(kinds),
        records=tuple(records),
        source=client.wire.connection,
    )


async def _kind(client: Client, kind: RecordKind, columns: Iterable[tuple[str, str]]) -> list[Record]:
    field = client.wire.settings.nexonia_field
    shown = (*columns, ("flag", f"t.{name(field)}")) if field else tuple(columns)
    select = Select(columns=shown, table=kind.value, order="t.id")
    rows = await client.whole(f"list {kind.value}s", select)
    if f"{kind.value}.releasedate" in client.unseen:
        raise Forbidden(
            f"{client.wire.connection}: cannot see termination dates, without which nobody may be called current."
            f" To mend it: {deed('employee')}",
            scope="employee.releasedate",
            connection=client.wire.connection,
            operation="list employees",
        )
    hidden = not field or f"{kind.value}.{field}" in client.unseen
    return [_record(row, kind, hidden=hidden) for row in rows]


def _record(row: Row, kind: RecordKind, *, hidden: bool) -> Record:
    return Record(
        id=key(row, "id"),
        kind=kind,
        first=text(row, "firstname"),
        last=text(row, "lastname"),
        email=text(row, "email"),
        active=not flag(row, "isinactive"),
        termination_date=day(row, "released"),
        flag=None if hidden else flag(row, "flag"),
        manager_id=text(row, "supervisor"),
    )
