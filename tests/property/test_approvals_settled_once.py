"""Whatever people do to a request, in whatever order and at once: settled one time, by people who may."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.audit.repository import AuditLog
from bot.chat.model import Caller, Role
from bot.clock import FixedClock
from bot.config import ApprovalSettings, RoleSettings, SafetyLimitSettings
from bot.config.policies import Policies
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.errors import NotFound, UserError
from bot.people.access import Access
from bot.people.model import Members, Person
from bot.people.repository import PersonRepository
from bot.platform.plan import AS_USUAL, Action, Draft, How, Plan, PlanKind, Step, StepMode
from bot.platform.ports import Platform
from bot.requests.approvals import Approvals
from bot.requests.model import RequestState
from bot.requests.notifier import RequestNotifier
from bot.requests.planning import Planner
from bot.requests.repository import RequestRepository
from bot.requests.safety_limit import SafetyLimit
from bot.store import open_store

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PEOPLE = {
    "UASK": ("ask@example.com", Role.ADMIN),  # asks, and could approve other people's
    "UHOLD": ("holder@example.com", Role.APPROVER),  # holds what is moved
    "UGONE": ("gone@example.com", Role.APPROVER),  # deactivated
    "UONE": ("one@example.com", Role.APPROVER),
    "UTWO": ("two@example.com", Role.APPROVER),
    "UTHREE": ("three@example.com", Role.ADMIN),
    "UOP": ("op@example.com", Role.OPERATOR),
}
MAY = {"UONE", "UTWO", "UTHREE"}
PLAN = Plan(
    kind=PlanKind.HANDOVER,
    connection="salesforce:prod",
    title="Hand over",
    subject_id="grant:1",
    subject_label="Marketo",
    steps=(Step(key="a", mode=StepMode.AUTO, title="t", action=Action(verb="v", subject="s")),),
    holder_email="Holder@example.com",
    target_id="005B",
)
ACTS = st.sampled_from([*["approve"] * 6, "deny", "cancel", "expire", "drift", "mend"])
WHO = st.sampled_from(
    [*sorted(MAY) * 3, *sorted(PEOPLE)]
)  # mostly those whose word counts, so that they collide
DEEDS = st.lists(st.lists(st.tuples(ACTS, WHO), min_size=1, max_size=4), max_size=5)


class Everybody:
    """A workspace that knows its people."""

    async def members(self) -> tuple[Person, ...]:
        return tuple([await self.member(who) for who in PEOPLE])

    async def member(self, slack_id: str) -> Person:
        if slack_id not in PEOPLE:
            raise NotFound("Nobody.")
        email = PEOPLE[slack_id][0]
        return Person(slack_id=slack_id, name=slack_id, email=email, deactivated=slack_id == "UGONE")

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        return ()


class Drafting:
    """A platform that plans the same again, until something changes there."""

    def __init__(self) -> None:
        self.plan = PLAN

    async def handover(self, credential_id: str, target: str, how: How = AS_USUAL) -> Draft:
        await asyncio.sleep(0)
        return Draft(plan=replace(self.plan, subject_id=credential_id))


class Office:
    """Approvals over a real store."""

    def __init__(self, store: Store, clock: FixedClock, needed: int) -> None:
        self.store, self.clock, self.platform = store, clock, Drafting()
        by_role = {role: tuple(u for u, (_, r) in PEOPLE.items() if r is role) for role in Role}
        roles = RoleSettings(
            admin=by_role[Role.ADMIN], approver=by_role[Role.APPROVER], operator=by_role[Role.OPERATOR]
        )
        access = Access(roles, cast(Members, Everybody()), store, clock)
        platforms = {"salesforce:prod": cast(Platform, self.platform)}
        planner = Planner(store, platforms, SafetyLimit(SafetyLimitSettings(), clock), (), Policies())
        settings = ApprovalSettings(needed=needed)
        self.approvals = Approvals(store, planner, access, settings, RequestNotifier("C1", clock), clock)

    async def do(self, deed: str, who: str, ref: str) -> None:
        """One thing somebody does; being refused is fine, failing is not."""
        caller = Caller(user_id=who, role=PEOPLE[who][1])
        try:
            match deed:
                case "approve" | "deny":
                    yes = deed == "approve"
                    await self.approvals.decide(ref, None, caller, approve=yes, reason="")
                case "cancel":
                    await self.approvals.cancel(ref, caller)
                case "expire":
                    self.clock.at += timedelta(hours=9)
                    await self.approvals.expire()
                case "drift":
                    self.platform.plan = replace(PLAN, downtime="an hour")
                case "mend":
                    self.platform.plan = PLAN
        except UserError:
            return


async def story(deeds: list[list[tuple[str, str]]], needed: int) -> None:
    """Run the deeds, those of one list at the same time, and hold the outcome to the rules."""
    clock = FixedClock(NOW)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        FileKeySource.create(root / "key")
        url = f"sqlite+aiosqlite:///{root / 'inventory.db'}"
        store = await open_store(url, FileKeySource(root / "key"), clock)
        try:
            async with store.write() as unit:
                for who in PEOPLE:
                    await unit[PersonRepository].put(await Everybody().member(who))
            office = Office(store, clock, needed)
            asker = Caller(user_id="UASK", role=Role.ADMIN)
            request = await office.approvals.open(Draft(plan=PLAN), asker, "A reason to ask for it", {})
            for at_once in deeds:
                await asyncio.gather(*(office.do(deed, who, request.ref) for deed, who in at_once))
            async with store.read() as unit:
                after = await unit[RequestRepository].get(request.id)
                trail = await unit[AuditLog].tail(limit=200, subject=request.ref)
                assert (await unit[AuditLog].verify()).ok
        finally:
            await store.aclose()
    said = Counter(line.action for line in trail)
    yes = {d.approver for d in after.decisions if d.approved}
    no = {d.approver for d in after.decisions if not d.approved}
    assert yes | no <= MAY
    assert len(after.decisions) == len(yes | no)
    ends = sum(said[f"request:{end}"] for end in ("denied", "expired", "voided"))
    assert ends + said["request:cancelled"] <= 1 + (after.state is RequestState.CANCELLED)
    match after.state:
        case RequestState.PENDING:
            assert (ends, len(no), len(yes) < needed) == (0, 0, True)
        case RequestState.APPROVED:
            assert (len(yes), len(no), said["request:approved"]) == (needed, 0, needed)
        case RequestState.DENIED:
            assert len(no) == 1
        case RequestState.EXPIRED | RequestState.VOIDED | RequestState.CANCELLED:
            assert not no
        case other:
            raise AssertionError(other)


@settings(max_examples=40, deadline=None)
@given(deeds=DEEDS, needed=st.integers(1, 3))
def test_a_request_is_settled_once_by_people_who_may(deeds: list[list[tuple[str, str]]], needed: int) -> None:
    """No order of clicks, however close, gives two outcomes, an outcome without its people, or one by others."""
    asyncio.run(story(deeds, needed))
