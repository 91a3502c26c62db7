"""One scan of one connection: listed whole, compared, judged, and committed with what it makes us say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from bot.alerts.triggers import Alerts
from bot.alerts.usage import incidents
from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.config import SafetyLimitSettings
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import AuthFailed, PlatformError, RateLimited
from bot.findings.evaluation import FindingEvaluator
from bot.inventory.model import Body, ConnectionState, Item
from bot.inventory.repository import ConnectionRepository, ItemRepository
from bot.platform.model import Area, Credential, CredentialStatus, Principal, PrincipalStatus, Snapshot, Tie
from bot.platform.ports import Platform

log = structlog.get_logger()
SOURCES_KEPT = 50  # addresses remembered per account
AUTH_PAUSE = timedelta(
    minutes=15
)  # a refused sign-in is not tried at every tick: vendors lock accounts for that


class ScanOutcome(StrEnum):
    """How a scan ended."""

    COMPLETE = "complete"  # everything we may see was seen
    REJECTED = "braked"  # the listing lost too much to be believed; nothing was changed
    FAILED = "failed"  # could not look; nothing was changed
    PAUSED = "paused"  # not tried: the connection rests until a stated time


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a scan did, for whoever asked for it."""

    connection: str
    outcome: ScanOutcome
    detail: str = ""
    items: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0
    opened: int = 0
    resolved: int = 0
    requests: int = 0


class Scanner:
    """Runs scans. A failed or partial one changes nothing and resolves nothing."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        alerts: Alerts,
        diagnosis: FindingEvaluator,
        safety_limit: SafetyLimitSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._alerts = alerts
        self._diagnosis = diagnosis
        self._safety_limit = safety_limit
        self._clock = clock

    async def scan(self, connection: str, *, force: bool = False) -> ScanReport:
        """List, compare and commit one connection. ``force``: even while it rests."""
        started = self._clock.now()
        async with self._store.read() as unit:
            state = await unit[ConnectionRepository].get(connection)
        if state.paused_until and state.paused_until > started and not force:
            return ScanReport(connection=connection, outcome=ScanOutcome.PAUSED, detail=state.last_error)
        try:
            snapshot = await self._platforms[connection].snapshot(state.last_success)
        except PlatformError as exc:
            return await self._could_not_look(state, started, exc)
        async with self._store.write() as unit:
            held = await unit[ItemRepository].all(connection)
            if why := self._unbelievable(snapshot, held):
                return await self._braked(unit, state, snapshot, why)
            return await self._commit(unit, state, snapshot, held)

    async def _commit(
        self, unit: Unit, state: ConnectionState, snapshot: Snapshot, held: tuple[Item, ...]
    ) -> ScanReport:
        now = snapshot.taken_at
        bodies: list[Body] = [
            *snapshot.principals,
            *snapshot.applications,
            *snapshot.credentials,
            *snapshot.ties,
        ]
        listed = {(type(b), b.native_id) for b in bodies}
        gone = tuple(
            item
            for item in held
            if item.missing_since is None
            and (type(item.body), item.body.native_id) not in listed
            and area_of(item.body) not in snapshot.blind
        )
        lost = _lost(held, gone, snapshot)
        before = await self._alerts.catalogue(unit) if lost else None
        put = await unit[ItemRepository].put(snapshot.connection, bodies, now)
        await unit[ItemRepository].mark_missing([item.id for item in gone], now)
        await self._alerts.use.learn(unit, (*put.added, *(after for _, after in put.changed)))
        opened, resolved = await self._diagnosis.diagnose(unit, snapshot, state.known_sources)
        await unit[ConnectionRepository].put(
            replace(
                state,
                last_attempt=now,
                last_success=now,
                last_error="",
                blind_polls=0,
                paused_until=None,
                gaps=snapshot.gaps,
                capacities=snapshot.capacities,
                requests=snapshot.requests,
                known_sources=_learn(state.known_sources, snapshot),
                population=len(bodies),
            )
        )
        if state.blind_polls:
            await self._alerts.sees_again(unit, snapshot.connection)
        first = state.last_success is None
        if put.added or put.returned or gone or first:  # used once more is no news for the trail
            counts = {"added": len(put.added), "changed": len(put.changed), "gone": len(gone)}
            detail = {name: str(count) for name, count in counts.items()}
            await unit[AuditLog].append("system", "connection:scanned", snapshot.connection, detail)
        await self._alerts.after_scan(unit, snapshot, lost, before)
        await self._alerts.found(unit, snapshot.connection, opened, first=first)
        return ScanReport(
            connection=snapshot.connection,
            outcome=ScanOutcome.COMPLETE,
            items=len(bodies),
            added=len(put.added),
            changed=len(put.changed),
            gone=len(gone),
            opened=len(opened),
            resolved=resolved,
            requests=snapshot.requests,
        )

    async def _could_not_look(self, state: ConnectionState, at: datetime, exc: PlatformError) -> ScanReport:
        pause = at + AUTH_PAUSE if isinstance(exc, AuthFailed) else None
        if isinstance(exc, RateLimited):
            pause = at + timedelta(seconds=exc.retry_after_s)
        blind = state.blind_polls + 1
        log.warning("scan.failed", connection=state.connection, code=exc.code, blind_polls=blind)
        async with self._store.write() as unit:
            await unit[ConnectionRepository].put(
                replace(state, last_attempt=at, last_error=exc.hint, blind_polls=blind, paused_until=pause)
            )
            await self._diagnosis.blinded(unit, state.connection)
            if blind == 2 or (blind == 1 and isinstance(exc, AuthFailed)):
                await self._alerts.blind(unit, state.connection, exc.hint)
        return ScanReport(connection=state.connection, outcome=ScanOutcome.FAILED, detail=exc.hint)

    def _unbelievable(self, snapshot: Snapshot, held: tuple[Item, ...]) -> str:
        """Why a listing cannot be the truth: too much gone, or too many people newly inactive; "" if it can."""
        floor = self._safety_limit.changes_per_day
        for kind, word in ((Principal, "accounts"), (Credential, "credentials")):
            before = [i for i in held if i.missing_since is None and isinstance(i.body, kind)]
            listed = {
                b.native_id for b in (snapshot.principals if kind is Principal else snapshot.credentials)
            }
            lost = [
                i for i in before if i.body.native_id not in listed and area_of(i.body) not in snapshot.blind
            ]
            ended = incidents(lost, before)
            lost = [i for i in lost if (i.connection, getattr(i.body, "application_id", "")) not in ended]
            if len(lost) > max(floor, self._safety_limit.listing_share * len(before)):
                return f"{len(lost)} of {len(before)} {word} vanished at once"
        now_inactive = {p.native_id for p in snapshot.principals if p.status is PrincipalStatus.INACTIVE}
        active = [
            i for i in held if isinstance(i.body, Principal) and i.body.status is PrincipalStatus.ACTIVE
        ]
        newly = [i for i in active if i.body.native_id in now_inactive]
        if len(newly) > max(floor, self._safety_limit.listing_share * len(active)):
            return f"{len(newly)} of {len(active)} active accounts became inactive at once"
        return ""

    async def _braked(self, unit: Unit, state: ConnectionState, snapshot: Snapshot, why: str) -> ScanReport:
        log.warning("scan.braked", connection=state.connection, why=why)
        text = f"The listing was not believed: {why}. Nothing was changed."
        await unit[ConnectionRepository].put(replace(state, last_attempt=snapshot.taken_at, last_error=text))
        await self._alerts.listing_rejected(unit, state.connection, why)
        return ScanReport(
            connection=state.connection, outcome=ScanOutcome.REJECTED, detail=text, requests=snapshot.requests
        )


def _lost(held: Sequence[Item], gone: Sequence[Item], snapshot: Snapshot) -> tuple[Item, ...]:
    """Credentials that were there and are gone, or were alive and are revoked, as they were before."""
    revoked = {c.native_id for c in snapshot.credentials if c.status is CredentialStatus.REVOKED}
    return tuple(
        item
        for item in (*gone, *(i for i in held if i.body.native_id in revoked and i.missing_since is None))
        if isinstance(item.body, Credential) and item.body.status is not CredentialStatus.REVOKED
    )


def area_of(body: Body) -> Area:
    """The part of a listing that would hold it."""
    match body:
        case Principal():
            return Area.PRINCIPALS
        case Credential():
            return Area(body.kind.value)
        case Tie():
            return Area.TIES
        case _:
            return Area.APPLICATIONS


def _learn(known: Mapping[str, tuple[str, ...]], snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    learned = {key: dict.fromkeys(sources) for key, sources in known.items()}
    for login in snapshot.logins:
        if login.succeeded and login.source:
            learned.setdefault(login.principal_id, {})[login.source] = None
    return {key: tuple(sources)[-SOURCES_KEPT:] for key, sources in learned.items()}
