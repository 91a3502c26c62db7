"""The words of alerts. First line: the point and the deed, readable on a lock screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.chat.model import Button, Buttons, Code, Data, Heading, Note, Para, Part, Reply, Table, Typed
from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.holdings import Holdings
from bot.inventory.messages import ends_when, kind_of, name_of, owner_of, time_left, used_when
from bot.platform.model import CredentialKind
from bot.text import clean, plural

ROWS = 10


def _who(held: Holdings) -> str:
    if held.person:
        return clean(held.person.name, 60)
    named = [getattr(i.body, "name", "") for i in held.accounts]
    return clean(next((n for n in named if n), held.email), 60)


def owner_gone(ref: str, held: Holdings, sources: Sequence[str]) -> Reply:
    """Somebody who holds integrations was deactivated: everything they hold, in one message."""
    who = _who(held)
    count = len(held.entries)
    rest = len(held.ties) + len(held.contacts) + len(held.owned)
    what = plural(count, "integration credential") if count else plural(rest, "other item")
    verb = "still act as them" if count > 1 else "still acts as them" if count else "still depends on them"
    gone = "was frozen" if all("frozen" in source for source in sources) else "was deactivated"
    parts: list[Part] = [
        Heading("Owner frozen" if gone == "was frozen" else "Owner deactivated"),
        Para((Data(who, strong=True), f" {gone}, says {' and '.join(sources)}. {what} {verb}.")),
    ]
    if held.entries:
        rows = tuple(
            (
                (Code(e.item.ref),),
                (Data(clean(e.name, 60)),),
                (kind_of(e),),
                (Data(e.item.connection),),
                used_when(e),
            )
            for e in held.entries[:ROWS]
        )
        parts.append(Table(("Id", "Integration", "What", "Where", "Last used"), rows))
        if count > ROWS:
            more = f"… and {count - ROWS} more. See "
            parts.append(Para((more, Typed(f"impact {held.email}"), " for all.")))
    others = [
        *(
            f"{plural(len(held.ties), 'scheduled job or dashboard', 'scheduled jobs and dashboards')}"
            for _ in held.ties[:1]
        ),
        *(f"owner of {plural(len(held.owned), 'account')}" for _ in held.owned[:1]),
        *(f"contact of {plural(len(held.contacts), 'application')}" for _ in held.contacts[:1]),
    ]
    if others:
        parts.append(Para(("Also: ", ", ".join(others), ".")))
    parts += [
        Buttons(
            (
                Button(
                    "Plan Handover", "alert.handover", ref, style="primary", hint=f"Plan a handover for {who}"
                ),
                Button("Snooze", "alert.snooze", ref, hint=f"Snooze the alert about {who}"),
                Button("Not Mine", "alert.notmine", ref, hint=f"Say that the alert about {who} is not yours"),
            )
        ),
        Note(
            (
                "An integration stops when its account does. Or type ",
                Typed("handover <id> to <account>"),
                " · ",
                Typed(f"snooze {ref} 3"),
                f" · alert {ref}",
            )
        ),
    ]
    summary = f"{who} {gone} and {what} {verb}. Plan a handover."
    return Reply(summary=summary, parts=tuple(parts))


def owners_gone(held: Sequence[Holdings]) -> Reply:
    """Several people who hold integrations are gone, all found at once."""
    count = sum(len(each.entries) for each in held)
    most = sorted(held, key=lambda each: -len(each.entries))
    rows = tuple(
        (
            (Data(_who(each), strong=True),),
            (Data(clean(each.email, 80)),),
            (", ".join(each.stopped),),
            (plural(len(each.entries), "credential"),),
        )
        for each in most[:ROWS]
    )
    parts: list[Part] = [
        Heading("Owners deactivated"),
        Para((f"{len(held)} people who hold {plural(count, 'integration credential')} were deactivated.",)),
        Table(("Who", "Address", "Says who", "Acts as them"), rows),
    ]
    if len(held) > ROWS:
        parts.append(Para((f"… and {len(held) - ROWS} more. See ", Typed("alerts owner"), " for all.")))
    first = most[0].email
    parts += [
        Buttons(
            (
                Button("Show Alerts", "run", "alerts owner"),
                Button("Impact", "run", f"impact {first}", hint=f"What breaks without {_who(most[0])}"),
            )
        ),
        Note(("Or type ", Typed("alerts owner"), " · ", Typed(f"impact {first}"))),
    ]
    summary = f"{len(held)} people who hold {plural(count, 'integration credential')} were deactivated. Plan handovers."
    return Reply(summary=summary, parts=tuple(parts))


def owner_back(ref: str, held: Holdings) -> Reply:
    """The person is active again."""
    who = _who(held)
    text = f"{who} is active again. This alert is resolved. Nothing was changed."
    return Reply(
        summary=text,
        parts=(
            Heading("Owner active again"),
            Para((Data(who, strong=True), " is active again. This alert is resolved. Nothing was changed.")),
            Note((f"alert {ref}",)),
        ),
    )


def owner_free(ref: str, held: Holdings) -> Reply:
    """The person is still away, and nothing depends on them any more."""
    who = _who(held)
    text = f"Nothing depends on {who} now. This alert is resolved."
    return Reply(
        summary=text,
        parts=(
            Heading("Nothing depends on them now"),
            Para(("Nothing depends on ", Data(who, strong=True), " now. This alert is resolved.")),
            Note((f"alert {ref} · ", Typed(f"impact {held.email}"))),
        ),
    )


def expiring(fresh: Sequence[tuple[Entry, int]], catalogue: Catalogue, now: datetime) -> Reply:
    """End dates that came nearer; one line each."""
    entry, _ = fresh[0]
    rows = tuple(
        (name_of(e), (kind_of(e),), owner_of(e, catalogue), ends_when(e, now)) for e, _ in fresh[:ROWS]
    )
    ended = sum(1 for e, _ in fresh if e.expires_at and e.expires_at <= now)
    first = f"{clean(entry.name, 60)} ({kind_of(entry).lower()}) {time_left(entry.expires_at or now, now)}"
    past = f", {ended} already expired" if ended else ""
    if len(fresh) == 1:
        deadline = entry.credential is not None and entry.credential.kind is CredentialKind.DEADLINE
        summary = f"{first}. {'Stop using what it affects before then.' if deadline else 'Renew it or hand it over.'}"
    else:
        summary = f"{len(fresh)} credentials expire soon{past}. First: {first}."
    parts: list[Part] = [
        Heading("Certificates and tokens expiring soon"),
        Para(
            (
                f"{plural(len(fresh), 'credential')} {'expires' if len(fresh) == 1 else 'expire'} soon. "
                "Renew each before its date.",
            )
        ),
        Table(("Integration", "What", "Owner", "Expires"), rows),
    ]
    if len(fresh) > ROWS:
        parts.append(Para((f"… and {len(fresh) - ROWS} more. See ", Typed("list expiring"), " for all.")))
    parts += [
        Buttons(
            (
                Button("Show", "run", f"show {entry.item.ref}", hint=f"Show {clean(entry.name, 40)}"),
                Button("List Expiring", "run", "list expiring"),
            )
        ),
        Note(
            (
                "Sent once at each step before the expiry date. Or type ",
                Typed(f"show {entry.item.ref}"),
                " · ",
                Typed("list expiring"),
            )
        ),
    ]
    return Reply(summary=summary, parts=tuple(parts))


def blind(ref: str, connection: str, why: str) -> Reply:
    """A source cannot be seen."""
    return Reply(
        summary=f"{connection} is not visible to Handover. What you see of it may be out of date until this is fixed.",
        parts=(
            Heading("Source not visible"),
            Para((Data(connection, strong=True), " did not answer as expected: ", Data(clean(why, 300)))),
            Para(("Handover keeps what it knew. It marks nothing as gone or resolved.",)),
            Buttons((Button("Show Status", "run", "status"),)),
            Note(("Or type ", Typed("status"), " · ", Typed(f"scan {connection}"), f" · alert {ref}")),
        ),
    )


def sees_again(ref: str, connection: str) -> Reply:
    """The source answers again."""
    return Reply(
        summary=f"{connection} is visible again.",
        parts=(
            Heading("Source visible again"),
            Para((Data(connection, strong=True), " answers again and was listed in full.")),
            Note((f"alert {ref}",)),
        ),
    )


def listing_rejected(ref: str, connection: str, why: str) -> Reply:
    """A listing was not believed."""
    return Reply(
        summary=f"Listing of {connection} rejected: {why}. Nothing was changed.",
        parts=(
            Heading("Listing rejected"),
            Para(
                (
                    Data(connection, strong=True),
                    f": {why}. A broken source looks the same, so nothing was changed.",
                )
            ),
            Para(
                (
                    "If the change is real, raise ",
                    Code("[safety_limit] listing_share"),
                    " for one scan.",
                )
            ),
            Note(("Or type ", Typed(f"scan {connection}"), f" · alert {ref}")),
        ),
    )


def believed(ref: str, connection: str) -> Reply:
    """A later listing was believed."""
    text = f"A later listing of {connection} was accepted. This alert is resolved."
    return Reply(
        summary=text,
        parts=(
            Heading("Listing accepted"),
            Para(
                (
                    "A later listing of ",
                    Data(connection, strong=True),
                    " was accepted. This alert is resolved.",
                )
            ),
            Note((f"alert {ref}",)),
        ),
    )


def audit_log_changed(ref: str, problem: str) -> Reply:
    """The trail is not as it was written."""
    return Reply(
        summary="The audit log was changed. Treat it as an incident: copy the database files first.",
        parts=(
            Heading("Audit log changed"),
            Para(("The daily check found: ", Data(clean(problem, 300), strong=True), ".")),
            Para(("Leave the database as it is. Copy it, then compare it with earlier backups.",)),
            Buttons((Button("Show Audit Log", "run", "audit"),)),
            Note(("In a shell: ", Code("python -m bot audit verify"), f" · alert {ref}")),
        ),
    )
