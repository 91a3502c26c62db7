"""The database with every subject's tables: the one place that lists them all."""

from __future__ import annotations

from bot.alerts.repository import AlertRepository
from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.db.key_sources import KeySource
from bot.db.outbox import Outbox
from bot.db.repository import Repository
from bot.db.store import Store
from bot.findings.repository import FindingRepository, SuppressionRepository
from bot.inventory.repository import (
    ConnectionRepository,
    ItemRepository,
    OwnershipRepository,
    UsageRepository,
)
from bot.people.repository import PersonRepository, StepUpRepository
from bot.requests.repository import RequestRepository
from bot.secrets.repository import SecretRepository

REPOSITORIES: tuple[type[Repository], ...] = (
    AlertRepository,
    AuditLog,
    ConnectionRepository,
    FindingRepository,
    ItemRepository,
    Outbox,
    OwnershipRepository,
    PersonRepository,
    RequestRepository,
    SecretRepository,
    StepUpRepository,
    SuppressionRepository,
    UsageRepository,
)


async def open_store(url: str, keys: KeySource, clock: Clock, *, migrate: bool = True) -> Store:
    """Open a database, with every table known: what is not known is not sealed again when keys rotate.

    Raises: as ``Store.open``.
    """
    return await Store.open(url, keys, clock, REPOSITORIES, migrate=migrate)
