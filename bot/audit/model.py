"""Rows as the rest of the program sees them: the store returns these, never an ORM object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the trail."""

    seq: int
    at: datetime
    actor: str  # Slack id, "system", or "cli:<user>"
    action: str  # subject:deed, past tense, for example "request:approved"
    subject: str
    detail: Mapping[str, str]
    hash: str  # hex
