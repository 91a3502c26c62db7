"""What the checks say."""

from __future__ import annotations

from collections.abc import Callable

from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Code,
    Data,
    Heading,
    Mention,
    Para,
    Part,
    Reply,
    Role,
    Span,
    Typed,
    When,
)
from bot.chat.tokens import end_of
from bot.dispatch import Context, command
from bot.errors import BadArgument, NotFound
from bot.findings.model import FindingRow, FindingState, Severity, Suppression
from bot.findings.repository import FindingRepository, SuppressionRepository
from bot.inventory.catalogue import Catalogue, label
from bot.inventory.messages import PAGE, page_note, page_of, pages
from bot.text import clean, fold, plural

LIVE = frozenset({FindingState.OPEN, FindingState.UNKNOWN})
SORTS: dict[str, Callable[[FindingRow], tuple[object, ...]]] = {
    "severity": lambda row: (row.finding.severity.value, row.finding.title, row.ref),
    "age": lambda row: (row.opened_at, row.ref),
    "newest": lambda row: (-row.opened_at.timestamp(), row.ref),
    "connection": lambda row: (row.connection, row.finding.severity.value, row.ref),
    "title": lambda row: (row.finding.title, row.ref),
}
STATES = {
    "open": frozenset({FindingState.OPEN}),
    "unknown": frozenset({FindingState.UNKNOWN}),
    "resolved": frozenset({FindingState.RESOLVED}),
    "suppressed": LIVE,
}


@command(
    "findings",
    usage="findings [P1|P2|P3] [connection] [text…] [--state …] [--sort …] [--page n]",
    aliases=("issues", "problems"),
    flags={
        "state": Flag(
            FlagKind.CHOICE, choices=tuple(STATES), help="default: open and unknown, not suppressed"
        ),
        "sort": Flag(FlagKind.CHOICE, choices=tuple(SORTS), help="default: severity"),
        "page": Flag(FlagKind.INT, help="ten a page"),
    },
    examples=(
        "findings",
        "findings P1",
        "findings salesforce certificate --sort age",
        "findings --state resolved",
    ),
)
async def findings(context: Context) -> Reply:
    """Every bad state the checks see now, worst first, each with the one thing to do."""
    if len(context.words) == 1 and not context.flags and (shown := await _one(context)):
        return shown
    state = context.flags.get("state", "")
    async with context.services.store.read() as unit:
        rows = [
            row
            for row in await unit[FindingRepository].all(None, STATES.get(state, LIVE))
            if _matches(row, context)
        ]
        suppressed = await unit[SuppressionRepository].live(context.services.clock.now())
    hidden = sum(row.id in suppressed for row in rows)
    if state != "resolved":
        rows = [row for row in rows if (row.id in suppressed) == (state == "suppressed")]
    sort = context.flags.get("sort", "severity")
    rows.sort(key=SORTS[sort])
    aside = f" {plural(hidden, 'finding')} suppressed: " if hidden and state != "suppressed" else ""
    more: tuple[Span, ...] = (aside, Typed("findings --state suppressed"), ".") if aside else ()
    if not rows:
        said = "No findings match." if context.words or context.flags else "No findings."
        return Reply(summary=said, parts=(Para((said, *more)),))
    page = page_of(context.flags.get("page"), len(rows))
    shown_rows = rows[(page - 1) * PAGE : page * PAGE]
    flags = "".join(f" --{name} {context.flags[name]}" for name in ("state", "sort") if name in context.flags)
    verb = f"findings {context.text}".strip() + flags
    urgent = sum(row.finding.severity is Severity.P1 for row in rows)
    parts: list[Part] = [
        Heading("Findings"),
        Para(
            (
                f"{plural(len(rows), 'finding')}, {urgent} urgent. ",
                "P1 is for now, P2 for this week, P3 for the next review.",
                *more,
            )
        ),
        Bullets(tuple(_line(row, suppressed.get(row.id)) for row in shown_rows)),
    ]
    if turning := pages(verb, page, len(rows)):
        parts.append(Buttons(turning))
    parts.append(page_note(page, len(rows), (Typed(f"findings {rows[0].ref}"), " shows one")))
    return Reply(summary=f"{plural(len(rows), 'finding')}, {urgent} urgent.", parts=tuple(parts))


@command(
    "findings suppress",
    usage="findings suppress <finding> <days|date> <reason>",
    role=Role.OPERATOR,
    examples=('findings suppress 7K2QXM 14 "the new user comes with the release"',),
)
async def suppress(context: Context) -> Reply:
    """Let a finding wait for at most thirty days, with a reason that others read."""
    words = [word.value for word in context.words]
    if len(words) > 2 and words[1].lower() == "until":
        del words[1]
    if len(words) < 2:
        raise BadArgument(
            'Type the finding, the days and a reason: `findings suppress 7K2QXM 14 "on order"`.'
        )
    row, until = await _known(context, words[0]), end_of(words[1], context.services.clock.now())
    await context.services.suppressions.suppress(row, context.caller.user_id, until, " ".join(words[2:]))
    return Reply(
        summary="Suppressed.",
        parts=(
            Para(("Suppressed until ", When(until, "time"), ". It is still looked at, and shown by ",
                  Typed("findings --state suppressed"), ".")),
            Para((Typed(f"findings unsuppress {row.ref}"), " removes the suppression.")),
        ),
    )  # fmt: skip


@command(
    "findings unsuppress",
    usage="findings unsuppress <finding>",
    role=Role.OPERATOR,
    examples=("findings unsuppress 7K2QXM",),
)
async def unsuppress(context: Context) -> Reply:
    """End the suppression of a finding."""
    if len(context.words) != 1:
        raise BadArgument("Type the finding: `findings unsuppress 7K2QXM`.")
    row = await _known(context, context.words[0].value)
    await context.services.suppressions.unsuppress(row, context.caller.user_id)
    return Reply(summary="Lifted.", parts=(Para(("It counts again from now on.",)),))


async def _known(context: Context, ref: str) -> FindingRow:
    async with context.services.store.read() as unit:
        row = await unit[FindingRepository].by_ref(ref)
    if row is None:
        raise NotFound("No finding has that id. `findings` lists them.")
    return row


async def _one(context: Context) -> Reply | None:
    async with context.services.store.read() as unit:
        row = await unit[FindingRepository].by_ref(context.text)
        suppressed = await unit[SuppressionRepository].live(context.services.clock.now())
    if row is None:
        return None
    catalogue = await context.services.inventory.catalogue()
    checks = {check.id: check for check in context.services.evaluator.checks}
    check = checks.get(row.finding.rule)
    subject = _subject(row, catalogue)
    parts: list[Part] = [
        Heading(row.finding.title),
        Para(
            (
                f"{row.finding.severity.value} on ",
                Data(row.connection),
                " · ",
                *subject,
                " · ",
                row.state.value,
            )
        ),
        Para((Data(clean(row.finding.evidence, 900)),)),
    ]
    if check:
        parts.append(Para((check.risk,)))
    parts.append(Para(("Do this: ", Data(clean(row.finding.remedy, 500)))))
    parts.append(
        Para(("First found ", When(row.opened_at, "time"), ", last found ", When(row.last_seen, "time"), "."))
    )
    if held := suppressed.get(row.id):
        parts.append(Para(("Suppressed by ", Mention(held.by), " until ", When(held.until, "time"), ": ",
                           Data(clean(held.reason, 300)))))  # fmt: skip
    if item := catalogue.subject(row.connection, row.finding.subject):
        parts.append(Buttons((Button("Show", "run", f"show {item.ref}", hint=f"Show {item.ref}"),)))
    return Reply(summary=f"{row.finding.severity.value}: {row.finding.title}.", parts=tuple(parts))


def _matches(row: FindingRow, context: Context) -> bool:
    words = fold(
        f"{row.finding.severity.value} {row.connection} {row.finding.title} {row.finding.rule} {row.finding.evidence}"
    )
    return all(fold(word.value) in words for word in context.words)


def _line(row: FindingRow, suppressed: Suppression | None) -> tuple[Span, ...]:
    doubt = (
        " It could not be looked at lately, so it may be over." if row.state is FindingState.UNKNOWN else ""
    )
    if row.resolved_at:
        doubt = " Resolved."
    quiet: tuple[Span, ...] = (" Suppressed until ", When(suppressed.until), ".") if suppressed else ()
    return (
        f"{row.finding.severity.value} ",
        Data(row.finding.title, strong=True),
        " ",
        Code(row.ref),
        "\n",
        Data(clean(row.finding.evidence, 180)),
        f".{doubt}",
        *quiet,
        "\n→ ",
        Data(clean(row.finding.remedy, 180)),
    )


def _subject(row: FindingRow, catalogue: Catalogue) -> tuple[Span, ...]:
    item = catalogue.subject(row.connection, row.finding.subject)
    return (Data(clean(label(item), 60)), " ", Code(item.ref)) if item else (Data(row.connection),)
