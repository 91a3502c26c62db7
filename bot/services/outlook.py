"""What ends ahead, counted: a bar for the eye and the number in words."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cliffs import by_month
from bot.domain.conversation import Code, Span
from bot.services.inventory import Catalogue

WIDTH = 12  # of the longest bar, in letters: a phone shows thirty


def ends_ahead(catalogue: Catalogue, now: datetime) -> list[datetime]:
    """Every end date to come, of what counts as an integration."""
    return [e.expires_at for e in catalogue.entries if not e.everyday and e.expires_at and e.expires_at > now]


def chart(ends: list[datetime], now: datetime, months: int) -> tuple[tuple[Span, ...], ...]:
    """One line a month, with how many end in it."""
    counted = by_month(ends, now, months)
    most = max((count for _, count in counted), default=0)
    return tuple((Code(f"{month:%b %Y} {_bar(count, most)}"), f" {count:,}") for month, count in counted)


def _bar(count: int, most: int) -> str:
    filled = -(-count * WIDTH // most) if most else 0
    return "█" * filled + "·" * (WIDTH - filled)
