"""A Salesforce adapter, the stand-in it talks to, and hands to take a plan's steps with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from connection_context import Notes, connection_context

from bot.clock import Clock
from bot.platform.model import Credential, CredentialKind, Snapshot
from bot.platform.plan import Action, Confirmation, Outcome, Plan, StepMode
from bot.text import Secret
from platforms.salesforce import Salesforce, build
from sandbox.salesforce import Salesforce as StandIn

NAME = "salesforce:test"
TARGET = "svc.orders@integrations.larkspur.example"
HOLDER = "marcus.delacroix@larkspur.example"


@dataclass
class Bench:
    """An adapter, the org it talks to, and the levers of the org's world."""

    ready: dict[str, Any]
    stand_in: StandIn
    platform: Salesforce
    clock: Clock
    levers: httpx.AsyncClient
    directory: Path
    opened: list[Salesforce] = field(default_factory=list)

    def another(self, memory: Notes | None = None, **table: object) -> Salesforce:
        """A second adapter on the same org, with other settings; ``memory``: that of an earlier process."""
        hello = self.ready["salesforce"]
        base: dict[str, object] = {"url": hello["url"], "client_id": hello["client_id"]}
        if not table.pop("client_credentials", False):
            base["username"] = hello["username"]
        made = build(
            NAME,
            base | table,
            connection_context(lambda name: Secret(hello[name]), self.clock, self.directory, memory=memory),
        )
        self.opened.append(made)
        return made

    async def pull(self, lever: str, **asked: object) -> Any:
        answer = await self.levers.post(f"{self.ready['world']}/{lever}", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def switch(self, **values: object) -> None:
        await self.pull("salesforce/switches", **values)

    async def fault(self, kind: str, match: str, count: int | None = 1) -> None:
        await self.pull("faults", platform="salesforce", kind=kind, match=match, count=count)

    async def pass_time(self, **step: float) -> None:
        await self.pull("advance", **step)
        self.clock.shift += timedelta(**step)

    def calls(self, word: str) -> int:
        return sum(word in call.path for call in self.stand_in.org.world.calls)

    def take_away(self, permission: str) -> None:
        """Take a right from the bot's permission set."""
        org = self.stand_in.org
        (bots,) = org["PermissionSet"].where("Name", "Handover_Bot")
        org["PermissionSet"].change(bots, {f"Permissions{permission}": False})


def held(snapshot: Snapshot, kind: CredentialKind, label: str) -> Credential:
    return next(c for c in snapshot.credentials if c.kind is kind and c.label.startswith(label))


async def grant_of(bench: Bench, label: str = "Marketo sync") -> Credential:
    return held(await bench.platform.snapshot(None), CredentialKind.OAUTH_GRANT, label)


class Walk:
    """Takes a plan's steps by hand, keeping facts and times as the engine does."""

    def __init__(self, bench: Bench, plan: Plan) -> None:
        self.bench = bench
        self.known: dict[str, str] = {}
        self.plan = plan
        self.steps = {step.key: step for step in plan.steps}
        self.since()

    def since(self) -> None:
        """A step begins."""
        self.known["since"] = self.bench.clock.now().isoformat()

    def action(self, key: str) -> Action:
        return replace(self.steps[key].action, known=dict(self.known))

    async def look(self, key: str) -> Confirmation:
        seen = await self.bench.platform.confirm(self.action(key), key)
        self.known.update(seen.facts)
        return seen

    async def act(self, key: str) -> Confirmation:
        """Do an automatic step that is not done yet; how it looks afterwards."""
        assert self.steps[key].mode is StepMode.AUTO
        assert (await self.look(key)).outcome is Outcome.NOT_DONE
        await self.bench.platform.apply(self.action(key), key)
        return await self.look(key)
