"""How one line of the inventory is put in words; shared by alerts and commands."""

from __future__ import annotations

from datetime import datetime

from bot.chat.model import Button, Chart, Code, Data, Mention, Note, Span, When
from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.expiry_clusters import by_month
from bot.platform.model import CoverageGap, CredentialKind, Principal, PrincipalStatus
from bot.text import clean, plural

PAGE = 10
KINDS = {
    CredentialKind.OAUTH_GRANT: "OAuth grant",
    CredentialKind.RUN_AS: "Run-as user",
    CredentialKind.APP_CERTIFICATE: "App certificate",
    CredentialKind.CERTIFICATE: "Certificate",
    CredentialKind.CLIENT_SECRET: "Client secret",
    CredentialKind.TBA_TOKEN: "Access token",
    CredentialKind.M2M_CERTIFICATE: "Client certificate",
    CredentialKind.PERMANENT_TOKEN: "Permanent token",
    CredentialKind.DEADLINE: "Vendor deadline",
}
STATUSES = {
    PrincipalStatus.ACTIVE: "active",
    PrincipalStatus.FROZEN: "frozen",
    PrincipalStatus.INACTIVE: "deactivated",
    PrincipalStatus.UNKNOWN: "state unknown",
    PrincipalStatus.INVITED: "invited",
}


def kind_of(entry: Entry) -> str:
    """What it is."""
    return KINDS[entry.credential.kind] if entry.credential else "Service account"


def name_of(entry: Entry) -> tuple[Span, ...]:
    """Its name and its reference."""
    return (Data(clean(entry.name, 60), strong=True), " ", Code(entry.item.ref))


def actor_of(entry: Entry) -> tuple[Span, ...]:
    """Who it acts as, and whether they still can."""
    return account_spans(entry.account) if entry.account else ("nobody",)


def account_spans(account: Principal) -> tuple[Span, ...]:
    """An account, with its state unless that is ordinary."""
    shown = Data(clean(account.username or account.name, 60))
    if account.status is PrincipalStatus.ACTIVE:
        return (shown,)
    return (shown, f" ({STATUSES[account.status]})")


def owner_of(entry: Entry, catalogue: Catalogue) -> tuple[Span, ...]:
    """Who answers for it; a proposal nobody accepted does not count."""
    if entry.owner is None:
        return ("nobody (asked: ", Mention(entry.proposed.person), ")") if entry.proposed else ("nobody",)
    person = catalogue.people.get(entry.owner.person)
    return (Mention(entry.owner.person), " (deactivated)" if person and person.gone else "")


def used_when(entry: Entry) -> tuple[Span, ...]:
    """When it was last used, as far as the platform says."""
    used = entry.credential.last_used_at if entry.credential else None
    if entry.credential is None and entry.account:
        used = entry.account.last_login_at
    return (When(used, "ago"),) if used else ("not recorded",)


def ends_when(entry: Entry, now: datetime) -> tuple[Span, ...]:
    """When it ends."""
    return (
        (When(entry.expires_at), f" · {time_left(entry.expires_at, now)}")
        if entry.expires_at
        else ("never expires",)
    )


def time_left(end: datetime, now: datetime) -> str:
    """How long until an end date, in whole days."""
    days = (end - now).days
    if end <= now:
        return "has expired"
    return f"expires in {plural(days, 'day')}" if days else "expires within a day"


def gap_line(connection: str, gap: CoverageGap) -> tuple[Span, ...]:
    """Something that cannot be seen, why, and how to mend it."""
    why, deed = (_sentence(clean(text, 300)) for text in (gap.reason, gap.remedy))
    return (Data(connection), ": not visible: ", Data(clean(gap.what, 120)), ". ", Data(f"{why} {deed}"))


def _sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def pages(verb: str, page: int, total: int) -> tuple[Button, ...]:
    """Buttons to the pages before and after this one; ``verb`` is the command without ``--page``."""
    last = max(1, -(-total // PAGE))
    found = []
    if page > 1:
        found.append(
            Button("Previous", "turn", f"{verb} --page {page - 1}", hint=f"Page {page - 1} of {last}")
        )
    if page < last:
        found.append(Button("Next", "turn", f"{verb} --page {page + 1}", hint=f"Page {page + 1} of {last}"))
    return tuple(found)


def page_note(page: int, total: int, twin: tuple[Span, ...]) -> Note:
    """Where in a list we are."""
    first, last = (page - 1) * PAGE + 1, min(page * PAGE, total)
    return Note((f"{first}–{last} of {total:,} · ", *twin))


def page_of(flags: str | None, total: int) -> int:
    """The page asked for, kept within what there is."""
    return min(max(1, int(flags or 1)), max(1, -(-total // PAGE)))


def ends_ahead(catalogue: Catalogue, now: datetime) -> list[datetime]:
    """Every end date to come, of what counts as an integration."""
    return [e.expires_at for e in catalogue.entries if not e.everyday and e.expires_at and e.expires_at > now]


def chart(ends: list[datetime], now: datetime, months: int) -> Chart:
    """How many end in each month, from this one on."""
    counted = tuple((f"{month:%b %Y}", count) for month, count in by_month(ends, now, months))
    return Chart("Expiry dates by month", "Expiry dates", counted)
