"""Takes the steps of an approved plan: look up, act if absent, look again, record; held when nobody can tell."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from weakref import WeakValueDictionary

import structlog

from bot.clock import Clock
from bot.config import BrakeSettings
from bot.domain.conversation import Reply
from bot.domain.conversation_codec import encode_reply
from bot.domain.identity import Credential
from bot.domain.plan import Action, Confirmation, Outcome, Receipt, Step, StepMode
from bot.domain.records import ChangeRequest, Posting, RequestState
from bot.engine import crash_point
from bot.errors import OutcomeUnknown, PlatformError, RateLimited, Unreachable
from bot.ports import Platform
from bot.services import request_cards as cards
from bot.store import Store, Unit

log = structlog.get_logger()
ACTIVE = frozenset({RequestState.APPROVED, RequestState.RUNNING, RequestState.WAITING})
STOPPABLE = frozenset({RequestState.PENDING, RequestState.APPROVED, RequestState.WAITING, RequestState.HELD})
SETTLE_TRIES = 5  # reads after a write, a second apart: platforms lag behind themselves
SETTLE_PAUSE_S = 1.0
LINES = 1000  # of a request's trail


class Progress(StrEnum):
    """What became of one try at one step."""

    ADVANCED = "advanced"  # recorded; go on
    WAITING = "waiting"  # its evidence is not there yet; look again later
    STOPPED = "stopped"  # held, finished, or not ours to run


class Handover:
    """Runs plans. Every method may be called again after a crash at any instant."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        brake: BrakeSettings,
        channel: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._brake = brake
        self._channel = channel
        self._clock = clock
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def due(self) -> tuple[ChangeRequest, ...]:
        """Requests with a step to take or evidence to look for."""
        async with self._store.read() as unit:
            found, _ = await unit.requests.page(ACTIVE, None, 1000, 0)
        return found

    async def take_step(self, request_id: str) -> Progress:
        """Try the first step without a receipt, to its record; one at a time for each request."""
        async with self._busy.setdefault(request_id, asyncio.Lock()):
            return await self._try(request_id)

    async def _try(self, request_id: str) -> Progress:
        async with self._store.write() as unit:
            request = await unit.requests.get(request_id)
            if request.state not in ACTIVE:
                return Progress.STOPPED
            if request.cursor >= len(request.plan.steps):
                await self._finish(unit, request)
                return Progress.STOPPED
            if request.step_since is None or request.state is RequestState.APPROVED:
                await unit.requests.transition(
                    request.id,
                    rev=request.rev,
                    sources=ACTIVE,
                    to=RequestState.RUNNING,
                    step_since=self._clock.now(),
                )
                request = await unit.requests.get(request_id)
        step = request.plan.steps[request.cursor]
        action = replace(step.action, known=_known(request))
        platform = self._platforms[request.plan.connection]
        key = f"{request.ref}.{step.key}"
        seen = await platform.confirm(action, key)
        if seen.outcome is Outcome.DONE:
            async with self._store.read() as unit:
                acted = await _intended(unit, request, step)  # by us, before a crash or an unknown outcome
            return await self._record(request, step, seen, acted=acted)
        if step.mode is not StepMode.AUTO:
            return await self._wait(request, seen)
        if seen.outcome is Outcome.UNKNOWN:
            return await self._hold(
                request, f"It could not be seen whether “{step.title}” is needed: {seen.detail}"
            )
        return await self._act(request, step, action, key)

    async def _act(self, request: ChangeRequest, step: Step, action: Action, key: str) -> Progress:
        platform = self._platforms[request.plan.connection]
        async with self._store.write() as unit:
            won = await unit.requests.transition(
                request.id,
                rev=request.rev,
                sources=ACTIVE,
                to=RequestState.RUNNING,
                detail=f"Doing: {step.title}",
            )
            if not won:
                return Progress.STOPPED  # cancelled, or another process took it up
            request = await unit.requests.get(request.id)
            if step.destructive and not await _intended(unit, request, step):
                if why := await self._braked(unit, request):
                    await self._held(unit, request, why)
                    return Progress.STOPPED
                subject = _brake_subject(request)  # counted before it is done, so that no crash can lose it
                await unit.audit.append("system", "brake:counted", subject, {"request": request.ref})
            await unit.audit.append("system", "step:intended", request.ref, {"step": step.key})
        crash_point("step.intended")
        try:
            await platform.apply(action, key)
        except OutcomeUnknown as exc:
            log.warning("step.outcome_unknown", request=request.ref, step=step.key, code=exc.code)
        except (RateLimited, Unreachable) as exc:
            return await self._wait(request, Confirmation(outcome=Outcome.NOT_DONE, detail=exc.hint))
        except PlatformError as exc:
            return await self._hold(request, f"“{step.title}” was refused: {exc.hint}")
        crash_point("step.applied")
        for tried in range(SETTLE_TRIES):
            seen = await platform.confirm(action, key)
            if seen.outcome is Outcome.DONE:
                return await self._record(request, step, seen, acted=True)
            if tried + 1 < SETTLE_TRIES:
                await asyncio.sleep(SETTLE_PAUSE_S)
        why = seen.detail or "the platform does not show it"
        return await self._hold(request, f"Nobody can tell whether “{step.title}” happened: {why}")

    async def _record(
        self, request: ChangeRequest, step: Step, seen: Confirmation, *, acted: bool
    ) -> Progress:
        """Keep the receipt and say so, in one transaction."""
        receipt = Receipt(
            step=step.key,
            at=self._clock.now(),
            acted=acted,
            detail=seen.detail,
            record_id=seen.record_id,
            facts=dict(seen.facts),
        )
        async with self._store.write() as unit:
            if not await unit.requests.record(request.id, receipt, request.cursor + 1):
                return Progress.STOPPED  # another worker recorded it first
            await unit.requests.transition(
                request.id,
                rev=request.rev,
                sources=ACTIVE,
                to=RequestState.RUNNING,
                detail="",
                step_since=self._clock.now(),
            )
            detail = {
                "step": step.key,
                "acted": str(acted),
                "record": receipt.record_id,
                "detail": receipt.detail,
            }
            await unit.audit.append("system", "step:recorded", request.ref, detail)
            after = await unit.requests.get(request.id)
            await self._say(unit, after, f"step:{step.key}", cards.step_note(after, step, receipt))
            if last := after.cursor >= len(after.plan.steps):
                await self._finish(unit, after)
            else:
                await self._refresh(unit, after)
        crash_point("step.recorded")
        return Progress.STOPPED if last else Progress.ADVANCED

    async def _wait(self, request: ChangeRequest, seen: Confirmation) -> Progress:
        """Not yet: say what is awaited the first time, and whenever that changes."""
        detail = seen.detail if seen.outcome is Outcome.NOT_DONE else f"Could not look: {seen.detail}"
        if request.state is RequestState.WAITING and request.detail == detail:
            return Progress.WAITING
        async with self._store.write() as unit:
            moved = await unit.requests.transition(
                request.id, rev=request.rev, sources=ACTIVE, to=RequestState.WAITING, detail=detail
            )
            if moved:
                after = await unit.requests.get(request.id)
                step = after.plan.steps[after.cursor]
                said = hashlib.sha256(detail.encode()).hexdigest()[
                    :12
                ]  # each thing worth saying is said once
                await unit.audit.append(
                    "system", "step:waiting", after.ref, {"step": step.key, "detail": detail}
                )
                await self._say(unit, after, f"wait:{step.key}:{said}", cards.waiting_note(after, step))
                await self._refresh(unit, after)
        return Progress.WAITING

    async def _hold(self, request: ChangeRequest, why: str) -> Progress:
        async with self._store.write() as unit:
            await self._held(unit, request, why)
        return Progress.STOPPED

    async def _held(self, unit: Unit, request: ChangeRequest, why: str) -> None:
        held = await unit.requests.transition(
            request.id, rev=request.rev, sources=ACTIVE, to=RequestState.HELD, detail=why
        )
        if held:
            await unit.audit.append("system", "request:held", request.ref, {"why": why})
            after = await unit.requests.get(request.id)
            key = f"held:{after.cursor}:{self._clock.now():%Y%m%dT%H%M%S}"
            await self._say(unit, after, key, cards.held_note(after))
            await self._refresh(unit, after)

    async def resume(self, request: ChangeRequest, by: str) -> bool:
        """Let a held request try its step again."""
        async with self._store.write() as unit:
            won = await unit.requests.transition(
                request.id, rev=request.rev, sources={RequestState.HELD}, to=RequestState.APPROVED
            )
            if won:
                await unit.audit.append(by, "request:resumed", request.ref, {})
                await self._refresh(unit, await unit.requests.get(request.id))
        return won

    async def _finish(self, unit: Unit, request: ChangeRequest) -> None:
        if await unit.requests.transition(request.id, rev=request.rev, sources=ACTIVE, to=RequestState.DONE):
            await unit.audit.append("system", "request:done", request.ref, {"plan": request.plan.title})
            after = await unit.requests.get(request.id)
            await self._refresh(unit, after)
            posting = Posting(
                idem_key=f"request:{request.id}:told:done",
                channel=request.requester,
                body=encode_reply(cards.result_card(after)),
            )
            await unit.outbox.put(posting)

    async def _braked(self, unit: Unit, request: ChangeRequest) -> str:
        """Why a destructive act may not happen now, or "": min(acts, share) of the credentials per 24 h."""
        since = self._clock.now() - timedelta(hours=24)
        done = len(await unit.audit.tail(limit=100, subject=_brake_subject(request), since=since))
        population = len(await unit.items.all(request.plan.connection, (Credential,)))
        most = max(1, min(self._brake.acts, int(self._brake.share * population)))
        if done < most:
            return ""
        return (
            f"The brake holds: {done} destructive acts on {request.plan.connection} in the last 24 hours, "
            f"and at most {most} are allowed. It frees by itself; an approver can then press Try Again."
        )

    async def _say(self, unit: Unit, request: ChangeRequest, key: str, reply: Reply) -> None:
        thread = f"request:{request.id}"
        posting = Posting(
            idem_key=f"{thread}:{key}", channel=self._channel, body=encode_reply(reply), thread=thread
        )
        await unit.outbox.put(posting)

    async def _refresh(self, unit: Unit, request: ChangeRequest) -> None:
        """Bring the request's own message up to date."""
        thread = f"request:{request.id}"
        posting = Posting(
            idem_key=f"{thread}:card:{request.state.value}:{self._clock.now():%Y%m%dT%H%M%S%f}",
            channel=self._channel,
            body=encode_reply(cards.request_card(request)),
            thread=thread,
            edit=True,
        )
        await unit.outbox.put(posting)


async def _intended(unit: Unit, request: ChangeRequest, step: Step) -> bool:
    """Whether we ever set out to take this step ourselves."""
    lines = await unit.audit.tail(limit=LINES, subject=request.ref)
    return any(one.action == "step:intended" and one.detail.get("step") == step.key for one in lines)


def _known(request: ChangeRequest) -> dict[str, str]:
    """What earlier receipts established, and since when this step waits."""
    known: dict[str, str] = {"approved_at": request.created_at.isoformat()}
    for receipt in request.receipts:
        known.update(receipt.facts)
        known[f"at.{receipt.step}"] = receipt.at.isoformat()
    if request.step_since:
        known["since"] = request.step_since.isoformat()
    return known


def _brake_subject(request: ChangeRequest) -> str:
    return f"brake:{request.plan.connection}"
