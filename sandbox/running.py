"""A whole sandbox on local ports: started, described by one line of JSON, and stopped again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import botconfig
from sandbox.company import Company
from sandbox.control import Control
from sandbox.slack import Slack
from sandbox.standin import STAND_INS, StandIn, make
from sandbox.world import World

LOOPBACK = "127.0.0.1"
_STOPS_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox. `ready` is the ready line of the contract; `world_url` has no trailing slash."""

    world: World
    control: Control
    slack: Slack
    stand_ins: dict[str, StandIn]
    ready: dict[str, Any]
    directory: Path

    @property
    def world_url(self) -> str:
        return str(self.ready["world"])


@asynccontextmanager
async def running(
    company: Company,
    *,
    port: int = 0,
    seed: int = 1,
    latency_ms: float = 0.0,
    directory: Path | None = None,
    slack_http_url: str | None = None,
    traffic: bool = False,
    platforms: Collection[str] = STAND_INS,
) -> AsyncIterator[Sandbox]:
    """
    Serve the world on `port` and each stand-in on the ones after it; 0 takes whatever is free.

    Slack always runs, `platforms` names the others; a stand-in's port does not depend on which they are.

    The bot's configuration is written to `directory`, or to a private temporary one that is removed at the
    end. Raises OSError when a port is taken.
    """
    world = World(company, seed=seed, latency_ms=latency_ms)
    world.traffic = traffic
    slack = Slack(world)
    others = {name: make(name, world) for name in STAND_INS if name in platforms}
    stand_ins: dict[str, StandIn] = {"slack": slack, **others}
    control = Control(world, slack, stand_ins)
    own_directory = directory is None
    directory = directory or Path(tempfile.mkdtemp(prefix="handover-sandbox-"))
    runners: list[web.AppRunner] = []
    try:
        page = await _serve(control.application(), port, runners)
        ready: dict[str, Any] = {"page": f"{page}/", "world": f"{page}/world"}
        for name, stand_in in stand_ins.items():
            number = 1 + ("slack", *STAND_INS).index(name)
            url = await _serve(stand_in.application(), port and port + number, runners)
            ready[name] = stand_in.hello(url)
        if slack_http_url is not None:
            slack.deliver_by_http(slack_http_url)
        ready["bot_config"] = str(botconfig.write(directory, ready, roles=slack.roles()))
        yield Sandbox(world, control, slack, stand_ins, ready, directory)
    finally:
        world.close()
        for runner in reversed(runners):
            await runner.cleanup()
        if own_directory:
            shutil.rmtree(directory, ignore_errors=True)


async def _serve(application: web.Application, port: int, runners: list[web.AppRunner]) -> str:
    """Start serving and return the address, without a trailing slash."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_STOPS_WITHIN_S)
    await runner.setup()
    runners.append(runner)
    await web.TCPSite(runner, LOOPBACK, port).start()
    return f"http://{LOOPBACK}:{runner.addresses[0][1]}"
