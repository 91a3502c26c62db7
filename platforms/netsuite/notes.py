"""System Notes: whose name is on changes ("Set By")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.platform.model import Change
from platforms.netsuite.client import Client
from platforms.netsuite.rows import Row, instant, key, number, text
from platforms.netsuite.suiteql import Select, at, moment, record_id

# recordtypeid → in words. Source: seen live (-9) and in samples (-30); others are shown by their number.
RECORD_TYPES = {"-9": "employees, vendors and other entities", "-30": "transactions"}
TRANSACTION = "-30"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many changes of one kind of record stand under one name, by which way they came."""

    entity: str
    record_type: str
    context: str  # UIF is the user interface; the other codes differ by account
    count: int
    latest: datetime

    @property
    def what(self) -> str:
        """The kind of record in words."""
        return RECORD_TYPES.get(self.record_type, f"records of type {self.record_type}")

    @property
    def by_hand(self) -> bool:
        """Whether it came by the user interface."""
        return self.context.upper() == "UIF"


async def tallies(client: Client, since: datetime, entities: Iterable[str] = ()) -> list[Tally]:
    """Changes since an instant, counted by name, kind of record and way; of some people only, if any are named."""
    zone = client.wire.settings.zone
    where = [f"t.date >= {moment(since, zone)}"]
    if named := sorted(set(entities)):
        where.append(f"t.name IN ({', '.join(map(record_id, named))})")
    select = Select(
        columns=(
            ("uid", "t.name"),
            ("rt", "t.recordtypeid"),
            ("ctx", "t.context"),
            ("n", "COUNT(t.recordid)"),
            ("at_", f"MAX({at('t.date')})"),
        ),
        table="SystemNote",
        where=tuple(where),
        group="t.name, t.recordtypeid, t.context",
        order="t.name, t.recordtypeid, t.context",
    )
    found = []
    for row in await client.ordered("count changes", select):
        latest = instant(row, "at_", zone)
        if latest and text(row, "uid"):
            found.append(
                Tally(
                    entity=text(row, "uid"),
                    record_type=text(row, "rt"),
                    context=text(row, "ctx"),
                    count=number(row, "n"),
                    latest=latest,
                )
            )
    return found


def changes(found: Iterable[Tally]) -> tuple[Change, ...]:
    """Tallies as lines of an audit trail."""
    return tuple(
        Change(
            native_id=f"{tally.entity}/{tally.record_type}/{tally.context}",
            at=tally.latest,
            actor_id=tally.entity,
            action=f"{tally.what} by {'hand' if tally.by_hand else tally.context or 'an unnamed way'}",
            display=f"{tally.count:,} changes",
        )
        for tally in found
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBy:
    """Who made one transaction, as its System Notes say."""

    record: str
    entity: str
    at: datetime
    number: str = ""


async def newest_orders(client: Client, since: datetime, most: int = 20) -> list[SetBy]:
    """Who is "Set By" on the newest transactions of the type that the Connector makes, newest first."""
    zone = client.wire.settings.zone
    select = Select(
        columns=(
            ("rec", "t.recordid"),
            ("uid", "t.name"),
            ("at_", at("MIN(t.date)")),
        ),
        table="SystemNote",
        where=(
            f"t.recordtypeid = {TRANSACTION}",
            f"t.date >= {moment(since, zone)}",
            "t.oldvalue IS NULL",
        ),
        group="t.recordid, t.name",
        order="t.recordid DESC, t.name",
    )
    rows, _ = await client.page("read System Notes", select.text(), 0, most)
    return [_set_by(row, client) for row in rows]


def _set_by(row: Row, client: Client) -> SetBy:
    when = instant(row, "at_", client.wire.settings.zone)
    return SetBy(record=key(row, "rec"), entity=text(row, "uid"), at=when or client.wire.now())
