"""What people declare of an account, since Wrike lists neither tokens nor connections: which flow acts as whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from bot.platform.ports import Memory, Turns
from bot.text import Secret, fold

PREFIX = "flow:"
_MOVED, _ACCOUNTS = "moved-flows", "service-accounts"


class FlowKind(StrEnum):
    """How a flow signs in."""

    PERMANENT_TOKEN = "permanent_token"  # noqa: S105  somebody pasted a token of the App Console into it
    OAUTH = "oauth"  # somebody approved it in a browser, as Wrike Integrate's connections are


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One integration flow and the account it is declared to act as. ``secret`` serves to see whether it lives."""

    name: str
    system: str
    account: str  # e-mail address
    kind: FlowKind
    folders: tuple[str, ...] = ()  # titles, paths or ids of what it needs
    secret: Secret | None = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """Its native id in the inventory."""
        return PREFIX + self.name


@dataclass(slots=True)
class Register:
    """The declared flows and service accounts, with what our own plans have changed since.

    A flow that a plan moved acts as its new account for as long as the configuration still names the old one;
    once the configuration names another, that counts.
    """

    flows: tuple[Flow, ...]
    service_accounts: Iterable[str]  # folded e-mail addresses
    memory: Memory
    turns: Turns
    connection: str

    async def known_flows(self) -> tuple[Flow, ...]:
        """Every flow as it stands now. A moved flow's declared secret was the old token's: it is left out."""
        moved = await self._recalled(_MOVED)
        return tuple(_as_moved(flow, moved) for flow in self.flows)

    async def moved(self, name: str, account: str) -> None:
        """Note that a flow acts as ``account`` from now on."""
        flow = next(flow for flow in self.flows if flow.name == name)
        await self._add(_MOVED, name, f"{fold(flow.account)} {fold(account)}")

    async def known_accounts(self) -> frozenset[str]:
        """Folded e-mail addresses of every account that only programs use."""
        return frozenset({*self.service_accounts, *(await self._recalled(_ACCOUNTS))})

    async def add_account(self, email: str, system: str) -> None:
        """Note that an account was made for programs."""
        await self._add(_ACCOUNTS, fold(email), system)

    async def _add(self, name: str, key: str, value: str) -> None:
        async with self.turns.turn(f"{self.connection}:register", 1):
            kept = await self._recalled(name) | {key: value}
            await self.memory.keep(name, Secret(msgspec.json.encode(kept).decode()))

    async def _recalled(self, name: str) -> dict[str, str]:
        kept = await self.memory.recall(name)
        return msgspec.json.decode(kept.reveal(), type=dict[str, str]) if kept else {}


def _as_moved(flow: Flow, moved: Mapping[str, str]) -> Flow:
    was, _, now = moved.get(flow.name, "").partition(" ")
    if not now or was != fold(flow.account) or now == was:
        return flow
    return replace(flow, account=now, secret=None)
