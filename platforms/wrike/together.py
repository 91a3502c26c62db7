"""Running independent reads side by side, so that one failure ends all of them and stays one error."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from bot.errors import PlatformError

T = TypeVar("T")


async def every(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order. The first error of ours cancels the rest and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(one) for one in work]
    except BaseExceptionGroup as failed:
        raise _first(failed) from failed
    return [task.result() for task in started]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    leaves: list[BaseException] = list(group.exceptions)
    while leaves:
        leaf = leaves.pop(0)
        if isinstance(leaf, BaseExceptionGroup):
            leaves.extend(leaf.exceptions)
        elif isinstance(leaf, PlatformError):
            return leaf
    return group
