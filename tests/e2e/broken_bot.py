"""The bot with a fault of its own in one place, which no input can bring about. Run as a program, like ``-m bot``.

The environment names the place (BREAK_AT) and a file with the text that the fault's message holds (BREAK_WITH).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from bot import maintenance
from bot.app import App
from bot.cli.commands import main, unexpected
from bot.inventory.catalogue import Catalogue
from bot.people.members import People
from bot.scans.scan import Scanner
from bot.slack.chat import Chat

PLACES: dict[str, tuple[object, str]] = {
    "handler": (Catalogue, "find"),
    "event": (People, "event"),
    "run": (Scanner, "scan"),
    "tick": (maintenance, "minute"),
    "delivery": (Chat, "deliver"),
    "start": (App, "run"),
}


def _fails(*_: object, **__: object) -> NoReturn:
    text = Path(os.environ["BREAK_WITH"]).read_text(encoding="utf-8")
    raise RuntimeError(text)


if __name__ == "__main__":
    place, name = PLACES[os.environ["BREAK_AT"]]
    setattr(place, name, _fails)
    sys.excepthook = unexpected
    main()
