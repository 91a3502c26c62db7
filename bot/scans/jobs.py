"""A scan as a run of the engine: one per connection and slot, whoever's clock fires it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.engine import Engine
from bot.scans.scan import Scanning

NAME = "scan"


def register(engine: Engine, scanning: Scanning) -> None:
    """Make the workflow known, before the engine launches."""

    async def look(connection: str) -> str:
        return (await scanning.scan(connection)).outcome.value

    step: Callable[[str], Awaitable[str]] = engine.step("scan.look", look)

    async def scan(connection: str) -> str:
        return await step(connection)

    engine.workflow(NAME, scan)
