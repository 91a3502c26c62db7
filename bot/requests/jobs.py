"""Taking the steps of approved plans. A plan that waits is a row: nothing runs until it is time to look again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.clock import Clock
from bot.engine import Engine
from bot.requests.execution import Handover, Progress

NAME = "advance"


def register(engine: Engine, execution: Handover) -> None:
    """Make the workflow known, before the engine launches."""

    async def take_step(request_id: str) -> str:
        return (await execution.take_step(request_id)).value

    step: Callable[[str], Awaitable[str]] = engine.step("advance.step", take_step)

    async def advance(request_id: str) -> str:
        while (progress := await step(request_id)) == Progress.ADVANCED:
            pass
        return progress

    engine.workflow(NAME, advance)


async def begin(engine: Engine, clock: Clock, request_id: str) -> None:
    """Take this request's steps now; harmless when they are being taken already."""
    stamp = clock.now().strftime("%Y%m%dT%H%M%S%f")
    await engine.start(NAME, request_id, id=f"advance:{request_id}:{stamp}")


async def watch(engine: Engine, execution: Handover, slot: datetime) -> None:
    """Look again at every plan under way, once per slot whichever process fires."""
    for request_id, cursor in await execution.due():
        await engine.start(NAME, request_id, id=f"advance:{request_id}:{cursor}:{slot:%Y%m%dT%H%M%S}")
