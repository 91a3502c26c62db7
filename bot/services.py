"""What the product does. Services know the store and the ports; nobody here knows Slack or a vendor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.alerts.digests import Digests
from bot.alerts.escalation import Escalation
from bot.alerts.triggers import Alerts
from bot.chat.grammar import Spec
from bot.clock import Clock
from bot.config import Settings
from bot.db.store import Store
from bot.evidence.packs import Evidence
from bot.findings.check_runner import Trials
from bot.findings.evaluation import Diagnosis
from bot.findings.suppression import Suppressing
from bot.inventory.catalogue import Inventory
from bot.inventory.ownership import Ownerships
from bot.inventory.ownership_reviews import Stewardship
from bot.people.access import Access
from bot.people.members import People
from bot.people.step_up import StepUps
from bot.platform.ports import Files, Platform, Pulse
from bot.requests.approvals import Approvals
from bot.requests.execution import Handover
from bot.requests.leavers import Leavers
from bot.requests.planning import Planner
from bot.requests.reminders import Waiting
from bot.scans.scan import Scanning
from bot.secrets.exchange import Passing
from bot.secrets.sealed_links import SealedLinks
from bot.secrets.vault import Vault
from bot.user_sync.jobs import NightlyForecast
from bot.user_sync.service import UserSync


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a handler may use. Composed once, in ``bot.app``."""

    settings: Settings
    clock: Clock
    store: Store
    platforms: Mapping[str, Platform]
    access: Access
    people: People
    inventory: Inventory
    diagnosis: Diagnosis
    trials: Trials
    suppressing: Suppressing
    leavers: Leavers
    files: Files
    alerts: Alerts
    scanning: Scanning
    planner: Planner
    vault: Vault
    approvals: Approvals
    handover: Handover
    evidence: Evidence
    ownerships: Ownerships
    user_sync: UserSync
    nightly_forecast: NightlyForecast
    passing: Passing
    links: SealedLinks
    step_ups: StepUps
    waiting: Waiting
    stewardship: Stewardship
    escalation: Escalation
    digests: Digests
    specs: tuple[Spec, ...]  # of every command, for help
    begin: Callable[[str], Awaitable[None]]  # start taking a request's steps now
    pulses: Callable[[], Awaitable[tuple[Pulse, ...]]]  # of the engine, the schedule and the link to Slack
