"""The bot itself, until it is told to stop."""

from __future__ import annotations

import asyncio
import resource
import signal
import time
from pathlib import Path

from bot import logs
from bot.app import App
from bot.cli.installation import prepare
from bot.cli.screen import note
from bot.config import load

_LOOK_EVERY_S = 0.05


async def run(config: Path, began: float, *, init: bool) -> bool:
    """Run until SIGTERM or SIGINT; a second one ends the process where it stands, which loses nothing.

    ``began``: when the command was given, by ``time.monotonic``. ``init``: make what is missing first.

    Raises:
        BotError: it could not start.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the keys
    if init:
        await prepare(config)
    settings = load(config)
    logs.configure(settings.log)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        note("stopping: what is under way comes to a safe stop")
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
    app = await App.open(settings, root=config.parent)
    notifier = asyncio.create_task(_tell_when_ready(app, began))
    try:
        await app.run(stop)
    finally:
        notifier.cancel()
        await app.aclose()
    note("stopped")
    return True


async def _tell_when_ready(app: App, began: float) -> None:
    """Say so once every part works, which is what /readyz calls ready."""
    while not all(pulse.ok for pulse in await app.health()):  # noqa: ASYNC110  pulses are read, not told
        await asyncio.sleep(_LOOK_EVERY_S)
    note(f"ready in {time.monotonic() - began:.1f} s")
