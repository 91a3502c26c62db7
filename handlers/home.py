"""The Home tab: what needs you now, and how things stand."""

from __future__ import annotations

from datetime import timedelta

from bot.dispatch import Ask, button
from bot.domain.conversation import Bullets, Button, Buttons, Fields, Heading, Para, Part, Reply, Span, When
from bot.domain.finding import FindingState, Severity
from bot.domain.text import plural
from bot.services.attention import waiting_for

_SOON = (timedelta(days=7), timedelta(days=30))


@button("home")
async def home(ask: Ask) -> Reply:
    """What the Home tab shows."""
    catalogue = await ask.services.inventory.catalogue()
    entries = [e for e in catalogue.entries if not e.everyday]  # what `list` lists
    now = ask.services.clock.now()
    async with ask.services.store.read() as unit:
        findings = await unit.findings.all(None, frozenset({FindingState.OPEN}))
        states = [await unit.connections.get(c) for c in ask.services.settings.connections]
    needs = await waiting_for(ask.services.store, ask.caller)
    week, month = (
        sum(e.expires_at is not None and e.expires_at - now <= span for e in entries) for span in _SOON
    )
    orphaned = sum(catalogue.orphaned(e) for e in entries)
    by_severity = ", ".join(f"{sum(f.finding.severity is s for f in findings)} {s.value}" for s in Severity)
    fields: list[tuple[str, tuple[Span, ...]]] = [
        ("Accounts and credentials", (f"{len(entries):,}",)),
        ("Without an owner", (f"{orphaned:,}",)),
        ("End within 7 days", (f"{week:,}",)),
        ("End within 30 days", (f"{month:,}",)),
        ("Findings", (by_severity,)),
    ]
    parts: list[Part] = [Heading("Waiting for you")]
    parts.append(
        Bullets(tuple((need,) for need in needs)) if needs else Para(("Nothing is waiting for you.",))
    )
    parts += [Heading("How things stand"), Fields(tuple(fields))]
    fresh = [s for s in states if s.last_success]
    parts.append(
        Bullets(
            tuple((f"{s.connection} listed ", When(s.last_success, "ago")) for s in fresh if s.last_success)
        )
    )
    if not fresh:
        parts[-1] = Para((f"{plural(len(states), 'connection')} configured, none listed yet.",))
    parts.append(
        Buttons(
            (
                Button("List Expiring", "run", "list expiring"),
                Button("List Orphaned", "run", "list orphaned"),
                Button("Requests", "run", "requests"),
            )
        )
    )
    return Reply(summary="Handover", parts=tuple(parts))
