"""Findings and their life: a check's result opens, stays, becomes unknown when its source goes blind, resolves."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import structlog

from bot.clock import Clock
from bot.config.policies import DEFAULTS, Policies
from bot.db.unit import Unit
from bot.findings.check import Check, View
from bot.findings.model import Finding, FindingRow, FindingState
from bot.findings.repository import FindingRepository
from bot.inventory.model import OwnershipState
from bot.inventory.repository import ItemRepository, OwnershipRepository
from bot.platform.model import Credential, Snapshot
from bot.text import fold, new_ref

log = structlog.get_logger()
LIVE = frozenset({FindingState.OPEN, FindingState.UNKNOWN})


class FindingEvaluator:
    """Runs every check of a platform over a snapshot and keeps the results."""

    def __init__(
        self,
        checks: Iterable[Check],
        everyday_apps: Iterable[str],
        clock: Clock,
        policies: Policies = DEFAULTS,
    ) -> None:
        self.checks = tuple(checks)
        self._policies = policies
        self._everyday = frozenset(map(fold, everyday_apps))
        self._clock = clock

    async def diagnose(
        self, unit: Unit, snapshot: Snapshot, known_sources: Mapping[str, tuple[str, ...]]
    ) -> tuple[tuple[FindingRow, ...], int]:
        """Judge one listing; returns the findings that were opened, and how many were resolved."""
        now = self._clock.now()
        platform = snapshot.connection.partition(":")[0]
        vouched = await _vouched(unit, snapshot.connection)
        view = self._view(snapshot, known_sources, vouched)
        found: dict[tuple[str, str, str], Finding] = {}
        blind: set[str] = set()
        for check in self.checks:
            if platform in check.platforms:
                if snapshot.blind.intersection(check.needs):
                    blind.add(check.id)
                for finding in check.rule(view):
                    found[finding.rule, finding.subject, finding.bucket] = finding
        held = {key_of(row): row for row in await unit[FindingRepository].all(snapshot.connection, LIVE)}
        rows = [
            *(self._seen(held.get(key), finding, snapshot.connection, now) for key, finding in found.items()),
            *(self._unseen(row, now, blind) for key, row in held.items() if key not in found),
        ]
        changed = [row for row in rows if row != held.get(key_of(row))]
        stored = await unit[FindingRepository].put(changed)
        opened = tuple(row for row in stored if key_of(row) not in held)
        resolved = sum(row.state is FindingState.RESOLVED for row in changed)
        return opened, resolved

    def judge(
        self, check: Check, snapshot: Snapshot, known_sources: Mapping[str, tuple[str, ...]]
    ) -> tuple[Finding, ...]:
        """What one check finds in a listing; kept nowhere."""
        return tuple(check.rule(self._view(snapshot, known_sources, {})))

    def _view(
        self,
        snapshot: Snapshot,
        known_sources: Mapping[str, tuple[str, ...]],
        vouched: Mapping[str, datetime],
    ) -> View:
        return View(
            snapshot=self._integrations(snapshot),
            now=self._clock.now(),
            known_sources=known_sources,
            policies=self._policies,
            vouched=vouched,
        )

    def _integrations(self, snapshot: Snapshot) -> Snapshot:
        """The listing without the grants of apps that people use themselves."""
        own = {a.native_id for a in snapshot.applications if fold(a.name) in self._everyday}
        return replace(
            snapshot, credentials=tuple(c for c in snapshot.credentials if c.application_id not in own)
        )

    async def blinded(self, unit: Unit, connection: str) -> None:
        """The source could not be seen: nothing of it is certain, nothing of it is resolved."""
        held = await unit[FindingRepository].all(connection, frozenset({FindingState.OPEN}))
        await unit[FindingRepository].put([replace(row, state=FindingState.UNKNOWN) for row in held])

    @staticmethod
    def _seen(held: FindingRow | None, finding: Finding, connection: str, now: datetime) -> FindingRow:
        if held is None:
            return FindingRow(
                id=uuid4().hex,
                ref=new_ref(secrets.randbits),
                connection=connection,
                finding=finding,
                state=FindingState.OPEN,
                opened_at=now,
                last_seen=now,
            )
        if held.finding == finding and held.state is FindingState.OPEN and not finding.lasting:
            return held  # nothing new: no write at every scan
        return replace(held, finding=finding, state=FindingState.OPEN, last_seen=now)

    @staticmethod
    def _unseen(row: FindingRow, now: datetime, blind: set[str]) -> FindingRow:
        if row.finding.rule in blind:
            return replace(row, state=FindingState.UNKNOWN)
        if now - row.last_seen < row.finding.lasting:
            return row
        return replace(row, state=FindingState.RESOLVED, resolved_at=now)


async def _vouched(unit: Unit, connection: str) -> dict[str, datetime]:
    """When an owner last accepted, or attested to, each credential of a connection, by its native id."""
    owned = {
        o.item_id: o for o in await unit[OwnershipRepository].live() if o.state is OwnershipState.ACCEPTED
    }
    if not owned:
        return {}
    held = await unit[ItemRepository].all(connection, (Credential,))
    return {i.body.native_id: owned[i.id].confirmed_at for i in held if i.id in owned}


def key_of(row: FindingRow) -> tuple[str, str, str]:
    """A finding's identity within its connection."""
    return row.finding.rule, row.finding.subject, row.finding.bucket
