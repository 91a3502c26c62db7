"""What an org's failures do to reads: ridden out, or the whole listing fails."""

from __future__ import annotations

import pytest
from connection_context import Notes
from salesforce_bench import Bench

from bot.errors import (
    ProtocolChanged,
    RateLimited,
    Unreachable,
)


@pytest.mark.parametrize("kind", ["500", "reset", "timeout"])
async def test_a_passing_fault_of_a_read_is_ridden_out(bench: Bench, kind: str) -> None:
    """One broken answer is followed by another try, and the snapshot is whole."""
    hasty = bench.another(timeout_s=0.5)
    await hasty.identify()
    await bench.fault(kind, "POST /services/data/.*/composite")
    assert (await hasty.snapshot(None)).gaps == ()


@pytest.mark.parametrize("match", ["composite", r"query\?q", "Soap/m", "oauth2/token"])
async def test_a_lasting_fault_fails_the_whole_snapshot(bench: Bench, match: str) -> None:
    """Whatever part cannot be read, nothing of the listing is kept."""
    await bench.fault("500", match, count=None)
    with pytest.raises(Unreachable):
        await bench.platform.snapshot(None)


async def test_patience_with_the_sign_in_is_not_multiplied(bench: Bench) -> None:
    """While nobody can sign in, a read tries the sign-in as often as any read, and not once more for each try."""
    await bench.fault("500", "oauth2/token", count=None)
    with pytest.raises(Unreachable):
        await bench.platform.snapshot(None)
    assert bench.calls("/oauth2/token") == 3


@pytest.mark.parametrize("match", ["composite", r"query\?q", "Soap/m"])
async def test_an_answer_cut_in_half_fails_the_whole_snapshot(bench: Bench, match: str) -> None:
    """Half a body is no listing."""
    await bench.fault("bad_json", match)
    with pytest.raises(ProtocolChanged):
        await bench.platform.snapshot(None)


async def test_a_short_listing_that_calls_itself_complete_is_not_believed(bench: Bench) -> None:
    """Half of the users, declared complete, does not agree with their count."""
    await bench.fault("short_listing", r"q=SELECT.*FROM.*User\b")
    with pytest.raises(ProtocolChanged, match="counts"):
        await bench.platform.snapshot(None)


async def test_a_used_up_allowance_rests_the_connection(bench: Bench) -> None:
    """403 REQUEST_LIMIT_EXCEEDED is no refusal of ours: it says how long to wait, and is not tried again."""
    await bench.platform.identify()
    await bench.switch(daily_api_requests=1)
    before = len(bench.stand_in.org.world.calls)
    with pytest.raises(RateLimited) as caught:
        await bench.platform.identify()
    assert caught.value.retry_after_s >= 60
    assert len(bench.stand_in.org.world.calls) - before <= 3  # side by side, each once


async def test_a_scan_stops_before_it_takes_more_than_its_share(bench: Bench) -> None:
    """With a share of 40 calls, no forty-first is sent; other work than scans may still be done."""
    await bench.switch(daily_api_requests=4_000)
    memory = Notes()
    modest = bench.another(memory, max_daily_share=0.01)
    first = await modest.snapshot(None)

    async def scan_on() -> None:
        for _ in range(40 // first.requests + 1):
            await modest.snapshot(None)

    with pytest.raises(RateLimited, match="max_daily_share"):
        await scan_on()
    assert bench.stand_in.org.usage.spent(bench.stand_in.org.now) <= 40
    await modest.identify()
    restarted = bench.another(memory, max_daily_share=0.01)
    with pytest.raises(RateLimited, match="max_daily_share"):
        await restarted.snapshot(None)
    assert bench.stand_in.org.usage.spent(bench.stand_in.org.now) <= 50, "no scan began anew"
