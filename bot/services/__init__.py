"""What the product does. Services know the store and the ports; nobody here knows Slack or a vendor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.clock import Clock
from bot.config import Settings
from bot.domain.grammar import Spec
from bot.ports import Files, Platform, Pulse
from bot.services.access import Access
from bot.services.alerts import Alerts
from bot.services.approvals import Approvals
from bot.services.diagnosis import Diagnosis
from bot.services.digests import Digests
from bot.services.escalation import Escalation
from bot.services.evidence import Evidence
from bot.services.handover import Handover
from bot.services.inventory import Inventory
from bot.services.leaver import Leavers
from bot.services.ownership import Ownerships
from bot.services.passing import Passing
from bot.services.people import People
from bot.services.planning import Planner
from bot.services.scanning import Scanning
from bot.services.sealed_links import SealedLinks
from bot.services.step_up import StepUps
from bot.services.stewardship import Stewardship
from bot.services.suppressing import Suppressing
from bot.services.trial import Trials
from bot.services.user_sync import UserSync
from bot.services.vault import Vault
from bot.services.waiting import Waiting
from bot.store import Store


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
