"""What the checks say."""

from __future__ import annotations

from bot.dispatch import Ask, command
from bot.domain.conversation import (
    Bullets,
    Button,
    Buttons,
    Code,
    Data,
    Heading,
    Para,
    Part,
    Reply,
    Span,
    Typed,
    When,
)
from bot.domain.finding import FindingState, Severity
from bot.domain.grammar import Flag, FlagKind
from bot.domain.records import FindingRow
from bot.domain.text import clean, fold, plural
from bot.services.inventory import Catalogue, label
from bot.services.wording import PAGE, page_note, page_of, pages

LIVE = frozenset({FindingState.OPEN, FindingState.UNKNOWN})


@command(
    "findings",
    usage="findings [P1|P2|P3] [connection] [text…] [--page n]",
    aliases=("issues", "problems"),
    flags={"page": Flag(FlagKind.INT, help="ten a page")},
    examples=("findings", "findings P1", "findings salesforce certificate"),
)
async def findings(ask: Ask) -> Reply:
    """Every bad state the checks see now, worst first, each with the one thing to do."""
    if len(ask.words) == 1 and (shown := await _one(ask)):
        return shown
    async with ask.services.store.read() as unit:
        rows = [row for row in await unit.findings.all(None, LIVE) if _matches(row, ask)]
    rows.sort(key=lambda row: (row.finding.severity.value, row.finding.title, row.ref))
    if not rows:
        return Reply(summary="No findings.", parts=(Para(("No findings", " match." if ask.words else ".")),))
    page = page_of(ask.flags.get("page"), len(rows))
    shown_rows = rows[(page - 1) * PAGE : page * PAGE]
    verb = f"findings {ask.text}".strip()
    urgent = sum(row.finding.severity is Severity.P1 for row in rows)
    parts: list[Part] = [
        Heading("Findings"),
        Para(
            (
                f"{plural(len(rows), 'finding')}, {urgent} urgent. ",
                "P1 is for now, P2 for this week, P3 for the next review.",
            )
        ),
        Bullets(tuple(_line(row) for row in shown_rows)),
    ]
    if turning := pages(verb, page, len(rows)):
        parts.append(Buttons(turning))
    parts.append(page_note(page, len(rows), (Typed(f"findings {rows[0].ref}"), " shows one")))
    return Reply(summary=f"{plural(len(rows), 'finding')}, {urgent} urgent.", parts=tuple(parts))


async def _one(ask: Ask) -> Reply | None:
    async with ask.services.store.read() as unit:
        row = await unit.findings.by_ref(ask.text)
    if row is None:
        return None
    catalogue = await ask.services.inventory.catalogue()
    checks = {check.id: check for check in ask.services.diagnosis.checks}
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
        Para(("Opened ", When(row.opened_at, "time"), ", last seen ", When(row.last_seen, "time"), "."))
    )
    if item := catalogue.subject(row.connection, row.finding.subject):
        parts.append(Buttons((Button("Show", "run", f"show {item.ref}", hint=f"Show {item.ref}"),)))
    return Reply(summary=f"{row.finding.severity.value}: {row.finding.title}.", parts=tuple(parts))


def _matches(row: FindingRow, ask: Ask) -> bool:
    words = fold(
        f"{row.finding.severity.value} {row.connection} {row.finding.title} {row.finding.rule} {row.finding.evidence}"
    )
    return all(fold(word.value) in words for word in ask.words)


def _line(row: FindingRow) -> tuple[Span, ...]:
    doubt = (
        " It could not be looked at lately, so it may be over." if row.state is FindingState.UNKNOWN else ""
    )
    return (
        f"{row.finding.severity.value} ",
        Data(row.finding.title, strong=True),
        " ",
        Code(row.ref),
        "\n",
        Data(clean(row.finding.evidence, 180)),
        f".{doubt}\n→ ",
        Data(clean(row.finding.remedy, 180)),
    )


def _subject(row: FindingRow, catalogue: Catalogue) -> tuple[Span, ...]:
    item = catalogue.subject(row.connection, row.finding.subject)
    return (Data(clean(label(item), 60)), " ", Code(item.ref)) if item else (Data(row.connection),)
