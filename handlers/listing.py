"""The inventory, a page at a time."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import UTC, datetime

from bot.chat.grammar import Flag, FlagKind, Unknown, WordKind
from bot.chat.model import Buttons, Data, Heading, Para, Part, Reply, Table, Typed
from bot.chat.tokens import typed_again, typed_person
from bot.dispatch import Context, command
from bot.errors import BadArgument
from bot.inventory.catalogue import SOON, Catalogue, Entry
from bot.inventory.messages import (
    PAGE,
    actor_of,
    ends_when,
    kind_of,
    name_of,
    owner_of,
    page_note,
    page_of,
    pages,
)
from bot.text import clean, fold, plural

NEVER = datetime.max.replace(tzinfo=UTC)
SORTS: dict[str, Callable[[Entry], object]] = {
    "expiry": lambda e: (e.expires_at or NEVER, fold(e.name)),
    "name": lambda e: (fold(e.name), e.item.ref),
    "owner": lambda e: (e.owner.person if e.owner else "", fold(e.name)),
    "used": lambda e: (
        e.credential.last_used_at if e.credential and e.credential.last_used_at else NEVER,
        fold(e.name),
    ),
}
FILTERS = ("mine", "expiring", "orphaned", "personal")


@command(
    "list",
    usage="list [platform] [mine|expiring|orphaned|personal] [text…] [--owner @person] [--sort …] [--page n]",
    aliases=("ls",),
    flags={
        "owner": Flag(FlagKind.PERSON, help="only what this person owns"),
        "sort": Flag(
            FlagKind.CHOICE, choices=tuple(SORTS), help="default: expiring first by expiry, else by name"
        ),
        "all": Flag(FlagKind.SWITCH, help="people's own apps too, such as Salesforce for iOS"),
        "page": Flag(FlagKind.INT, help="ten lines a page"),
    },
    examples=("list expiring", "list salesforce personal", "list marketo --sort used"),
)
async def list_accounts(context: Context) -> Reply:
    """The accounts, tokens and certificates that integrations log in with."""
    catalogue = await context.services.inventory.catalogue()
    now = context.services.clock.now()
    chosen, asked = _filtered(context, catalogue, now)
    sort = context.flags.get("sort", "expiry" if "expiring" in asked else "name")
    chosen.sort(key=SORTS[sort])  # type: ignore[arg-type]  # each key is a tuple of comparable parts
    page = page_of(context.flags.get("page"), len(chosen))
    shown = chosen[(page - 1) * PAGE : page * PAGE]
    verb = " ".join(["list", *asked])
    if "owner" in context.flags:
        verb += f" --owner {typed_person(context.flags['owner'])}"
    if "all" in context.flags:
        verb += " --all"
    if "sort" in context.flags:
        verb += f" --sort {sort}"
    if not shown:
        return Reply(
            summary="Nothing in the inventory matches.",
            parts=(
                Para(("Nothing in the inventory matches. Try ", Typed("list"), " or ", Typed("scan"), ".")),
            ),
        )
    rows = tuple(
        (name_of(e), (kind_of(e),), actor_of(e), owner_of(e, catalogue), ends_when(e, now)) for e in shown
    )
    parts: list[Part] = [
        Heading("Integration accounts"),
        Para(
            (
                f"{plural(len(chosen), 'line')}",
                *((" for ", Data(clean(" ".join(asked), 60))) if asked else ()),
                ".",
            )
        ),
        Table(("Integration", "What", "Acts as", "Owner", "Ends"), rows),
    ]
    if turning := pages(verb, page, len(chosen)):
        parts.append(Buttons(turning))
    parts.append(
        page_note(
            page, len(chosen), (Typed(f"show {shown[0].item.ref}"), " · ", Typed(f"{verb} --page {page}"))
        )
    )
    return Reply(summary=f"{plural(len(chosen), 'line')} in the inventory match.", parts=tuple(parts))


def _filtered(context: Context, catalogue: Catalogue, now: datetime) -> tuple[list[Entry], list[str]]:
    entries = [e for e in catalogue.entries if "all" in context.flags or not e.everyday]
    asked: list[str] = []
    owner = context.flags.get("owner", "")
    for word in context.words:
        value = word.value.casefold()
        asked.append(typed_again(word))
        if word.kind is WordKind.PERSON:
            owner = word.value
        elif value in FILTERS and not word.quoted:
            entries = [e for e in entries if _keeps(value, e, context, catalogue, now)]
        elif (
            value in {c.partition(":")[0] for c in context.services.settings.connections} and not word.quoted
        ):
            entries = [e for e in entries if e.item.connection.partition(":")[0] == value]
        elif value in context.services.settings.connections:
            entries = [e for e in entries if e.item.connection == value]
        else:
            if not any(fold(value) in e.words for e in catalogue.entries):
                _near(context, word.value, catalogue)
            entries = [e for e in entries if fold(value) in e.words]
    if owner:
        by_email = {fold(p.email): p.slack_id for p in catalogue.people.values() if p.email}
        slack_id = owner if owner in catalogue.people else by_email.get(fold(owner), "")
        if not slack_id:
            raise BadArgument("No member of this workspace answers to that owner. Mention them with @.")
        entries = [e for e in entries if e.owner and e.owner.person == slack_id]
    return entries, asked


def _keeps(name: str, entry: Entry, context: Context, catalogue: Catalogue, now: datetime) -> bool:
    if name == "expiring":
        return entry.expires_at is not None and entry.expires_at - now <= SOON
    if name == "orphaned":
        return catalogue.orphaned(entry)
    if name == "personal":
        return entry.personal
    me = catalogue.people.get(context.caller.user_id)
    acts_as_me = bool(me and me.email and entry.account and fold(entry.account.email) == fold(me.email))
    return acts_as_me or (entry.owner is not None and entry.owner.person == context.caller.user_id)


def _near(context: Context, typed: str, catalogue: Catalogue) -> None:
    """A word that nothing in the inventory holds: say which known one is near, if one is.

    Raises:
        Unknown: a filter, system, connection or name is spelled nearly so.
    """
    connections = context.services.settings.connections
    known = {*FILTERS, *connections, *(c.partition(":")[0] for c in connections)}
    names = {fold(part): part for entry in catalogue.entries for part in entry.name.split()}
    near = difflib.get_close_matches(typed.casefold()[:60], known, n=1, cutoff=0.7)
    near = near or [names[n] for n in difflib.get_close_matches(fold(typed)[:60], names, n=1, cutoff=0.8)]
    if near:
        meant = context.request.text.replace(typed, near[0], 1)
        shown, instead = (clean(word, 40).replace("`", "'") for word in (typed, near[0]))
        raise Unknown(f"Nothing matches `{shown}`. Did you mean `{instead}`?", meant)
