"""How fast we ask."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from bot.errors import RateLimited
from platforms.wrike.pace import LONGEST_PAUSE_S, Pace


async def _seconds(pace: Pace, requests: int) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one() -> None:
        async with pace.turn():
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


def test_without_retry_after_the_pause_doubles_up_to_a_bound() -> None:
    """Wrike does not promise the header; then each refusal in a row doubles the pause, and an answer ends that."""

    async def pauses() -> list[float]:
        pace, found = Pace(100_000, 100), []
        for _ in range(9):
            with pytest.raises(RateLimited) as caught:
                pace.heard(httpx.Response(429), connection="c", operation="o")
            found.append(caught.value.retry_after_s)
        pace.heard(httpx.Response(200), connection="c", operation="o")
        with pytest.raises(RateLimited) as caught:
            pace.heard(httpx.Response(429), connection="c", operation="o")
        return [*found, caught.value.retry_after_s]

    found = asyncio.run(pauses())
    assert found[:4] == [0.5, 1, 2, 4]
    assert found[8] == LONGEST_PAUSE_S
    assert found[9] == 0.5
