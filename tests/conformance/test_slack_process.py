"""`python -m sandbox` as a process, walked through its contract from outside."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.conformance.driving import ADMIN, WorldClient, connected


@pytest.fixture
async def process() -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox", "--port", "0", "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    yield started
    if started.returncode is None:
        started.terminate()  # so that it removes its directory
        await asyncio.wait_for(started.communicate(), 20)


async def ready_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 20)
    said: dict[str, Any] = json.loads(line)
    return said


def check_config(ready: dict[str, Any]) -> None:
    """The bot's TOML agrees with the ready line, and nobody else can read it."""
    config_file = Path(ready["bot_config"])
    config = tomllib.loads(config_file.read_text(encoding="utf-8"))
    assert config["slack"]["api_url"] == ready["slack"]["api"]
    assert config["slack"]["alert_channel"] == ready["slack"]["channel"]
    assert config["sandbox"]["world_url"] == ready["world"]
    assert config["roles"]["viewer"] == ["*"]
    assert all(one.startswith("S") for one in config["roles"]["admin"])
    prod = config["connections"]["salesforce:prod"]
    assert (prod["platform"], prod["url"]) == ("salesforce", ready["salesforce"]["url"])
    assert Path(prod["private_key_file"]).read_text(encoding="utf-8") == ready["salesforce"]["private_key"]
    assert config_file.stat().st_mode & 0o777 == 0o600
    assert config_file.parent.stat().st_mode & 0o777 == 0o700


async def test_the_contract_is_kept(process: asyncio.subprocess.Process) -> None:
    """The ready line, the bot's configuration, the world, a command through bolt, and a clean end."""
    ready = await ready_line(process)
    assert ready["page"] + "world" == ready["world"]
    check_config(ready)

    async with aiohttp.ClientSession() as http:
        world = WorldClient(ready["world"], http)
        state = await world.get()
        assert {one["role"] for one in state["people"]} == {"admin", "approver", "operator", "viewer"}
        assert {"email", "name", "slack_id", "role", "ids", "holds"} <= set(state["people"][0])
        assert {"now", "people", "channels", "faults", "counters"} <= set(state)
        app = AsyncApp(
            client=AsyncWebClient(token=ready["slack"]["bot_token"], base_url=ready["slack"]["api"]),
            signing_secret=ready["slack"]["signing_secret"],
        )

        @app.command("/svc")
        async def command(ack: Any) -> None:
            await ack("hello")

        async with connected(app, ready["slack"]["app_token"]):
            sent = await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
        assert sent == {"ack": {"text": "hello"}}

    process.send_signal(signal.SIGTERM)
    rest, complaints = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    assert rest == b""
    assert complaints == b""
    assert not await asyncio.to_thread(Path(ready["bot_config"]).exists)


async def test_a_taken_port_is_one_readable_line(process: asyncio.subprocess.Process) -> None:
    """Starting on a port that somebody has ends with status 1 and says so without a traceback."""
    ready = await ready_line(process)
    port = ready["page"].rsplit(":", 1)[1].rstrip("/")
    second = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox", "--port", port, "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await asyncio.wait_for(second.communicate(), 20)
    assert second.returncode == 1
    assert said == b""
    assert complaint.startswith(b"The sandbox cannot start: ")
    assert complaint.count(b"\n") == 1
