"""The words of alerts about use and loss, and of findings that are new. First line: the point and the deed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

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
    Table,
    Typed,
    When,
)
from bot.findings.model import FindingRow, Severity
from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.messages import actor_of, ends_when, kind_of, name_of, owner_of, time_left, used_when
from bot.inventory.usage_interval import UsageInterval
from bot.text import clean, plural

ROWS = 10


def every(beat: timedelta) -> str:
    """How often, in words: in minutes, hours or days, whichever says it."""
    minutes = int(beat.total_seconds() // 60)
    if minutes < 120:
        return f"every {plural(max(1, minutes), 'minute')}"
    if minutes < 48 * 60:
        return f"every {plural(round(minutes / 60), 'hour')}"
    return f"every {plural(round(minutes / 1440), 'day')}"


def missed(fresh: Sequence[tuple[Entry, UsageInterval, datetime]], catalogue: Catalogue) -> Reply:
    """Integrations that were not used when they always are."""
    entry, rhythm, _ = fresh[0]
    name = clean(entry.name, 60)
    summary = f"{name} was not used when expected ({every(rhythm.beat)}). Check whether it stopped."
    if len(fresh) > 1:
        summary = f"{len(fresh)} integrations were not used when expected. First: {name}. Check whether they stopped."
    rows = tuple(
        (
            name_of(e),
            (Data(e.item.connection),),
            (f"at least {every(r.beat)}",),
            (When(at, "time"),),
            owner_of(e, catalogue),
        )
        for e, r, at in fresh[:ROWS]
    )
    parts: list[Part] = [
        Heading("Not used when expected"),
        Para((f"{plural(len(fresh), 'credential')} was not used when expected." if len(fresh) == 1 else
              f"{len(fresh)} credentials were not used when expected.",)),
        Table(("Integration", "System", "Usually used", "Last used", "Owner"), rows),
    ]  # fmt: skip
    if len(fresh) > ROWS:
        parts.append(Para((f"… and {len(fresh) - ROWS} more. See ", Typed("alerts missed"), " for all.")))
    parts += [
        Buttons((Button("Show", "run", f"show {entry.item.ref}", hint=f"Show {name}"),)),
        Note(
            (
                "Handover learns the usage interval, or reads it from [policies.usage_interval_h]. Or type ",
                Typed(f"show {entry.item.ref}"),
                " · ",
                Typed(f"ack {entry.item.ref}"),
            )
        ),
    ]
    return Reply(summary=summary, parts=tuple(parts))


def gone(lost: Sequence[Entry], catalogue: Catalogue) -> Reply:
    """Credentials in use are gone or revoked."""
    entry = lost[0]
    name = clean(entry.name, 60)
    summary = f"{name} lost its credential on {entry.item.connection} while in use. Sign it in again."
    if len(lost) > 1:
        summary = f"{len(lost)} credentials in use are gone. First: {name}. Sign them in again."
    rows = tuple(
        (name_of(e), (Data(e.item.connection),), actor_of(e), used_when(e), owner_of(e, catalogue))
        for e in lost[:ROWS]
    )
    parts: list[Part] = [
        Heading("A credential in use is gone" if len(lost) == 1 else "Credentials in use are gone"),
        Para(
            (
                "A complete listing no longer shows these, or shows them as revoked. What uses them has stopped.",
            )
        ),
        Table(("Integration", "System", "Acted as", "Last used", "Owner"), rows),
    ]
    if len(lost) > ROWS:
        parts.append(Para((f"… and {len(lost) - ROWS} more. See ", Typed("alerts gone"), " for all.")))
    ask = f"impact {entry.account.email}" if entry.account and entry.account.email else "alerts gone"
    parts += [
        Buttons((Button("Show Alerts", "run", "alerts gone"),)),
        Note(
            ("Handover's own plans never cause this alert. Or type ", Typed("alerts gone"), " · ", Typed(ask))
        ),
    ]
    return Reply(summary=summary, parts=tuple(parts))


def there_again(ref: str, entry: Entry) -> Reply:
    """The credential came back."""
    return Reply(
        summary=f"{clean(entry.name, 60)} has its credential again. This alert is resolved.",
        parts=(
            Heading("Credential back"),
            Para((*name_of(entry), " is listed again and not revoked. This alert is resolved.")),
            Note((f"alert {ref}",)),
        ),
    )


def connected_again(ref: str, payload: Mapping[str, str]) -> Reply:
    """Everybody who lost a credential of an application has one again."""
    name = clean(payload.get("name", ""), 60)
    return Reply(
        summary=f"{name} is connected again for everybody who lost it. This alert is resolved.",
        parts=(
            Heading("App connected again"),
            Para(
                (
                    "Everybody who lost a credential of ",
                    Data(name, strong=True),
                    " and can still sign in has one again. This alert is resolved.",
                )
            ),
            Note((f"alert {ref}",)),
        ),
    )


def incident(ref: str, theirs: Sequence[Entry], catalogue: Catalogue) -> Reply:
    """Many credentials of one application went together: the vendor's doing, or an administrator's."""
    name, connection = clean(theirs[0].name, 60), theirs[0].item.connection
    rows = tuple(
        ((Code(e.item.ref),), actor_of(e), used_when(e), owner_of(e, catalogue)) for e in theirs[:ROWS]
    )
    parts: list[Part] = [
        Heading("Many credentials of one app are gone"),
        Para((f"{len(theirs)} credentials of ", Data(name, strong=True), " on ", Data(connection), " are gone at once. "
              "A vendor revokes all tokens of an app after an attack. An administrator does it to block the app.")),
        Table(("Id", "Acted as", "Last used", "Owner"), rows),
    ]  # fmt: skip
    if len(theirs) > ROWS:
        parts.append(Para((f"… and {len(theirs) - ROWS} more.",)))
    parts += [
        Bullets(
            (
                ("Ask the vendor, or read its status page, before anybody signs in again.",),
                ("Then sign in one account at a time. A limit on approvals may revoke the oldest.",),
                ("No further alerts about these credentials while this one is open.",),
            ),
            numbered=True,
        ),
        Buttons((Button("Show Status", "run", "status"),)),
        Note(("Or type ", Typed("status"), " · ", Typed(f"ack {ref}"), f" · alert {ref}")),
    ]
    summary = f"{len(theirs)} credentials of {name} on {connection} are gone at once. Ask the vendor first."
    return Reply(summary=summary, parts=tuple(parts))


def findings(connection: str, rows: Sequence[FindingRow]) -> Reply:
    """Findings that a scan opened; the worst by name, all of them one command away."""
    rows = sorted(rows, key=lambda row: (row.finding.severity.value, row.finding.title, row.ref))
    counts = [(s, sum(row.finding.severity is s for row in rows)) for s in (Severity.P1, Severity.P2)]
    shown = ", ".join(f"{count} {severity.value}" for severity, count in counts if count)
    first = rows[0]
    kinds: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.finding.severity.value, row.finding.title)
        kinds[key] = kinds.get(key, 0) + 1
    lines: list[tuple[Span, ...]] = [
        (f"{severity} ", Data(title, strong=True), f": {count}") for (severity, title), count in kinds.items()
    ]
    ask = f"findings {connection}"
    worst = f"{first.finding.severity.value}: {first.finding.title}"
    return Reply(
        summary=f"{plural(len(rows), 'new finding')} on {connection} ({shown}). The worst is {worst}.",
        parts=(
            Heading("New findings"),
            Para((f"{plural(len(rows), 'new finding')} on ", Data(connection, strong=True), f": {shown}.")),
            Bullets(tuple(lines[:ROWS])),
            *((Para((f"… and {len(lines) - ROWS} more kinds.",)),) if len(lines) > ROWS else ()),
            Buttons((Button("Show Findings", "run", ask, hint=f"Findings on {connection}"),)),
            Note(("What is for the next review is in the weekly digest. Or type ", Typed(ask), " · ",
                  Typed(f"findings {first.ref}"))),
        ),
    )  # fmt: skip


def own_ending(ref: str, entry: Entry, now: datetime) -> Reply:
    """What the bot itself signs in with is close to its end."""
    where, ends = entry.item.connection, entry.expires_at or now
    return Reply(
        summary=f"Handover's own sign-in to {where} {time_left(ends, now)}. Renew it to keep watching.",
        parts=(
            Heading("Handover's own sign-in expires"),
            Para(
                (
                    "The bot signs in to ",
                    Data(where, strong=True),
                    f" with this {kind_of(entry).lower()}: ",
                    *name_of(entry),
                    ". It expires ",
                    *ends_when(entry, now),
                    ".",
                )
            ),
            Para(
                ("After that, Handover sees nothing there and runs no plan there. Renew it before that day.",)
            ),
            Buttons(
                (Button("Show", "run", f"show {entry.item.ref}"), Button("Show Status", "run", "status"))
            ),
            Note(("Or type ", Typed(f"show {entry.item.ref}"), " · ", Typed("status"), f" · alert {ref}")),
        ),
    )


def own_renewed(ref: str, payload: Mapping[str, str]) -> Reply:
    """The bot signs in with something else now, or with something that lasts longer."""
    where = payload.get("connection", "")
    text = f"Handover's sign-in to {where} was renewed. This alert is resolved."
    return Reply(
        summary=text,
        parts=(
            Heading("Handover's own sign-in was renewed"),
            Para(
                ("Handover's sign-in to ", Data(where, strong=True), " was renewed. This alert is resolved.")
            ),
            Note((f"alert {ref}",)),
        ),
    )
