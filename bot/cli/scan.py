"""Scans asked for on the command line."""

from __future__ import annotations

from pathlib import Path

from bot.cli.opening import composed
from bot.cli.screen import say, table, working
from bot.config import load
from bot.errors import NotFound
from bot.scans.scan import ScanOutcome, ScanReport

HEADER = ("connection", "result", "listed", "new", "changed", "gone", "opened", "resolved", "calls", "detail")
MARKS = {
    ScanOutcome.COMPLETE: "ok",
    ScanOutcome.PAUSED: "warn",
    ScanOutcome.REJECTED: "FAIL",
    ScanOutcome.FAILED: "FAIL",
}


async def scan(config: Path, connection: str | None) -> bool:
    """Scan one connection, or each in turn, and show the reports; whether all were complete.

    Raises:
        NotFound: the configuration has no such connection.
        BotError: the inventory cannot be opened.
    """
    settings = load(config)
    known = tuple(settings.connections)
    if connection is not None and connection not in known:
        there = ", ".join(known) or "none yet"
        raise NotFound(f'The configuration has no connection "{connection}". There is: {there}.')
    reports = []
    async with composed(settings, config.parent) as app:
        for name in (connection,) if connection else known:
            with working(f"Listing {name}"):
                reports.append(await app.services.scanner.scan(name, force=True))
    if not reports:
        say('The configuration has no connection yet: add a [connections."platform:name"] table.')
    else:
        table(HEADER, map(_row, reports))
    return all(report.outcome is ScanOutcome.COMPLETE for report in reports)


def _row(report: ScanReport) -> tuple[str, ...]:
    counts = (
        report.items, report.added, report.changed, report.gone, report.opened, report.resolved, report.requests,
    )  # fmt: skip
    detail = report.detail or report.outcome.value
    return (report.connection, MARKS[report.outcome], *map(str, counts), detail)
