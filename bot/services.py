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
from bot.findings.check_runner import CheckRunner
from bot.findings.evaluation import FindingEvaluator
from bot.findings.suppression import FindingSuppressions
from bot.inventory.catalogue import Inventory
from bot.inventory.ownership import Ownerships
from bot.inventory.ownership_reviews import OwnershipReviews
from bot.people.access import Access
from bot.people.members import People
from bot.people.step_up import StepUps
from bot.platform.ports import Files, Health, Platform
from bot.requests.approvals import Approvals
from bot.requests.execution import Executor
from bot.requests.leavers import Leavers
from bot.requests.planning import Planner
from bot.requests.reminders import RequestReminders
from bot.scans.scan import Scanner
from bot.secrets.exchange import SecretExchange
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
    evaluator: FindingEvaluator
    check_runner: CheckRunner
    suppressions: FindingSuppressions
    leavers: Leavers
    files: Files
    alerts: Alerts
    scanner: Scanner
    planner: Planner
    vault: Vault
    approvals: Approvals
    executor: Executor
    evidence: Evidence
    ownerships: Ownerships
    user_sync: UserSync
    nightly_forecast: NightlyForecast
    secret_exchange: SecretExchange
    links: SealedLinks
    step_ups: StepUps
    reminders: RequestReminders
    ownership_reviews: OwnershipReviews
    escalation: Escalation
    digests: Digests
    specs: tuple[Spec, ...]  # of every command, for help
    begin: Callable[[str], Awaitable[None]]  # start taking a request's steps now
    health: Callable[[], Awaitable[tuple[Health, ...]]]  # of the engine, the schedule and the link to Slack
