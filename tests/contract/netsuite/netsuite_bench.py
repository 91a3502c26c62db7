"""A NetSuite adapter, the stand-in it talks to, and hands to take a plan's steps with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from connection_context import Notes, connection_context
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.clock import Clock
from bot.platform.model import Credential, CredentialKind, Snapshot
from bot.platform.plan import Action, Confirmation, Hands, Outcome, Plan, StepMode
from bot.text import Secret
from platforms.netsuite import NetSuite, build
from sandbox.netsuite import NetSuite as StandIn

NAME = "netsuite:test"
SHARED = "svc.netsuite@integrations.larkspur.example"
ALICE = "alice.doherty@larkspur.example"
JAMAL = "jamal.whitaker@larkspur.example"
BOT = "handover.bot@integrations.larkspur.example"
M2M, TBA = ("client_id", "certificate_id"), ("consumer_key", "token_id")


@dataclass
class Bench:
    """An adapter, the account it talks to, and the levers of its world."""

    ready: dict[str, Any]
    stand_in: StandIn
    clock: Clock
    levers: httpx.AsyncClient
    directory: Path
    notes: Notes = field(default_factory=Notes)
    opened: list[NetSuite] = field(default_factory=list)

    @property
    def platform(self) -> NetSuite:
        """The adapter that signs in by certificate."""
        return self.opened[0] if self.opened else self.another()

    def another(self, way: tuple[str, ...] = M2M, **table: object) -> NetSuite:
        """An adapter on the same account, with other settings; all share one memory."""
        hello = self.ready["netsuite"]
        base: dict[str, object] = {name: hello[name] for name in ("account", "url", *way)}
        base |= {
            "integration_accounts": ["*@integrations.*"],
            "nexonia_field": "custentity_nexonia",
            "unused_for_s": 3600,
        }
        around = connection_context(
            lambda name: Secret(hello[name]), self.clock, self.directory, memory=self.notes
        )
        made = build(NAME, base | table, around)
        self.opened.append(made)
        return made

    async def pull(self, lever: str, **asked: object) -> Any:
        answer = await self.levers.post(f"{self.ready['world']}/{lever}", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def switch(self, **values: object) -> None:
        await self.pull("netsuite/switches", **values)

    async def fault(self, kind: str, match: str = "", count: int | None = 1, **more: object) -> None:
        await self.pull("faults", platform="netsuite", kind=kind, match=match, count=count, **more)

    async def heal(self) -> None:
        await self.pull("faults", clear=True)

    async def pass_time(self, **step: float) -> None:
        await self.pull("advance", **step)
        self.clock.shift += timedelta(**step)

    def calls(self, word: str) -> int:
        return sum(word in f"{call.method} {call.path}" for call in self.stand_in.account.world.calls)

    async def forbid(self, permission: str, role: str = "Handover") -> None:
        """Take a permission from the bot's role."""
        await self.pull("netsuite/role", role=role, permission=permission, level=0)


def token(snapshot: Snapshot, label: str) -> Credential:
    return next(
        c for c in snapshot.credentials if c.kind is CredentialKind.TBA_TOKEN and c.label.startswith(label)
    )


async def token_id(bench: Bench, label: str) -> str:
    return token(await bench.platform.snapshot(None), label).native_id


class Walk:
    """Takes a plan's steps by hand, keeping facts, times and the drawer as the engine and the vault do."""

    def __init__(self, bench: Bench, platform: NetSuite, plan: Plan) -> None:
        self.bench = bench
        self.platform = platform
        self.plan = plan
        self.known: dict[str, str] = {}
        self.drawer: dict[str, Secret] = {}
        self.steps = {step.key: step for step in plan.steps}
        self.since()

    def since(self) -> None:
        """A step begins."""
        self.known["since"] = self.bench.clock.now().isoformat()

    def action(self, key: str) -> Action:
        return replace(self.steps[key].action, known=dict(self.known))

    async def look(self, key: str) -> Confirmation:
        """Look at a step; once it is done its facts and its time are kept."""
        return await self._looked(self.action(key), key)

    async def back(self, key: str) -> Confirmation:
        """Look at what takes a step back."""
        twin = self.steps[key].twin
        assert twin
        return await self._looked(replace(twin.action, known=dict(self.known)), f"{key}.undo")

    async def _looked(self, action: Action, key: str) -> Confirmation:
        held = {name: self.drawer[name] for name in action.uses if name in self.drawer}
        seen = await self.platform.confirm_with(action, f"PLAN.{key}", held)
        if seen.outcome is Outcome.DONE:
            self.known.update(seen.facts)
            self.known[f"at.{key}"] = self.bench.clock.now().isoformat()
            self.since()
        return seen

    async def act(self, key: str) -> Confirmation:
        """Do an automatic step that is not done yet; how it looks afterwards."""
        step = self.steps[key]
        assert step.mode is StepMode.AUTO
        before = await self.look(key)
        assert before.outcome is Outcome.NOT_DONE, before
        held = {name: self.drawer[name] for name in step.action.uses}
        await self.platform.apply_with(self.action(key), f"PLAN.{key}", held)
        return await self.look(key)

    async def act_back(self, key: str) -> Confirmation:
        """Take an automatic step back."""
        twin = self.steps[key].twin
        assert twin
        assert twin.mode is StepMode.AUTO
        await self.platform.apply_with(replace(twin.action, known=dict(self.known)), f"PLAN.{key}.undo", {})
        return await self.back(key)

    def make_key(self) -> str:
        """What the vault does for the step ``key``: the certificate, whose key stays in the drawer."""
        asked = self.steps["key"].action
        assert (asked.hands, asked.verb) == (Hands.VAULT, "make-key")
        pem, key = certificate(int(asked.params["days"]), asked.params["common_name"])
        self.drawer["private_key"] = Secret(key)
        self.known["certificate"] = pem
        self.known["at.key"] = self.bench.clock.now().isoformat()
        return pem


def certificate(days: int, common_name: str = "test") -> tuple[str, str]:
    """A self-signed EC certificate and its key, both PEM, from now on."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()
