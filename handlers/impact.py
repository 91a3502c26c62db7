"""What breaks if somebody leaves."""

from __future__ import annotations

from bot.dispatch import Ask, command
from bot.domain.conversation import (
    Bullets,
    Button,
    Buttons,
    Code,
    Data,
    Heading,
    Note,
    Para,
    Part,
    Reply,
    Span,
    Typed,
)
from bot.domain.grammar import WordKind
from bot.domain.identity import Application, Principal, Tie
from bot.domain.records import Item
from bot.domain.text import clean, fold, plural
from bot.errors import BadArgument, NotFound
from bot.services.holdings import Holdings, holdings
from bot.services.inventory import Catalogue, label
from bot.services.wording import account_spans, ends_when, gap_line, kind_of, used_when

SHOWN = 15


@command(
    "impact",
    usage="impact @person|email",
    aliases=("blast", "leaver"),
    examples=("impact @ana", "impact ana@example.com"),
)
async def impact(ask: Ask) -> Reply:
    """Everything that breaks if a person leaves, on every connection, with what could not be seen."""
    catalogue = await ask.services.inventory.catalogue()
    held = _who(ask, catalogue)
    name = clean(held.person.name if held.person else held.email, 80)
    parts: list[Part] = [Heading(f"If {name} leaves")]
    if held.accounts:
        parts.append(Bullets(tuple(_account(item) for item in held.accounts)))
    if held.entries:
        parts.append(Para((f"{plural(len(held.entries), 'credential')} would stop:",)))
        lines = [_line(held, key, ask) for key in held.by_integration()]
        parts.append(Bullets(tuple(lines[:SHOWN])))
        if len(lines) > SHOWN:
            parts.append(Para((f"… and {len(lines) - SHOWN} more integrations.",)))
    if held.ties:
        parts += [
            Para(("Not tokens, but theirs:",)),
            Bullets(tuple(_tie(item) for item in held.ties[:SHOWN])),
        ]
    if held.contacts:
        contacts = ", ".join(
            clean(item.body.name, 60) for item in held.contacts if isinstance(item.body, Application)
        )
        parts.append(Para(("Named as contact of ", Data(contacts), ".")))
    if held.owned:
        owned = ", ".join(sorted({clean(e.name, 60) for e in held.owned}))
        parts.append(Para(("Answers for ", Data(owned), ".")))
    if not held:
        parts.append(Para(("Nothing that we can see depends on them.",)))
    parts += await _unseen(ask)
    if held.entries:
        first = held.entries[0].item.ref
        parts += [
            Buttons(
                (
                    Button(
                        "Plan Handover",
                        "handover.open",
                        first,
                        "primary",
                        hint=f"Plan the handover of {first}",
                    ),
                )
            ),
            Note(("Or type ", Typed(f"handover {first} to <account>"))),
        ]
    count = plural(len(held.entries), "integration credential")
    return Reply(summary=f"{name}: {count} would stop if they leave.", parts=tuple(parts))


def _who(ask: Ask, catalogue: Catalogue) -> Holdings:
    if len(ask.words) != 1:
        raise BadArgument("Name one person: `impact @ana` or `impact ana@example.com`.")
    word = ask.words[0]
    if word.kind is WordKind.PERSON:
        person = catalogue.people.get(word.value)
        if person is None:
            raise NotFound("That person is not known yet. `scan` reads the members anew.")
        if not person.email:
            raise BadArgument("Slack shows no e-mail address for that person. Type the address instead.")
        return holdings(catalogue, person.email, person)
    if "@" not in word.value:
        raise BadArgument("Name one person: `impact @ana` or `impact ana@example.com`.")
    wanted = fold(word.value)
    person = next((p for p in catalogue.people.values() if p.email and fold(p.email) == wanted), None)
    known = any(isinstance(i.body, Principal) and fold(i.body.email) == wanted for i in catalogue.items)
    if person is None and not known:
        raise NotFound("Nobody with that address is known, on any connection or in this workspace.")
    return holdings(catalogue, person.email if person else word.value, person)


def _account(item: Item) -> tuple[Span, ...]:
    assert isinstance(item.body, Principal)  # noqa: S101  holdings.accounts are principals
    shown = account_spans(item.body)
    powers: tuple[Span, ...] = (
        (" · ", Data(", ".join(item.body.privileges[:4]))) if item.body.privileges else ()
    )
    return (Data(item.connection), ": ", *shown, *powers)


def _line(held: Holdings, key: tuple[str, str], ask: Ask) -> tuple[Span, ...]:
    connection, name = key
    group = held.by_integration()[key]
    now = ask.services.clock.now()
    spans: list[Span] = [Data(clean(name, 60), strong=True), " on ", Data(connection), ": "]
    for at, entry in enumerate(group[:3]):
        spans += [", " if at else "", kind_of(entry), " ", Code(entry.item.ref), " (used ", *used_when(entry)]
        spans += ["; ", *ends_when(entry, now), ")"] if entry.expires_at else [")"]
    if len(group) > 3:
        spans.append(f" and {len(group) - 3} more")
    return tuple(spans)


def _tie(item: Item) -> tuple[Span, ...]:
    assert isinstance(item.body, Tie)  # noqa: S101  holdings.ties are ties
    return (
        Data(item.connection),
        f": {item.body.kind} ",
        Data(clean(label(item), 80), strong=True),
        " ",
        Data(clean(item.body.detail, 80)),
    )


async def _unseen(ask: Ask) -> list[Part]:
    """What this answer could not take into account."""
    lines: list[tuple[Span, ...]] = []
    async with ask.services.store.read() as unit:
        for connection in ask.services.settings.connections:
            state = await unit.connections.get(connection)
            if state.last_success is None:
                lines.append((Data(connection), ": not listed yet, so nothing of it is counted here."))
            elif state.blind_polls:
                lines.append(
                    (Data(connection), ": could not be seen lately; what stands here is from its last scan.")
                )
            lines += [gap_line(connection, gap) for gap in state.gaps]
    return [Para(("Could not be seen:",)), Bullets(tuple(lines))] if lines else []
