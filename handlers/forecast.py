"""What ends in the months ahead."""

from __future__ import annotations

from bot.alerts.digests import forecast_lines
from bot.chat.model import Bullets, Button, Buttons, Heading, Note, Para, Part, Reply, Typed
from bot.dispatch import Context, command
from bot.inventory.messages import chart, ends_ahead
from bot.text import plural

MONTHS = 12


@command("forecast", usage="forecast", aliases=("cliffs", "ahead"), examples=("forecast",))
async def forecast(context: Context) -> Reply:
    """What ends in each of the next twelve months, and the days on which much ends at once."""
    catalogue = await context.services.inventory.catalogue()
    now = context.services.clock.now()
    ends = ends_ahead(catalogue, now)
    parts: list[Part] = [Heading("What ends ahead"), chart(ends, now, MONTHS)]
    steep = forecast_lines(ends, now)
    if steep:
        parts += [Para(("Many expire on one day:",)), Bullets(steep)]
    else:
        parts.append(Para(("No day has more ends than can be renewed in one go.",)))
    parts += [
        Buttons((Button("List Expiring", "run", "list expiring"),)),
        Note(("Or type ", Typed("list expiring"), " · ", Typed("list --sort expiry"))),
    ]
    summary = f"{plural(len(ends), 'expiry date')} ahead, {plural(len(steep), 'day')} with many at once."
    return Reply(summary=summary, parts=tuple(parts))
