"""Findings that may wait: with a reason, with an end, and a line in the trail."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.db.store import Store
from bot.errors import BadArgument, Conflict
from bot.findings.model import FindingRow, FindingState, Suppression
from bot.findings.repository import SuppressionRepository

AT_MOST = timedelta(days=30)


class FindingSuppressions:
    """Suppresses and lifts. The check goes on looking; only counting and telling stop."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def suppress(self, row: FindingRow, by: str, until: datetime, reason: str) -> None:
        """Let a finding wait until then, at most thirty days; in the place of an earlier suppression.

        Raises:
            BadArgument: too long, in the past, or no reason. Conflict: it is resolved.
        """
        now = self._clock.now()
        if not timedelta(0) < until - now <= AT_MOST:
            raise BadArgument(f"Pick between 1 and {AT_MOST.days} days.")
        if len(reason.strip()) < 3:
            raise BadArgument("Give a reason, so that others know why this waits.")
        if row.state is FindingState.RESOLVED:
            raise Conflict("That finding is resolved already. Nothing changed.")
        async with self._store.write() as unit:
            await unit[SuppressionRepository].put(
                Suppression(finding_id=row.id, until=until, by=by, at=now, reason=reason.strip())
            )
            detail = {"until": until.isoformat(timespec="minutes"), "reason": reason.strip()}
            await unit[AuditLog].append(by, "finding:suppressed", row.ref, detail)

    async def unsuppress(self, row: FindingRow, by: str) -> None:
        """End it now.

        Raises:
            Conflict: it is not suppressed.
        """
        async with self._store.write() as unit:
            if not await unit[SuppressionRepository].unsuppress(row.id):
                raise Conflict("That finding is not suppressed. Nothing changed.")
            await unit[AuditLog].append(by, "finding:unsuppressed", row.ref, {})
