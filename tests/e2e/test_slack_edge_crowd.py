"""Many commands at once: each is acknowledged at once, and each gets its answer."""

from __future__ import annotations

import asyncio
import time

from bot.slack.inbound import Patience
from tests.conformance.driving import OPERATOR
from tests.e2e.slack_edge import Edge, edge

CROWD = 3
ANSWER_S = 1.0


async def _typed(desk: Edge) -> tuple[float, bool]:
    """Seconds to the acknowledgement, and whether it held the answer."""
    began = time.perf_counter()
    ack = await desk.world.post("/slack/slash", user=OPERATOR, channel=desk.channel, text="status")
    return time.perf_counter() - began, bool(ack["ack"])


async def test_a_crowd_is_acknowledged_before_it_is_answered() -> None:
    """Nobody in a crowd waits with their acknowledgement for an answer, those who came first included."""
    async with edge(Patience(command=2.5, crowd=CROWD)) as desk:
        desk.script.after_s = ANSWER_S
        link = desk.link()
        await link.connect()
        try:
            (alone,) = await asyncio.gather(_typed(desk))
            assert alone[0] >= ANSWER_S
            assert alone[1], "alone, the acknowledgement is the answer"
            crowd = await asyncio.gather(*(_typed(desk) for _ in range(4 * CROWD)))
            assert max(took for took, _ in crowd) < ANSWER_S * 0.8
            assert not any(held for _, held in crowd)
            end = time.perf_counter() + 10
            while len(shown := await desk.ephemerals(OPERATOR)) < 1 + len(crowd):
                assert time.perf_counter() < end, f"{len(shown)} answers"
                await asyncio.sleep(0.05)
            (again,) = await asyncio.gather(_typed(desk))
            assert again[1], "the crowd is gone"
        finally:
            await link.close()
