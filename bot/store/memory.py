"""What a connection must not forget: sealed beside the secrets, under names that people cannot use."""

from __future__ import annotations

from bot.domain.secret import Secret
from bot.store.store import Store


class ConnectionMemory:
    """One connection's own drawer: a refresh token, the certificate it signs with now, what a probe found."""

    def __init__(self, store: Store, connection: str) -> None:
        self._store = store
        self._connection = connection

    async def recall(self, name: str) -> Secret | None:
        """See ``bot.ports.Memory``."""
        async with self._store.read() as unit:
            return await unit.secrets.get(self._name(name))

    async def keep(self, name: str, value: Secret) -> None:
        """See ``bot.ports.Memory``."""
        async with self._store.write() as unit:
            await unit.secrets.put(self._name(name), value)

    def _name(self, name: str) -> str:
        return f"@{self._connection}:{name}"
