"""The key that the bot itself signs in with: the configured one, or the one a rotation put in its place."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.platform.ports import Memory
from bot.text import Secret
from platforms.netsuite.config import Settings

_NAME = "own-key"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A private key in PEM form, and the id of the mapping that its certificate has."""

    certificate_id: str
    private_key: Secret


class OwnKeys:
    """Knows which key is in use. A change of the configuration outdoes every rotation before it."""

    def __init__(self, settings: Settings, memory: Memory) -> None:
        self._settings = settings
        self._memory = memory

    async def current(self) -> OwnKey:
        """The key to sign in with now."""
        return (await self._chain())[-1]

    async def adopt(self, key: OwnKey) -> None:
        """Sign in with ``key`` from now on, until the configuration names another certificate."""
        chain = await self._chain()
        if chain[-1].certificate_id != key.certificate_id:
            await self._keep([*chain[-1:], key])

    async def step_back(self) -> None:
        """Sign in with the key before the one in use again, if there was one."""
        await self._keep((await self._chain())[:1])

    async def _chain(self) -> list[OwnKey]:
        """The key in use, and before it the one it took the place of."""
        kept = await self._memory.recall(_NAME)
        found = msgspec.json.decode(kept.reveal()) if kept else {}
        if not found or found["configured"] != self._settings.certificate_id:
            return [OwnKey(self._settings.certificate_id, self._settings.private_key or Secret(""))]
        return [OwnKey(one["certificate_id"], Secret(one["private_key"])) for one in found["chain"]]

    async def _keep(self, chain: list[OwnKey]) -> None:
        value = {
            "configured": self._settings.certificate_id,
            "chain": [
                {"certificate_id": one.certificate_id, "private_key": one.private_key.reveal()}
                for one in chain
            ],
        }
        await self._memory.keep(_NAME, Secret(msgspec.json.encode(value).decode()))
