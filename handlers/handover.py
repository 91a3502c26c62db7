"""Moving an integration to another account: the plan shown, then asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from bot.chat.grammar import Flag, FlagKind, Parsed, Word
from bot.chat.model import (
    Button,
    Buttons,
    Data,
    Form,
    Input,
    InputKind,
    Note,
    Option,
    Para,
    Part,
    Reply,
    Role,
    Typed,
)
from bot.dispatch import Context, button, command, form, search
from bot.errors import BadArgument, BotError, NotFound, PlatformError, UserError
from bot.inventory.catalogue import Catalogue, Entry
from bot.platform.plan import How, Manner
from bot.requests import plan_document
from bot.requests.messages import asked_card, draft_parts
from bot.requests.model import ChangeRequest
from bot.requests.target_choice import chosen_target, none_fits, target_input, target_options
from bot.requests.targets import Targets
from bot.text import clean, fold

REFERENCE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{6}\b")


def _opens(parsed: Parsed) -> str | None:
    """The form opens while it is not said what goes to whom; else the plan is shown, or asked for."""
    return None if all(_split(parsed.args)) else "Hand over"


def _split(words: Sequence[Word]) -> tuple[str, str]:
    """What to hand over, and to whom: parted by the last "to", since names such as "Quote to cash" have one."""
    parts = [n for n, w in enumerate(words) if w.value.casefold() == "to" and not w.quoted]
    at = next((n for n in reversed(parts) if n + 1 < len(words)), parts[-1] if parts else len(words))
    return " ".join(w.value for w in words[:at]), " ".join(w.value for w in words[at + 1 :])


@command(
    "handover",
    usage='handover <id|name> to <account> --reason "…" [--dry-run]',
    role=Role.OPERATOR,
    aliases=("transfer", "move"),
    flags={
        "reason": Flag(FlagKind.TEXT, help="why; approvers read it"),
        "expires": Flag(FlagKind.DATE, help="until when it may be decided, for example 3d; then it is a no"),
        "dry-run": Flag(FlagKind.SWITCH, help="show the plan and ask for nothing; so without a reason too"),
        "as": plan_document.AS,
        "revoke-first": Flag(
            FlagKind.SWITCH, help="revoke the old credential first; the plan states the downtime"
        ),
        "into": Flag(FlagKind.TEXT, help="where a new secret goes: a configured destination, or manual"),
    },
    examples=(
        'handover 7K2QXM to svc.marketo@example.com --reason "Ana leaves on Friday"',
        "handover 7K2QXM to svc-marketo --dry-run",
        "handover 7K2QXM to svc-marketo --revoke-first --dry-run",
    ),
    modal=_opens,
)
async def handover(context: Context) -> Reply:
    """Plan to move a credential to an integration account, and ask for approval."""
    subject, target = _split(context.words)
    catalogue = await context.services.inventory.catalogue()
    entry = _credential(catalogue, subject) if subject else None
    if entry and target and ("dry-run" in context.flags or "reason" not in context.flags):
        return await _shown(context, entry, target)
    if entry and target:
        how = await _how(context, entry, revoke_first="revoke-first" in context.flags)
        return asked_card(
            await _request(
                context, entry, target, how, context.flags["reason"], context.flags.get("expires", "")
            )
        )
    return _form(
        catalogue,
        entry,
        target,
        context.flags.get("reason", ""),
        revoke_first="revoke-first" in context.flags,
    )


async def _how(context: Context, entry: Entry, *, revoke_first: bool) -> How:
    manner = Manner.HOSTILE if revoke_first else Manner.GRACEFUL
    return await context.services.planner.how(entry, manner, context.flags.get("into", ""))


def _credential(catalogue: Catalogue, words: str) -> Entry:
    item = catalogue.find(words)
    entry = catalogue.entry(item)
    if entry is None or entry.credential is None:
        raise BadArgument("That is not a credential. `list` shows what can be handed over.")
    return entry


async def _shown(context: Context, entry: Entry, target: str) -> Reply:
    how = await _how(context, entry, revoke_first="revoke-first" in context.flags)
    item = entry.item
    draft = await context.services.planner.handover(item.connection, item.body.native_id, target, how)
    if written := context.flags.get("as"):
        return await plan_document.give(
            context.services.files, context.caller.user_id, draft.plan, written, item.ref
        )
    flag = " --revoke-first" if how.manner is Manner.HOSTILE else ""
    typed = f'handover {item.ref} to {target}{flag} --reason "…"'
    parts: list[Part] = [
        *draft_parts(draft),
        Buttons(
            (
                Button(
                    "Ask for It",
                    "handover.open",
                    f"{item.ref} {target}{flag}",
                    "primary",
                    hint="Ask for this handover",
                ),
            )
        ),
        Note(("Nothing was asked for yet. Or type ", Typed(typed))),
    ]
    summary = (
        "The plan cannot run yet; the reasons are inside."
        if draft.objections
        else "The plan; nothing was asked for yet."
    )
    return Reply(summary=summary, parts=tuple(parts))


@button("handover.open", role=Role.OPERATOR, modal="Hand over")
async def open_form(context: Context) -> Reply:
    """The form behind Hand Over and Plan Handover."""
    ref, _, target = context.request.value.partition(" ")
    revoke_first = target.endswith(" --revoke-first")
    catalogue = await context.services.inventory.catalogue()
    return _form(
        catalogue,
        _credential(catalogue, ref),
        target.removesuffix(" --revoke-first"),
        "",
        revoke_first=revoke_first,
    )


@button("shortcut.handover", role=Role.OPERATOR, modal="Hand over")
async def open_from_message(context: Context) -> Reply:
    """The shortcut Hand over this integration: the form, filled with the one credential that the message names."""
    catalogue = await context.services.inventory.catalogue()
    named = {
        item.id: item
        for ref in REFERENCE.findall(context.request.text)
        if (item := catalogue.by_ref.get(ref))
    }
    entries = [entry for item in named.values() if (entry := catalogue.entry(item)) and entry.credential]
    return _form(catalogue, entries[0] if len(entries) == 1 else None, "", "", revoke_first=False)


def _form(
    catalogue: Catalogue, entry: Entry | None, target: str, reason: str, *, revoke_first: bool
) -> Reply:
    about: tuple[Part, ...] = ()
    chosen: tuple[Input, ...] = ()
    if entry:
        who = entry.account.username if entry.account else "nobody"
        about = (Para((Data(clean(entry.name, 100), strong=True), " acts as ", Data(clean(who, 100)), ".")),)
    else:
        chosen = (
            Input(
                name="credential", label="What to hand over", kind=InputKind.SEARCH, placeholder="Type a name"
            ),
        )
    targets = Targets(catalogue)
    offered = targets.fitting(entry) if entry else targets.on(())
    asked = Form(
        name="handover",
        title="Hand over",
        submit="Ask for Approval",
        state={"item": entry.item.ref} if entry else {},
        parts=(*about, *none_fits(offered, entry)),
        inputs=(
            *chosen,
            target_input(offered, target, best=entry is not None),
            Input(
                name="manner",
                label="What ends first",
                kind=InputKind.CHOICE,
                options=(
                    Option("No downtime: revoke the old credential last", Manner.GRACEFUL.value),
                    Option("The old credential, with downtime", Manner.HOSTILE.value),
                ),
                initial=(Manner.HOSTILE if revoke_first else Manner.GRACEFUL).value,
                hint="With downtime only where its holder must lose it at once.",
                optional=True,
            ),
            Input(
                name="expires",
                label="Decide within",
                kind=InputKind.CHOICE,
                options=tuple(
                    Option(f"{days} day{'s' if days > 1 else ''}", f"{days}d") for days in (1, 3, 7, 14)
                ),
                initial="1d",
                hint="Unanswered by then, it is a no.",
                optional=True,
            ),
            Input(
                name="reason",
                label="Why",
                kind=InputKind.TEXT,
                initial=reason,
                hint="At least 10 characters; approvers read it.",
                max_length=500,
            ),
        ),
    )
    return Reply(summary="Hand over", form=asked)


@search("target")
@search("on_0")
@search("on_1")
@search("on_2")
@search("on_3")
async def find_target(context: Context) -> tuple[Option, ...]:
    """Accounts that the form's credential can go to; those of its connections while none is chosen.

    The leaver's form has up to four such fields, and its state says which connection each is about.
    """
    state, catalogue = context.request.state, await context.services.inventory.catalogue()
    item = catalogue.by_ref.get(state.get("item", ""))
    entry = catalogue.entry(item) if item else None
    targets = Targets(catalogue)
    wanted = state.get(context.request.name, state.get("connections", "")).split()
    offered = targets.fitting(entry) if entry else targets.on(wanted)
    needles = fold(context.request.text).split()
    kept = target_options(offered, best=entry is not None)
    return tuple(o for o in kept if all(n in fold(o.label) for n in needles))


@form("handover", role=Role.OPERATOR)
async def submitted(context: Context) -> Reply:
    """A sent Hand Over form."""
    answers = context.request.answers
    ref = context.request.state.get("item") or answers.get("credential", "")
    if not ref:
        return Reply(summary="Pick what to hand over.", errors={"credential": "Pick one from the list."})
    catalogue = await context.services.inventory.catalogue()
    try:
        entry = _credential(catalogue, ref)
        target, reason = chosen_target(catalogue, answers.get("target", "")), answers.get("reason", "")
        how = await _how(context, entry, revoke_first=answers.get("manner") == Manner.HOSTILE.value)
        request = await _request(context, entry, target, how, reason, answers.get("expires", ""))
    except (UserError, PlatformError) as exc:  # what was typed stays: the platform may answer in a minute
        return Reply(summary=exc.hint, errors={_field_of(exc): exc.hint})
    return asked_card(request)


def _field_of(exc: BotError) -> str:
    return "reason" if "reason" in exc.hint.casefold() and isinstance(exc, BadArgument) else "target"


async def _request(
    context: Context, entry: Entry, target: str, how: How, reason: str, expires: str
) -> ChangeRequest:
    if not target.strip():
        raise NotFound("Say to which account: its user name on the same system.")
    item = entry.item
    draft = await context.services.planner.handover(item.connection, item.body.native_id, target.strip(), how)
    return await context.services.approvals.open(
        draft, context.caller, reason, how.written, _lasts(context, expires)
    )


def _lasts(context: Context, expires: str) -> timedelta | None:
    """How long a request may wait: a span such as ``3d``, or until the end of a day."""
    if not expires:
        return None
    if expires.endswith("d"):
        return timedelta(days=int(expires[:-1]))
    return datetime.combine(date.fromisoformat(expires), time.max, UTC) - context.services.clock.now()


@search("credential")
async def find_credential(context: Context) -> tuple[Option, ...]:
    """Credentials whose words match what is typed."""
    return await _options(context, lambda entry: entry.credential is not None)


@search("item")
async def find_item(context: Context) -> tuple[Option, ...]:
    """Any line of the inventory."""
    return await _options(context, lambda entry: True)


async def _options(context: Context, keep: Callable[[Entry], bool]) -> tuple[Option, ...]:
    catalogue = await context.services.inventory.catalogue()
    needles = fold(context.request.text).split()
    found = [e for e in catalogue.entries if keep(e) and all(n in e.words for n in needles)]
    return tuple(
        Option(f"{clean(e.name, 40)} · {e.item.ref} · {clean(e.item.connection, 20)}", e.item.ref)
        for e in found[:100]
    )
