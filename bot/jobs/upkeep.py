"""What time brings about by itself: requests run out, snoozes end, dates come nearer, members change unseen."""

from __future__ import annotations

import structlog

from bot.errors import PlatformError
from bot.services import Services

log = structlog.get_logger()


async def minute(services: Services) -> None:
    """Settle what ran out of time, and speak of what came due."""
    await services.approvals.expire()
    async with services.store.write() as unit:
        await services.alerts.wake(unit)
        await services.alerts.expiries(unit)


async def members(services: Services) -> None:
    """Read the workspace's members; events are lost while nobody is connected."""
    try:
        await services.people.reconcile()
    except PlatformError as exc:
        log.warning("members.unread", code=exc.code, hint=exc.hint)
