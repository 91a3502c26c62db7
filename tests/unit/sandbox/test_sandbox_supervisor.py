"""The demo around a bot that is a tiny script: started, watched, killed, and told of when it dies."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from sandbox.company import load
from sandbox.supervisor import Supervisor
from sandbox.world import World

BOT = """
import asyncio, pathlib, signal, sys, tomllib
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

verb, made, _, config = sys.argv[1:5]
settings = tomllib.loads(pathlib.Path(config).read_text())
slack = settings["slack"]

async def run():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = AsyncWebClient(token=slack["bot_token"], base_url=slack["api_url"])
    handler = AsyncSocketModeHandler(AsyncApp(client=client), slack["app_token"])
    await handler.connect_async()
    print("connected", flush=True)
    await stop.wait()
    await handler.close_async()

if (verb, made) == ("run", "--init"):
    pathlib.Path(settings["data_dir"]).mkdir(exist_ok=True)
    print("initialised", flush=True)
    asyncio.run(run())
"""


def script(directory: Path, text: str) -> list[str]:
    file = directory / "bot.py"
    file.write_text(text, encoding="utf-8")
    return [sys.executable, str(file)]


def supervised(directory: Path, text: str, deaths: list[tuple[int, list[str]]]) -> Supervisor:
    return Supervisor(
        World(load()),
        command=script(directory, text),
        config=directory / "handover.toml",
        connected=lambda: True,
        died=lambda status, lines: deaths.append((status, lines)),
    )


async def test_a_bot_that_dies_is_told_of_with_its_last_lines(tmp_path: Path) -> None:
    """A death nobody asked for is told once, with the status and the last twenty lines; nothing is restarted."""
    deaths: list[tuple[int, list[str]]] = []
    text = "import sys\nfor n in range(30): print('line', n)\nsys.exit(7)\n"
    bot = supervised(tmp_path, text, deaths)
    await bot.do("start")
    while not deaths:  # noqa: ASYNC110 - the callback is plain
        await asyncio.sleep(0.01)
    ((status, lines),) = deaths
    assert status == 7
    assert lines == [f"line {number}" for number in range(10, 30)]
    assert bot.running is False
    assert (await bot.do("status"))["pid"] is None


@pytest.mark.parametrize("deed", ["stop", "kill", "restart"])
async def test_deeds_end_the_process_without_an_alarm(deed: str, tmp_path: Path) -> None:
    """stop, kill and restart end the old process; only restart leaves a new one; none counts as a death."""
    deaths: list[tuple[int, list[str]]] = []
    bot = supervised(tmp_path, "import time\nprint('up', flush=True)\ntime.sleep(60)\n", deaths)
    first = await bot.do("start")
    assert first["running"] is True
    assert first["ready_s"] is not None
    again = await bot.do("start")
    assert again["pid"] == first["pid"]
    after = await bot.do(deed)
    assert after["running"] is (deed == "restart")
    assert after["pid"] != first["pid"]
    await bot.close()
    assert bot.running is False
    assert deaths == []


async def test_the_demo_runs_a_bot_and_stops_it(tmp_path: Path) -> None:
    """The demo initialises a new directory, starts the bot, answers the World panel, and ends both on SIGTERM."""
    directory = tmp_path / "kept"
    demo = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox.demo", "--port", "0", "--dir", str(directory)),
        *("--bot-command", " ".join(script(tmp_path, BOT))),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert demo.stdout is not None
    said = b""
    while b"Five things to try" not in said:
        said += await asyncio.wait_for(demo.stdout.readline(), 20)
    page = next(word for word in said.decode().split() if word.startswith("http://127.0.0.1:"))
    async with aiohttp.ClientSession() as http:

        async def ask(deed: str) -> dict[str, object]:
            async with http.post(f"{page}world/bot", json={"do": deed}) as answer:
                assert answer.status == 200
                told: dict[str, object] = await answer.json()
                return told

        started = await ask("start")
        assert started["running"] is True
        assert started["ready_s"] is not None
        killed = await ask("kill")
        assert killed["running"] is False
        again = await ask("start")
        assert again["running"] is True
        assert again["pid"] != started["pid"]
        async with http.get(f"{page}world/slack/connections") as answer:
            assert (await answer.json())["connected"] == 1
    demo.send_signal(signal.SIGTERM)
    _, complaints = await asyncio.wait_for(demo.communicate(), 30)
    assert demo.returncode == 0
    assert complaints == b""
    assert (directory / "data").is_dir()
    assert "initialised" in (directory / "bot.log").read_text(encoding="utf-8")
