"""How fast we ask."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from bot.errors import RateLimited
from platforms.wrike.pace import CALM, LONGEST_PAUSE_S, Pace


async def _seconds(pace: Pace, requests: int) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one() -> None:
        async with pace.lease():
            pass

    await asyncio.gather(*(one() for _ in range(requests)))
    return loop.time() - began


async def test_no_more_leave_in_a_second_than_the_limit_allows() -> None:
    """After a burst of five, requests leave one by one at 1,200 a minute."""
    took_s = await _seconds(Pace(1_200, 5), 15)
    assert 10 / 20 - 0.06 <= took_s < 10 / 20 + 0.5


async def test_a_429_makes_everybody_wait_as_long_as_it_says() -> None:
    """What Retry-After asks of one request, all of the connection keep."""
    pace = Pace(100_000, 100)
    response = httpx.Response(429, headers={"Retry-After": "1"})
    with pytest.raises(RateLimited) as caught:
        pace.heard(response, connection="wrike:prod", operation="list contacts")
    assert caught.value.retry_after_s == 1
    assert await _seconds(pace, 3) >= 0.9


async def test_without_retry_after_the_pause_doubles_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrike does not promise the header; then each refusal in a row doubles the pause, and an answer ends that."""
    at = [1_000.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: at[0])  # minutes of pauses, in no time
    pace = Pace(100_000, 100)

    def paused_s() -> float:
        with pytest.raises(RateLimited) as caught:
            pace.heard(httpx.Response(429), connection="c", operation="o")
        at[0] += caught.value.retry_after_s
        return round(caught.value.retry_after_s, 3)

    assert [paused_s() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, LONGEST_PAUSE_S]
    pace.heard(httpx.Response(200), connection="c", operation="o")
    assert paused_s() == 0.5


async def test_refusals_of_one_moment_are_one_refusal() -> None:
    """Ten requests that were under way together are told to rest for the same half second, not for a day."""
    pace = Pace(100_000, 100)
    for _ in range(10):
        with pytest.raises(RateLimited) as caught:
            pace.heard(httpx.Response(429), connection="c", operation="o")
        assert caught.value.retry_after_s <= 0.5


async def test_after_a_refusal_we_are_slower_and_find_back() -> None:
    """Half the pace, without a burst, until a hundred answers in a row have come."""
    pace = Pace(1_200, 50)
    with pytest.raises(RateLimited):
        pace.heard(httpx.Response(429, headers={"Retry-After": "0"}), connection="c", operation="o")
    assert await _seconds(pace, 6) >= 5 / 10 - 0.05
    for _ in range(CALM):
        pace.heard(httpx.Response(200), connection="c", operation="o")
    assert await _seconds(pace, 6) < 5 / 10
