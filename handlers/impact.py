"""What breaks if somebody leaves."""

from __future__ import annotations

from datetime import datetime

from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Code,
    Data,
    Form,
    Heading,
    Input,
    InputKind,
    Note,
    Para,
    Part,
    Reply,
    Role,
    Span,
    Typed,
    When,
)
from bot.chat.tokens import end_of
from bot.dispatch import Context, button, command, form
from bot.errors import BadArgument, NotFound
from bot.inventory.catalogue import Catalogue, label
from bot.inventory.holdings import Holdings, holdings
from bot.inventory.messages import account_spans, ends_when, kind_of, used_when
from bot.inventory.model import Item
from bot.inventory.repository import ConnectionRepository
from bot.people.find import found
from bot.platform.model import Application, Principal, Tie
from bot.requests.approvals import REASON_AT_LEAST
from bot.requests.leavers import Asked, Move, moves
from bot.requests.target_choice import chosen_target, target_input
from bot.requests.targets import Targets
from bot.text import clean, fold, plural

SHOWN = 15


@command(
    "impact",
    usage="impact @person|email [--on DATE]",
    aliases=("blast", "leaver"),
    flags={"on": Flag(FlagKind.DATE, help="the day they leave, or how long until then: 2026-12-01, 14d")},
    examples=("impact @ana", "impact ana@example.com --on 2026-12-01", "impact @ana --on 14d"),
)
async def impact(context: Context) -> Reply:
    """Everything that breaks if a person leaves, on every connection, with a plan for each integration."""
    catalogue = await context.services.inventory.catalogue()
    held = _who(context, catalogue)
    name = clean(held.person.name if held.person else held.email, 80)
    now = context.services.clock.now()
    leaves = end_of(context.flags["on"], now) if "on" in context.flags else None
    if leaves is not None and leaves <= now:
        raise BadArgument("Give a day after today: `impact @ana --on 2026-12-01`.")
    planned = await _moves(context, catalogue, held, leaves)
    parts: list[Part] = [Heading(f"If {name} leaves")]
    if leaves is not None:
        parts.append(Para(("On ", When(leaves), f", in {plural((leaves - now).days, 'day')}.")))
    if held.accounts:
        parts.append(Bullets(tuple(_account(item) for item in held.accounts)))
    if held.entries:
        parts.append(Para((f"{plural(len(held.entries), 'credential')} would stop:",)))
        lines = [_line(held, key, context) for key in held.by_integration()]
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
        parts.append(Para(("Owner of ", Data(owned), ".")))
    if not held:
        parts.append(Para(("Nothing that we can see depends on them.",)))
    if planned:
        parts += [
            Para(("The plan, each for its own approval:",)),
            Bullets(tuple(_move(m, now) for m in planned[:SHOWN])),
        ]
        if len(planned) > SHOWN:
            parts.append(Para((f"… and {len(planned) - SHOWN} more.",)))
    parts += await _unseen(context)
    if planned:
        first = planned[0].entry.item.ref
        everything = Button(
            "Request All Handovers",
            "leaver.open",
            held.email,
            "primary",
            hint=f"Ask for every handover from {name}",
        )
        one = Button("Plan One", "handover.open", first, hint=f"Plan the handover of {first}")
        parts += [
            Buttons((everything, one) if context.caller.role.covers(Role.OPERATOR) else (one,)),
            Note(("Or type ", Typed(f"handover {first} to <account>"))),
        ]
    count = plural(len(held.entries), "integration credential")
    when = f" on {leaves:%Y-%m-%d}" if leaves else ""
    return Reply(summary=f"{name}: {count} would stop if they leave{when}.", parts=tuple(parts))


async def _moves(
    context: Context, catalogue: Catalogue, held: Holdings, leaves: datetime | None
) -> tuple[Move, ...]:
    async with context.services.store.read() as unit:
        rhythms = await context.services.alerts.use.rhythms(unit, held.entries)
    return moves(catalogue, held, context.services.settings.policies.policies(), rhythms, leaves)


def _move(move: Move, now: datetime) -> tuple[Span, ...]:
    """Which, where to, and until when it has to begin."""
    spans: list[Span] = [Data(clean(move.entry.name, 60), strong=True), " ", Code(move.entry.item.ref)]
    if move.target:
        spans += [" to ", Code(clean(move.target, 80))]
    else:
        spans.append(": no integration account is free on ")
        spans += [Data(move.entry.item.connection), ". Make one, or name one when you ask"]
    if move.begin_by and move.begin_by <= now:
        spans.append(". Too late to wait one full usage interval: begin now")
    elif move.begin_by:
        spans += [". Begin by ", When(move.begin_by), ", to wait one full usage interval"]
    return (*spans, ".")


@button("leaver.open", role=Role.OPERATOR, modal="Request all handovers")
async def open_all(context: Context) -> Reply:
    """The Request All Handovers button: which account each goes to, and why."""
    catalogue = await context.services.inventory.catalogue()
    held = _held(catalogue, context.request.value)
    planned = await _moves(context, catalogue, held, None)
    if not planned:
        raise NotFound("Nothing acts as them any more, so there is nothing to hand over.")
    lacking = sorted({m.entry.item.connection for m in planned if not m.target})[:4]
    targets = Targets(catalogue)
    inputs = [
        target_input(
            targets.on((connection,)),
            best=False,
            name=f"on_{at}",
            label=f"Account on {connection}"[:48],
            hint="For what has no account proposed; empty leaves it out.",
            optional=True,
        )
        for at, connection in enumerate(lacking)
    ]
    why = Input(
        name="reason",
        label="Why",
        kind=InputKind.TEXT,
        initial=f"{held.email} leaves",
        hint="At least 10 characters; approvers read it.",
        max_length=500,
    )
    asked = Form(
        name="leaver",
        title="Request all handovers",
        submit="Ask for Approval",
        state={"email": held.email, **{f"on_{at}": connection for at, connection in enumerate(lacking)}},
        parts=(Bullets(tuple(_move(m, context.services.clock.now()) for m in planned[:SHOWN])),),
        inputs=(*inputs, why),
    )
    return Reply(summary="Request all handovers", form=asked)


@form("leaver", role=Role.OPERATOR)
async def submit_all(context: Context) -> Reply:
    """A sent Request All Handovers form: one request each, to be decided by somebody else."""
    catalogue = await context.services.inventory.catalogue()
    planned = await _moves(context, catalogue, _held(catalogue, context.request.state["email"]), None)
    reason = context.request.answers.get("reason", "")
    if len(reason.strip()) < REASON_AT_LEAST:
        said = f"Give a reason of at least {REASON_AT_LEAST} characters; approvers read it."
        return Reply(summary=said, errors={"reason": said})
    lacking = sorted({m.entry.item.connection for m in planned if not m.target})[:4]
    named = {
        connection: chosen_target(catalogue, context.request.answers.get(f"on_{at}", "").strip())
        for at, connection in enumerate(lacking)
    }
    chosen = [(m.entry, m.target or named.get(m.entry.item.connection, "")) for m in planned]
    done = await context.services.leavers.ask_all(chosen, context.caller, reason)
    lines = tuple(_asked(each) for each in done)
    count = sum(each.request is not None for each in done)
    return Reply(
        summary=f"{plural(count, 'handover')} of {len(done)} asked for. Somebody else decides each.",
        parts=(
            Para((f"{plural(count, 'handover')} of {len(done)} asked for. Somebody else decides each.",)),
            Bullets(lines[:SHOWN]),
            *((Para((f"… and {len(lines) - SHOWN} more.",)),) if len(lines) > SHOWN else ()),
            Buttons((Button("Requests", "run", "requests mine"),)),
            Note(("Or type ", Typed("requests mine"))),
        ),
    )


def _asked(each: Asked) -> tuple[Span, ...]:
    name = Data(clean(each.entry.name, 60), strong=True)
    if each.request is not None:
        return (name, " ", Code(each.entry.item.ref), ": request ", Code(each.request.ref))
    return (name, " ", Code(each.entry.item.ref), ": not asked, ", Data(clean(each.why_not, 300)))


def _held(catalogue: Catalogue, email: str) -> Holdings:
    return holdings(catalogue, email)


def _who(context: Context, catalogue: Catalogue) -> Holdings:
    if not context.words:
        raise BadArgument("Name one person: `impact @ana`, `impact Ana Field` or `impact ana@example.com`.")
    said = context.text
    if "@" in said and fold(said) in catalogue.by_email and catalogue.person(said) is None:
        return holdings(catalogue, said)  # nobody of this workspace, and an account has that address
    person = found(catalogue.people.values(), said)
    if not person.addresses:
        raise BadArgument("Slack shows no e-mail address for that person. Type the address instead.")
    return holdings(catalogue, person.email, person)


def _account(item: Item) -> tuple[Span, ...]:
    assert isinstance(item.body, Principal)  # noqa: S101  holdings.accounts are principals
    shown = account_spans(item.body)
    powers: tuple[Span, ...] = (
        (" · ", Data(", ".join(item.body.privileges[:4]))) if item.body.privileges else ()
    )
    return (Data(item.connection), ": ", *shown, *powers)


def _line(held: Holdings, key: tuple[str, str], context: Context) -> tuple[Span, ...]:
    connection, name = key
    group = held.by_integration()[key]
    now = context.services.clock.now()
    spans: list[Span] = [Data(clean(name, 60), strong=True), " on ", Data(connection), ": "]
    for at, entry in enumerate(group[:3]):
        known = entry.credential and entry.credential.last_used_at
        spans += [
            ", " if at else "",
            kind_of(entry),
            " ",
            Code(entry.item.ref),
            " (used " if known else " (use ",
        ]
        spans += used_when(entry)
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


async def _unseen(context: Context) -> list[Part]:
    """What this answer could not take into account."""
    lines: list[tuple[Span, ...]] = []
    blind: list[str] = []
    async with context.services.store.read() as unit:
        for connection in context.services.settings.connections:
            state = await unit[ConnectionRepository].get(connection)
            if state.last_success is None:
                lines.append((Data(connection), ": not listed yet, so nothing of it is counted here."))
            elif state.blind_polls:
                lines.append(
                    (Data(connection), ": could not be seen lately; what stands here is from its last scan.")
                )
            if state.gaps:
                blind.append(f"{connection} ({plural(len(state.gaps), 'coverage gap')})")
    parts: list[Part] = [Bullets(tuple(lines))] if lines else []
    if blind:
        parts.append(
            Para(
                (
                    "There may be more: not everything shows on ",
                    Data(", ".join(blind)),
                    ". See ",
                    Typed("status"),
                    ".",
                )
            )
        )
    return parts
