"""Work that never ends by itself, run side by side until somebody says stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog

from bot.audit.repository import AuditLog
from bot.db.store import Store
from bot.durable import Engine
from bot.durable.schedule import Schedule
from bot.errors import PlatformError, StoreError
from bot.services import Services


async def until(stop: asyncio.Event, endless: list[Coroutine[Any, Any, None]]) -> None:
    """Run work that never ends until ``stop``; should it end after all, its error is ours."""
    tasks = [asyncio.create_task(work) for work in endless]
    asked = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (asked, *tasks):
            task.cancel()
        await asyncio.gather(asked, *tasks, return_exceptions=True)


log = structlog.get_logger()
EVERY_S = 60.0
PAUSE_MOST_S = 30.0
SANDBOX_EVERY_S = 2.0  # its clock can jump a week between two ticks
DAILY_S = 86_400.0
RUNS_KEPT = timedelta(days=30)
MESSAGES_KEPT = timedelta(days=30)
PRUNED_AT_ONCE = 500  # messages in one transaction


def plan(schedule: Schedule, engine: Engine, services: Services) -> None:
    """When each of these comes about."""
    every_s = SANDBOX_EVERY_S if services.settings.sandbox else EVERY_S
    schedule.tick("upkeep", every_s, lambda: minute(services))
    schedule.tick("members", DAILY_S, lambda: members(services))
    schedule.tick("attest", DAILY_S, lambda: attest(services))
    schedule.tick("prove", DAILY_S, lambda: prove(services))
    schedule.tick("prune", DAILY_S, lambda: prune(engine, services))


async def minute(services: Services) -> None:
    """Settle what ran out of time, and speak of what came due."""
    await services.approvals.expire()
    await services.vault.sweep()
    await services.links.sweep()
    await services.reminders.remind()
    await services.reminders.reroute()
    reached = await services.alerts.reached()
    async with services.store.read() as unit:
        over = await services.alerts.answers.snoozes_over(unit)
    if (
        over or reached != services.alerts.spoken
    ):  # else nothing would change, and every Home be looked at anew
        async with services.store.write() as unit:
            await services.alerts.answers.wake(unit)
            await services.alerts.expiries(unit)
        services.alerts.spoken = reached
    await services.escalation.escalate()
    await services.ownership_reviews.succeed()
    await services.digests.send()


async def members(services: Services) -> None:
    """Read the workspace's members; events are lost while nobody is connected."""
    try:
        await services.people.reconcile()
    except PlatformError as exc:
        log.warning("members.unread", code=exc.code, hint=exc.hint)


async def prove(services: Services) -> None:
    """Prove the trail once a day, unasked: whoever changed it would not ask."""
    async with services.store.read() as unit:
        found = await unit[AuditLog].verify()
    if not found.ok:
        log.error("trail.broken")
        async with services.store.write() as unit:
            await services.alerts.audit_log_changed(unit, found.problem)


async def persist(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run endless work, and begin it again after a pause that grows while the database does not answer."""
    pause_s = 0.0
    while True:
        begun = time.monotonic()
        try:
            await work()
        except StoreError as exc:
            if time.monotonic() - begun > PAUSE_MOST_S:
                pause_s = 0.0  # it ran well since the last trouble
            if not pause_s:
                log.error("loop.paused", loop=name, hint=exc.hint)
            pause_s = min(PAUSE_MOST_S, pause_s * 2 or 1.0)
            await asyncio.sleep(pause_s)


async def members_at_start(services: Services) -> None:
    """Read the workspace at the start, since events are lost while nobody is connected; then rest for ever."""
    await members(services)
    await asyncio.Event().wait()


async def attest(services: Services) -> None:
    """Ask owners who have not said so for long whether things are still theirs."""
    await services.ownership_reviews.ask_again()


async def prune(engine: Engine, services: Services) -> None:
    """Forget runs that ended, and messages that were settled, long ago."""
    await engine.prune(RUNS_KEPT)
    before, most = services.clock.now() - MESSAGES_KEPT, PRUNED_AT_ONCE
    while most == PRUNED_AT_ONCE:
        async with services.store.write() as unit:
            most = await unit.outbox.prune(before, PRUNED_AT_ONCE)


QUIET_S = 2.0  # a burst of changes is one look
AT_MOST_S = 6.0  # and a steady stream still one every so often


async def keep(store: Store, refresh: Callable[[], Awaitable[int]]) -> None:
    """For ever: wait for a commit, let the burst pass, and refresh. ``refresh`` shows only what looks different."""
    seen = store.commits
    while True:
        await asyncio.sleep(QUIET_S)
        if store.commits == seen:
            continue
        waited_s = 0.0
        while (before := store.commits) != seen and waited_s < AT_MOST_S:
            seen = before
            await asyncio.sleep(QUIET_S)
            waited_s += QUIET_S
        seen = store.commits
        await refresh()
