"""A process that takes a request's steps with everything real but Slack's connection, and may die at a named point.

`python -m tests.crash.walker CONFIG REQUEST_ID` reads a point (or an empty line) from standard input, forks, lets the
child walk until the request waits or has stopped or the child is killed at that point, and writes the child's
signal number (0: it ended by itself) to standard output. Forking spares each of hundreds of processes its imports;
the child has nothing else of its parent's: no loop, no thread, no connection.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from pathlib import Path

import anyio._backends._asyncio  # noqa: F401  HTTP clients import it when they are first used: once, not in each child
import certifi  # noqa: F401  likewise

from bot import sandbox_clock
from bot.app import App, routes
from bot.config import load
from bot.connections import builders, checks
from bot.durable.runs import VARIABLE
from bot.requests.execution import Progress


async def walk(config: Path, request_id: str) -> None:
    """Take steps until there is none to take now."""
    settings = load(config)
    app = await App.open(settings, root=config.parent)
    try:
        assert settings.sandbox
        await sandbox_clock.catch_up(settings.sandbox, app.clock)
        while await app.services.executor.take_step(request_id) is Progress.ADVANCED:
            pass
    finally:
        await app.aclose()


def child(config: Path, request_id: str, point: str) -> int:
    """Walk in a process of its own; the signal that ended it, or 0."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child failed; see above"
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    try:
        os.environ[VARIABLE] = f"{point}:1" if point else ""
        asyncio.run(walk(config, request_id))
    except BaseException:  # noqa: BLE001  a fork must never return
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    builders(), checks(), routes()  # every module of ours, once
    for line in sys.stdin:
        ended = child(Path(sys.argv[1]), sys.argv[2], line.strip())
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()
