"""Looking now instead of at the next tick."""

from __future__ import annotations

from bot.chat.model import Bullets, Button, Buttons, Data, Note, Reply, Role, Span, Typed
from bot.dispatch import Ask, command
from bot.errors import BadArgument
from bot.scans.scan import ScanOutcome, ScanReport
from bot.text import clean, plural


@command(
    "scan",
    usage="scan [connection]",
    role=Role.ADMIN,
    aliases=("refresh", "sync"),
    examples=("scan", "scan salesforce:prod"),
)
async def scan(ask: Ask) -> Reply:
    """Read one connection, or all, now."""
    known = tuple(ask.services.settings.connections)
    chosen = (
        known if not ask.words else tuple(c for c in known if ask.text.casefold() in (c, c.partition(":")[0]))
    )
    if not known:
        raise BadArgument("No connection is configured yet. Add a [connections] table and restart.")
    if not chosen:
        raise BadArgument(f"No connection is called that. There is {', '.join(f'`{c}`' for c in known)}.")
    reports = [await ask.services.scanning.scan(connection, force=True) for connection in chosen]
    bad = [r for r in reports if r.outcome is not ScanOutcome.COMPLETE]
    summary = f"{plural(len(reports), 'connection')} read" + (
        f", {len(bad)} could not be seen." if bad else ", all whole."
    )
    return Reply(
        summary=summary,
        parts=(
            Bullets(tuple(_line(report) for report in reports)),
            Buttons((Button("Findings", "run", "findings"), Button("Status", "run", "status"))),
            Note(("Or type ", Typed("findings"), " · ", Typed("status"))),
        ),
    )


def _line(report: ScanReport) -> tuple[Span, ...]:
    if report.outcome is not ScanOutcome.COMPLETE:
        return (
            Data(report.connection, strong=True),
            ": nothing was changed. ",
            Data(clean(report.detail, 400)),
        )
    changed = f"{report.added} new, {report.changed} changed, {report.gone} gone"
    found = f"{report.opened} findings opened, {report.resolved} resolved"
    return (
        Data(report.connection, strong=True),
        f": {report.items:,} things in {plural(report.requests, 'call')}; {changed}; {found}.",
    )
