"""What can be looked at in Wrike, live: shares of one account, folders, and the vendor's own audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import Bullets, Code, Data, Heading, Para, Part, Reply, Span, Typed, When
from bot.dispatch import Context, command
from bot.errors import BadArgument, NotFound
from bot.inventory.messages import gap_line
from bot.platform.model import Change, Content, CoverageGap, Principal
from bot.platform.ports import ShowsContent
from bot.text import clean, plural

SHOWN = 20
CONNECTION = Flag(help="which Wrike, where there are several")


@command(
    "wrike shares",
    usage="wrike shares <user> [--connection …]",
    flags={"connection": CONNECTION},
    examples=("wrike shares wrike.netsuite@example.com",),
)
async def shares(context: Context) -> Reply:
    """What is shared with one account in Wrike, read live."""
    connection = context.connection("wrike")
    if not context.words:
        raise BadArgument("Name a user by e-mail address: `wrike shares ana@example.com`.")
    account, found, gaps = await _platform(context, connection).content_of(context.text)
    lines = tuple(_content_line(one) for one in found[:SHOWN])
    parts: list[Part] = [
        Heading("Shared in Wrike"),
        Para((Data(clean(account.username, 120), strong=True), ", ", Data(clean(account.profile, 60)), ".")),
        Bullets(lines) if lines else Para(("Nothing that the bot can see.",)),
    ]
    if len(found) > SHOWN:
        parts.append(Para((f"… and {len(found) - SHOWN} more.",)))
    parts += _gaps(connection, gaps)
    return Reply(
        summary=f"{plural(len(found), 'folder')} shared with that account, as far as seen.",
        parts=tuple(parts),
    )


@command(
    "wrike folders",
    usage="wrike folders [words] [--connection …]",
    flags={"connection": CONNECTION},
    examples=("wrike folders finance close",),
)
async def folders(context: Context) -> Reply:
    """Folders and spaces that the bot can share, by words of their path."""
    found = await _platform(context, context.connection("wrike")).find_content(context.text, SHOWN + 1)
    if not found:
        raise NotFound("No folder that the bot sees has these words. Share it with the bot's own user first.")
    more = (Para(("… and more. Say more words.",)),) if len(found) > SHOWN else ()
    return Reply(
        summary=f"{plural(min(len(found), SHOWN), 'folder')} found.",
        parts=(
            Heading("Folders in Wrike"),
            Bullets(tuple(_content_line(one) for one in found[:SHOWN])),
            *more,
            Para(("Share them with a new account: ", Typed("wrike invite"), ".")),
        ),
    )


@command(
    "wrike audit",
    usage="wrike audit [user] [--since date] [--connection …]",
    flags={
        "since": Flag(FlagKind.DATE, help="since which day, or how far back: 7d unless said"),
        "connection": CONNECTION,
    },
    examples=("wrike audit ana@example.com --since 2026-11-01",),
)
async def audit(context: Context) -> Reply:
    """Wrike's own audit log, newest first, of everybody or of one account."""
    connection = context.connection("wrike")
    now = context.services.clock.now()
    since = _since(context.flags.get("since", "7d"), now)
    if since >= now:
        raise BadArgument("--since lies ahead: give a day that has been, for example `--since 2026-11-01`.")
    rows, gaps = await _platform(context, connection).trail(since, context.text)
    parts: list[Part] = [Heading("Audit log of Wrike"), Para(("Since ", When(since), "."))]
    if rows:
        names = await _names(context, connection)
        parts.append(Bullets(tuple(_row_line(row, names) for row in rows[:SHOWN])))
    elif not gaps:
        parts.append(Para(("Nothing.",)))
    if len(rows) > SHOWN:
        parts.append(Para((f"… and {len(rows) - SHOWN:,} more. Name a user, or a later day.",)))
    parts += _gaps(connection, gaps)
    summary = "The audit log is not visible." if gaps else f"{plural(len(rows), 'row')} of the audit log."
    return Reply(summary=summary, parts=tuple(parts))


def _since(text: str, now: datetime) -> datetime:
    """A span back from now (``7d``), or the beginning of a day."""
    if text.endswith("d"):
        return now - timedelta(days=int(text[:-1]))
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


async def _names(context: Context, connection: str) -> Mapping[str, str]:
    """Accounts by id, as the inventory knows them."""
    catalogue = await context.services.inventory.catalogue()
    return {
        item.body.native_id: item.body.username
        for item in catalogue.items
        if item.connection == connection and isinstance(item.body, Principal)
    }


def _row_line(row: Change, names: Mapping[str, str]) -> tuple[Span, ...]:
    who = names.get(row.actor_id) or row.actor_id or "somebody"
    about: tuple[Span, ...] = (" · ", Data(clean(row.display, 120))) if row.display else ()
    return (When(row.at, "time"), " · ", Data(clean(row.action, 60)), " · ", Data(clean(who, 80)), *about)


def _content_line(content: Content) -> tuple[Span, ...]:
    return (Data(clean(content.path, 150)), f", {content.kind} ", Code(content.handle))


def _gaps(connection: str, gaps: tuple[CoverageGap, ...]) -> list[Part]:
    return [Bullets(tuple(gap_line(connection, gap) for gap in gaps))] if gaps else []


def _platform(context: Context, connection: str) -> ShowsContent:
    platform = context.services.platforms[connection]
    if not isinstance(platform, ShowsContent):
        raise BadArgument(f"{connection} shows no content.")
    return platform
