"""Finding out, on a real account, what no document of its vendor says."""

from __future__ import annotations

from pathlib import Path

from bot.cli.opening import composed
from bot.cli.screen import note, say, table, working
from bot.config import load
from bot.errors import BadArgument, NotFound
from bot.platform.ports import Probes
from bot.platform.report import Mark

MARKS = {Mark.PLAIN: "ok", Mark.GOOD: "ok", Mark.BAD: "FAIL", Mark.UNKNOWN: "warn"}


async def probe(config: Path, named: str, *, write: bool) -> bool:
    """Settle the open points of one connection and keep them with it; whether anything could be settled.

    Raises:
        NotFound, BadArgument: no such connection, several, or one that has nothing to find out.
        PlatformError: our sign-in was refused, or nobody answered.
    """
    settings = load(config)
    connection = _one(tuple(settings.connections), named)
    async with composed(settings, config.parent) as app:
        platform = app.platforms[connection]
        if not isinstance(platform, Probes):
            raise BadArgument(
                f"There is nothing to find out about {connection}: its vendor documents what we use."
            )
        with working(f"Probing {connection}"):
            found = await platform.probe(write=write)
    say(f"{connection}: {found.title}")
    rows = [(MARKS[line.mark], line.label, line.words) for part in found.sections for line in part.lines]
    table(("", "open point", "found"), rows)
    say(found.summary)
    if not write:
        note("Only read. With --write, points that need a change to the bot's own record are settled too.")
    return any(mark == "ok" for mark, _, _ in rows)


def _one(known: tuple[str, ...], named: str) -> str:
    """The connection of that name, or the only one of that platform."""
    fitting = [name for name in known if named in (name, name.partition(":")[0])]
    if not fitting:
        raise NotFound(
            f'The configuration has no connection "{named}". There is: {", ".join(known) or "none yet"}.'
        )
    if len(fitting) > 1:
        raise BadArgument(f"There are several: {', '.join(fitting)}. Name one.")
    return fitting[0]
