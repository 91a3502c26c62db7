"""One workspace with a bot in it, for each module of tests; at its end everything it said is judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from desk import Desk, desk_with_bot
from payload_check import complaints

from sandbox.company import load


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: Any, request: Any) -> AsyncIterator[Desk]:
    """One desk for a module's tests.

    A module may define ``change(settings)`` to alter the bot's settings, and ``PLATFORMS`` besides Slack.
    """
    change = getattr(request.module, "change", lambda settings: settings)
    platforms = getattr(request.module, "PLATFORMS", ("salesforce",))
    async with desk_with_bot(tmp_path_factory.mktemp("desk"), load(), change, platforms) as found:
        yield found
        entries = (await found.get("/slack/wire"))["entries"]
        assert not complaints(entries, (await found.get("", only="counters"))["counters"])
