"""The sandbox page may not import the bot, so a test holds its list of commands to the bot's own."""

from __future__ import annotations

import re
from pathlib import Path

from bot.app import routes

HINTS = Path(__file__).parents[2] / "sandbox" / "page" / "static" / "js" / "talk" / "hints.js"


def test_the_page_hints_at_every_command_and_at_nothing_else() -> None:
    """Whoever types a slash on the page sees what there is."""
    listed = re.search(r"COMMANDS = `\n(.*?)\n`", HINTS.read_text(encoding="utf-8"), re.DOTALL)
    assert listed
    hinted = {line.split("|")[0].strip() for line in listed[1].splitlines()} - {""}
    assert hinted == {spec.verb for spec in routes().specs} - {"menu"}
