"""What time brings about by itself: requests run out, snoozes end, dates come nearer, members change unseen."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.engine import Engine
from bot.errors import PlatformError
from bot.services import Services

log = structlog.get_logger()
RUNS_KEPT = timedelta(days=30)


async def minute(services: Services) -> None:
    """Settle what ran out of time, and speak of what came due."""
    await services.approvals.expire()
    await services.vault.sweep()
    await services.links.sweep()
    reached = await services.alerts.reached()
    async with services.store.write() as unit:
        await services.alerts.wake(unit)
        if reached != services.alerts.spoken:  # else the whole inventory would be opened every minute
            await services.alerts.expiries(unit)
    services.alerts.spoken = reached


async def members(services: Services) -> None:
    """Read the workspace's members; events are lost while nobody is connected."""
    try:
        await services.people.reconcile()
    except PlatformError as exc:
        log.warning("members.unread", code=exc.code, hint=exc.hint)


async def prune(engine: Engine) -> None:
    """Forget runs that ended long ago."""
    await engine.prune(RUNS_KEPT)
