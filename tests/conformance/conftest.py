"""Running sandboxes, and unmodified third-party programs pointed at them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.company import load
from sandbox.running import Sandbox, running
from tests.conformance.driving import WorldClient
from tests.conformance.nexonia_driving import Nexonia, nexonia_alone
from tests.conformance.wrike_driving import Wrike, wrike_alone


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(load(), platforms=()) as started:
        yield started


@pytest.fixture
async def world(sandbox: Sandbox) -> AsyncIterator[WorldClient]:
    async with aiohttp.ClientSession() as http:
        yield WorldClient(sandbox.world_url, http)


@pytest.fixture
def slack(sandbox: Sandbox) -> dict[str, Any]:
    block: dict[str, Any] = sandbox.ready["slack"]
    return block


@pytest.fixture
def web(slack: dict[str, Any]) -> AsyncWebClient:
    return AsyncWebClient(token=slack["bot_token"], base_url=slack["api"])


@pytest.fixture
def app(slack: dict[str, Any], web: AsyncWebClient) -> AsyncApp:
    """A bolt app as anybody would write it; only the client's address differs from production."""
    return AsyncApp(client=web, signing_secret=slack["signing_secret"])


@pytest.fixture
async def wrike() -> AsyncIterator[Wrike]:
    async with wrike_alone() as started:
        yield started


@pytest.fixture
async def nexonia() -> AsyncIterator[Nexonia]:
    async with nexonia_alone() as started:
        yield started
