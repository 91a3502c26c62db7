"""Requests whose plan makes, receives and hands over secrets, and a platform and a destination of dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from store_samples import plan, receipt, request

from bot.db.store import Store
from bot.errors import OutcomeUnknown, Unreachable
from bot.platform.plan import Action, Confirmation, Outcome, Receipt, Step
from bot.platform.ports import Landing
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from bot.secrets.vault import Vault
from bot.text import Secret


def asked(*steps: Step, **changes: Any) -> ChangeRequest:
    """A request at its first step."""
    return request(
        plan=replace(plan(), steps=steps), **({"state": RequestState.WAITING, "receipts": ()} | changes)
    )


async def kept(store: Store, *steps: Step, **changes: Any) -> ChangeRequest:
    """The same, in the store."""
    made = asked(*steps, **changes)
    async with store.write() as unit:
        await unit[RequestRepository].add(made)
    return made


async def taken(vault: Vault, request: ChangeRequest, action: Action, step: str = "x") -> Confirmation:
    """Do as the engine does: look, act if absent, look again."""
    key = f"{request.ref}.{step}"
    seen = await vault.confirm(request, action, key)
    if seen.outcome is Outcome.NOT_DONE:
        await vault.apply(request, action, key)
        seen = await vault.confirm(request, action, key)
    assert seen.outcome is Outcome.DONE, seen.detail
    return seen


async def moved_on(store: Store, request: ChangeRequest, step: Step, seen: Confirmation) -> ChangeRequest:
    """The request after that step's receipt."""
    proof: Receipt = replace(
        receipt(step.key), detail=seen.detail, facts=dict(seen.facts), record_id=seen.record_id
    )
    async with store.write() as unit:
        assert await unit[RequestRepository].record(request, proof)
        return await unit[RequestRepository].get(request.id)


@dataclass
class Shelf:
    """A destination of versions in a list. ``silent`` writes happen without an answer; ``away`` cannot be read."""

    name: str = "shelf"
    versions: list[dict[str, str]] = field(default_factory=lambda: [{"token": "old"}])
    silent: bool = False
    away: bool = False

    async def landed(self, values: Mapping[str, Secret], key: str) -> Landing | None:
        if self.away:
            raise Unreachable("shelf could not be reached.", connection=self.name)
        wanted = {name: value.reveal() for name, value in values.items()}
        at = len(self.versions)
        return Landing(version=str(at), before=str(at - 1)) if self.versions[-1] == wanted else None

    async def write(self, values: Mapping[str, Secret], key: str) -> None:
        self.versions.append({name: value.reveal() for name, value in values.items()})
        if self.silent:
            raise OutcomeUnknown("no answer", connection=self.name)

    async def returned(self, landing: Landing) -> bool:
        return self.versions[-1] == self.versions[int(landing.before) - 1]

    async def put_back(self, landing: Landing) -> None:
        self.versions.append(self.versions[int(landing.before) - 1])

    async def aclose(self) -> None:
        pass


class Discloser:
    """A platform that shows what its steps made, and nothing else."""

    def __init__(self, made: Mapping[str, str]) -> None:
        self.made = made
        self.asked: list[Action] = []

    async def confirm_with(self, action: Action, key: str, secrets: Mapping[str, Secret]) -> Confirmation:
        raise NotImplementedError

    async def apply_with(self, action: Action, key: str, secrets: Mapping[str, Secret]) -> None:
        raise NotImplementedError

    async def disclose(self, action: Action) -> Mapping[str, Secret]:
        self.asked.append(action)
        return {name: Secret(value) for name, value in self.made.items()}


def texts(values: Mapping[str, Secret]) -> dict[str, str]:
    """What they hold."""
    return {name: value.reveal() for name, value in values.items()}


def everything_said(confirmations: Sequence[Confirmation]) -> str:
    """All that receipts will hold of them."""
    return repr(confirmations)
