"""Running independent reads side by side, so that one failure ends all of them and stays one error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, TypeVar

from bot.errors import PlatformError

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    leaves: list[BaseException] = list(group.exceptions)
    while leaves:
        leaf = leaves.pop(0)
        if isinstance(leaf, BaseExceptionGroup):
            leaves.extend(leaf.exceptions)
        elif isinstance(leaf, PlatformError):
            return leaf
    return group


async def every(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order. The first error of ours cancels the rest and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failed:
        raise _first(failed) from failed
    return [task.result() for task in tasks]


async def both(one: Awaitable[A], other: Awaitable[B]) -> tuple[A, B]:
    """Two results of different types, with the same promise as ``every``."""

    async def waited(work: Awaitable[Any]) -> Any:
        return await work

    first, second = await every([waited(one), waited(other)])
    return first, second
