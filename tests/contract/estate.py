"""A store, a clock and a platform of which a test says what it lists: scans and what they make us say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from bot.alerts.model import Alert, AlertState
from bot.alerts.repository import AlertRepository
from bot.alerts.triggers import Alerts
from bot.chat.codec import decode_reply
from bot.chat.model import Reply
from bot.clock import FixedClock
from bot.config import AlertSettings, SafetyLimitSettings
from bot.config.policies import DEFAULTS, Policies
from bot.db.store import Store
from bot.errors import PlatformError
from bot.findings.check import Check, View, check
from bot.findings.evaluation import FindingEvaluator
from bot.findings.model import Finding, Severity
from bot.inventory.catalogue import Inventory
from bot.platform.model import (
    Application,
    Credential,
    CredentialKind,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
)
from bot.platform.ports import Platform
from bot.scans.scan import Scanner, ScanReport

CONNECTION = "salesforce:prod"
CHANNEL = "C0ALERTS"


@check(
    id="salesforce.held",
    title="A credential is held",
    severity=Severity.P2,
    risk="It acts.",
    remedy="Hand it over.",
    platforms=("salesforce",),
    owasp=("NHI1",),
)
def held(view: View) -> Iterable[Finding]:
    """Everything that is listed as a finding, so that a test decides how many there are."""
    for credential in view.snapshot.credentials:
        if "quiet" not in credential.label:
            yield Finding(
                rule="salesforce.held",
                subject=credential.native_id,
                title="A credential is held",
                severity=Severity.P1 if "urgent" in credential.label else Severity.P2,
                evidence=credential.label,
                remedy="Hand it over.",
            )


def person(native_id: str, status: PrincipalStatus = PrincipalStatus.ACTIVE) -> Principal:
    """Somebody with an account."""
    return Principal(
        native_id=native_id,
        name=native_id.title(),
        username=f"{native_id}@example.com",
        email=f"{native_id}@example.com",
        kind=PrincipalKind.PERSON,
        status=status,
    )


def grant(native_id: str, holder: str = "ana", app: str = "a1", **more: Any) -> Credential:
    """A grant that is no finding."""
    given: dict[str, Any] = {"label": f"quiet {native_id}", "kind": CredentialKind.OAUTH_GRANT}
    return Credential(
        **{"native_id": native_id, "principal_id": holder, "application_id": app, **given, **more}
    )


@dataclass
class Listing:
    """The platform: lists what it is told, or fails as it is told."""

    clock: FixedClock
    principals: dict[str, Principal] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    failure: PlatformError | None = None

    async def snapshot(self, _: datetime | None) -> Snapshot:
        if self.failure is not None:
            raise self.failure
        return Snapshot(
            connection=CONNECTION,
            taken_at=self.clock.now(),
            principals=tuple(self.principals.values()),
            applications=tuple(self.applications.values()),
            credentials=tuple(self.credentials.values()),
            own=self.own,
        )


class Estate:
    """Everything that speaks, over a real store."""

    def __init__(
        self,
        store: Store,
        clock: FixedClock,
        policies: Policies = DEFAULTS,
        checks: tuple[Check, ...] = (held,),
    ) -> None:
        self.store, self.clock = store, clock
        self.listing = Listing(clock)
        self.inventory = Inventory(store, ())
        self.alerts = Alerts(AlertSettings(), self.inventory, CHANNEL, clock, policies)
        self.diagnosis = FindingEvaluator(checks, (), clock, policies)
        platforms = {CONNECTION: cast(Platform, self.listing)}
        self.scanning = Scanner(store, platforms, self.alerts, self.diagnosis, SafetyLimitSettings(), clock)

    def lists(self, *bodies: Principal | Application | Credential) -> None:
        """Add to the listing, or change what is there."""
        for body in bodies:
            table: dict[str, Any] = {
                Principal: self.listing.principals,
                Application: self.listing.applications,
                Credential: self.listing.credentials,
            }[type(body)]
            table[body.native_id] = body

    def use(self, *native_ids: str) -> None:
        """The platform saw these credentials used now."""
        for native_id in native_ids:
            held_one = self.listing.credentials[native_id]
            self.listing.credentials[native_id] = replace(held_one, last_used_at=self.clock.now())

    async def scan(self, **later: float) -> ScanReport:
        """Look, some time later."""
        self.clock.at += timedelta(**later)
        return await self.scanning.scan(CONNECTION, force=True)

    async def said(self) -> list[tuple[str, Reply, bool]]:
        """What waits to be sent, as (thread, reply, whether it edits), and send it."""
        async with self.store.write() as unit:
            queued = await unit.outbox.due(self.clock.now() + timedelta(days=999), 10_000)
            for one in queued:
                await unit.outbox.delivered(one.seq, one.posting.channel, f"{one.seq}.0")
        return [(q.posting.thread, decode_reply(q.posting.body), q.posting.edit) for q in queued]

    async def live(self, rule: str = "") -> list[Alert]:
        """Alerts that are open or quiet."""
        async with self.store.read() as unit:
            live = await unit[AlertRepository].all({AlertState.OPEN, AlertState.SNOOZED})
        return [alert for alert in live if not rule or alert.rule == rule]
