"""The inventory: what complete listings showed, and when it was last seen."""

from __future__ import annotations

import base64
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

from sqlalchemy import (
    ColumnElement,
    Row,
    bindparam,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.clock import Clock
from bot.db.columns import Bytes, UTCDateTime
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.repository import BATCH, MANY, NAMED, Repository, Sealed, new_id, parts
from bot.db.tables import TableRow, sealed_column, table_of, where_given
from bot.errors import NotFound
from bot.inventory.model import Body, ConnectionState, Item, Ownership, OwnershipState, Rank
from bot.platform.model import Application, Capacity, CoverageGap, Credential, Principal, Tie
from bot.text import ALPHABET, fold, normal_ref


class ItemRow(TableRow, table=True):
    """One thing of the inventory."""

    __tablename__: ClassVar[Any] = "item"
    __table_args__ = (where_given("email_bi"),)  # few items have one
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    connection: str
    kind: str
    native_bi: bytes = Field(sa_type=Bytes, unique=True)
    email_bi: bytes | None = Field(sa_type=Bytes)
    first_seen: datetime = Field(sa_type=UTCDateTime)
    last_seen: datetime = Field(sa_type=UTCDateTime)
    missing_since: datetime | None = Field(sa_type=UTCDateTime)
    version: int
    layout: int
    sealed: bytes = sealed_column()


class OwnershipRow(TableRow, table=True):
    """Who is accountable for an item: opaque ids only."""

    __tablename__: ClassVar[Any] = "ownership"
    id: str = Field(primary_key=True)
    item_id: str = Field(foreign_key="item.id", index=True)
    person: str
    state: str
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UTCDateTime)
    settled_at: datetime | None = Field(sa_type=UTCDateTime)
    rank: str = Field(sa_column_kwargs={"server_default": "owner"})
    attested_at: datetime | None = Field(sa_type=UTCDateTime)
    asked_at: datetime | None = Field(sa_type=UTCDateTime)


class UsageRow(TableRow, table=True):
    """When an item was last used, as often as that was seen to move."""

    __tablename__: ClassVar[Any] = "rhythm"
    item_id: str = Field(primary_key=True, foreign_key="item.id")
    layout: int
    sealed: bytes = sealed_column()


class ConnectionRow(TableRow, table=True):
    """What we know of a connection between scans."""

    __tablename__: ClassVar[Any] = "connection"
    name: str = Field(primary_key=True)
    layout: int
    sealed: bytes = sealed_column()


ITEM = table_of("item")
OWNERSHIP = table_of("ownership")
USAGE = table_of("rhythm")
CONNECTION = table_of("connection")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBody:
    """Uses, oldest first."""

    uses: tuple[datetime, ...]


PRINCIPAL_LAYOUT = Layout(
    Principal,
    "native_id name username email kind status profile license privileges created_at last_login_at roles "
    "ends_at former_emails",
)
APPLICATION_LAYOUT = Layout(Application, "native_id name kind contact_email run_as_id self_authorize state")
CREDENTIAL_LAYOUT = Layout(
    Credential,
    "native_id kind label principal_id application_id status created_at last_used_at use_count expires_at "
    "role",
)
TIE_LAYOUT = Layout(Tie, "native_id principal_id kind name detail")
GAP_LAYOUT = Layout(CoverageGap, "area what reason remedy")
CAPACITY_LAYOUT = Layout(Capacity, "name used total")
CONNECTION_LAYOUT = Layout(
    ConnectionState,
    "connection last_attempt last_success last_error blind_polls paused_until gaps capacities requests "
    "known_sources population",
)
USAGE_LAYOUT = Layout(UsageBody, "uses")
_LAYOUTS: Mapping[type[Any], Layout[Any]] = {
    Principal: PRINCIPAL_LAYOUT,
    Application: APPLICATION_LAYOUT,
    Credential: CREDENTIAL_LAYOUT,
    Tie: TIE_LAYOUT,
}
_KINDS = {kind: kind.__name__.lower() for kind in _LAYOUTS}
ITEMS = "item"
FORMER_KEPT = 20  # addresses of one account
_ITEM = (
    ITEM.c.id, ITEM.c.ref, ITEM.c.connection, ITEM.c.kind, ITEM.c.first_seen, ITEM.c.last_seen,
    ITEM.c.missing_since, ITEM.c.version, ITEM.c.layout, ITEM.c.sealed,
)  # fmt: skip
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What a listing brought. An item that came back different is in ``returned`` and in ``changed``."""

    added: tuple[Item, ...] = ()
    changed: tuple[tuple[Item, Item], ...] = ()  # before, after
    returned: tuple[Item, ...] = ()  # was missing, is there again


def _lasting(body: Body, before: Body) -> Body:
    """What a listing showed, with the addresses that the same account had before: an account outlives its address."""
    if not isinstance(body, Principal) or not isinstance(before, Principal):
        return body
    known = [a for a in (before.email, *before.former_emails) if a and fold(a) != fold(body.email)]
    return replace(body, former_emails=tuple(dict.fromkeys(known))[:FORMER_KEPT])


class ItemRepository(Repository):
    """Items by id, reference, e-mail or native id; listings in bulk."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = {
            _KINDS[kind]: Sealed(keys, ITEM.c.sealed, layout) for kind, layout in _LAYOUTS.items()
        }

    async def all(
        self, connection: str | None = None, kinds: Collection[type[Body]] | None = None
    ) -> tuple[Item, ...]:
        """Every item of a connection (None: of all) and of these kinds (None: of any), missing ones too.

        In no promised order. Cost: one statement; about a second for 100,000.
        """
        where: list[ColumnElement[bool]] = []
        if connection is not None:
            where.append(ITEM.c.connection == connection)
        if kinds is not None:
            where.append(ITEM.c.kind.in_([_KINDS[kind] for kind in kinds]))
        return await self._all(select(*_ITEM).where(*where), self._item)

    async def get(self, item_id: str) -> Item:
        """
        Raises:
            NotFound: there is no such item, nor ever was.
        """
        found = await self._one(select(*_ITEM).where(ITEM.c.id == item_id), self._item)
        if found is None:
            raise NotFound("That item is not in the inventory.")
        return found

    async def by_ref(self, ref: str) -> Item | None:
        """The item people call by that reference, in any case, look-alikes forgiven."""
        return await self._one(select(*_ITEM).where(ITEM.c.ref == normal_ref(ref)), self._item)

    async def by_email(self, email: str) -> tuple[Item, ...]:
        """The principals with that e-mail, however it is spelt, on every connection."""
        return await self._all(select(*_ITEM).where(ITEM.c.email_bi == self._email(email)), self._item)

    async def by_native(self, connection: str, kind: type[Body], native_id: str) -> Item | None:
        """The item a platform calls by that id, letter for letter."""
        native = self._native(connection, kind, native_id)
        return await self._one(select(*_ITEM).where(ITEM.c.native_bi == native), self._item)

    async def put(self, connection: str, bodies: Iterable[Body], at: datetime) -> Put:
        """Take what a listing showed at that instant: new, changed or seen again.

        Of what is unchanged only ``last_seen`` moves, without sealing anything anew. Absent items are left as
        they are: see ``mark_missing``. Where two bodies have one native id the later counts.
        """
        wanted = {self._native(connection, type(body), body.native_id): body for body in bodies}
        held = await self._held(connection, wanted)
        added = {native: body for native, body in wanted.items() if native not in held}
        changed: list[tuple[Item, Item]] = []
        returned: list[Item] = []
        same: list[str] = []
        for native, before in held.items():
            body = _lasting(wanted[native], before.body)
            if before.body == body and before.missing_since is None:
                same.append(before.id)
                continue
            after = replace(before, body=body, last_seen=at, missing_since=None, version=before.version + 1)
            if before.body != body:
                changed.append((before, after))
            if before.missing_since is not None:
                returned.append(after)
        put = Put(
            added=await self._add(connection, added, at), changed=tuple(changed), returned=tuple(returned)
        )
        await self._rewrite({item.id: item for item in (*returned, *(after for _, after in changed))})
        for part in parts(same, NAMED):
            await self._write(update(ITEM).where(ITEM.c.id.in_(part)).values(last_seen=at))
        if put.added or put.changed or put.returned:
            await self._changed(ITEMS)
        return put

    async def mark_missing(self, ids: Collection[str], at: datetime) -> None:
        """Say of these items that a complete listing no longer shows them. Those already missing stay so."""
        gone = {"missing_since": at, "version": ITEM.c.version + 1}
        marked = 0
        for part in parts(list(ids), NAMED):
            here = ITEM.c.id.in_(part) & ITEM.c.missing_since.is_(None)
            marked += await self._write(update(ITEM).where(here).values(gone))
        if marked:
            await self._changed(ITEMS)

    async def _held(self, connection: str, wanted: Mapping[bytes, Body]) -> dict[bytes, Item]:
        held = select(*_ITEM, ITEM.c.native_bi).where(ITEM.c.connection == connection)
        if len(wanted) <= MANY:
            held = held.where(ITEM.c.native_bi.in_(wanted))
        rows = [row for row in await self._conn.execute(held) if row.native_bi in wanted]
        items = await self._built(rows, lambda row: self._item(row[: len(_ITEM)]))
        return {row.native_bi: item for row, item in zip(rows, items, strict=True)}

    async def _add(self, connection: str, bodies: Mapping[bytes, Body], at: datetime) -> tuple[Item, ...]:
        # Random ids, references and indexes, each handed out in ascending order: the trees grow at one end.
        ids = iter(sorted(new_id() for _ in bodies))
        refs = iter(sorted(await self._new_refs(len(bodies))))
        added: dict[bytes, Item] = {}
        for part in parts(sorted(bodies), BATCH):
            rows = []
            for native in part:
                added[native] = item = Item(
                    id=next(ids),
                    ref=next(refs),
                    connection=connection,
                    body=bodies[native],
                    first_seen=at,
                    last_seen=at,
                )
                rows.append(self._row(item, native))
            await self._insert(ITEM, rows)
        return tuple(added[native] for native in bodies)

    async def _new_refs(self, count: int) -> set[str]:
        """That many references nobody has: thirty random bits do meet, once in a billion pairs."""
        refs: set[str] = set()
        while len(refs) < count:
            drawn = set(islice(_random_refs(count), count - len(refs)))
            refs |= drawn - await self._taken(ITEM.c.ref, list(drawn))
        return refs

    async def _rewrite(self, items: Mapping[str, Item]) -> None:
        rows = [
            {
                "row_id": item.id,
                "email_bi": self._email_of(item.body),
                "last_seen": item.last_seen,
                "missing_since": None,
                "version": item.version,
                "layout": VERSION,
                "sealed": self._sealed[_KINDS[type(item.body)]].seal(item.id, item.body),
            }
            for item in items.values()
        ]
        if rows:
            await self._write(update(ITEM).where(ITEM.c.id == bindparam("row_id")), rows)

    def _row(self, item: Item, native: bytes) -> dict[str, Any]:
        kind = _KINDS[type(item.body)]
        return {
            "id": item.id,
            "ref": item.ref,
            "connection": item.connection,
            "kind": kind,
            "native_bi": native,
            "email_bi": self._email_of(item.body),
            "first_seen": item.first_seen,
            "last_seen": item.last_seen,
            "missing_since": item.missing_since,
            "version": item.version,
            "layout": VERSION,
            "sealed": self._sealed[kind].seal(item.id, item.body),
        }

    def _item(self, row: Sequence[Any]) -> Item:
        row_id, ref, connection, kind, first_seen, last_seen, missing_since, version, layout, sealed = row
        return Item(
            id=row_id,
            ref=ref,
            connection=connection,
            body=self._sealed[kind].open(row_id, layout, sealed),
            first_seen=first_seen,
            last_seen=last_seen,
            missing_since=missing_since,
            version=version,
        )

    def _native(self, connection: str, kind: type[Body], native_id: str) -> bytes:
        return self._keys.ring.blind("item.native", f"{connection}\0{_KINDS[kind]}\0{native_id}")

    def _email(self, email: str) -> bytes:
        return self._keys.ring.blind("item.email", fold(email))

    def _email_of(self, body: Body) -> bytes | None:
        return self._email(body.email) if isinstance(body, Principal) and body.email else None


def _random_refs(at_least: int) -> Iterator[str]:
    """References as ``new_ref`` draws them, by the thousand: fifteen random bytes are four of them."""
    letters = base64.b32encode(os.urandom(15 * (at_least // 4 + 1))).decode("ascii").translate(_CROCKFORD)
    return (letters[start : start + 6] for start in range(0, len(letters), 6))


class ConnectionRepository(Repository):
    """Connection states by name."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, CONNECTION.c.sealed, CONNECTION_LAYOUT)

    async def get(self, name: str) -> ConnectionState:
        """The connection as last put; a blank one when it was never scanned."""
        known = select(CONNECTION).where(CONNECTION.c.name == name)
        state = await self._one(known, lambda row: self._sealed.open(row.name, row.layout, row.sealed))
        return state or ConnectionState(connection=name)

    async def put(self, state: ConnectionState) -> None:
        """Replace what is known."""
        sealed = self._sealed.seal(state.connection, state)
        await self._put(CONNECTION, {"name": state.connection, "layout": VERSION, "sealed": sealed})


KEPT = 64  # uses of one item: two months of nights, five years of month ends


class UsageRepository(Repository):
    """Uses by item."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, USAGE.c.sealed, USAGE_LAYOUT)

    async def of(self, ids: Collection[str] | None = None) -> dict[str, tuple[datetime, ...]]:
        """The uses of these items (None: of all), oldest first; items never seen used are missing."""
        found: dict[str, tuple[datetime, ...]] = {}
        groups = [None] if ids is None else list(parts(sorted(ids), NAMED))
        for group in groups:
            wanted = select(USAGE) if group is None else select(USAGE).where(USAGE.c.item_id.in_(group))
            rows = await self._all(
                wanted, lambda row: (row.item_id, self._sealed.open(row.item_id, row.layout, row.sealed).uses)
            )
            found.update(rows)
        return found

    async def seen(self, uses: Mapping[str, datetime]) -> None:
        """Add one use of each item; what is not later than the latest kept adds nothing. Old ones are forgotten."""
        held = await self.of(uses)
        for item_id, at in uses.items():
            before = held.get(item_id, ())
            if before and at <= before[-1]:
                continue
            body = UsageBody(uses=(*before, at)[-KEPT:])
            sealed = self._sealed.seal(item_id, body)
            await self._put(USAGE, {"item_id": item_id, "layout": VERSION, "sealed": sealed})


OWNERSHIPS = "ownership"
_LIVE = (OwnershipState.PROPOSED.value, OwnershipState.ACCEPTED.value)
_IN_ORDER = (OWNERSHIP.c.proposed_at, OWNERSHIP.c.id)


class OwnershipRepository(Repository):
    """Ownerships of every state; nothing here is deleted."""

    async def live(self) -> tuple[Ownership, ...]:
        """Those proposed or accepted, oldest first."""
        live = select(OWNERSHIP).where(OWNERSHIP.c.state.in_(_LIVE)).order_by(*_IN_ORDER)
        return await self._all(live, _ownership)

    async def of(self, item_id: str) -> tuple[Ownership, ...]:
        """All there ever were of one item, oldest first."""
        of = select(OWNERSHIP).where(OWNERSHIP.c.item_id == item_id).order_by(*_IN_ORDER)
        return await self._all(of, _ownership)

    async def get(self, ownership_id: str) -> Ownership:
        """
        Raises:
            NotFound: there is no such ownership.
        """
        found = await self._one(select(OWNERSHIP).where(OWNERSHIP.c.id == ownership_id), _ownership)
        if found is None:
            raise NotFound("That ownership is not known.")
        return found

    async def add(self, ownership: Ownership) -> None:
        """Keep a new one. Its item must exist."""
        row = asdict(ownership) | {"state": ownership.state.value, "rank": ownership.rank.value}
        await self._insert(OWNERSHIP, [row])
        await self._changed(OWNERSHIPS)

    async def settle(
        self, ownership_id: str, from_state: OwnershipState, to_state: OwnershipState, at: datetime
    ) -> bool:
        """Move it from one state to another; False, and nothing changed, when it is no longer in the first."""
        here = (OWNERSHIP.c.id == ownership_id) & (OWNERSHIP.c.state == from_state.value)
        settled = update(OWNERSHIP).where(here).values(state=to_state.value, settled_at=at)
        if not await self._write(settled):
            return False
        await self._changed(OWNERSHIPS)
        return True

    async def asked(self, ids: Collection[str], at: datetime) -> None:
        """Note that their owners were asked whether these are still theirs."""
        await self._write(update(OWNERSHIP).where(OWNERSHIP.c.id.in_(ids)).values(asked_at=at))

    async def attested(self, ownership_id: str, at: datetime) -> bool:
        """Note that the owner says it is still theirs; False, and nothing changed, when it is not accepted."""
        here = (OWNERSHIP.c.id == ownership_id) & (OWNERSHIP.c.state == OwnershipState.ACCEPTED.value)
        return await self._write(update(OWNERSHIP).where(here).values(attested_at=at)) == 1


def _ownership(row: Row[Any]) -> Ownership:
    return Ownership(**{**row._mapping, "state": OwnershipState(row.state), "rank": Rank(row.rank)})
