"""The brake: how many destructive acts a connection bears in a day, whatever was approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.config import SafetyLimitSettings
from bot.db.unit import Unit
from bot.inventory.repository import ItemRepository
from bot.platform.model import Credential, Principal, PrincipalStatus
from bot.platform.plan import Plan, Step, StepMode

DAY = timedelta(hours=24)


class SafetyLimit:
    """Counts in the trail, so that no crash or restart forgets."""

    def __init__(
        self,
        settings: SafetyLimitSettings,
        clock: Clock,
        directories: Mapping[str, tuple[int, float]] = MappingProxyType({}),
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._directories = (
            directories  # connections whose users are synced, counted instead of credentials: at most, share
        )

    async def holds(self, unit: Unit, connection: str) -> str:
        """Why a destructive act may not happen now, or "".

        Per 24 h min(acts, share) of the credentials, or of a directory's active users by the sync's own limits.
        """
        since = self._clock.now() - DAY
        done = len(await unit[AuditLog].tail(limit=100, subject=_subject(connection), since=since))
        if connection in self._directories:
            users = await unit[ItemRepository].all(connection, (Principal,))
            active = [
                u for u in users if isinstance(u.body, Principal) and u.body.status is PrincipalStatus.ACTIVE
            ]
            at_most, share = self._directories[connection]
            most = max(1, min(at_most, int(share * len(active))))
        else:
            population = len(await unit[ItemRepository].all(connection, (Credential,)))
            most = max(1, min(self._settings.changes_per_day, int(self._settings.share * population)))
        if done < most:
            return ""
        return (
            f"Safety limit reached: {done} destructive changes on {connection} in the last 24 hours, "
            f"and at most {most} are allowed. Wait until it frees, then an approver can press Try Again."
        )

    async def count(self, unit: Unit, connection: str, ref: str) -> None:
        """Count an act before it is done, so that no crash can lose it."""
        await unit[AuditLog].append("system", "safety_limit:counted", _subject(connection), {"request": ref})

    async def at_once(self, unit: Unit, plan: Plan) -> str:
        """Why a plan that would end something as soon as it is approved must not be asked for now, or ""."""
        soon = any(step.destructive for step in _before_any_wait(plan.steps))
        return await self.holds(unit, plan.connection) if soon else ""


def _before_any_wait(steps: Iterable[Step]) -> Iterable[Step]:
    for step in steps:
        if step.mode is not StepMode.AUTO:
            return
        yield step


def _subject(connection: str) -> str:
    return f"safety_limit:{connection}"
