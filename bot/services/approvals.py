"""Requests and their decisions: by somebody else, on exactly what was shown, settled once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NoReturn
from uuid import uuid4

from bot.clock import Clock
from bot.config import ApprovalSettings
from bot.domain.approval import (
    Parties,
    Reason,
    Success,
    Terms,
    counted,
    enough,
    matching,
    may_ask,
    may_decide,
)
from bot.domain.approval_rule import Rule
from bot.domain.conversation import Caller, Role
from bot.domain.plan import Draft, Plan
from bot.domain.records import ChangeRequest, Decision, RequestState
from bot.domain.reference import new_ref
from bot.domain.text import fold
from bot.errors import BadArgument, Conflict, Denied, PlatformError, UserError
from bot.services import request_cards as cards
from bot.services.access import Access
from bot.services.drift import differences, listed
from bot.services.handover import STOPPABLE
from bot.services.planning import Planner
from bot.services.refusals import WHY_NOT, why_not_ask
from bot.services.telling import Telling
from bot.store import Store, Unit

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
        self._settings = settings
        self._tell = telling
        self._clock = clock

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
        lasts = lasts or timedelta(hours=self._settings.expires_h)
        if not LASTS_AT_LEAST <= lasts <= LASTS_AT_MOST:
            raise BadArgument("A request may wait for between an hour and 14 days.")
        if draft.objections:
            raise Conflict(f"This plan cannot run: {listed(draft.objections)}")
        plan = draft.plan
        rule = self._rule_of(plan, inputs)
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
            if other := await unit.requests.live_on(plan.connection, plan.subject_id):
                raise Conflict(f"Request {other.ref} is open on the same subject. Finish or cancel it first.")
            await unit.requests.add(request)
            detail = {"plan": plan.title, "digest": request.digest, "reason": request.reason}
            await unit.audit.append(caller.user_id, "request:opened", request.ref, detail)
            await self._tell.announce(unit, request)
        return request

    def _rule_of(self, plan: Plan, inputs: Mapping[str, str]) -> Rule:
        """The rule of now for a plan."""
        needed = self._settings.needed_destructive if plan.destructive else self._settings.needed
        rules = (Rule(**rule.model_dump()) for rule in self._settings.rules)
        rule = matching(rules, Rule(needed=needed), plan, inputs.get("verb", plan.kind.value))
        return replace(rule, needed=max(rule.needed, plan.approvers_at_least))

    async def _terms(self, rule: Rule) -> Terms:
        return Terms(
            needed=rule.needed,
            requesters=await self._access.named(rule.requesters),
            approvers=await self._access.named(rule.approvers),
        )

    async def _terms_of(self, request: ChangeRequest) -> Terms:
        """What held when it was asked, and what holds now: both."""
        now = await self._terms(self._rule_of(request.plan, request.inputs))
        then = request.rule or Rule(needed=request.needed)
        return now.and_also(await self._terms(then))

    async def _parties(self, unit: Unit, plan: Plan, requester: str) -> Parties:
        people = await unit.people.all()
        holder = fold(plan.holder_email)
        return Parties(
            requester=requester,
            holders=frozenset(p.slack_id for p in people if holder and fold(p.email) == holder),
            gone=frozenset(p.slack_id for p in people if p.deactivated or p.restricted),
        )

    async def _may_ask(self, plan: Plan, caller: Caller, rule: Rule) -> None:
        terms = await self._terms(rule)
        if any(name in set(Role) and caller.role.covers(Role(name)) for name in rule.requesters):
            terms = replace(terms, requesters=terms.requesters | {caller.user_id})  # joined a moment ago
        async with self._store.read() as unit:
            parties = await self._parties(unit, plan, caller.user_id)
        answer = may_ask(terms, parties)
        if isinstance(answer, Success):
            return
        left = len(terms.approvers - parties.barred())
        raise Denied(why_not_ask(answer.reason, rule.needed, left), reason=answer.reason.value)

    async def decidable(self, request: ChangeRequest, caller: Caller) -> bool:
        """Whether to offer somebody the deciding, as far as we know without asking Slack; ``decide`` asks."""
        async with self._store.read() as unit:
            parties = await self._parties(unit, request.plan, request.requester)
        return (
            caller.user_id not in parties.barred()
            and caller.user_id in (await self._terms_of(request)).approvers
        )

    async def check(self, ref: str, rev: int | None, caller: Caller, *, approve: bool) -> ChangeRequest:
        """The request, if the caller may decide it now. They are read live from Slack.

        Raises:
            Denied, Conflict: as ``decide``.
        """
        return (await self._checked(ref, rev, caller, approve=approve))[0]

    async def _checked(
        self, ref: str, rev: int | None, caller: Caller, *, approve: bool
    ) -> tuple[ChangeRequest, Terms, Parties]:
        request = await self.get(ref)
        if request.state is not RequestState.PENDING:
            raise Conflict(cards.settled_words(request) + " Nothing changed.")
        person = await self._access.living(caller)
        terms = await self._terms_of(request)
        async with self._store.read() as unit:
            parties = await self._parties(unit, request.plan, request.requester)
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
        await self._access.refused(caller, f"request:{request.ref}")
        raise Denied(WHY_NOT[answer.reason], reason=answer.reason.value)

    async def decide(
        self, ref: str, rev: int | None, caller: Caller, *, approve: bool, reason: str
    ) -> Decided:
        """Record one decision; the last one needed settles the request.

        ``rev`` is the revision that was shown on the button; ``None`` when typed, which means the current one.

        Raises:
            Denied: not this person. Conflict: settled, expired, revised, or no longer what was shown.
        """
        request, terms, parties = await self._checked(ref, rev, caller, approve=approve)
        now = self._clock.now()
        if approve and (why_void := await self._drifted(request)):
            await self._void(request, why_void)
        earlier = {d.approver for d in request.decisions}
        gone = await self._access.gone(earlier)
        decision = Decision(
            approver=caller.user_id, approved=approve, rev=request.rev, at=now, reason=reason.strip()
        )
        async with self._store.write() as unit:
            if not await unit.requests.decide(request.id, decision):
                raise Conflict("You have decided this request already. Nothing changed.")
            request = await unit.requests.get(request.id)
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
                won = await unit.requests.transition(request, sources={RequestState.PENDING}, to=settled)
                if not won:
                    raise Conflict("Somebody else settled it a moment ago. Nothing changed.")
            deed = "approved" if approve else "denied"
            detail = {"digest": request.digest, "reason": decision.reason}
            await unit.audit.append(caller.user_id, f"request:{deed}", request.ref, detail)
            request = await unit.requests.get(request.id)
            valid = frozenset(d.approver for d in counted(request, terms, parties))
            discounted = frozenset(d.approver for d in request.decisions if d.approved) - valid
            shown = replace(request, needed=max(request.needed, terms.needed))
            await self._tell.refresh(unit, shown, discounted)
            if settled:
                await self._tell.result(unit, request)
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
            won = await unit.requests.transition(
                request,
                sources={RequestState.PENDING},
                to=RequestState.VOIDED,
                detail=why,
            )
            if won:
                await unit.audit.append("system", "request:voided", request.ref, {"why": why})
                request = await unit.requests.get(request.id)
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
            won = await unit.requests.transition(request, sources=STOPPABLE, to=RequestState.CANCELLED)
            if not won:
                raise Conflict(cards.settled_words(await unit.requests.get(request.id)) + " Nothing changed.")
            await unit.audit.append(caller.user_id, "request:cancelled", request.ref, {})
            request = await unit.requests.get(request.id)
            await self._tell.refresh(unit, request)
            await self._tell.result(unit, request)
        return request

    async def expire(self) -> int:
        """Settle every request whose time is over: unanswered is no. Returns how many."""
        async with self._store.write() as unit:
            late = await unit.requests.expired(self._clock.now())
            for request in late:
                won = await unit.requests.transition(
                    request, sources={RequestState.PENDING}, to=RequestState.EXPIRED
                )
                if won:
                    await unit.audit.append("system", "request:expired", request.ref, {})
                    after = await unit.requests.get(request.id)
                    await self._tell.refresh(unit, after)
                    await self._tell.result(unit, after)
        return len(late)

    async def get(self, ref: str) -> ChangeRequest:
        """The request people call ``ref``.

        Raises:
            BadArgument: there is none.
        """
        async with self._store.read() as unit:
            request = await unit.requests.by_ref(ref)
        if request is None:
            raise BadArgument("No request has that id. `requests` lists them.")
        return request
