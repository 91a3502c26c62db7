"""A bot's services over a real store, with a workspace and a platform that do what a test says.

``open_office`` on the same directory again is a restart: nothing but the database is carried over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import handlers
from bot import dispatch
from bot.chat.model import Caller, Role
from bot.clock import FixedClock
from bot.config import ApprovalSettings, RoleSettings, SafetyLimitSettings, Settings, SlackSettings
from bot.config.policies import Policies
from bot.db.key_sources import FileKeySource
from bot.db.leases import FileLimiter
from bot.db.store import Store
from bot.dispatch import Dispatcher
from bot.errors import NotFound, OutcomeUnknown
from bot.inventory.repository import ItemRepository
from bot.people.access import Access
from bot.people.model import Members, Person
from bot.people.repository import PersonRepository
from bot.people.step_up import StepUps
from bot.platform.model import Credential, CredentialKind
from bot.platform.plan import (
    AS_USUAL,
    Action,
    Confirmation,
    Draft,
    How,
    Outcome,
    Plan,
    PlanKind,
    Step,
    StepMode,
    Twin,
)
from bot.platform.ports import Platform
from bot.requests.approvals import Approvals
from bot.requests.execution import Executor, StepExecutor
from bot.requests.notifier import RequestNotifier
from bot.requests.planning import Planner
from bot.requests.reminders import RequestReminders
from bot.requests.safety_limit import SafetyLimit
from bot.secrets.vault import Vault
from bot.services import Services
from bot.store import open_store

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CONNECTION = "salesforce:prod"
HOLDER = "UHOLD"
ROLES = {
    "UASK": Role.ADMIN,  # asks, and could approve other people's
    HOLDER: Role.APPROVER,  # holds what is moved
    "UONE": Role.APPROVER,
    "UTWO": Role.APPROVER,
    "UTHREE": Role.ADMIN,
    "UOP": Role.OPERATOR,
}
POPULATION = 30  # credentials in the inventory, so that a brake of a tenth is three


class Died(BaseException):
    """The process is gone: nothing may catch it, nothing after it happens."""


@dataclass
class Workspace:
    """The workspace's members; ``gone`` are deactivated."""

    roles: Mapping[str, Role] = field(default_factory=lambda: dict(ROLES))
    gone: set[str] = field(default_factory=set)
    edits: Counter[str] = field(default_factory=Counter)

    async def members(self) -> tuple[Person, ...]:
        return tuple([await self.member(who) for who in self.roles])

    async def member(self, slack_id: str) -> Person:
        if slack_id not in self.roles:
            raise NotFound("Nobody.")
        return Person(
            slack_id=slack_id,
            name=slack_id,
            email=f"{slack_id.casefold()}@larkspur.example",
            deactivated=slack_id in self.gone,
            updated=self.edits[slack_id],
        )

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        return ()


@dataclass
class Vendor:
    """A platform in memory, as ``bot.platform.ports.Platform``: what is true there outlives every crash of ours.

    ``at_next`` says where the process dies: "confirm", "apply" or "applied", once; or "unanswered": the effect is
    made and no answer comes.
    """

    clock: FixedClock
    connection: str = CONNECTION
    platform: str = "salesforce"
    downtime: str = "none expected"
    granted: set[str] = field(default_factory=set)  # subjects that have a new credential
    proven: dict[str, datetime] = field(default_factory=dict)  # …and since when it is seen to work
    retired: dict[str, datetime] = field(default_factory=dict)  # subjects whose old credential was ended
    effects: list[tuple[datetime, str, str]] = field(default_factory=list)  # when, by which key, what
    at_next: str = ""

    async def handover(self, credential_id: str, target: str, how: How = AS_USUAL) -> Draft:
        def step(key: str, mode: StepMode, *, destructive: bool = False, twin: str = "") -> Step:
            action = Action(verb=key, subject=credential_id)
            back = Action(verb=twin, subject=credential_id)
            return Step(
                key=key,
                mode=mode,
                title=key.title(),
                action=action,
                destructive=destructive,
                twin=Twin(mode=StepMode.AUTO, title=twin.title(), action=back) if twin else None,
            )

        return Draft(
            plan=Plan(
                kind=PlanKind.HANDOVER,
                connection=self.connection,
                title=f"Hand over {credential_id}",
                subject_id=credential_id,
                subject_label=credential_id,
                steps=(
                    step("grant", StepMode.AUTO, twin="withdraw"),
                    step("prove", StepMode.WATCH),
                    step("retire", StepMode.AUTO, destructive=True),
                ),
                holder_email=f"{HOLDER}@Larkspur.example",
                target_id=target,
                downtime=self.downtime,
            )
        )

    async def confirm(self, action: Action, key: str) -> Confirmation:
        self._dies("confirm")
        done = {
            "grant": action.subject in self.granted,
            "withdraw": action.subject not in self.granted,
            "prove": action.subject in self.proven,
            "retire": action.subject in self.retired,
        }[action.verb]
        return Confirmation(outcome=Outcome.DONE if done else Outcome.NOT_DONE, detail=f"{key} looked up")

    async def apply(self, action: Action, key: str) -> None:
        self._dies("apply")
        self.effects.append((self.clock.now(), key, action.verb))
        if action.verb == "grant":
            self.granted.add(action.subject)
        elif action.verb == "withdraw":
            self.granted.discard(action.subject)
            self.proven.pop(action.subject, None)
        else:
            self.retired[action.subject] = self.clock.now()
        self._dies("applied")
        if self.at_next == "unanswered":
            self.at_next = ""
            raise OutcomeUnknown("no answer came")

    def _dies(self, where: str) -> None:
        if self.at_next == where:
            self.at_next = ""
            raise Died(where)

    async def aclose(self) -> None:
        """Nothing to let go of."""


@dataclass
class Office:
    """One process of the bot, as far as requests go."""

    store: Store
    clock: FixedClock
    services: Services
    dispatcher: Dispatcher
    begun: list[str]

    @property
    def approvals(self) -> Approvals:
        return self.services.approvals

    @property
    def handover(self) -> Executor:
        return self.services.executor

    def caller(self, who: str) -> Caller:
        return Caller(user_id=who, role=ROLES.get(who, Role.NONE))

    async def ask(self, vendor: Vendor, subject: str, who: str = "UASK") -> str:
        """Ask for a handover; its reference."""
        draft = await vendor.handover(subject, "005B")
        inputs = AS_USUAL.written
        request = await self.approvals.open(draft, self.caller(who), "A reason to ask for it", inputs)
        return request.ref


def office(
    store: Store,
    clock: FixedClock,
    workspace: Workspace,
    vendor: Vendor,
    approval: ApprovalSettings,
    limiter: FileLimiter,
) -> Office:
    """Services over that store, as ``bot.app`` composes them."""
    by_role = {role: tuple(u for u, r in workspace.roles.items() if r is role) for role in Role}
    settings = Settings(
        slack=SlackSettings(alert_channel="C1"),
        roles=RoleSettings(
            admin=by_role[Role.ADMIN], approver=by_role[Role.APPROVER], operator=by_role[Role.OPERATOR]
        ),
        approval=approval,
        safety_limit=SafetyLimitSettings(),
    )
    access = Access(settings.roles, cast(Members, workspace), store, clock)
    connected = {CONNECTION: cast(Platform, vendor)}
    safety_limit, notifier = SafetyLimit(settings.safety_limit, clock), RequestNotifier("C1", clock)
    planner, vault = (
        Planner(store, connected, safety_limit, (), Policies()),
        Vault(store, connected, {}, clock),
    )
    approvals = Approvals(store, planner, access, approval, notifier, clock)
    begun: list[str] = []

    async def begin(request_id: str) -> None:
        begun.append(request_id)

    parts: dict[str, Any] = dict.fromkeys(field.name for field in fields(Services))
    parts |= {  # the rest requests do not touch
        "settings": settings,
        "clock": clock,
        "store": store,
        "platforms": connected,
        "access": access,
        "approvals": approvals,
        "planner": planner,
        "vault": vault,
        "executor": Executor(store, StepExecutor(connected, vault), safety_limit, notifier, limiter, clock),
        "step_ups": StepUps(store, clock),
        "reminders": RequestReminders(store, approvals.eligible, notifier, clock),
        "specs": (),
        "begin": begin,
    }
    services = Services(**parts)
    return Office(store, clock, services, Dispatcher(dispatch.discover(handlers), services), begun)


async def settle_in(store: Store, workspace: Workspace) -> None:
    """The workspace's members, and an inventory of some size for the brake to measure."""
    async with store.write() as unit:
        for person in await workspace.members():
            await unit[PersonRepository].put(person)
        await unit[ItemRepository].put(CONNECTION, [_credential(f"old-{n}") for n in range(POPULATION)], NOW)


async def new_store(directory: Path, clock: FixedClock) -> Store:
    """The store of a directory, made if need be."""
    if not (directory / "key").exists():
        FileKeySource.create(directory / "key")
    url = f"sqlite+aiosqlite:///{directory / 'inventory.db'}"
    return await open_store(url, FileKeySource(directory / "key"), clock)


def _credential(native_id: str) -> Credential:
    return Credential(
        native_id=native_id, kind=CredentialKind.OAUTH_GRANT, label=native_id, principal_id="005A"
    )
