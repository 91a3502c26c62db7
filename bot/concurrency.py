"""Running independent reads side by side, so that one failure ends all of them and stays one error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterable
from contextlib import asynccontextmanager
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


@asynccontextmanager
async def group() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that end together. The first error of ours cancels the rest and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except BaseExceptionGroup as failed:
        raise _first(failed) from failed


async def every(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order, with the same promise."""
    async with group() as tasks:
        started = [tasks.create_task(one) for one in work]
    return [task.result() for task in started]


async def both(one: Awaitable[A], other: Awaitable[B]) -> tuple[A, B]:
    """Two results of different types, with the same promise."""

    async def waited(work: Awaitable[Any]) -> Any:
        return await work

    first, second = await every([waited(one), waited(other)])
    return first, second
