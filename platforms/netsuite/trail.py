"""The login audit trail: who each application really signs in as, and why it could not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.platform.model import Login
from platforms.netsuite.client import Client
from platforms.netsuite.rows import Row, instant, text
from platforms.netsuite.suiteql import CAP, Select, at, moment, quoted, record_id

LAG = timedelta(minutes=15)  # rows may arrive that much late
WINDOW = timedelta(days=90)  # how far back the last uses are asked for
WHOLE_AGAIN = timedelta(hours=24)
SUCCESS = "Success"
_COLUMNS = (
    ("at_", at("t.date")),
    ("status", "t.status"),
    ("uid", "t.user"),
    ("rid", "t.role"),
    ("app", "t.oAuthAppName"),
    ("tok", "t.oAuthAccessTokenName"),
    ("ip", "t.ipAddress"),
    ("detail", "t.detail"),
    ("uri", "t.requestUri"),
)
_NAMES = tuple(name for name, _ in _COLUMNS)
# Every column is in the order, so that only equal rows are not told apart.
_ORDER = "t.date, t.status, t.user, t.role, t.oAuthAppName, t.oAuthAccessTokenName, t.ipAddress, t.detail, t.requestUri"
_SHORTEST = timedelta(seconds=1)


class Used(NamedTuple):
    """Through what, and as whom. ``token`` is empty for OAuth 2.0, and all but ``entity`` for the user interface."""

    application: str
    token: str
    entity: str
    role: str


@dataclass(slots=True)
class Use:
    """How it went, over the window."""

    last_success: datetime | None = None
    successes: int = 0
    last_failure: datetime | None = None
    failures: int = 0

    def add(self, at_: datetime, *, succeeded: bool, count: int = 1) -> None:
        """Take in sign-ins, the latest of which was then."""
        if succeeded:
            self.last_success = max(at_, self.last_success or at_)
            self.successes += count
        else:
            self.last_failure = max(at_, self.last_failure or at_)
            self.failures += count


@dataclass(slots=True)
class Uses:
    """Last uses over 90 days: asked for once a day, kept up with what each scan reads."""

    by: dict[Used, Use] = field(default_factory=dict)
    read_at: datetime | None = None
    taken: set[str] = field(default_factory=set)  # fingerprints of the latest rows already counted

    async def bring_up_to_date(self, client: Client, fresh: Mapping[str, Row], until: datetime) -> None:
        """Take in the rows of a scan, by their ids, or ask for everything anew."""
        if self.read_at is None or until - self.read_at > WHOLE_AGAIN:
            by = await grouped(client, WINDOW.days)
            self.by, self.read_at = by, until
        else:
            for id_, row in fresh.items():
                when = instant(row, "at_", client.wire.settings.zone)
                if id_ not in self.taken and when:
                    self.by.setdefault(used(row), Use()).add(when, succeeded=text(row, "status") == SUCCESS)
        self.taken = set(fresh)

    def of(self, application: str, token: str, entity: str) -> Use | None:
        """The uses of one token of one person; of a name that several share, all of theirs."""
        found = [u for k, u in self.by.items() if k[:3] == (application, token, entity)]
        return merged(found) if found else None


def merged(uses: Iterable[Use]) -> Use:
    """Several taken together."""
    total = Use()
    for one in uses:
        if one.last_success:
            total.add(one.last_success, succeeded=True, count=one.successes)
        if one.last_failure:
            total.add(one.last_failure, succeeded=False, count=one.failures)
    return total


def used(row: Row) -> Used:
    """The key of a row."""
    return Used(text(row, "app"), text(row, "tok"), text(row, "uid"), text(row, "rid"))


async def grouped(client: Client, days: int, *where: str) -> dict[Used, Use]:
    """How sign-ins went in the last days, by what they came through, counted by NetSuite.

    Raises:
        Forbidden: the trail cannot be seen.
    """
    zone = client.wire.settings.zone
    since = client.wire.now() - timedelta(days=days)
    select = Select(
        columns=(
            ("app", "t.oAuthAppName"),
            ("tok", "t.oAuthAccessTokenName"),
            ("uid", "t.user"),
            ("rid", "t.role"),
            ("status", "t.status"),
            ("at_", f"MAX({at('t.date')})"),
            ("n", "COUNT(t.status)"),  # COUNT(*) has been seen to say 0 here
        ),
        table="LoginAudit",
        where=(f"t.date >= {moment(since, zone)}", *where),
        group="t.oAuthAppName, t.oAuthAccessTokenName, t.user, t.role, t.status",
        order="t.oAuthAppName, t.oAuthAccessTokenName, t.user, t.role, t.status",
    )
    found: dict[Used, Use] = {}
    for row in await client.ordered("read last sign-ins", select):
        if when := instant(row, "at_", zone):
            count = int(float(text(row, "n") or "0"))
            succeeded = text(row, "status") == SUCCESS
            found.setdefault(used(row), Use()).add(when, succeeded=succeeded, count=count)
    return found


async def rows_since(client: Client, since: datetime, until: datetime, *where: str) -> list[Row]:
    """Every row of the trail between two instants, oldest first, however many there are.

    Rows are only ever added at the end (or a little late: ask again from ``LAG`` before), so pages do not shift.
    """
    zone = client.wire.settings.zone
    select = Select(
        columns=_COLUMNS,
        table="LoginAudit",
        where=(f"t.date >= {moment(since, zone)}", f"t.date < {moment(until, zone)}", *where),
        order=_ORDER,
    )
    first = await client.counted("read sign-ins", select)
    if first.total < CAP or until - since <= _SHORTEST:
        return await client.ordered("read sign-ins", select, begun=first)
    middle = since + (until - since) / 2
    return [
        *await rows_since(client, since, middle, *where),
        *await rows_since(client, middle, until, *where),
    ]


def concerning(
    *, application: str = "", entity: str = "", token: str = "", status: str = "", not_token: str = ""
) -> tuple[str, ...]:
    """Conditions on rows."""
    found = []
    if application:
        found.append(f"t.oAuthAppName = {quoted(application)}")
    if entity:
        found.append(f"t.user = {record_id(entity)}")
    if token:
        found.append(f"t.oAuthAccessTokenName = {quoted(token)}")
    if not_token:
        found.append(f"(t.oAuthAccessTokenName IS NULL OR t.oAuthAccessTokenName <> {quoted(not_token)})")
    if status:
        found.append(f"t.status = {quoted(status)}")
    return tuple(found)


def login_id(row: Row) -> str:
    """A name for a row, which has none of its own: equal rows of one second share it."""
    said = "\x1f".join([str(row.get(name, "")) for name in _NAMES])
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=10).hexdigest()


def once(rows: Iterable[Row]) -> dict[str, Row]:
    """The rows by their ids, each once."""
    return {login_id(row): row for row in rows}


def logins(client: Client, rows: Mapping[str, Row]) -> tuple[Login, ...]:
    """Rows by their ids as sign-ins."""
    zone = client.wire.settings.zone
    found: list[Login] = []
    for id_, row in rows.items():
        when = instant(row, "at_", zone)
        if when is None:
            continue
        app, token = text(row, "app"), text(row, "tok")
        succeeded = text(row, "status") == SUCCESS
        detail = text(row, "detail")
        found.append(
            Login(
                native_id=id_,
                principal_id=text(row, "uid"),
                at=when,
                succeeded=succeeded,
                status=text(row, "status") + (f": {detail}" if detail and not succeeded else ""),
                channel=("token" if token else "OAuth 2.0") if app else "user interface",
                application=app,
                source=text(row, "ip"),
                interactive=not app,
                credential=token,
            )
        )
    return tuple(found)
