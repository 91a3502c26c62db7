"""Whatever happens to requests, in any order, with deaths in the middle: what must hold holds after every deed.

A state machine over the real services and a real store (SQLite). The platform is in memory and survives; the process
dies with ``Died`` at the points where it talks to the platform, and is opened anew on the same database. To add a
deed, write a rule; to add a promise, an invariant.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from bot.audit.repository import AuditLog
from bot.clock import FixedClock
from bot.config import ApprovalSettings
from bot.db.leases import FileTurns
from bot.db.store import Store
from bot.errors import UserError
from bot.people.repository import PersonRepository
from bot.requests.execution import Progress
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from tests.property.office import (
    HOLDER,
    NOW,
    ROLES,
    Died,
    Office,
    Vendor,
    Workspace,
    new_store,
    office,
    settle_in,
)

T = TypeVar("T")
MAY = ("UONE", "UTWO", "UTHREE")
WHO = st.sampled_from([*MAY * 3, *ROLES])  # mostly those whose word counts
OLD = tuple(f"old-{n}" for n in range(6))
SUBJECTS = st.sampled_from(OLD)
ENDINGS = ("request:denied", "request:expired", "request:voided")
MOST = 3  # destructive acts in 24 hours: min(3, a tenth of thirty)
STEPS_AT_MOST = 10


class Story(RuleBasedStateMachine):
    """Requests, and everything that people, time, the platform and crashes do to them."""

    refs = Bundle("refs")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = Path(tempfile.mkdtemp(prefix="handover-story-"))
        self.clock = FixedClock(NOW)
        self.workspace = Workspace()
        self.vendor = Vendor(self.clock)
        self.store: Store
        self.office: Office
        self.needed = 1
        self.asked: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.run(self.store.aclose())
        self.loop.close()
        shutil.rmtree(self.directory)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def tried(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What people do may be refused; it may not fail. Where the process dies, it is started again."""
        try:
            return self.run(work)
        except UserError:
            return None
        except Died:
            self.restart()
            return None

    # what happens ------------------------------------------------------------------------------------

    @initialize(target=refs, needed=st.integers(1, 3))
    def opens(self, needed: int) -> Any:
        """An office where four handovers are asked for already."""
        self.needed = needed
        self.run(self._open())
        self.run(settle_in(self.store, self.workspace))
        self.asked = [self.run(self.office.ask(self.vendor, subject)) for subject in OLD[:5]]
        return multiple(*self.asked)

    async def _open(self) -> None:
        self.store = await new_store(self.directory, self.clock)
        rules = ApprovalSettings(needed=self.needed, needed_destructive=self.needed)
        self.office = office(
            self.store, self.clock, self.workspace, self.vendor, rules, FileTurns(self.directory)
        )

    @rule()
    def restart(self) -> None:
        """A new process on the same database."""
        self.run(self.store.aclose())
        self.run(self._open())

    @rule(ref=refs, where=st.sampled_from(["confirm", "apply", "applied", "unanswered"]), used=st.booleans())
    def dies_under_way(self, ref: str, where: str, used: bool) -> None:
        """The next talk with the platform, at the first or at the last step, is the process's last; then it goes on."""
        if used:
            self.under_way(ref)
            self.new_credentials_are_used()
        self.vendor.at_next = where
        self.under_way(ref)
        self.advance(ref)
        self.vendor.at_next = ""

    @rule(target=refs, subject=SUBJECTS, who=st.sampled_from(["UASK", "UASK", "UONE", "UOP"]))
    def ask(self, subject: str, who: str) -> Any:
        ref = self.tried(self.office.ask(self.vendor, subject, who))
        new = [ref] if ref else []
        self.asked += new
        return multiple(*new)

    @rule(ref=refs, who=WHO, yes=st.sampled_from([True, True, True, False]))
    def decide(self, ref: str, who: str, yes: bool) -> None:
        self.tried(self._decide(ref, who, yes=yes))

    @rule(ref=refs, who=WHO)
    def approve_what_has_drifted(self, ref: str, who: str) -> None:
        """The platform would plan it otherwise now, for the length of one click."""
        self.vendor.downtime = "an hour"
        self.tried(self._decide(ref, who, yes=True))
        self.vendor.downtime = "none expected"

    @rule(ref=refs, one=WHO, other=WHO, yes=st.booleans())
    def click_at_once(self, ref: str, one: str, other: str, yes: bool) -> None:
        """Two click twice each in the same instant, the second perhaps the other way."""
        clicks = [
            self._decide(ref, who, yes=how) for who, how in ((one, True), (other, yes)) for _ in range(2)
        ]

        async def at_once() -> None:
            for result in await asyncio.gather(*clicks, return_exceptions=True):
                if isinstance(result, BaseException) and not isinstance(result, UserError):
                    raise result

        self.tried(at_once())

    async def _decide(self, ref: str, who: str, *, yes: bool) -> None:
        caller = self.office.caller(who)
        await self.office.approvals.decide(ref, None, caller, approve=yes, reason="")

    @rule(ref=refs, who=st.sampled_from(["UASK", "UONE"]))
    def cancel(self, ref: str, who: str) -> None:
        self.tried(self.office.approvals.cancel(ref, self.office.caller(who)))

    @rule(hours=st.sampled_from([1, 19, 25]))
    def time_passes(self, hours: int) -> None:
        """Every so often what time brings about is done: reminders, ends, others to decide."""
        self.clock.at += timedelta(hours=hours)

        async def upkeep() -> None:
            for _ in range(2):  # as a second process would
                await self.office.approvals.expire()
                await self.office.services.waiting.remind()
                await self.office.services.waiting.reroute()

        self.tried(upkeep())

    @rule(who=st.sampled_from(MAY))
    def leave_or_return(self, who: str) -> None:
        self.workspace.gone ^= {who}
        self.workspace.edits[who] += 1

        async def heard() -> None:
            async with self.store.write() as unit:
                await unit[PersonRepository].put(await self.workspace.member(who))
                await unit[PersonRepository].turned()

        self.tried(heard())

    @rule(ref=refs)
    def advance(self, ref: str) -> None:
        """The engine takes a request's steps until it waits or stops."""

        async def steps() -> None:
            request = await self.office.approvals.get(ref)
            for _ in range(STEPS_AT_MOST):
                if await self.office.handover.take_step(request.id) is not Progress.ADVANCED:
                    return
            raise AssertionError("a plan of three steps has no tenth")

        self.tried(steps())

    @rule(ref=refs)
    def under_way(self, ref: str) -> None:
        """Approved by everybody who may, one after another, and begun."""
        for who in MAY:
            self.tried(self._decide(ref, who, yes=True))
        self.advance(ref)

    @rule()
    def all_to_their_end(self) -> None:
        """As many as may come to their end at once."""
        for ref in self.asked:
            self.under_way(ref)
        self.new_credentials_are_used()
        for ref in self.asked:
            self.advance(ref)

    @rule()
    def new_credentials_are_used(self) -> None:
        """Every consumer signs in with its new credential, if there is one."""
        for subject in self.vendor.granted:
            self.vendor.proven.setdefault(subject, self.clock.now())

    @rule(ref=refs)
    def resume(self, ref: str) -> None:
        """An operator lets a held request try again."""

        async def again() -> None:
            request = await self.office.approvals.get(ref)
            if request.state is RequestState.HELD:
                await self.office.handover.resume(request, "UONE")

        self.tried(again())

    @rule(ref=refs, used=st.booleans())
    def roll_back(self, ref: str, used: bool) -> None:
        """What a request did is taken back, perhaps after the new credential was used already."""
        if used:
            self.new_credentials_are_used()
        self.tried(self.office.handover.roll_back(ref, "UONE"))
        self.advance(ref)

    # what must hold ----------------------------------------------------------------------------------

    async def _seen(self) -> list[tuple[ChangeRequest, list[Any]]]:
        async with self.store.read() as unit:
            requests, _ = await unit[RequestRepository].page(limit=1000)
            return [(one, list(await unit[AuditLog].tail(1000, one.ref))) for one in requests]

    @invariant()
    def everything_holds(self) -> None:
        """Each promise by its name, from one reading."""
        if not hasattr(self, "office"):
            return
        seen = self.run(self._seen())
        for request, trail in seen:
            self.settled_once(request, trail)
            self.decided_by_people_who_may(request)
            self.reminded_once(trail)
            self.rolled_back_it_is_as_before(request)
        self.nothing_runs_unapproved(seen)
        self.no_effect_twice()
        self.nothing_destructive_beyond_the_brake()
        self.the_old_lives_until_the_new_is_proven()

    def settled_once(self, request: ChangeRequest, trail: list[Any]) -> None:
        done = Counter(line.action for line in trail)
        enough = sum(line.action == "request:approved" and line.detail["then"] == "enough" for line in trail)
        ends = sum(done[end] for end in ENDINGS) + enough
        assert ends <= 1, done
        assert done["request:cancelled"] <= 1, done
        pending = request.state is RequestState.PENDING
        assert pending == (ends + done["request:cancelled"] == 0), (request.state, done)

    def decided_by_people_who_may(self, request: ChangeRequest) -> None:
        words = [d.approver for d in request.decisions]
        assert len(words) == len(set(words))
        assert not set(words) & {request.requester, HOLDER, "UOP"}
        assert all(d.basis for d in request.decisions)

    def reminded_once(self, trail: list[Any]) -> None:
        assert Counter(line.action for line in trail)["request:reminded"] <= 1

    def rolled_back_it_is_as_before(self, request: ChangeRequest) -> None:
        if request.state is RequestState.ROLLED_BACK:
            done = [what for _, key, what in self.vendor.effects if key.startswith(f"{request.ref}.")]
            assert done in ([], ["grant", "withdraw"]), done

    def nothing_runs_unapproved(self, seen: list[tuple[ChangeRequest, list[Any]]]) -> None:
        approved = {}
        for request, trail in seen:
            settling = [x for x in trail if x.action == "request:approved" and x.detail["then"] == "enough"]
            if settling and sum(d.approved for d in request.decisions) >= self.needed:
                approved[request.ref] = settling[0].at
        for at, key, _ in self.vendor.effects:
            ref = key.partition(".")[0]
            assert ref in approved, f"{key} was done and {ref} was never approved"
            assert at >= approved[ref]

    def no_effect_twice(self) -> None:
        keys = [key for _, key, _ in self.vendor.effects]
        assert len(keys) == len(set(keys)), keys

    def nothing_destructive_beyond_the_brake(self) -> None:
        ends = [at for at, _, what in self.vendor.effects if what == "retire"]
        for end in ends:
            assert sum(end - timedelta(hours=24) < at <= end for at in ends) <= MOST, ends

    def the_old_lives_until_the_new_is_proven(self) -> None:
        for subject, at in self.vendor.retired.items():
            assert subject in self.vendor.granted
            assert self.vendor.proven[subject] <= at


TestAnyStory = pytest.mark.timeout(900)(Story.TestCase)
TestAnyStory.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
