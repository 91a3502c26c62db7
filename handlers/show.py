"""One thing, whole."""

from __future__ import annotations

from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Code,
    Data,
    Fields,
    Form,
    Heading,
    Input,
    InputKind,
    Mention,
    Note,
    Para,
    Part,
    Reply,
    Role,
    Span,
    Typed,
    When,
)
from bot.dispatch import Context, button, command, form
from bot.findings.model import FindingRow, FindingState
from bot.findings.repository import FindingRepository
from bot.inventory.catalogue import Catalogue, Entry, label
from bot.inventory.messages import actor_of, ends_when, kind_of, owner_of, used_when
from bot.inventory.model import Item
from bot.inventory.repository import ConnectionRepository
from bot.platform.model import Application, Principal, Tie
from bot.requests.repository import RequestRepository
from bot.text import clean, plural

Pair = tuple[str, tuple[Span, ...]]


@command("show", usage="show <id|name>", aliases=("card", "get"), examples=("show 7K2QXM", "show marketo"))
async def show(context: Context) -> Reply:
    """Everything known about one account, token, certificate or application."""
    catalogue = await context.services.inventory.catalogue()
    return await _card(context, catalogue, catalogue.find(context.text))


async def _card(context: Context, catalogue: Catalogue, item: Item) -> Reply:
    async with context.services.store.read() as unit:
        findings = await unit[FindingRepository].all(
            item.connection, frozenset({FindingState.OPEN, FindingState.UNKNOWN})
        )
        open_request = await unit[RequestRepository].live_on(item.connection, item.body.native_id)
        state = await unit[ConnectionRepository].get(item.connection)
    mine = [f for f in findings if f.finding.subject == item.body.native_id]
    entry = catalogue.entry(item)
    pairs = _entry_pairs(entry, catalogue, context) if entry else _item_pairs(item, catalogue)
    pairs += [("Seen", (When(item.last_seen, "ago"), " · first ", When(item.first_seen)))]
    name = clean(entry.name if entry else label(item), 120)
    parts: list[Part] = [
        Heading(clean(name, 100)),
        Para(
            (
                Code(item.ref),
                " · ",
                kind_of(entry) if entry else type(item.body).__name__,
                " on ",
                Data(item.connection),
            )
        ),
        Fields(tuple(pairs)),
    ]
    if mine:
        parts += [Para((f"{plural(len(mine), 'finding')}:",)), Bullets(tuple(_finding(f) for f in mine[:5]))]
    if state.gaps:
        parts.append(
            Note((f"{plural(len(state.gaps), 'coverage gap')} on this connection: ", Typed("status")))
        )
    if open_request:
        parts.append(Para(("Request ", Code(open_request.ref), " is open on it.")))
    if entry and (buttons := _buttons(entry, context.caller.role)):
        parts += [Buttons(buttons), Note(("Or type ", *_twins(entry)))]
    return Reply(summary=_summary(entry, item, context), parts=tuple(parts))


@button("shortcut.find", modal="Find service account")
async def open_find(context: Context) -> Reply:
    """The shortcut Find service account: a search over the whole inventory."""
    asked = Form(
        name="find",
        title="Find service account",
        submit="Show",
        inputs=(
            Input(
                name="item",
                label="Which one",
                kind=InputKind.SEARCH,
                placeholder="Type a name, an account or an id",
            ),
        ),
    )
    return Reply(summary="Find service account", form=asked)


@form("find")
async def found(context: Context) -> Reply:
    """A sent Find form: the card takes its place."""
    ref = context.request.answers.get("item", "")
    if not ref:
        return Reply(summary="Pick one.", errors={"item": "Pick one from the list."})
    catalogue = await context.services.inventory.catalogue()
    card = await _card(context, catalogue, catalogue.find(ref))
    return Reply(summary=card.summary, form=Form(name="notice", title="Found", parts=card.parts))


def _entry_pairs(entry: Entry, catalogue: Catalogue, context: Context) -> list[Pair]:
    pairs: list[Pair] = [("Acts as", actor_of(entry))]
    if entry.account:
        account = entry.account
        pairs.append(("Kind", (account.kind.value,)))
        if account.profile:
            pairs.append(("Profile", (Data(clean(account.profile, 80)),)))
        if account.privileges:
            pairs.append(("Powers", (Data(clean(", ".join(account.privileges), 300)),)))
    if entry.application:
        pairs.append(("Application", (Data(clean(label(entry.application), 80)),)))
    pairs += [
        ("Owner", owner_of(entry, catalogue)),
        *([("Backup owner", (Mention(entry.backup.person),))] if entry.backup else []),
        ("Last used", used_when(entry)),
        ("Ends", ends_when(entry, context.services.clock.now())),
    ]
    credential = entry.credential
    if credential and credential.use_count is not None:
        pairs.append(("Uses", (f"{credential.use_count:,} (failed tries count too)",)))
    if credential and credential.created_at:
        pairs.append(("Made", (When(credential.created_at),)))
    return pairs


def _item_pairs(item: Item, catalogue: Catalogue) -> list[Pair]:
    body = item.body
    if isinstance(body, Principal):
        pairs: list[Pair] = [
            ("Name", (Data(clean(body.name, 80)),)),
            ("User name", (Data(clean(body.username, 120)),)),
            ("State", (body.status.value,)),
            ("Kind", (body.kind.value,)),
            ("Profile", (Data(clean(body.profile or "not known", 80)),)),
            ("Last sign-in", (When(body.last_login_at, "ago"),) if body.last_login_at else ("not recorded",)),
        ]
        if body.privileges:
            pairs.append(("Powers", (Data(clean(", ".join(body.privileges), 300)),)))
        return pairs
    if isinstance(body, Application):
        run_as = catalogue.native(item.connection, Principal, body.run_as_id)
        may = {
            True: "anybody, for themselves",
            False: "only those approved by an administrator",
            None: "could not be seen",
        }
        return [
            ("Kind", (Data(body.kind),)),
            ("Contact", (Data(clean(body.contact_email or "none", 120)),)),
            ("Runs as", (Data(clean(label(run_as), 120)),) if run_as else ("nobody seen",)),
            ("Who may approve it", (may[body.self_authorize],)),
        ]
    if isinstance(body, Tie):
        holder = catalogue.native(item.connection, Principal, body.principal_id)
        return [
            ("Kind", (Data(body.kind),)),
            ("Belongs to", (Data(clean(label(holder), 120)),) if holder else ("not seen",)),
            ("Detail", (Data(clean(body.detail, 200)),)),
        ]
    return []


def _finding(row: FindingRow) -> tuple[Span, ...]:
    doubt = " (could not be looked at lately)" if row.state is FindingState.UNKNOWN else ""
    return (
        f"{row.finding.severity.value} ",
        Data(row.finding.title),
        ". ",
        Data(clean(row.finding.evidence, 200)),
        doubt,
    )


def _buttons(entry: Entry, role: Role) -> tuple[Button, ...]:
    name = clean(entry.name, 40)
    buttons = []
    if entry.credential and role.covers(Role.OPERATOR):
        buttons.append(
            Button("Hand Over", "handover.open", entry.item.ref, "primary", hint=f"Hand over {name}")
        )
    if role.covers(Role.OPERATOR):
        buttons.append(Button("Set Owner", "owner.open", entry.item.ref, hint=f"Set the owner of {name}"))
    buttons.append(Button("Audit", "run", f"audit {entry.item.ref}", hint=f"Audit log of {name}"))
    return tuple(buttons)


def _twins(entry: Entry) -> tuple[Span, ...]:
    return (
        Typed(f"handover {entry.item.ref} to <account>"),
        " · ",
        Typed(f"owner set {entry.item.ref} @person"),
        " · ",
        Typed(f"audit {entry.item.ref}"),
    )


def _summary(entry: Entry | None, item: Item, context: Context) -> str:
    if entry is None:
        return f"{clean(label(item), 60)} on {item.connection}."
    who = entry.account.username if entry.account else "nobody"
    owned = "" if entry.owner else " It has no owner."
    return f"{clean(entry.name, 60)} on {item.connection} acts as {clean(who, 60)}.{owned}"
