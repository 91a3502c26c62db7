"""Work begun for somebody: never forgotten by the event loop, never failing unseen, ended with the process."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.chat.model import Code, Para, Reply

log = logging.getLogger(__name__)
T = TypeVar("T")


class Work:
    """Holds its tasks, since the event loop itself does not. A task's name is its reference in the log."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin; if it fails, the log says where under the task's reference, and repeats no values."""
        task = asyncio.create_task(work, name=secrets.token_hex(4))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def aclose(self, grace_s: float) -> None:
        """Let what was begun come to its end, and stop what has not by then."""
        if self._tasks:
            _, unfinished = await asyncio.wait(set(self._tasks), timeout=grace_s)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            at = "".join(traceback.format_tb(exc.__traceback__)[-4:])  # the places, without any values
            log.error("reference %s: %s\n%s", task.get_name(), type(exc).__name__, at)


async def within(work: asyncio.Task[Any], seconds: float) -> bool:
    """Whether it ends in time; it goes on where it does not."""
    await asyncio.wait({work}, timeout=seconds)
    return work.done()


async def outcome(work: asyncio.Task[Reply]) -> Reply:
    """The reply; where the dispatcher broke its promise, one that shows the reference of the log's line."""
    await asyncio.wait({work})
    if work.cancelled():
        return Reply(summary="Handover was stopped before this was done. Try again in a minute.")
    if work.exception() is None:
        return work.result()
    said = "That failed on our side. Tell an administrator this reference: "
    return Reply(summary=f"{said}{work.get_name()}", parts=(Para((said, Code(work.get_name()))),))
