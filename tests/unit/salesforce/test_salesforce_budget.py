"""The share of the org's daily calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import RateLimited
from platforms.salesforce.wire import Budget

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_the_header_is_read_in_all_its_forms() -> None:
    """Used and total come from the header; a header that says nothing changes nothing."""
    budget = Budget(0.1, connection="salesforce:prod")
    budget.heard("api-usage=18/5000; per-app-api-usage=17/250(appName=sample-app)")
    budget.heard("")
    assert budget.daily is not None
    assert (budget.daily.used, budget.daily.total) == (18, 5000)


def test_a_scan_stops_before_it_passes_its_share() -> None:
    """The call that would be one too many is the one that is refused."""
    budget = Budget(0.01, connection="salesforce:prod")
    budget.heard("api-usage=500/1000")
    for _ in range(10):
        budget.check(NOW)
        budget.spend(NOW)
    with pytest.raises(RateLimited) as caught:
        budget.check(NOW)
    assert "max_daily_share" in caught.value.hint
    assert timedelta(seconds=caught.value.retry_after_s) >= timedelta(hours=24)


def test_calls_of_yesterday_are_forgotten_and_the_wait_says_when() -> None:
    """After the time that the refusal named, there is room again."""
    budget = Budget(0.01, connection="salesforce:prod")
    budget.heard("api-usage=0/1000")
    for hour in range(10):
        budget.spend(NOW + timedelta(hours=hour))
    late = NOW + timedelta(hours=10)
    with pytest.raises(RateLimited) as caught:
        budget.check(late)
    budget.check(late + timedelta(seconds=caught.value.retry_after_s))


def test_nothing_is_refused_while_the_allowance_is_unknown() -> None:
    """Before the first answer there is no total to take a share of."""
    budget = Budget(0.001, connection="salesforce:prod")
    for _ in range(5):
        budget.spend(NOW)
        budget.check(NOW)
