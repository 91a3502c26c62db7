"""A forecast with whom it would hurt: what the shield sees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.text import fold
from bot.user_sync.forecast import Forecast
from bot.user_sync.model import Outcome, Record, RecordListing, SyncAction, SyncSettings, User, UserListing

SERVICE_WORDS = re.compile(
    r"\b(api|bot|integrations?|robot|service|svc|sync|system|connector)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What tonight's sync of one connection will do, and whom it would hurt."""

    connection: str
    at: datetime
    zone: str
    zone_known: bool
    settings: SyncSettings
    users: UserListing
    records: RecordListing
    forecast: Forecast
    endangered: tuple[
        tuple[Outcome, str], ...
    ]  # who would be made inactive though much hangs on them, and why
    leaking: tuple[
        tuple[Outcome, str], ...
    ]  # service accounts that would become users, and how that is known
    homemade: tuple[Outcome, ...]  # users made directly in Nexonia

    @property
    def mail(self) -> tuple[Record, ...]:
        """Who gets the first-login mail: whoever is created, if the connection says so."""
        created = (o.record for o in self.forecast.of(SyncAction.CREATE) if o.record is not None)
        return tuple(created) if self.settings.notify else ()


def endangered(found: Forecast, known: Mapping[str, str], sync: SyncSettings) -> list[tuple[Outcome, str]]:
    """Of whom the sync makes inactive: accounts that programs use, and people whose role others wait for."""
    hurt = []
    for outcome in found.of(SyncAction.INACTIVATE):
        user = outcome.user
        if user is None:
            continue
        if why := known.get(fold(user.email), ""):
            hurt.append((outcome, f"an integration account: {why}"))
        elif fold(user.role) in sync.approver_roles:
            hurt.append((outcome, f"has the role {user.role}, for which others may wait"))
        elif _programs(user):
            hurt.append((outcome, "is named like an account of a program"))
    return hurt


def leaking(found: Forecast, known: Mapping[str, str]) -> list[tuple[Outcome, str]]:
    """Of whom the sync creates: accounts of programs, which would take a seat and a login mail."""
    leaks = []
    for outcome in found.of(SyncAction.CREATE):
        record = outcome.record
        if record is not None and (why := known.get(fold(record.email), "")):
            leaks.append((outcome, why))
        elif record is not None and _programs(record):
            leaks.append((outcome, "it is named like an account of a program"))
    return leaks


def _programs(person: Record | User) -> bool:
    local = person.email.partition("@")[0]
    return bool(
        SERVICE_WORDS.search(f"{person.first} {person.last} {local.replace('.', ' ').replace('_', ' ')}")
    )
