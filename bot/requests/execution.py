"""Takes the steps of an approved plan: look up, act if absent, look again, record; held when nobody can tell.

The way back (``rollback``) is walked by the same code: its steps are the twins of those that were taken.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

import structlog

from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.db.store import Store
from bot.db.unit import Unit
from bot.durable import crash_point
from bot.errors import (
    Conflict,
    NotSupported,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Unreachable,
    UserError,
)
from bot.platform.plan import Action, Confirmation, Hands, Outcome, Receipt, Step, StepMode, to_take_back
from bot.platform.ports import Limiter, Platform, UsesSecrets
from bot.requests import messages as cards
from bot.requests.model import ChangeRequest, RequestState, Rollback
from bot.requests.notifier import RequestNotifier
from bot.requests.repository import RequestRepository
from bot.requests.safety_limit import SafetyLimit
from bot.text import Secret

log = structlog.get_logger()
ACTIVE = frozenset({RequestState.APPROVED, RequestState.RUNNING, RequestState.WAITING})
STOPPABLE = frozenset({RequestState.PENDING, RequestState.APPROVED, RequestState.WAITING, RequestState.HELD})
TURNABLE = ACTIVE | {RequestState.HELD, RequestState.DONE}
SETTLE_TRIES = 5  # reads after a write, a second apart: platforms lag behind themselves
SETTLE_PAUSE_S = 1.0
LINES = 1000  # of a request's trail


class Progress(StrEnum):
    """What became of one try at one step."""

    ADVANCED = "advanced"  # recorded; go on
    WAITING = "waiting"  # its evidence is not there yet; look again later
    STOPPED = "stopped"  # held, finished, or not ours to run


class Executor:
    """Runs plans, and takes them back. Every method may be called again after a crash at any instant."""

    def __init__(
        self,
        store: Store,
        step_executor: StepExecutor,
        safety_limit: SafetyLimit,
        notifier: RequestNotifier,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._step_executor = step_executor
        self._safety_limit = safety_limit
        self._tell = notifier
        self._limiter = limiter
        self._clock = clock

    async def due(self) -> tuple[tuple[str, int], ...]:
        """Id and cursor of every request with a step to take or evidence to look for."""
        async with self._store.read() as unit:
            return await unit[RequestRepository].under_way(ACTIVE)

    async def take_step(self, request_id: str) -> Progress:
        """Try the next step, to its record; one at a time for each request, in all processes."""
        async with self._limiter.lease(f"request:{request_id}", 1):
            return await self._try(request_id)

    async def _try(self, request_id: str) -> Progress:
        async with self._store.write() as unit:
            request = await unit[RequestRepository].get(request_id)
            if request.state not in ACTIVE:
                return Progress.STOPPED
            step = request.step
            if step is None:
                await self._finish(unit, request)
                return Progress.STOPPED
            if request.step_since is None or request.state is RequestState.APPROVED:
                await unit[RequestRepository].transition(
                    request, sources=ACTIVE, to=RequestState.RUNNING, step_since=self._clock.now()
                )
                request = await unit[RequestRepository].get(request_id)
        if step.mode is StepMode.ATTESTED:
            return await self._wait(request, step, Confirmation(outcome=Outcome.NOT_DONE))
        action = replace(step.action, known=_known(request))
        key = f"{request.ref}.{step.key}"
        seen = await self._step_executor.confirm(request, action, key)
        if seen.outcome is Outcome.DONE:
            async with self._store.read() as unit:
                acted = step.key in await _intended(
                    unit, request
                )  # by us, before a crash or an unknown outcome
            return await self._record(request, step, seen, acted=acted)
        if step.mode is not StepMode.AUTO:
            return await self._wait(request, step, seen)
        if seen.outcome is Outcome.UNKNOWN:
            return await self._hold(
                request, f"It could not be seen whether “{step.title}” is needed: {seen.detail}"
            )
        crash_point("step.looked")
        return await self._act(request, step, action, key)

    async def _act(self, request: ChangeRequest, step: Step, action: Action, key: str) -> Progress:
        async with self._store.write() as unit:
            won = await unit[RequestRepository].transition(
                request, sources=ACTIVE, to=RequestState.RUNNING, detail=f"Doing: {step.title}"
            )
            if not won:
                return Progress.STOPPED  # stopped, turned back, or another process took it up
            request = await unit[RequestRepository].get(request.id)
            if step.destructive and step.key not in await _intended(unit, request):
                if why := await self._safety_limit.holds(unit, request.plan.connection):
                    await self._held(unit, request, why)
                    return Progress.STOPPED
                await self._safety_limit.count(unit, request.plan.connection, request.ref)
            await unit[AuditLog].append("system", "step:intended", request.ref, {"step": step.key})
        crash_point("step.intended")
        try:
            await self._step_executor.apply(request, action, key)
        except OutcomeUnknown as exc:
            log.warning("step.outcome_unknown", request=request.ref, step=step.key, code=exc.code)
        except (RateLimited, Unreachable) as exc:
            return await self._wait(request, step, Confirmation(outcome=Outcome.NOT_DONE, detail=exc.hint))
        except (PlatformError, UserError) as exc:
            return await self._hold(request, f"“{step.title}” was refused: {exc.hint}")
        crash_point("step.applied")
        for tried in range(SETTLE_TRIES):
            seen = await self._step_executor.confirm(request, action, key)
            if seen.outcome is Outcome.DONE:
                return await self._record(request, step, seen, acted=True)
            if tried + 1 < SETTLE_TRIES:
                await asyncio.sleep(SETTLE_PAUSE_S)
        why = seen.detail or "the platform does not show it"
        return await self._hold(request, f"Nobody can tell whether “{step.title}” happened: {why}")

    async def _record(
        self, request: ChangeRequest, step: Step, seen: Confirmation, *, acted: bool, by: str = "system"
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
            if not await unit[RequestRepository].record(request, receipt):
                return Progress.STOPPED  # recorded by somebody else, or stopped or turned back meanwhile
            await unit[RequestRepository].transition(
                request, sources=ACTIVE, to=RequestState.RUNNING, step_since=self._clock.now()
            )
            detail = {
                "step": step.key,
                "acted": str(acted),
                "record": receipt.record_id,
                "detail": receipt.detail,
                "facts": receipt.facts_digest,
            }
            await unit[AuditLog].append(by, "step:recorded", request.ref, detail)
            after = await unit[RequestRepository].get(request.id)
            await self._tell.say(unit, after, f"step:{step.key}", cards.step_note(after, step, receipt))
            if last := after.step is None:
                await self._finish(unit, after)
            else:
                await self._tell.refresh(unit, after)
        crash_point("step.recorded")
        return Progress.STOPPED if last else Progress.ADVANCED

    async def attest(self, request: ChangeRequest, by: str, note: str) -> None:
        """
        Somebody signs for the step that no evidence can close.

        Raises:
            Conflict: it does not wait for anybody's word, or moved on a moment ago.
        """
        step = request.step
        if request.state is not RequestState.WAITING or step is None or step.mode is not StepMode.ATTESTED:
            raise Conflict(f"Request {request.ref} waits for no confirmation. Nothing changed.")
        facts = {f"attested_by.{step.key}": by, f"attested.{step.key}": note}
        seen = Confirmation(outcome=Outcome.DONE, detail=note or "signed for without a note", facts=facts)
        if await self._record(request, step, seen, acted=False, by=by) is Progress.STOPPED:
            async with self._store.read() as unit:
                now = await unit[RequestRepository].get(request.id)
            if now.cursor == request.cursor:
                raise Conflict("Somebody else moved it a moment ago. Nothing changed.")

    async def _wait(self, request: ChangeRequest, step: Step, seen: Confirmation) -> Progress:
        """Not yet: say what is awaited the first time, and whenever that changes."""
        detail = seen.detail if seen.outcome is Outcome.NOT_DONE else f"Could not look: {seen.detail}"
        if request.state is RequestState.WAITING and request.detail == detail:
            return Progress.WAITING
        async with self._store.write() as unit:
            if await unit[RequestRepository].transition(
                request, sources=ACTIVE, to=RequestState.WAITING, detail=detail
            ):
                after = await unit[RequestRepository].get(request.id)
                said = hashlib.sha256(detail.encode()).hexdigest()[
                    :12
                ]  # each thing worth saying is said once
                await unit[AuditLog].append(
                    "system", "step:waiting", after.ref, {"step": step.key, "detail": detail}
                )
                note = cards.waiting_note(after, step)
                await self._tell.say(unit, after, f"wait:{step.key}:{said}", note)
                await self._tell.refresh(unit, after)
        return Progress.WAITING

    async def _hold(self, request: ChangeRequest, why: str) -> Progress:
        async with self._store.write() as unit:
            await self._held(unit, request, why)
        return Progress.STOPPED

    async def _held(self, unit: Unit, request: ChangeRequest, why: str) -> None:
        if await unit[RequestRepository].transition(
            request, sources=ACTIVE, to=RequestState.HELD, detail=why
        ):
            await unit[AuditLog].append("system", "request:held", request.ref, {"why": why})
            after = await unit[RequestRepository].get(request.id)
            key = f"held:{after.cursor}:{self._clock.now():%Y%m%dT%H%M%S}"
            await self._tell.say(unit, after, key, cards.held_note(after))
            await self._tell.refresh(unit, after)

    async def resume(self, request: ChangeRequest, by: str) -> bool:
        """Let a held request try its step again."""
        async with self._store.write() as unit:
            won = await unit[RequestRepository].transition(
                request, sources={RequestState.HELD}, to=RequestState.APPROVED
            )
            if won:
                await unit[AuditLog].append(by, "request:resumed", request.ref, {})
                await self._tell.refresh(unit, await unit[RequestRepository].get(request.id))
        return won

    async def roll_back(self, ref: str, by: str) -> ChangeRequest:
        """
        Turn a request back: from now on its steps are those that take back what was done.

        What is under way ends first (``take_step`` goes one at a time), so that a late effect is seen and undone.

        Raises:
            Conflict: the old credential was ended or is being ended, it goes back already, there is nothing to
                take back, or somebody else moved it.
        """
        async with self._store.write() as unit:
            request = await unit[RequestRepository].by_ref(ref)
            if request is None or request.state not in TURNABLE or request.rollback:
                raise Conflict(_not_turned(request))
            intended = await _intended(unit, request)
            receipts = {receipt.step: receipt for receipt in request.receipts}
            if ended := next(
                (s for s in request.plan.steps if s.for_good and (s.key in receipts or s.key in intended)),
                None,
            ):
                raise Conflict(f"“{ended.title}” has been done or begun; there is no way back from it.")
            other = await unit[RequestRepository].live_on(request.plan.connection, request.plan.subject_id)
            if other and other.id != request.id:
                raise Conflict(f"Request {other.ref} is open on the same subject. Finish or cancel it first.")
            way = Rollback(by=by, at=request.cursor, keys=to_take_back(request.plan, receipts, intended))
            if not way.keys:
                raise Conflict("Nothing was done that could be taken back. Stop it instead.")
            if not await unit[RequestRepository].transition(
                request,
                sources=TURNABLE,
                to=RequestState.APPROVED,
                step_since=self._clock.now(),
                rollback=way,
            ):
                raise Conflict("Somebody else moved it a moment ago. Nothing changed.")
            await unit[AuditLog].append(by, "request:turned_back", request.ref, {"steps": " ".join(way.keys)})
            after = await unit[RequestRepository].get(request.id)
            await self._tell.say(unit, after, "turned_back", cards.turned_note(after))
            await self._tell.refresh(unit, after)
        crash_point("request.turned_back")
        return after

    async def _finish(self, unit: Unit, request: ChangeRequest) -> None:
        end = RequestState.ROLLED_BACK if request.rollback else RequestState.DONE
        if await unit[RequestRepository].transition(request, sources=ACTIVE, to=end):
            await unit[AuditLog].append(
                "system", f"request:{end.value}", request.ref, {"plan": request.plan.title}
            )
            after = await unit[RequestRepository].get(request.id)
            await self._tell.refresh(unit, after)
            await self._tell.result(unit, after)
            await self._step_executor.discard(unit, request.id)


def _not_turned(request: ChangeRequest | None) -> str:
    if request is None:
        return "No request has that id. `requests` lists them."
    if request.rollback:
        return f"Request {request.ref} goes back already. Nothing changed."
    return cards.settled_words(request) + " There is nothing to take back."


async def _intended(unit: Unit, request: ChangeRequest) -> frozenset[str]:
    """Keys of the steps that we ever set out to take ourselves."""
    lines = await unit[AuditLog].tail(limit=LINES, subject=request.ref)
    return frozenset(line.detail["step"] for line in lines if line.action == "step:intended")


def _known(request: ChangeRequest) -> dict[str, str]:
    """What earlier receipts established, and since when this step waits."""
    known: dict[str, str] = {"approved_at": request.created_at.isoformat()}
    for receipt in request.receipts:
        known.update(receipt.facts)
        known[f"at.{receipt.step}"] = receipt.at.isoformat()
    if request.step_since:
        known["since"] = request.step_since.isoformat()
    return known


class SecretSteps(Protocol):
    """Carries out the steps that make, deliver and forget secrets. Implemented by ``bot.secrets.vault``, which knows
    requests, as requests may not know it."""

    async def confirm(self, request: ChangeRequest, action: Action, key: str) -> Confirmation:
        """As ``Platform.confirm``."""

    async def apply(self, request: ChangeRequest, action: Action, key: str) -> None:
        """As ``Platform.apply``."""

    async def secrets_for(self, request: ChangeRequest, names: Iterable[str]) -> Mapping[str, Secret]:
        """The secrets of those names that the plan has."""

    async def discard(self, unit: Unit, request_id: str) -> None:
        """Delete every secret of a plan that has ended."""


class StepExecutor:
    """Looks and acts for the steps of requests; the promises are those of ``bot.platform.ports.Platform``."""

    def __init__(self, platforms: Mapping[str, Platform], vault: SecretSteps) -> None:
        self._platforms = platforms
        self._vault = vault

    async def confirm(self, request: ChangeRequest, action: Action, key: str) -> Confirmation:
        """Whether the target state holds, by reading only. Never raises for "could not look": ``UNKNOWN``."""
        platform = self._platforms.get(request.plan.connection)
        try:
            if action.hands is Hands.VAULT:
                return await self._vault.confirm(request, action, key)
            if platform is None:
                return _unseen(f"{request.plan.connection} is not configured any more")
            if not action.uses:
                return await platform.confirm(action, key)
            secrets = await self._vault.secrets_for(request, action.uses)
            return await _with_secrets(platform).confirm_with(action, key, secrets)
        except (PlatformError, UserError) as exc:
            return _unseen(exc.hint)

    async def apply(self, request: ChangeRequest, action: Action, key: str) -> None:
        """Bring the target state about. Raises as ``Platform.apply``."""
        if action.hands is Hands.VAULT:
            await self._vault.apply(request, action, key)
            return
        platform = self._platforms[request.plan.connection]
        if not action.uses:
            await platform.apply(action, key)
            return
        secrets = await self._vault.secrets_for(request, action.uses)
        await _with_secrets(platform).apply_with(action, key, secrets)

    async def discard(self, unit: Unit, request_id: str) -> None:
        """Delete every secret of a request that has ended."""
        await self._vault.discard(unit, request_id)


def _with_secrets(platform: Platform) -> UsesSecrets:
    if isinstance(platform, UsesSecrets):
        return platform
    raise NotSupported(f"{platform.platform} takes no secrets with its verbs", operation="use a secret")


def _unseen(why: str) -> Confirmation:
    return Confirmation(outcome=Outcome.UNKNOWN, detail=why)
