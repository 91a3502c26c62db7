"""What sealing costs: the store beside plain columns, and beside the encrypted type, through the same ORM.

All three lie in SQLite files of their own behind the store's own engines, so pragmas, drivers and transactions
are the same. Ours is asked through its public door: ``items.put`` (which looks up what is there, draws references
and seals), ``items.all`` and ``items.by_email``.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import Column, DateTime, Integer, MetaData, String, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry
from sqlalchemy_utils import StringEncryptedType  # type: ignore[import-untyped]
from sqlalchemy_utils.types.encrypted.encrypted_type import AesGcmEngine  # type: ignore[import-untyped]
from sqlmodel import Field, SQLModel

from bench.report import Figure
from bot.clock import Clock
from bot.db.engines import engines
from bot.db.key_sources import FileKeySource
from bot.inventory.model import Body
from bot.inventory.repository import ItemRepository
from bot.platform.model import (
    Credential,
    CredentialKind,
    CredentialStatus,
    Principal,
    PrincipalKind,
    PrincipalStatus,
)
from bot.store import open_store

CREDENTIALS = 100_000
PRINCIPALS = 10_000
ENCRYPTED = 10_000  # credentials for the encrypted type, which is scaled up: it is that slow
LOOKUPS = 1000
ROUNDS = 3
ENCRYPTED_TYPE = "StringEncryptedType"
SCALED = f"; peer scaled up from {ENCRYPTED:,} rows"
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Plain(SQLModel, registry=registry(metadata=MetaData())):
    """Base of the tables without secrets."""


class Seen(SQLModel):
    """What every item has."""

    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    connection: str
    native_id: str = Field(unique=True)
    first_seen: datetime
    last_seen: datetime
    missing_since: datetime | None = None
    version: int = 1


class PlainPrincipal(Plain, Seen, table=True):
    """A principal in plain columns."""

    __tablename__: ClassVar[Any] = "principal"
    name: str
    username: str
    email: str = Field(index=True)
    kind: str
    status: str
    profile: str
    license: str
    privileges: str
    created_at: datetime | None
    last_login_at: datetime | None


class PlainCredential(Plain, Seen, table=True):
    """A credential in plain columns."""

    __tablename__: ClassVar[Any] = "credential"
    kind: str
    label: str
    principal_id: str
    application_id: str
    status: str
    created_at: datetime | None
    last_used_at: datetime | None
    use_count: int | None
    expires_at: datetime | None


def _encrypted(kind: Any = String) -> Any:
    return Field(sa_column=Column(StringEncryptedType(kind, key="k" * 32, engine=AesGcmEngine, length=255)))


class EncryptedCredential(Plain, Seen, table=True):
    """A credential with every field that the store seals as sqlalchemy-utils' StringEncryptedType."""

    __tablename__: ClassVar[Any] = "encrypted"
    native_id: str = _encrypted()
    kind: str = _encrypted()
    label: str = _encrypted()
    principal_id: str = _encrypted()
    application_id: str = _encrypted()
    status: str = _encrypted()
    created_at: datetime | None = _encrypted(DateTime)
    last_used_at: datetime | None = _encrypted(DateTime)
    use_count: int | None = _encrypted(Integer)
    expires_at: datetime | None = _encrypted(DateTime)


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds, microseconds and bytes of one round."""

    write_s: float
    read_s: float
    lookup_us: float
    size: int


def principals() -> list[Principal]:
    """Ten thousand users of one org."""
    return [
        Principal(
            native_id=f"0058d00000{n:05d}AAQ",
            name=f"Alexandra Number {n}",
            username=f"alexandra.number{n}@larkspur.example.prod",
            email=f"alexandra.number{n}@larkspur.example",
            kind=PrincipalKind.PERSON,
            status=PrincipalStatus.ACTIVE,
            profile="Standard User",
            license="Salesforce",
            privileges=("Modify All Data", "View All Data"),
            created_at=NOW - timedelta(days=n % 900),
            last_login_at=NOW - timedelta(minutes=n),
        )
        for n in range(PRINCIPALS)
    ]


def credentials(count: int) -> list[Credential]:
    """Grants to their applications."""
    return [
        Credential(
            native_id=f"0CQ8d0000{n:06d}GAI",
            kind=CredentialKind.OAUTH_GRANT,
            label=f"Data Loader Connector {n % 97} of Alexandra Number {n % PRINCIPALS}",
            principal_id=f"0058d00000{n % PRINCIPALS:05d}AAQ",
            application_id=f"0H48d00000{n % 97:05d}CAA",
            status=CredentialStatus.ACTIVE,
            created_at=NOW - timedelta(days=n % 400),
            last_used_at=NOW - timedelta(seconds=n),
            use_count=n,
            expires_at=NOW + timedelta(days=n % 700),
        )
        for n in range(count)
    ]


async def _cpu_of(act: Callable[[], Awaitable[object]]) -> float:
    """Seconds of processor time, of all threads: other programs on the machine do not count."""
    gc.collect()
    began = time.process_time()
    await act()
    return time.process_time() - began


async def _lookups(look: Callable[[str], Awaitable[Sequence[object]]]) -> float:
    """Microseconds of processor time for one."""

    async def all_of_them() -> None:
        for n in range(LOOKUPS):
            found = await look(f"alexandra.number{n * 7 % PRINCIPALS}@larkspur.example")
            if len(found) != 1:
                raise AssertionError(f"{len(found)} principals with one e-mail")

    return await _cpu_of(all_of_them) / LOOKUPS * 1e6


def _size(path: Path) -> int:
    return path.stat().st_size


async def _sealed(path: Path) -> Round:
    store = await open_store(
        f"sqlite+aiosqlite:///{path}", FileKeySource.create(path.with_suffix(".key")), Clock()
    )
    bodies: list[Body] = [*principals(), *credentials(CREDENTIALS)]

    async def write() -> None:
        async with store.write() as unit:
            await unit[ItemRepository].put("salesforce:prod", bodies, NOW)

    async def read() -> None:
        async with store.read() as unit:
            if len(await unit[ItemRepository].all()) != len(bodies):
                raise AssertionError("not all items were read")

    async def look(email: str) -> Sequence[object]:
        async with store.read() as unit:
            return await unit[ItemRepository].by_email(email)

    figures = (await _cpu_of(write), await _cpu_of(read), await _lookups(look))
    await store.aclose()
    return Round(*figures, _size(path))


async def _plain(path: Path) -> Round:
    pair = engines(f"sqlite+aiosqlite:///{path}")
    people, held = principals(), credentials(CREDENTIALS)
    async with pair.write.begin() as conn:
        await conn.run_sync(Plain.metadata.create_all)

    async def write() -> None:
        async with AsyncSession(pair.write) as session:
            await session.execute(insert(PlainPrincipal), [_row(p, n) for n, p in enumerate(people)])
            await session.execute(insert(PlainCredential), [_row(c, n) for n, c in enumerate(held)])
            await session.commit()

    async def read() -> None:
        async with AsyncSession(pair.read) as session:
            found = [
                *(await session.execute(select(PlainPrincipal))).scalars(),
                *(await session.execute(select(PlainCredential))).scalars(),
            ]
            if len(found) != len(people) + len(held):
                raise AssertionError("not all rows were read")

    async def look(email: str) -> Sequence[object]:
        async with AsyncSession(pair.read) as session:
            same = select(PlainPrincipal).where(PlainPrincipal.email == email)  # type: ignore[arg-type]
            return (await session.execute(same)).scalars().all()

    figures = (await _cpu_of(write), await _cpu_of(read), await _lookups(look))
    await pair.dispose()
    return Round(*figures, _size(path))


async def _encrypted_type(path: Path) -> tuple[float, float]:
    """Seconds to write and to read as many credentials as the others have, scaled up from fewer."""
    pair = engines(f"sqlite+aiosqlite:///{path}")
    held = credentials(ENCRYPTED)
    async with pair.write.begin() as conn:
        await conn.run_sync(Plain.metadata.create_all)

    async def write() -> None:
        async with AsyncSession(pair.write) as session:
            await session.execute(insert(EncryptedCredential), [_row(c, n) for n, c in enumerate(held)])
            await session.commit()

    async def read() -> None:
        async with AsyncSession(pair.read) as session:
            if len((await session.execute(select(EncryptedCredential))).scalars().all()) != len(held):
                raise AssertionError("not all rows were read")

    figures = (await _cpu_of(write), await _cpu_of(read))
    await pair.dispose()
    more = (CREDENTIALS + PRINCIPALS) / ENCRYPTED
    return figures[0] * more, figures[1] * more


def _row(body: Principal | Credential, n: int) -> dict[str, Any]:
    row = {name: getattr(body, name) for name in body.__slots__}
    row |= {"id": uuid4().hex, "ref": f"{n:06X}", "connection": "salesforce:prod"}
    row |= {"kind": body.kind.value, "status": body.status.value, "first_seen": NOW, "last_seen": NOW}
    if isinstance(body, Principal):
        row["privileges"] = ";".join(body.privileges)
    return row


async def run() -> AsyncIterator[Figure]:
    """The inventory's bulk figures, as ratios to plain columns and to the encrypted type."""
    sealed: list[Round] = []
    plain: list[Round] = []
    encrypted: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as directory:
        for n in range(ROUNDS):
            plain.append(await _plain(Path(directory) / f"plain{n}.db"))
            sealed.append(await _sealed(Path(directory) / f"sealed{n}.db"))
            encrypted.append(await _encrypted_type(Path(directory) / f"encrypted{n}.db"))
    ours, theirs = _best(sealed), _best(plain)
    slow_write, slow_read = (min(figures) for figures in zip(*encrypted, strict=True))
    yield _ratio("read all", ours.read_s, theirs.read_s, 1.3, "plain columns", "s")
    yield _ratio("lookup by e-mail", ours.lookup_us, theirs.lookup_us, 2.0, "plain columns", "µs")
    yield _ratio("write", ours.write_s, theirs.write_s, 3.0, "plain columns", "s")
    yield _ratio("size", ours.size / 1e6, theirs.size / 1e6, 1.4, "plain columns", "MB")
    yield _ratio("read all", ours.read_s, slow_read, 0.25, ENCRYPTED_TYPE, "s", SCALED)
    yield _ratio("write", ours.write_s, slow_write, 0.25, ENCRYPTED_TYPE, "s", SCALED)


def _best(rounds: list[Round]) -> Round:
    return Round(
        write_s=min(r.write_s for r in rounds),
        read_s=min(r.read_s for r in rounds),
        lookup_us=min(r.lookup_us for r in rounds),
        size=min(r.size for r in rounds),
    )


def _ratio(
    what: str, ours: float, theirs: float, limit: float, peer: str, unit: str, more: str = ""
) -> Figure:
    return Figure(
        name=f"store: {what}, of {peer}",
        measured=ours / theirs,
        unit="×",
        limit=limit,
        peer=f"{peer} {theirs:.3g} {unit}",
        note=f"ours {ours:.3g} {unit}; {CREDENTIALS + PRINCIPALS:,} rows, best of {ROUNDS}, CPU time{more}",
    )
