"""How the bot and its connections do."""

from __future__ import annotations

from collections.abc import Sequence

from bot.audit.repository import AuditLog
from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import Bullets, Button, Buttons, Data, Heading, Note, Para, Part, Reply, Span, Typed, When
from bot.dispatch import Context, command
from bot.errors import PlatformError
from bot.inventory.messages import gap_line
from bot.inventory.model import ConnectionState
from bot.inventory.repository import ConnectionRepository
from bot.platform.ports import Health, Reports
from bot.platform.report import Mark
from bot.services import Services
from bot.text import clean, plural

MOST = 5  # connections in trouble that are named at once


@command(
    "status",
    usage="status [--details]",
    flags={"details": Flag(FlagKind.SWITCH, help="every connection, coverage gap and part of the bot")},
    aliases=("health", "connections"),
    examples=("status", "status --details"),
)
async def status(context: Context) -> Reply:
    """Whether the connections and Handover itself work: what does not comes first."""
    services = context.services
    async with services.store.read() as unit:
        known = unit[ConnectionRepository]
        states = [await known.get(connection) for connection in services.settings.connections]
        waiting = await unit.outbox.pending()
        seq, _ = await unit[AuditLog].head()
    health = await services.health()
    ill = [p for p in health if not p.ok]
    gaps = sum(len(state.gaps) for state in states)
    summary = f"{plural(len(states), 'connection')}, {plural(gaps, 'coverage gap')}"
    summary += f"; not working: {', '.join(p.name for p in ill)}." if ill else "."
    ends: tuple[tuple[Span, ...], ...] = (
        (Data("Messages", strong=True), f": {waiting:,} waiting to be sent"),
        (Data("Audit log", strong=True), f": {seq:,} entries"),
    )
    parts = (
        await _details(services, states, health, ends)
        if "details" in context.flags
        else _short(states, health, gaps, ends)
    )
    return Reply(summary=summary, parts=parts)


def _short(
    states: Sequence[ConnectionState],
    health: Sequence[Health],
    gaps: int,
    ends: tuple[tuple[Span, ...], ...],
) -> tuple[Part, ...]:
    """What does not work, then five lines."""
    troubled = [s for s in states if s.last_error or s.paused_until or s.last_success is None]
    ill = [p for p in health if not p.ok]
    parts: list[Part] = [Heading("Status")]
    if wrong := [*(_part(p) for p in ill), *(_line(s) for s in troubled[:MOST])]:
        parts += [Para(("Needs attention:",)), Bullets(tuple(wrong))]
    if len(troubled) > MOST:
        parts.append(Para((f"… and {len(troubled) - MOST} more connections.",)))
    oldest = min((s.last_success for s in states if s.last_success), default=None)
    read: list[Span] = [
        Data("Connections", strong=True),
        f": {len(states) - len(troubled)} of {len(states)} read without a fault",
    ]
    if oldest:
        read += [", the oldest scan ", When(oldest, "ago")]
    works = ", ".join(p.name for p in health if p.ok)
    parts += [
        Bullets(
            (
                tuple(read) if states else ("No connection is configured yet.",),
                (Data("Coverage", strong=True), f": {plural(gaps, 'coverage gap')}" if gaps else ": no gaps"),
                (Data("Handover", strong=True), f": {works} work" if works else ": nothing works"),
                *ends,
            )
        ),
        Buttons(
            (
                Button("Details", "turn", "status --details"),
                Button("Findings", "run", "findings"),
                Button("Requests", "run", "requests"),
            )
        ),
        Note(("Or type ", Typed("status --details"), " · ", Typed("findings"), " · ", Typed("scan"))),
    ]
    return tuple(parts)


async def _details(
    services: Services,
    states: Sequence[ConnectionState],
    health: Sequence[Health],
    ends: tuple[tuple[Span, ...], ...],
) -> tuple[Part, ...]:
    lines = tuple(_line(state) for state in states)
    gaps = tuple(gap_line(state.connection, gap) for state in states for gap in state.gaps)
    parts: list[Part] = [
        Heading("Connections"),
        Bullets(lines) if lines else Para(("No connection is configured yet.",)),
    ]
    if gaps:
        parts += [Para(("Not visible to Handover (this does not mean there is nothing):",)), Bullets(gaps)]
    parts += await _abilities(services)
    parts += [
        Heading("Handover"),
        Bullets((*(_part(p) for p in health), *ends)),
        Buttons((Button("Findings", "run", "findings"), Button("Requests", "run", "requests"))),
        Note(("Or type ", Typed("findings"), " · ", Typed("requests"), " · ", Typed("scan"))),
    ]
    return tuple(parts)


def _part(p: Health) -> tuple[Span, ...]:
    return (Data(p.name, strong=True), ": ", "works" if p.ok else "does not work", ", ", Data(p.detail))


async def _abilities(services: Services) -> list[Part]:
    """What can be done on each connection by interface, where its platform says so; reads nothing from vendors."""
    parts: list[Part] = []
    for connection, platform in services.platforms.items():
        if not isinstance(platform, Reports):
            continue
        try:
            report = await platform.report("capabilities", {})
        except PlatformError:
            continue  # this platform has no such view
        doable = [line.label for line in report.sections[0].lines if line.mark is Mark.GOOD]
        by_hand = [line.label for line in report.sections[0].lines if line.mark is not Mark.GOOD]
        name = connection.partition(":")[0]
        parts += [
            Para((Data(connection, strong=True), ": what can be done there. ", report.summary)),
            Bullets(
                (
                    ("✓ ", Data(clean("; ".join(doable), 400))),
                    ("By a person: ", Data(clean("; ".join(by_hand), 400))),
                    ("Each with its reason: ", Typed(f"{name} capabilities")),
                )
            ),
        ]
    return parts


def _line(state: ConnectionState) -> tuple[Span, ...]:
    spans: list[Span] = [Data(state.connection, strong=True), ": "]
    if state.last_success is None:
        spans.append("not listed yet")
    else:
        spans += [
            f"{state.population:,} items, listed ",
            When(state.last_success, "ago"),
            f" in {plural(state.requests, 'call')}",
        ]
    if state.last_error:
        spans += [". Last try failed: ", Data(clean(state.last_error, 300))]
    if state.paused_until:
        spans += [". Paused until ", When(state.paused_until, "time")]
    if state.capacities:
        supplies = " · ".join(f"{clean(c.name, 60)} {c.used:,} of {c.total:,}" for c in state.capacities[:8])
        spans += ["\nIn use: ", Data(supplies)]
    return tuple(spans)
