"""A request's plan, to read elsewhere or to keep."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.cli.opening import opened
from bot.config import load
from bot.errors import NotFound
from bot.requests.plan_document import as_json, as_markdown
from bot.requests.repository import RequestRepository
from bot.text import normal_ref


async def show(config: Path, request: str, *, form: str) -> bool:
    """Write the plan of a request to standard output, whole, as it was asked for.

    Raises:
        NotFound: no request has that reference.
    """
    async with opened(load(config)) as store, store.read() as unit:
        found = await unit[RequestRepository].by_ref(request)
    if found is None:
        raise NotFound(f"No request is called {normal_ref(request)}.")
    sys.stdout.write(as_json(found.plan) if form == "json" else as_markdown(found.plan))
    return True
