"""One workspace with a bot in it, for each module of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from desk import Desk, desk_with_bot

from sandbox.company import load


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: Any) -> AsyncIterator[Desk]:
    """One desk for a module's tests."""
    async with desk_with_bot(tmp_path_factory.mktemp("desk"), load()) as found:
        yield found
