"""What ends ahead, counted by month."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cliffs import by_month
from bot.domain.conversation import Chart
from bot.services.inventory import Catalogue


def ends_ahead(catalogue: Catalogue, now: datetime) -> list[datetime]:
    """Every end date to come, of what counts as an integration."""
    return [e.expires_at for e in catalogue.entries if not e.everyday and e.expires_at and e.expires_at > now]


def chart(ends: list[datetime], now: datetime, months: int) -> Chart:
    """How many end in each month, from this one on."""
    counted = tuple((f"{month:%b %Y}", count) for month, count in by_month(ends, now, months))
    return Chart("End dates by month", "End dates", counted)
