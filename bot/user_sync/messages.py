"""The words of a forecast: how many, who and why, whom to look at, what a person does about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.chat.model import (
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
    Strong,
    Typed,
    When,
)
from bot.text import clean, plural
from bot.user_sync.checklist import checklist
from bot.user_sync.forecast import Forecast
from bot.user_sync.foreseen import Foreseen
from bot.user_sync.model import Outcome, Record, SyncAction, User
from bot.user_sync.notices import Notice, grouped

ROWS = 5  # of each table and list; the command line shows all
IN_FULL = (SyncAction.INACTIVATE, SyncAction.CREATE)
IN_A_LINE = (
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
SHOW_ALL = Button("Show All", "run", "nexonia sync", hint="Tonight's sync, user by user")
REMEDY = (
    "To keep it: Settings > Users > the user > “Ignore for Integration: Yes” > Apply. Better: create it in NetSuite "
    "first, as an Employee or Vendor that qualifies."
)


def forecast_card(seen: Foreseen) -> Reply:
    """Tonight's sync: who ends and who comes with rule and reason, the rest in a line each."""
    found = seen.forecast
    parts: list[Part] = [Heading("Tonight's sync of users"), *_counted(seen), *_shield(seen)]
    for action in IN_FULL:
        if fares := found.of(action):
            parts += _by_reason(WORDS[action], fares)
    if lines := [_in_a_line(action, shown) for action in IN_A_LINE if (shown := _news(found, action))]:
        parts += [Heading("Also"), Bullets(tuple(lines))]
    parts += _notices(found.notices)
    if seen.mail:
        parts.append(Para((f"First-login mail goes to {plural(len(seen.mail), 'new user')}.",)))
    if deeds := tuple((deed,) for deed in checklist(found)):
        parts += [Heading("For a person to do"), Bullets(deeds[:ROWS]), *_more(len(deeds))]
    parts.append(_sources(seen))
    return Reply(summary=_summary(seen), parts=tuple(parts))


def daily_card(seen: Foreseen) -> Reply:
    """The same in a few lines, for the channel."""
    count = len(seen.endangered)
    parts: list[Part] = [Heading("Tonight's sync of users"), *_counted(seen)]
    if count:
        parts.append(Para((f"{plural(count, 'account')} that others need would end: see the open alert.",)))
    parts += [Buttons((SHOW_ALL,)), Note(("Or type ", Typed("nexonia sync")))]
    return Reply(summary=_summary(seen), parts=tuple(parts))


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
            *_counted(seen),
            Buttons((SHOW_ALL,)),
            Note((f"P1 · alert {ref} · or type ", Typed("nexonia sync"))),
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


def _summary(seen: Foreseen) -> str:
    stop = "Stop: look before tonight. " if seen.forecast.safety_limit else ""
    return f"{stop}{seen.connection}: {_counts(seen)}."


def _counts(seen: Foreseen) -> str:
    counts = seen.forecast.counts
    ending, new, linked = (counts[a] for a in (SyncAction.INACTIVATE, SyncAction.CREATE, SyncAction.LINK))
    return f"{ending:,} made inactive, {new:,} created, {linked:,} linked"


def _counted(seen: Foreseen) -> Iterable[Part]:
    """How many, and whether that is too many."""
    yield Para((Data(seen.connection, strong=True), f": {_counts(seen)}."))
    if seen.forecast.safety_limit:
        yield Para((Strong("Stop."), f" {seen.forecast.safety_limit}"))


def _news(found: Forecast, action: SyncAction) -> Sequence[Outcome]:
    """The outcomes of an action, without the users that are updated to what they are."""
    return [o for o in found.of(action) if action is not SyncAction.UPDATE or "changes" in o.reason]


def _in_a_line(action: SyncAction, shown: Sequence[Outcome]) -> tuple[Span, ...]:
    """How many, the first of them with the rule and why, and how many more."""
    more = f" … and {len(shown) - 1:,} more." if len(shown) > 1 else ""
    first = shown[0]
    spans = (*_who(first), f" ({first.rule.value}): ", Data(clean(first.reason, 200)))
    return (f"{WORDS[action]}, {len(shown):,}: ", *spans, ".", more)


def _shield(seen: Foreseen) -> Iterable[Part]:
    if seen.endangered:
        yield Heading("In danger")
        yield Bullets(tuple(_why(outcome, why) for outcome, why in seen.endangered[:ROWS]))
        yield from _more(len(seen.endangered))
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


def _by_reason(title: str, outcomes: Sequence[Outcome]) -> list[Part]:
    """Who fares so, those with one rule and one reason in one line."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault((outcome.rule.value, outcome.reason), []).append(outcome)
    lines: list[tuple[Span, ...]] = []
    for (rule, reason), theirs in list(found.items())[:ROWS]:
        who: list[Span] = []
        for outcome in theirs[:ROWS]:
            who += [", " if who else "", *_who(outcome)]
        more = f" and {len(theirs) - ROWS:,} more" if len(theirs) > ROWS else ""
        lines.append((*who, more, f": {rule}, ", Data(clean(reason, 200))))
    return [Heading(f"{title}: {len(outcomes):,}"), Bullets(tuple(lines)), *_more(len(found))]


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
                "All of them: ",
                Code("python -m bot nexonia forecast"),
                ".",
            )
        )
    ]


def _sources(seen: Foreseen) -> Note:
    rules = seen.forecast.rules
    zone = seen.zone if seen.zone_known else f"{seen.zone}, because the company's is not known"
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
        f". {' and '.join(f'{kind}s' for kind in sorted(rules.kinds)).capitalize()}; checkbox ",
        "needed for all" if rules.employee_filter else "needed for vendors",
        f". Days count in {zone}.",
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
