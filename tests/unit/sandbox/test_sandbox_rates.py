"""Rate limits: how big the bursts are and when the next call passes."""

from __future__ import annotations

import pytest

from sandbox.slack.rates import Rates


@pytest.mark.parametrize(("tier", "burst"), [(1, 1), (2, 20), (3, 50), (4, 100)])
def test_a_minutes_calls_pass_at_once(tier: int, burst: int) -> None:
    """A tier's allowance for a minute passes in a burst, and the next call is told how long to wait."""
    rates = Rates()
    assert [rates.method_wait_s("m", tier, 1.0) for _ in range(burst)] == [0] * burst
    assert rates.method_wait_s("m", tier, 1.0) == max(1, -(-60 // burst))
    assert rates.method_wait_s("another", tier, 1.0) == 0


def test_a_channel_takes_three_and_then_one_a_second() -> None:
    """After three messages a channel waits a second; other channels do not."""
    now = [100.0]
    rates = Rates(lambda: now[0])
    assert [rates.message_wait_s("C1", 1.0) for _ in range(4)] == [0, 0, 0, 1]
    assert rates.message_wait_s("C2", 1.0) == 0
    now[0] += 1.0
    assert [rates.message_wait_s("C1", 1.0) for _ in range(2)] == [0, 1]
    now[0] += 60.0
    assert [rates.message_wait_s("C1", 1.0) for _ in range(4)] == [0, 0, 0, 1]


def test_limits_can_be_lifted() -> None:
    """Factor 0 lets everything pass, factor 2 twice as much."""
    rates = Rates()
    assert not any(rates.method_wait_s("m", 1, 0) for _ in range(100))
    assert [rates.method_wait_s("n", 2, 2.0) for _ in range(40)] == [0] * 40
    assert rates.method_wait_s("n", 2, 2.0) > 0
