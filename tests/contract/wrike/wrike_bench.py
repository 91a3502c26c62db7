"""A Wrike adapter, the stand-in it talks to, and hands to take a plan's steps with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from connection_context import Notes

from bot.clock import Clock
from bot.db.leases import FileLimiter
from bot.platform.model import Credential, Principal, Snapshot
from bot.platform.plan import Action, Confirmation, Hands, Outcome, Plan, Step, StepMode
from bot.platform.ports import ConnectionContext
from bot.text import Secret
from platforms.wrike import Wrike, build
from sandbox.wrike import Wrike as StandIn

NAME = "wrike:test"
BOT = "svc.handover@integrations.larkspur.example"
SERVICE = "wrike.salesforce@integrations.larkspur.example"
SHARED = "wrike.shared@integrations.larkspur.example"
PERSON = "wenli.chang@larkspur.example"
LEAVER = "petra.novak@larkspur.example"
DELETED = "oskar.lindgren@larkspur.example"
INVITED = "wrike.netsuite@integrations.larkspur.example"
NEWCOMER = "wrike.powerbi@integrations.larkspur.example"
POWER_BI, STATUS, OPPORTUNITIES = "Power BI extract", "Status mailer", "Opportunities to projects"
POWER_BI_ID = f"flow:{POWER_BI}"


@dataclass
class Bench:
    """An adapter, the account it talks to, and the levers of the account's world."""

    ready: dict[str, Any]
    stand_in: StandIn
    clock: Clock
    levers: httpx.AsyncClient
    directory: Path
    secrets: dict[str, str] = field(default_factory=dict)  # of flows, by their path in the table
    opened: list[Wrike] = field(default_factory=list)
    memory: Notes = field(default_factory=Notes)

    @property
    def hello(self) -> dict[str, Any]:
        return dict(self.ready["wrike"])

    def table(self) -> dict[str, object]:
        """What the made-up company declares. Flows without ``secret`` are known by their declaration only."""
        flows: list[dict[str, object]] = [
            {
                "name": POWER_BI,
                "system": "Power BI",
                "account": PERSON,
                "kind": "permanent_token",
                "folders": ["Project office / Customer onboarding"],
            },
            {"name": STATUS, "system": "Mailer", "account": LEAVER, "kind": "permanent_token"},
            {
                "name": OPPORTUNITIES,
                "system": "Salesforce",
                "account": "beatriz.quispe@larkspur.example",
                "kind": "oauth",
            },
            {"name": "Cases", "system": "Salesforce", "account": SHARED, "kind": "oauth"},
            {"name": "Jira", "system": "Jira", "account": SHARED, "kind": "oauth"},
        ]
        for path in self.secrets:
            flows[int(path.split(".")[1])]["secret"] = "declared"
        return {
            "url": self.hello["url"],
            "token": "declared",
            "other_urls": [self.hello["other_url"]],
            "service_accounts": [SERVICE, SHARED, BOT, INVITED],
            "flows": flows,
            "unused_for_s": 3600,
            "requests_per_minute": 100_000,
            "burst": 1_000,
        }

    def make(self, *, memory: Notes | None = None, **table: object) -> Wrike:
        """An adapter on this account, with other settings. ``None`` takes a key away."""
        given = {key: value for key, value in (self.table() | table).items() if value is not None}

        def secret(name: str) -> Secret:
            return Secret(self.secrets[name] if name in self.secrets else self.hello[name])

        around = ConnectionContext(
            secret=secret,
            clock=self.clock,
            limiter=FileLimiter(self.directory),  # each adapter as if it were a process of its own
            memory=memory or self.memory,
        )
        made = build(NAME, given, around)
        self.opened.append(made)
        return made

    def by_oauth(self, **table: object) -> Wrike:
        """An adapter that signs in by OAuth."""
        hello = self.hello
        return self.make(
            token=None,
            client_id=hello["client_id"],
            authorize_url=hello["authorize_url"],
            token_url=hello["token_url"],
            **table,
        )

    async def authorized(self, **table: object) -> Wrike:
        """One that somebody has said yes to, as the bot's own account."""
        made = self.by_oauth(**table)
        given = {"email": BOT, "redirect_uri": made.redirect_uri, "scope": _scopes(made)}
        code = (await self.pull("approve", **given))["code"]
        await made.authorize(code)
        return made

    async def pull(self, lever: str, **asked: object) -> Any:
        answer = await self.levers.post(f"{self.ready['world']}/wrike/{lever}", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def switch(self, **values: object) -> None:
        await self.pull("switches", **values)

    async def fault(self, kind: str, match: str, count: int | None = 1, **more: object) -> None:
        asked = {"platform": "wrike", "kind": kind, "match": match, "count": count, **more}
        answer = await self.levers.post(f"{self.ready['world']}/faults", json=asked)
        assert answer.status_code == 200, answer.text

    async def pass_time(self, **step: float) -> None:
        passed = timedelta(**step)
        asked = {"seconds": passed.total_seconds()}
        answer = await self.levers.post(f"{self.ready['world']}/advance", json=asked)
        assert answer.status_code == 200, answer.text
        self.clock.shift += passed

    async def mend(self) -> None:
        """Take every fault back."""
        answer = await self.levers.post(f"{self.ready['world']}/faults", json={"clear": True})
        assert answer.status_code == 200, answer.text

    async def token_of(self, email: str, label: str = "test") -> str:
        return str((await self.pull("token", email=email, label=label))["token"])

    def calls(self, word: str, method: str = "") -> int:
        calls = self.stand_in.tenant.world.calls
        return sum(word in call.path and method in ("", call.method) for call in calls)

    def contact(self, email: str) -> Any:
        return next(c for c in self.stand_in.tenant.contacts.values() if c.email == email)

    def folder(self, title: str) -> Any:
        return next(f for f in self.stand_in.tenant.folders.values() if f.title == title)


def _scopes(made: Wrike) -> str:
    return made.consent_url("x").partition("scope=")[2].partition("&")[0].replace("%2C", ",")


def person(snapshot: Snapshot, email: str) -> Principal:
    return next(p for p in snapshot.principals if p.email == email)


def flow(snapshot: Snapshot, name: str) -> Credential:
    return next(c for c in snapshot.credentials if c.label == name)


class Walk:
    """Takes a plan's steps by hand, keeping facts, secrets and times as the engine does."""

    def __init__(self, bench: Bench, adapter: Wrike, plan: Plan) -> None:
        self.bench = bench
        self.adapter = adapter
        self.known: dict[str, str] = {"approved_at": bench.clock.now().isoformat()}
        self.steps: dict[str, Step] = {step.key: step for step in plan.steps}
        self.drawer: dict[str, Secret] = {}
        assert len(self.steps) == len(plan.steps), "keys are unique"
        self.since()

    def since(self) -> None:
        """A step begins."""
        self.known["since"] = self.bench.clock.now().isoformat()

    def action(self, key: str) -> Action:
        return replace(self.steps[key].action, known=dict(self.known))

    async def look(self, key: str) -> Confirmation:
        return await self._look(self.action(key), key)

    async def _look(self, action: Action, key: str) -> Confirmation:
        secrets = {name: self.drawer[name] for name in action.uses if name in self.drawer}
        seen = await self.adapter.confirm_with(action, key, secrets)
        self.known.update(seen.facts)
        return seen

    async def act(self, key: str) -> Confirmation:
        """Do an automatic step that is not done yet; how it looks afterwards."""
        assert self.steps[key].mode is StepMode.AUTO
        seen = await self.look(key)
        assert seen.outcome is Outcome.NOT_DONE, seen
        await self.adapter.apply(self.action(key), key)
        return await self.look(key)

    async def back(self, key: str) -> Confirmation:
        """Take a step back by its twin; how that looks afterwards."""
        twin = self.steps[key].twin
        assert twin is not None
        action = replace(twin.action, known=dict(self.known))
        assert (await self._look(action, f"undo:{key}")).outcome is Outcome.NOT_DONE
        await self.adapter.apply(action, f"undo:{key}")
        return await self._look(action, f"undo:{key}")

    async def look_back(self, key: str) -> Confirmation:
        """How what takes a step back looks now."""
        twin = self.steps[key].twin
        assert twin is not None
        return await self._look(replace(twin.action, known=dict(self.known)), f"undo:{key}")

    @property
    def ours(self) -> list[str]:
        """Keys of the steps whose verbs are Wrike's."""
        return [k for k, s in self.steps.items() if s.action.hands is Hands.PLATFORM]
