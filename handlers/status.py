"""How the bot and its connections do."""

from __future__ import annotations

from bot.audit.repository import AuditLog
from bot.chat.model import Bullets, Button, Buttons, Data, Heading, Note, Para, Part, Reply, Span, Typed, When
from bot.dispatch import Context, command
from bot.errors import PlatformError
from bot.inventory.messages import gap_line
from bot.inventory.model import ConnectionState
from bot.inventory.repository import ConnectionRepository
from bot.platform.ports import Reports
from bot.platform.report import Mark
from bot.services import Services
from bot.text import clean, plural


@command("status", usage="status", aliases=("health", "connections"), examples=("status",))
async def status(context: Context) -> Reply:
    """Connections, what of them cannot be seen, the last scans, the engine and the schedule."""
    services = context.services
    parts: list[Part] = [Heading("Connections")]
    lines: list[tuple[Span, ...]] = []
    gaps: list[tuple[Span, ...]] = []
    async with services.store.read() as unit:
        for connection in services.settings.connections:
            state = await unit[ConnectionRepository].get(connection)
            lines.append(_line(state))
            gaps += [gap_line(connection, gap) for gap in state.gaps]
        waiting = await unit.outbox.pending()
        seq, _ = await unit[AuditLog].head()
    parts.append(Bullets(tuple(lines)) if lines else Para(("No connection is configured yet.",)))
    if gaps:
        parts += [
            Para(("Not visible to Handover (this does not mean there is nothing):",)),
            Bullets(tuple(gaps)),
        ]
    parts += await _abilities(services)
    health = await services.health()
    parts += [
        Heading("The bot"),
        Bullets(
            (
                *(
                    (
                        Data(p.name, strong=True),
                        ": ",
                        "works" if p.ok else "does not work",
                        ", ",
                        Data(p.detail),
                    )
                    for p in health
                ),
                (Data("Messages", strong=True), f": {waiting:,} waiting to be sent"),
                (Data("Audit log", strong=True), f": {seq:,} entries"),
            )
        ),
        Buttons((Button("Findings", "run", "findings"), Button("Requests", "run", "requests"))),
        Note(("Or type ", Typed("findings"), " · ", Typed("requests"), " · ", Typed("scan"))),
    ]
    ill = [p.name for p in health if not p.ok]
    summary = f"{plural(len(lines), 'connection')}, {plural(len(gaps), 'coverage gap')}"
    return Reply(summary=summary + (f"; not working: {', '.join(ill)}." if ill else "."), parts=tuple(parts))


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
            f"{state.population:,} things, listed ",
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
