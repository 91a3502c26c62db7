"""Requests and their decisions: by somebody else, on exactly what was shown, settled once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NoReturn
from uuid import uuid4
from weakref import WeakValueDictionary

from bot.audit.repository import AuditLog
from bot.chat.model import Caller, Role
from bot.clock import Clock
from bot.config import ApprovalSettings
from bot.db.store import Store
from bot.engine import crash_point
from bot.errors import BadArgument, Conflict, Denied, PlatformError, UserError
from bot.people.access import Access
from bot.people.step_up import StepUps
from bot.platform.plan import Draft, Plan
from bot.requests import messages as cards
from bot.requests.approval_rules import (
    WHY_NOT,
    Failure,
    Parties,
    Reason,
    Success,
    Terms,
    counted,
    deciders,
    enough,
    may_ask,
    may_decide,
    why_not_ask,
)
from bot.requests.approvers import Eligible, basis
from bot.requests.execution import STOPPABLE
from bot.requests.model import ChangeRequest, Decision, RequestState, Rule
from bot.requests.notifier import Telling
from bot.requests.planning import Planner, differences, listed
from bot.requests.repository import RequestRepository
from bot.text import fold, new_ref, normal_ref

REASON_AT_LEAST = 10
LASTS_AT_LEAST = timedelta(hours=1)
LASTS_AT_MOST = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A request after somebody's decision, and how many approvals it lacks."""

    request: ChangeRequest
    left: int


class Approvals:
    """Opens requests and settles them. ``start`` runs what was approved."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        access: Access,
        settings: ApprovalSettings,
        telling: Telling,
        clock: Clock,
    ) -> None:
        self._store = store
        self._planner = planner
        self._access = access
        self.eligible = Eligible(access, settings)
        self._step_up = StepUps(store, clock)
        self._tell = telling
        self._clock = clock
        self._deciding: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(
        self,
        draft: Draft,
        caller: Caller,
        reason: str,
        inputs: Mapping[str, str],
        lasts: timedelta | None = None,
    ) -> ChangeRequest:
        """Ask for a plan to be run. Unanswered after ``lasts`` (default: as configured) it is a no.

        Raises:
            BadArgument: no usable reason, or a span that is too short or too long.
            Conflict: objections stand, or the subject has an open plan.
            Denied: fewer people than it needs could decide it.
        """
        if len(reason.strip()) < REASON_AT_LEAST:
            raise BadArgument(f"Give a reason of at least {REASON_AT_LEAST} characters; approvers read it.")
        lasts = lasts or timedelta(hours=self.eligible.settings.expires_h)
        if not LASTS_AT_LEAST <= lasts <= LASTS_AT_MOST:
            raise BadArgument("A request may wait for between an hour and 14 days.")
        if draft.objections:
            raise Conflict(f"This plan cannot run: {listed(draft.objections)}")
        plan = draft.plan
        rule = self.eligible.rule_of(plan, inputs)
        await self._may_ask(plan, caller, rule)
        now = self._clock.now()
        request = ChangeRequest(
            id=uuid4().hex,
            ref=new_ref(secrets.randbits),
            state=RequestState.PENDING,
            rev=1,
            plan=plan,
            digest=plan.digest,
            inputs=dict(inputs),
            requester=caller.user_id,
            reason=reason.strip(),
            created_at=now,
            expires_at=now + lasts,
            needed=rule.needed,
            rule=rule,
        )
        async with self._store.write() as unit:
            if other := await unit[RequestRepository].live_on(plan.connection, plan.subject_id):
                raise Conflict(f"Request {other.ref} is open on the same subject. Finish or cancel it first.")
            await unit[RequestRepository].add(request)
            detail = {"plan": plan.title, "digest": request.digest, "reason": request.reason}
            await unit[AuditLog].append(caller.user_id, "request:opened", request.ref, detail)
            await self._tell.announce(unit, request)
        return request

    async def _may_ask(self, plan: Plan, caller: Caller, rule: Rule) -> None:
        terms = await self.eligible.terms(rule)
        if any(name in set(Role) and caller.role.covers(Role(name)) for name in rule.requesters):
            terms = replace(terms, requesters=terms.requesters | {caller.user_id})  # joined a moment ago
        async with self._store.read() as unit:
            parties = await self.eligible.parties(unit, plan, caller.user_id)
        answer = may_ask(terms, parties)
        if isinstance(answer, Success):
            return
        left = len(terms.approvers - parties.barred())
        raise Denied(why_not_ask(answer.reason, rule.needed, left), reason=answer.reason.value)

    async def decidable(self, request: ChangeRequest, caller: Caller) -> bool:
        """Whether to offer somebody the deciding, as far as we know without asking Slack; ``decide`` asks."""
        async with self._store.read() as unit:
            parties = await self.eligible.parties(unit, request.plan, request.requester)
        return caller.user_id in deciders(await self.eligible.terms_of(request), parties)

    async def check(self, ref: str, rev: int | None, caller: Caller, *, approve: bool) -> ChangeRequest:
        """The request, if the caller may decide it now. They are read live from Slack.

        Raises:
            Denied, Conflict: as ``decide``.
        """
        return (await self._checked(ref, rev, caller, approve=approve))[0]

    async def wants_code(self, ref: str, rev: int | None, caller: Caller) -> ChangeRequest | None:
        """The request, if the caller may approve it and that takes a code; None where it takes none.

        Raises:
            Denied, Conflict: as ``decide``; also where no code of theirs would be looked at.
        """
        async with self._one_at_a_time(ref):
            request, terms, _ = await self._checked(ref, rev, caller, approve=True)
        if not terms.step_up:
            return None
        await self._step_up.check(caller.user_id)
        return request

    def _one_at_a_time(self, ref: str) -> asyncio.Lock:
        """Of a crowd of clicks in this process, only those that may still matter ask the platform and Slack.

        What settles a request once, whatever other processes do, is the compare-and-swap in ``_decide``.
        """
        return self._deciding.setdefault(normal_ref(ref), asyncio.Lock())

    async def _checked(
        self, ref: str, rev: int | None, caller: Caller, *, approve: bool
    ) -> tuple[ChangeRequest, Terms, Parties]:
        request = await self.get(ref)
        if request.state is not RequestState.PENDING:
            raise Conflict(cards.settled_words(request) + " Nothing changed.")
        person = await self._access.living(caller)
        terms = await self.eligible.terms_of(request)
        async with self._store.read() as unit:
            parties = await self.eligible.parties(unit, request.plan, request.requester)
        if person.email and fold(person.email) == fold(request.plan.holder_email):
            parties = replace(parties, holders=parties.holders | {caller.user_id})  # Slack's word, live
        # ``living`` has just said that the caller is there, whatever the table says.
        parties = replace(parties, gone=parties.gone - {caller.user_id})
        now = self._clock.now()
        answer = may_decide(request, terms, parties, caller.user_id, approve=approve, rev=rev, now=now)
        if isinstance(answer, Success):
            return request, terms, parties
        if answer.reason is Reason.EXPIRED:
            await self.expire()
            raise Conflict("That request ran out of time and counts as a no. Nothing was changed.")
        if answer.reason is Reason.STALE_REVISION:
            raise Conflict(WHY_NOT[answer.reason])
        await self._access.refused(caller, f"request:{request.ref}", answer.reason.value)
        raise Denied(WHY_NOT[answer.reason], reason=answer.reason.value)

    async def decide(
        self, ref: str, rev: int | None, caller: Caller, *, approve: bool, reason: str, code: str = ""
    ) -> Decided:
        """Record one decision; the last one needed settles the request.

        ``rev`` is the revision that was shown on the button; ``None`` when typed, which means the current one.
        ``code`` is looked at where a yes takes one; it is used up then, whatever comes after.

        Raises:
            Denied: not this person, or not their code. Conflict: settled, expired, revised, or no longer what
                was shown.
        """
        async with self._one_at_a_time(ref):
            return await self._decide(ref, rev, caller, approve=approve, reason=reason, code=code)

    async def _decide(
        self, ref: str, rev: int | None, caller: Caller, *, approve: bool, reason: str, code: str
    ) -> Decided:
        request, terms, parties = await self._checked(ref, rev, caller, approve=approve)
        now = self._clock.now()
        if approve and (why_void := await self._drifted(request)):
            await self._void(request, why_void)
        earlier = {d.approver for d in request.decisions}
        gone = await self._access.gone(earlier)
        if proven := approve and terms.step_up:
            await self._step_up.prove(caller.user_id, code, request.ref)
        decision = Decision(
            approver=caller.user_id,
            approved=approve,
            rev=request.rev,
            at=now,
            reason=reason.strip(),
            basis=basis(terms, parties, caller.user_id, proven=proven),
        )
        async with self._store.write() as unit:
            if not await unit[RequestRepository].decide(request.id, decision):
                raise Conflict("You have decided this request already. Nothing changed.")
            request = await unit[RequestRepository].get(request.id)
            if request.state is not RequestState.PENDING or request.rev != decision.rev:
                raise Conflict(cards.settled_words(request) + " Somebody else was first. Nothing changed.")
            # Whoever approved since we asked Slack was read live by their own click a moment ago.
            parties = replace(parties, gone=(parties.gone | gone) - {caller.user_id})
            answer = enough(request, terms, parties)
            left = max(0, terms.needed - len(counted(request, terms, parties)))
            settled = (
                RequestState.DENIED
                if not approve
                else RequestState.APPROVED
                if isinstance(answer, Success)
                else None
            )
            if settled:
                won = await unit[RequestRepository].transition(
                    request, sources={RequestState.PENDING}, to=settled
                )
                if not won:
                    raise Conflict("Somebody else settled it a moment ago. Nothing changed.")
            deed = "approved" if approve else "denied"
            standing = answer.reason.value if isinstance(answer, Failure) else "enough"
            detail = {
                "digest": request.digest,
                "reason": decision.reason,
                "basis": decision.basis,
                "then": standing if approve else "denied",
            }
            await unit[AuditLog].append(caller.user_id, f"request:{deed}", request.ref, detail)
            request = await unit[RequestRepository].get(request.id)
            valid = frozenset(d.approver for d in counted(request, terms, parties))
            discounted = frozenset(d.approver for d in request.decisions if d.approved) - valid
            shown = replace(request, needed=max(request.needed, terms.needed))
            await self._tell.refresh(unit, shown, discounted)
            if settled:
                await self._tell.result(unit, request)
        crash_point("request.decided")
        return Decided(request=request, left=left)

    async def _drifted(self, request: ChangeRequest) -> str:
        """Plan again from live data; what differs from what was shown, in words, or "".

        Raises:
            Conflict: the platform could not be read, so nobody can say; nothing was decided.
        """
        try:
            draft = await self._planner.again(request)
        except UserError as exc:
            return f"it cannot be planned any more: {exc.hint}"
        except PlatformError as exc:
            raise Conflict(
                f"Not decided: the plan could not be checked against the platform. {exc.hint}"
            ) from exc
        if draft.objections:
            return f"it cannot run any more: {listed(draft.objections)}"
        if draft.plan.digest != request.digest:
            return "the plan would now be different: " + differences(request.plan, draft.plan)
        return ""

    async def _void(self, request: ChangeRequest, why: str) -> NoReturn:
        async with self._store.write() as unit:
            won = await unit[RequestRepository].transition(
                request,
                sources={RequestState.PENDING},
                to=RequestState.VOIDED,
                detail=why,
            )
            if won:
                await unit[AuditLog].append("system", "request:voided", request.ref, {"why": why})
                request = await unit[RequestRepository].get(request.id)
                await self._tell.refresh(unit, request)
                await self._tell.result(unit, request)
        raise Conflict(f"Not approved, because {why} Ask for it again to see the new plan.")

    async def cancel(self, ref: str, caller: Caller) -> ChangeRequest:
        """Stop a request: its requester while it waits for a decision, an operator between steps.

        Raises:
            Denied, Conflict: not theirs, or it cannot be stopped any more.
        """
        request = await self.get(ref)
        if caller.user_id != request.requester and not caller.role.covers(Role.APPROVER):
            raise Denied("Only its requester or an approver can cancel it.", reason="not_theirs")
        async with self._store.write() as unit:
            won = await unit[RequestRepository].transition(
                request, sources=STOPPABLE, to=RequestState.CANCELLED
            )
            if not won:
                raise Conflict(
                    cards.settled_words(await unit[RequestRepository].get(request.id)) + " Nothing changed."
                )
            await unit[AuditLog].append(caller.user_id, "request:cancelled", request.ref, {})
            request = await unit[RequestRepository].get(request.id)
            await self._tell.refresh(unit, request)
            await self._tell.result(unit, request)
        return request

    async def expire(self) -> int:
        """Settle every request whose time is over: unanswered is no. Returns how many."""
        async with self._store.write() as unit:
            late = await unit[RequestRepository].expired(self._clock.now())
            for request in late:
                won = await unit[RequestRepository].transition(
                    request, sources={RequestState.PENDING}, to=RequestState.EXPIRED
                )
                if won:
                    await unit[AuditLog].append("system", "request:expired", request.ref, {})
                    after = await unit[RequestRepository].get(request.id)
                    await self._tell.refresh(unit, after)
                    await self._tell.result(unit, after)
        return len(late)

    async def get(self, ref: str) -> ChangeRequest:
        """The request people call ``ref``.

        Raises:
            BadArgument: there is none.
        """
        async with self._store.read() as unit:
            request = await unit[RequestRepository].by_ref(ref)
        if request is None:
            raise BadArgument("No request has that id. `requests` lists them.")
        return request
