"""Deciding as a state machine: whatever people do in whatever order, the rules' promises hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.platform.plan import Plan, PlanKind
from bot.requests.approval_rules import Parties, Success, Terms, counted, enough, may_ask, may_decide
from bot.requests.model import ChangeRequest, Decision, RequestState

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
PEOPLE = tuple(f"U{n}" for n in range(6))
PLAN = Plan(
    kind=PlanKind.HANDOVER, connection="salesforce:x", title="t", subject_id="s", subject_label="s", steps=()
)
ids = st.sampled_from(PEOPLE)


class Deciding(RuleBasedStateMachine):
    """One request and six people, one of whom asks and one of whom holds; the rest is judged by the rules."""

    @initialize(needed=st.integers(1, 3), approvers=st.sets(ids, min_size=1))
    def asked(self, needed: int, approvers: set[str]) -> None:
        """U0 asks about what U1 holds."""
        self.now = START
        self.rev_shown = 1
        self.terms = Terms(needed=needed, requesters=frozenset({"U0"}), approvers=frozenset(approvers))
        self.parties = Parties(requester="U0", holders=frozenset({"U1"}))
        self.alive = isinstance(may_ask(self.terms, self.parties), Success)
        self.settlements = 0
        self.behind: frozenset[str] = frozenset()  # who stood behind the approval at its settling
        self.request = ChangeRequest(
            id="1",
            ref="R",
            state=RequestState.PENDING,
            rev=1,
            plan=PLAN,
            digest=PLAN.digest,
            requester="U0",
            reason="r",
            created_at=START,
            expires_at=START + timedelta(hours=10),
            needed=needed,
        )

    @rule(who=ids, approve=st.booleans(), stale=st.booleans(), twice=st.booleans())
    def clicks(self, who: str, *, approve: bool, stale: bool, twice: bool) -> None:
        """Somebody says yes or no, perhaps on an older message, perhaps twice."""
        for _ in range(1 + twice):
            rev = self.request.rev - stale
            answer = may_decide(
                self.request, self.terms, self.parties, who, approve=approve, rev=rev, now=self.now
            )
            if not (self.alive and isinstance(answer, Success)):
                continue
            said = Decision(approver=who, approved=approve, rev=self.request.rev, at=self.now)
            self.request = replace(self.request, decisions=(*self.request.decisions, said))
            if not approve:
                self._settle(RequestState.DENIED)
            elif isinstance(enough(self.request, self.terms, self.parties), Success):
                self.behind = frozenset(d.approver for d in counted(self.request, self.terms, self.parties))
                self.gone_then = self.parties.gone
                self._settle(RequestState.APPROVED)

    @rule(hours=st.integers(1, 6))
    def time_passes(self, hours: int) -> None:
        """Unanswered is no."""
        self.now += timedelta(hours=hours)
        if self.request.state is RequestState.PENDING and self.request.expires_at <= self.now:
            self._settle(RequestState.EXPIRED)

    @rule()
    def revised(self) -> None:
        """What was said of an older revision says nothing of the new one."""
        if self.request.state is RequestState.PENDING:
            self.request = replace(self.request, rev=self.request.rev + 1)

    @rule(who=ids)
    def deactivated(self, who: str) -> None:
        """Somebody leaves the workspace."""
        self.parties = replace(self.parties, gone=self.parties.gone | {who})

    @rule(needed=st.integers(1, 4), approvers=st.sets(ids))
    def rules_change(self, needed: int, approvers: set[str]) -> None:
        """The rule of now is met with the one kept: it can only become stricter."""
        new = Terms(needed=needed, requesters=self.terms.requesters, approvers=frozenset(approvers))
        self.terms = self.terms.and_also(new)

    def _settle(self, to: RequestState) -> None:
        self.settlements += 1
        self.request = replace(self.request, state=to)
        self.needed_then = self.terms.needed

    @invariant()
    def settled_at_most_once(self) -> None:
        """No click, however late or doubled, settles it again."""
        assert getattr(self, "settlements", 0) <= 1

    @invariant()
    def approved_only_by_enough_other_living_people(self) -> None:
        """Distinct, eligible and there at the settling, and none of them the requester or the holder."""
        if getattr(self, "request", None) and self.request.state is RequestState.APPROVED:
            assert len(self.behind) >= max(self.needed_then, self.request.needed)
            assert not self.behind & {"U0", "U1"}
            assert not self.behind & self.gone_then

    @invariant()
    def a_no_stays_a_no(self) -> None:
        """After a denial or the end of its time nothing is approved."""
        if getattr(self, "request", None) and self.request.state in (
            RequestState.DENIED,
            RequestState.EXPIRED,
        ):
            assert not self.behind


TestDeciding = Deciding.TestCase
TestDeciding.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
