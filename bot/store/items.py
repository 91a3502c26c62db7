"""The inventory: what complete listings showed, and when it was last seen."""

from __future__ import annotations

import base64
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.identity import Application, Credential, Principal, Tie
from bot.domain.records import Body, Item
from bot.domain.reference import ALPHABET, normal_ref
from bot.domain.text import fold
from bot.errors import NotFound
from bot.store.data_keys import DataKeys
from bot.store.layout import APPLICATION, CREDENTIAL, PRINCIPAL, TIE, VERSION, Layout
from bot.store.repository import BATCH, MANY, NAMED, Repository, Sealed, new_id, parts
from bot.store.tables import ITEM

_LAYOUTS: Mapping[type[Any], Layout[Any]] = {
    Principal: PRINCIPAL,
    Application: APPLICATION,
    Credential: CREDENTIAL,
    Tie: TIE,
}
_KINDS = {kind: kind.__name__.lower() for kind in _LAYOUTS}
COUNTED = "item"
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


class Items(Repository):
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
            body = wanted[native]
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
            await self._changed(COUNTED)
        return put

    async def mark_missing(self, ids: Collection[str], at: datetime) -> None:
        """Say of these items that a complete listing no longer shows them. Those already missing stay so."""
        gone = {"missing_since": at, "version": ITEM.c.version + 1}
        marked = 0
        for part in parts(list(ids), NAMED):
            here = ITEM.c.id.in_(part) & ITEM.c.missing_since.is_(None)
            marked += await self._write(update(ITEM).where(here).values(gone))
        if marked:
            await self._changed(COUNTED)

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
