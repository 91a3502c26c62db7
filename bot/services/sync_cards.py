"""The words of a forecast: how many, who and why, whom to look at, what a person does about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.conversation import (
    Bullets,
    Code,
    Data,
    Fields,
    Heading,
    Note,
    Para,
    Part,
    Reply,
    Span,
    Strong,
    Table,
    Typed,
    When,
)
from bot.domain.sync.checklist import checklist
from bot.domain.sync.notices import Notice, grouped
from bot.domain.sync.outcome import Outcome, SyncAction
from bot.domain.sync.people import Record, User
from bot.domain.text import clean, plural
from bot.services.foreseen import Foreseen

ROWS = 12  # of each table; the command line shows all
SHOWN = (
    SyncAction.INACTIVATE,
    SyncAction.CREATE,
    SyncAction.LINK,
    SyncAction.BLOCKED_BY_IGNORED,
    SyncAction.STRANDED,
    SyncAction.ORPHAN,
    SyncAction.UPDATE,
)
WORDS = {
    SyncAction.UPDATE: "Updated",
    SyncAction.LINK: "Linked",
    SyncAction.CREATE: "Created",
    SyncAction.INACTIVATE: "Made inactive",
    SyncAction.BLOCKED_BY_IGNORED: "Blocked by an ignored user",
    SyncAction.STRANDED: "Stranded: qualifies, user inactive",
    SyncAction.ORPHAN: "Orphan: active, unlinked",
    SyncAction.NONE: "Nothing happens",
}
REMEDY = (
    "To keep it: Settings > Users > the user > “Ignore for Integration: Yes” > Apply. Better: create it in NetSuite "
    "first, as an Employee or Vendor that qualifies."
)


def forecast_card(seen: Foreseen) -> Reply:
    """Tonight's sync, whole."""
    found = seen.forecast
    ending, new, linked = (
        found.counts[a] for a in (SyncAction.INACTIVATE, SyncAction.CREATE, SyncAction.LINK)
    )
    counted = f"{ending:,} made inactive, {new:,} created, {linked:,} linked"
    parts: list[Part] = [
        Heading("Tonight's sync of users"),
        Para((Data(seen.connection, strong=True), f": {counted}.")),
    ]
    if found.brake:
        parts.append(Para((Strong("Stop."), f" {found.brake}")))
    parts += [_fields(seen), *_shield(seen)]
    for action in SHOWN:
        if shown := [o for o in found.of(action) if action is not SyncAction.UPDATE or "changes" in o.reason]:
            parts += _table(WORDS[action], shown)
    parts += _notices(found.notices)
    if seen.mail:
        who = tuple((_person(record),) for record in seen.mail[:ROWS])
        parts += [Heading("First-login mail"), Bullets(who), *_more(len(seen.mail))]
    deeds = tuple((deed,) for deed in checklist(found))
    if deeds:
        parts += [Heading("For a person to do"), Bullets(deeds)]
    parts.append(_sources(seen))
    stop = "Stop: look before tonight. " if found.brake else ""
    return Reply(summary=f"{stop}{seen.connection}: {counted}.", parts=tuple(parts))


def threat_card(ref: str, seen: Foreseen) -> Reply:
    """P1: tonight's sync would end accounts that much hangs on."""
    count = len(seen.endangered)
    return Reply(
        summary=f"P1: tonight's sync of {seen.connection} would end {plural(count, 'account')} that others need.",
        parts=(
            Heading("The sync would end accounts that others need"),
            Bullets(tuple(_why(outcome, why) for outcome, why in seen.endangered[:ROWS])),
            *_more(count),
            Para((REMEDY,)),
            Note((f"P1 · alert {ref} · see all: ", Typed("nexonia sync"))),
        ),
    )


def safe_card(ref: str, connection: str) -> Reply:
    """None of them is in danger any more."""
    return Reply(
        summary=f"Settled: the sync of {connection} ends no account that others need.",
        parts=(
            Para((Data(connection, strong=True), ": no account that others need would be made inactive.")),
            Note((ref,)),
        ),
    )


def unseen_card(connection: str, why: str) -> Reply:
    """Nothing could be forecast, and why."""
    return Reply(
        summary=f"No forecast for {connection}: {clean(why, 200)}",
        parts=(
            Heading("No forecast tonight"),
            Para((Data(clean(why, 600)),)),
            Note(("The sync itself runs in Nexonia all the same. Try again: ", Typed("nexonia sync"))),
        ),
    )


def _fields(seen: Foreseen) -> Fields:
    rules = seen.forecast.rules
    kinds = " and ".join(f"{kind}s" for kind in sorted(rules.kinds))
    box = "needed for all" if rules.employee_filter else "needed for vendors"
    zone = seen.zone if seen.zone_known else f"{seen.zone}, because the company's is not known"
    return Fields(
        (
            ("Synced", (f"{kinds}; checkbox {box}",)),
            ("Day", (f"{rules.today}, in {zone}",)),
            ("Updated", (f"{seen.forecast.counts[SyncAction.UPDATE]:,}, most unchanged",)),
            ("Nothing happens", (f"{seen.forecast.counts[SyncAction.NONE]:,}",)),
        )
    )


def _shield(seen: Foreseen) -> Iterable[Part]:
    if seen.endangered:
        yield Heading("In danger")
        yield Bullets(tuple(_why(outcome, why) for outcome, why in seen.endangered[:ROWS]))
        yield from _more(len(seen.endangered))
        yield Para((REMEDY,))
    if seen.leaking:
        yield Heading("Programs that would become users")
        yield Bullets(tuple(_why(outcome, why) for outcome, why in seen.leaking[:ROWS]))
        yield from _more(len(seen.leaking))
        yield Para(
            ("To keep them out: switch on the checkbox filter for employees, and leave their box unticked.",)
        )
    if seen.homemade:
        yield Para(
            (f"{plural(len(seen.homemade), 'user')} made directly in Nexonia, unlinked and not ignored.",)
        )
    for hint in seen.forecast.hints:
        yield Para((hint,))


def _table(title: str, outcomes: Sequence[Outcome]) -> list[Part]:
    rows = tuple(
        (_who(outcome), (outcome.rule.value,), (Data(clean(outcome.reason, 200)),))
        for outcome in outcomes[:ROWS]
    )
    return [
        Heading(f"{title}: {len(outcomes):,}"),
        Table(("Who", "Rule", "Why"), rows),
        *_more(len(outcomes)),
    ]


def _notices(notices: tuple[Notice, ...]) -> list[Part]:
    if not notices:
        return []
    lines: list[tuple[Span, ...]] = []
    for kind, found in list(grouped(notices).items())[:ROWS]:
        who: list[Span] = []
        for notice in found[:3]:
            people: list[Record | User] = [*notice.records[:2], *notice.users[:2]]
            for person in people:
                who += [", " if who else " ", _person(person)]
        more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
        lines.append(
            (f"{kind.value.replace('_', ' ').capitalize()} ({len(found):,}): {found[0].text}", *who, more)
        )
    return [Heading("Look at these"), Bullets(tuple(lines))]


def _more(count: int) -> list[Part]:
    if count <= ROWS:
        return []
    return [
        Para(
            (
                f"… and {count - ROWS:,} more. ",
                "On the command line: ",
                Code("python -m bot nexonia forecast"),
                ".",
            )
        )
    ]


def _sources(seen: Foreseen) -> Note:
    said: list[Span] = [
        "Users: ",
        Data(clean(seen.users.source, 80)),
        ", as of ",
        When(seen.users.taken_at, "time"),
    ]
    if seen.settings.label:
        said += [f" ({seen.settings.label})"]
    said += [
        ". Records: ",
        Data(clean(seen.records.source, 80)),
        ", as of ",
        When(seen.records.taken_at, "time"),
        ".",
    ]
    return Note(tuple(said))


def _why(outcome: Outcome, why: str) -> tuple[Span, ...]:
    return (
        *_who(outcome),
        ": ",
        Data(clean(why, 160)),
        f". {outcome.rule.value}: ",
        Data(clean(outcome.reason, 160)),
    )


def _who(outcome: Outcome) -> tuple[Span, ...]:
    person = outcome.user or outcome.record
    return (_person(person),) if person is not None else ()


def _person(person: Record | User) -> Data:
    return Data(clean(f"{person.first} {person.last} <{person.email}>", 90))
