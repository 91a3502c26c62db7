"""Secrets the bot must use itself. Names are sealed too: a list of names opens no secret."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.clock import Clock
from bot.db.data_keys import DataKeys
from bot.db.repository import Repository, SealedText
from bot.db.store import Store
from bot.db.tables import TEXT, TableRow, sealed_column, table_of
from bot.text import Secret


class SecretRow(TableRow, table=True):
    """A secret under the blind index of its name."""

    __tablename__: ClassVar[Any] = "secret"
    id: str = Field(primary_key=True)
    label: bytes = sealed_column(TEXT)
    value: bytes = sealed_column(TEXT)


SECRET = table_of("secret")


class SecretRepository(Repository):
    """Secrets by name, letter for letter."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._label = SealedText(keys, SECRET.c.label)
        self._value = SealedText(keys, SECRET.c.value)

    async def put(self, name: str, secret: Secret) -> None:
        """Keep a secret; one of the same name is overwritten."""
        row_id = self._id(name)
        row = {
            "id": row_id,
            "label": self._label.seal(row_id, name),
            "value": self._value.seal(row_id, secret.reveal()),
        }
        await self._put(SECRET, row)

    async def get(self, name: str) -> Secret | None:
        """The secret of that name."""
        kept = select(SECRET).where(SECRET.c.id == self._id(name))
        return await self._one(kept, lambda row: Secret(self._value.open(row.id, row.value)))

    async def names(self) -> tuple[str, ...]:
        """Every name, sorted."""
        names = await self._all(
            select(SECRET.c.id, SECRET.c.label), lambda row: self._label.open(row.id, row.label)
        )
        return tuple(sorted(names))

    async def forget(self, name: str) -> bool:
        """Delete the secret of that name; False when there was none."""
        return await self._write(delete(SECRET).where(SECRET.c.id == self._id(name))) == 1

    def _id(self, name: str) -> str:
        return self._keys.ring.blind("secret.name", name).hex()


class ConnectionMemory:
    """One connection's own drawer: a refresh token, the certificate it signs with now, what a probe found."""

    def __init__(self, store: Store, connection: str) -> None:
        self._store = store
        self._connection = connection

    async def recall(self, name: str) -> Secret | None:
        """See ``bot.platform.ports.Memory``."""
        async with self._store.read() as unit:
            return await unit[SecretRepository].get(self._name(name))

    async def keep(self, name: str, value: Secret) -> None:
        """See ``bot.platform.ports.Memory``."""
        async with self._store.write() as unit:
            await unit[SecretRepository].put(self._name(name), value)

    def _name(self, name: str) -> str:
        return f"@{self._connection}:{name}"
