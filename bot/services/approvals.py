"""Requests and their decisions: by somebody else, on exactly what was shown, settled once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import uuid4

from bot.clock import Clock
from bot.config import ApprovalSettings
from bot.domain.conversation import Caller, Role
from bot.domain.conversation_codec import encode_reply
from bot.domain.plan import Draft, Plan, PlanKind
from bot.domain.records import ChangeRequest, Decision, Posting, RequestState
from bot.domain.reference import new_ref
from bot.domain.text import fold, plural
from bot.errors import BadArgument, Conflict, Denied, PlatformError, UserError
from bot.ports import Platform
from bot.services import request_cards as cards
from bot.services.access import Access
from bot.services.handover import STOPPABLE
from bot.store import Store, Unit

REASON_AT_LEAST = 10
LASTS_AT_LEAST = timedelta(hours=1)
LASTS_AT_MOST = timedelta(days=14)


class Barred(StrEnum):
    """Why somebody may not decide a request."""

    REQUESTER = "You asked for it, so someone else has to decide."
    LEAVER = "The account in question is yours, so someone else has to decide."
    ROLE = "Only approvers can decide requests."
    ALREADY = "You have decided this request already."


def barred(request: ChangeRequest, caller: Caller, email: str) -> Barred | None:
    """Whether somebody is kept from deciding, and why."""
    if not caller.role.covers(Role.APPROVER):
        return Barred.ROLE
    if caller.user_id == request.requester:
        return Barred.REQUESTER
    if email and request.plan.holder_email and fold(email) == fold(request.plan.holder_email):
        return Barred.LEAVER
    if any(d.approver == caller.user_id and d.rev == request.rev for d in request.decisions):
        return Barred.ALREADY
    return None


class Approvals:
    """Opens requests and settles them. ``start`` runs what was approved."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        access: Access,
        settings: ApprovalSettings,
        channel: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._access = access
        self._settings = settings
        self._channel = channel
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
        needed = self._settings.needed_destructive if plan.destructive else self._settings.needed
        await self._enough_can_decide(plan, caller, needed)
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
            needed=needed,
        )
        async with self._store.write() as unit:
            if other := await unit.requests.live_on(plan.connection, plan.subject_id):
                raise Conflict(f"Request {other.ref} is open on the same subject. Finish or cancel it first.")
            await unit.requests.add(request)
            detail = {"plan": plan.title, "digest": request.digest, "reason": request.reason}
            await unit.audit.append(caller.user_id, "request:opened", request.ref, detail)
            await self._announce(unit, request)
        return request

    async def _enough_can_decide(self, plan: Plan, caller: Caller, needed: int) -> None:
        able = set(await self._access.holders(Role.APPROVER)) - {caller.user_id}
        async with self._store.read() as unit:
            people = {p.slack_id: p for p in await unit.people.all()}
        gone = {i for i in able if (p := people.get(i)) and (p.deactivated or p.restricted)}
        holder = {
            i for i in able if (p := people.get(i)) and p.email and fold(p.email) == fold(plan.holder_email)
        }
        left = len(able - gone - holder)
        if left == 0:
            raise Denied(
                "No one can approve this: every approver is the requester, the holder, or deactivated. "
                "Ask an administrator to add an approver.",
                reason="no_eligible_approver",
            )
        if left < needed:
            raise Denied(
                f"This needs {needed} approvals, and only {plural(left, 'person', 'people')} could give one: "
                "the requester, the holder and deactivated people do not count. "
                "Ask an administrator to add an approver.",
                reason="no_eligible_approver",
            )

    async def decide(
        self, ref: str, rev: int | None, caller: Caller, *, approve: bool, reason: str
    ) -> ChangeRequest:
        """Record one decision; the last one needed settles the request.

        ``rev`` is the revision that was shown on the button; ``None`` when typed, which means the current one.

        Raises:
            Denied: not this person. Conflict: settled, expired, revised, or no longer what was shown.
        """
        request = await self.get(ref)
        if request.state is not RequestState.PENDING:
            raise Conflict(cards.settled_words(request) + " Nothing changed.")
        person = await self._access.living(caller)
        if why := barred(request, caller, person.email):
            await self._access.refused(caller, f"request:{request.ref}")
            raise Denied(why.value, reason=why.name.lower())
        now = self._clock.now()
        if request.expires_at <= now:
            await self.expire()
            raise Conflict("That request ran out of time and counts as a no. Nothing was changed.")
        if rev is not None and rev != request.rev:
            raise Conflict(
                "The request was revised after this message. Look at the newest one and decide there."
            )
        if approve and (why_void := await self._drifted(request)):
            return await self._void(request, why_void)
        decision = Decision(
            approver=caller.user_id, approved=approve, rev=request.rev, at=now, reason=reason.strip()
        )
        async with self._store.write() as unit:
            if not await unit.requests.decide(request.id, decision):
                raise Conflict("You have decided this request already. Nothing changed.")
            request = await unit.requests.get(request.id)
            if request.state is not RequestState.PENDING or request.rev != decision.rev:
                raise Conflict(cards.settled_words(request) + " Somebody else was first. Nothing changed.")
            yes = sum(d.approved and d.rev == request.rev for d in request.decisions)
            settled = (
                RequestState.DENIED
                if not approve
                else RequestState.APPROVED
                if yes >= request.needed
                else None
            )
            if settled:
                won = await unit.requests.transition(
                    request.id, rev=request.rev, sources={RequestState.PENDING}, to=settled
                )
                if not won:
                    raise Conflict("Somebody else settled it a moment ago. Nothing changed.")
            deed = "approved" if approve else "denied"
            detail = {"digest": request.digest, "reason": decision.reason}
            await unit.audit.append(caller.user_id, f"request:{deed}", request.ref, detail)
            request = await unit.requests.get(request.id)
            await self._update(unit, request, f"decided:{len(request.decisions)}")
            if settled:
                await self._tell_requester(unit, request)
        return request

    async def _drifted(self, request: ChangeRequest) -> str:
        """Plan again from live data; what differs from what was shown, in words, or "".

        Raises:
            Conflict: the platform could not be read, so nobody can say; nothing was decided.
        """
        try:
            draft = await redraft(self._platforms[request.plan.connection], request)
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

    async def _void(self, request: ChangeRequest, why: str) -> ChangeRequest:
        async with self._store.write() as unit:
            won = await unit.requests.transition(
                request.id,
                rev=request.rev,
                sources={RequestState.PENDING},
                to=RequestState.VOIDED,
                detail=why,
            )
            if won:
                await unit.audit.append("system", "request:voided", request.ref, {"why": why})
                request = await unit.requests.get(request.id)
                await self._update(unit, request, "voided")
                await self._tell_requester(unit, request)
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
            won = await unit.requests.transition(
                request.id, rev=request.rev, sources=STOPPABLE, to=RequestState.CANCELLED
            )
            if not won:
                raise Conflict(cards.settled_words(await unit.requests.get(request.id)) + " Nothing changed.")
            await unit.audit.append(caller.user_id, "request:cancelled", request.ref, {})
            request = await unit.requests.get(request.id)
            await self._update(unit, request, "cancelled")
            await self._tell_requester(unit, request)
        return request

    async def expire(self) -> int:
        """Settle every request whose time is over: unanswered is no. Returns how many."""
        async with self._store.write() as unit:
            late = await unit.requests.expired(self._clock.now())
            for request in late:
                won = await unit.requests.transition(
                    request.id, rev=request.rev, sources={RequestState.PENDING}, to=RequestState.EXPIRED
                )
                if won:
                    await unit.audit.append("system", "request:expired", request.ref, {})
                    after = await unit.requests.get(request.id)
                    await self._update(unit, after, "expired")
                    await self._tell_requester(unit, after)
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

    async def _announce(self, unit: Unit, request: ChangeRequest) -> None:
        reply = cards.request_card(request)
        await unit.outbox.put(_posting(request, self._channel, "opened", encode_reply(reply)))

    async def _update(self, unit: Unit, request: ChangeRequest, key: str) -> None:
        reply = encode_reply(cards.request_card(request))
        await unit.outbox.put(_posting(request, self._channel, key, reply, edit=True))

    async def _tell_requester(self, unit: Unit, request: ChangeRequest) -> None:
        posting = Posting(
            idem_key=f"request:{request.id}:told:{request.state.value}",
            channel=request.requester,
            body=encode_reply(cards.result_card(request)),
        )
        await unit.outbox.put(posting)


def _posting(request: ChangeRequest, channel: str, key: str, body: bytes, *, edit: bool = False) -> Posting:
    thread = f"request:{request.id}"
    return Posting(idem_key=f"{thread}:{key}", channel=channel, body=body, thread=thread, edit=edit)


async def redraft(platform: Platform, request: ChangeRequest) -> Draft:
    """The same request planned again, from what the platform says now."""
    plan, inputs = request.plan, request.inputs
    if plan.kind is PlanKind.HANDOVER:
        return await platform.handover(plan.subject_id, plan.target_id)
    return await platform.change(inputs["verb"], {k: v for k, v in inputs.items() if k != "verb"})


def listed(objections: Sequence[str]) -> str:
    """Objections as one sentence, whether or not each came with a full stop."""
    return "; ".join(each.strip().rstrip(".") for each in objections) + "."


def differences(shown: Plan, now: Plan) -> str:
    """What changed between two plans, in words."""
    said = []
    for name in ("subject_label", "holder_email", "target_label", "downtime", "application"):
        before, after = getattr(shown, name), getattr(now, name)
        if before != after:
            said.append(f"{name.replace('_', ' ')} was {before or 'empty'}, is {after or 'empty'}.")
    old, new = {s.key: s for s in shown.steps}, {s.key: s for s in now.steps}
    said += [f"step {key} is no longer needed." for key in old if key not in new]
    said += [f"step {key} is new." for key in new if key not in old]
    said += [f"step {key} does something else." for key in new if key in old and old[key] != new[key]]
    said += [f"new: {note}" for note in now.notes if note not in shown.notes]
    said += [f"gone: {note}" for note in shown.notes if note not in now.notes]
    return " ".join(said) or "its details changed."
