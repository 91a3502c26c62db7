"""The data keys at rest: wrapped by the key source, one line each, kept after their end as a record."""

from __future__ import annotations

import os
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.key_sources import KEY_BYTES, KeySource
from bot.db.keyring import MAX_KEY_ID, DataKey, Keyring, Purpose
from bot.db.tables import DATA_KEY
from bot.errors import ConfigError, DecryptionFailed, InvariantBroken

_NAMES = {purpose: bytes([number]) for number, purpose in enumerate(Purpose, 1)}


class DataKeys:
    """Reads and makes data keys, and keeps a keyring up to date with them."""

    def __init__(self, source: KeySource, ring: Keyring) -> None:
        self._source = source
        self.ring = ring

    async def check_source(self) -> None:
        """Wrap and unwrap something, so that a key source that cannot work is found before anything is made."""
        await self._source.unwrap(await self._source.wrap(os.urandom(KEY_BYTES)))

    async def load(self, conn: AsyncConnection) -> bool:
        """Fill the keyring; False when there are no data keys yet.

        A key that does not unwrap is kept as unusable: what it sealed fails, the rest can be read.

        Raises:
            ConfigError: none unwraps, so this is another installation's key source.
        """
        rows = (await conn.execute(select(DATA_KEY).order_by(DATA_KEY.c.id))).all()
        keys = [
            DataKey(
                id=row.id,
                purpose=Purpose(row.purpose),
                key=await self._unwrapped(row.id, Purpose(row.purpose), row.wrapped),
                current=row.retired_at is None,
                destroyed_at=row.destroyed_at,
            )
            for row in rows
        ]
        if keys and all(key.key is None for key in keys):
            raise ConfigError(
                f"{self._source.name} does not belong to this database: it opens none of its data keys "
                f"({', '.join(str(key.id) for key in keys)}). Nothing was changed; put back the key that does."
            )
        self.ring.replace(keys)
        return bool(keys)

    async def catch_up(self, conn: AsyncConnection) -> None:
        """Learn of keys another process made, so that nothing is sealed with a retired one."""
        newest = (await conn.execute(select(func.max(DATA_KEY.c.id)))).scalar_one()
        if newest != self.ring.newest:
            await self.load(conn)

    async def make(self, conn: AsyncConnection, purpose: Purpose, at: datetime) -> int:
        """A new current key; the one before it is retired. Load afterwards."""
        number = ((await conn.execute(select(func.max(DATA_KEY.c.id)))).scalar_one() or 0) + 1
        if number > MAX_KEY_ID:
            raise InvariantBroken(f"no room for data key {number}: the format counts to {MAX_KEY_ID}")
        same = (DATA_KEY.c.purpose == purpose.value) & DATA_KEY.c.retired_at.is_(None)
        await conn.execute(update(DATA_KEY).where(same).values(retired_at=at))
        wrapped = await self._source.wrap(_NAMES[purpose] + number.to_bytes(2, "big") + os.urandom(KEY_BYTES))
        await conn.execute(
            insert(DATA_KEY).values(
                id=number, purpose=purpose.value, wrapped=wrapped, source=self._source.name, created_at=at
            )
        )
        return number

    async def _unwrapped(self, number: int, purpose: Purpose, wrapped: bytes | None) -> bytes | None:
        if wrapped is None:
            return None
        try:
            plain = await self._source.unwrap(wrapped)
        except DecryptionFailed:
            return None
        # The line's own number is inside, so that a key moved to another line is not taken for it.
        label = _NAMES[purpose] + number.to_bytes(2, "big")
        return plain[len(label) :] if plain.startswith(label) else None
