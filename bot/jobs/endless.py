"""Work that never ends by itself, run side by side until somebody says stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until(stop: asyncio.Event, endless: list[Coroutine[Any, Any, None]]) -> None:
    """Run work that never ends until ``stop``; should it end after all, its error is ours."""
    tasks = [asyncio.create_task(work) for work in endless]
    asked = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (asked, *tasks):
            task.cancel()
        await asyncio.gather(asked, *tasks, return_exceptions=True)
