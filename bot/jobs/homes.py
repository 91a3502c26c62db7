"""Home tabs kept true: shown anew to those who had them open, a little after anything changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.store import Store

QUIET_S = 2.0  # a burst of changes is one look
AT_MOST_S = 6.0  # and a steady stream still one every so often


async def keep(store: Store, refresh: Callable[[], Awaitable[int]]) -> None:
    """For ever: wait for a commit, let the burst pass, and refresh. ``refresh`` shows only what looks different."""
    seen = store.commits
    while True:
        await asyncio.sleep(QUIET_S)
        if store.commits == seen:
            continue
        waited_s = 0.0
        while (before := store.commits) != seen and waited_s < AT_MOST_S:
            seen = before
            await asyncio.sleep(QUIET_S)
            waited_s += QUIET_S
        seen = store.commits
        await refresh()
