"""Rows as the rest of the program sees them: the store returns these, never an ORM object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.platform.model import Application, Capacity, Credential, Gap, Principal, Tie

Body = Principal | Application | Credential | Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in the inventory. ``ref`` is what people type: six characters, unique, for ever."""

    id: str  # UUID hex
    ref: str
    connection: str
    body: Body
    first_seen: datetime
    last_seen: datetime
    missing_since: datetime | None = None
    version: int = 1


class OwnershipState(StrEnum):
    """Ownership counts only once accepted."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"  # replaced, or given up


class Rank(StrEnum):
    """Which of the two who answer for an item."""

    OWNER = "owner"  # hears first, and decides who it acts as
    BACKUP = "backup"  # hears next, and is asked to take over when the owner goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who is accountable for one item."""

    id: str
    item_id: str
    person: str  # Slack id
    state: OwnershipState
    proposed_by: str
    proposed_at: datetime
    settled_at: datetime | None = None
    rank: Rank = Rank.OWNER
    attested_at: datetime | None = None  # when they last said that it is still theirs
    asked_at: datetime | None = None  # when they were last asked that

    @property
    def vouched_at(self) -> datetime:
        """When they last stood by it: attested, else accepted."""
        return self.attested_at or self.settled_at or self.proposed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionState:
    """What we know of a connection between scans."""

    connection: str
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    last_error: str = ""
    blind_polls: int = 0
    paused_until: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    capacities: tuple[Capacity, ...] = ()
    requests: int = 0  # calls of the latest scan
    known_sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # principal → addresses
    population: int = 0
