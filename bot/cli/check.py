"""One check, run from the shell over a fresh listing."""

from __future__ import annotations

from pathlib import Path

from bot.cli.opening import composed
from bot.cli.screen import say, table, working
from bot.config import load
from bot.text import plural

HEADER = ("connection", "severity", "subject", "evidence")


async def check(config: Path, words: str, connection: str | None) -> bool:
    """Run it on one connection, or on each it is for; whether all were seen wholly and nothing was found.

    Raises:
        NotFound, BadArgument: no such check or connection, or the connection is of another platform.
    """
    settings = load(config)
    async with composed(settings, config.parent) as app:
        check_runner = app.services.check_runner
        chosen = check_runner.named(words)
        where = check_runner.places(chosen, connection or "")
        results = []
        for name in where:
            with working(f"Listing {name}"):
                results.append(await check_runner.run(chosen, name))
    say(
        f"{chosen.id}: {chosen.title}. {chosen.severity.value}, {', '.join(chosen.owasp) or 'no OWASP risk'}."
    )
    say(f"Risk: {chosen.risk}")
    say(f"What to do: {chosen.remedy}")
    rows = [(t.connection, f.severity.value, f.subject, f.evidence) for t in results for f in t.findings]
    if rows:
        table(HEADER, rows)
    for trial in results:
        if trial.error:
            say(f"{trial.connection}: could not look, so nothing is known: {trial.error}")
        elif trial.blind:
            areas = ", ".join(area.value for area in trial.blind)
            say(f"{trial.connection}: {plural(len(trial.findings), 'finding')}; not wholly seen: {areas}")
        else:
            say(f"{trial.connection}: {plural(len(trial.findings), 'finding')}")
    return not any(trial.findings or trial.error or trial.blind for trial in results)
