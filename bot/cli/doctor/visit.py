"""The whole look, part by part, and the table that comes of it."""

from __future__ import annotations

from pathlib import Path

from bot.cli.doctor import machine, vendors
from bot.cli.doctor.result import Mark, Result, fail, warn
from bot.cli.screen import say, table, working
from bot.config import load
from bot.errors import ConfigError
from bot.text import plural


async def visit(config: Path) -> bool:
    """Show how everything is; whether nothing fails."""
    results = await _look(config)
    table(("", "what", "found", "how to fix it"), [(r.mark, r.what, r.found, r.mend) for r in results])
    failed = sum(r.mark is Mark.FAIL for r in results)
    less = sum(r.mark is Mark.WARN for r in results)
    if failed:
        say(f"{plural(failed, 'thing fails', 'things fail')}, {plural(less, 'warning')}.", style="bold red")
    else:
        say(f"Nothing fails, {plural(less, 'warning')}.", style="green")
    return not failed


async def _look(config: Path) -> list[Result]:
    try:
        settings = load(config)
    except ConfigError as exc:  # everything else is found by way of it
        return [
            fail("configuration", line, "correct it and run doctor again") for line in exc.hint.splitlines()
        ]
    root = config.parent
    results = [*machine.configuration(config, settings), *machine.data_directory(settings)]
    inventory = await machine.inventory(settings)
    results += inventory
    if inventory[-1].mark is Mark.FAIL:  # a stored secret could not be had
        untried = ("Slack", *settings.connections, *(f"destination {name}" for name in settings.destinations))
        return [*results, *(warn(what, "not tried", "fix the key and inventory first") for what in untried)]
    with working("Asking Slack"):
        results += await vendors.slack(settings, root)
    for name in settings.connections:
        with working(f"Asking {name}"):
            results += await vendors.connection(settings, root, name)
    for name in settings.destinations:
        with working(f"Asking {name}"):
            results += await vendors.destination(settings, root, name)
    return results
