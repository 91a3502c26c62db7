"""Replacing a credential by a new one of the same account: the plan shown, then asked for."""

from __future__ import annotations

from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import Button, Buttons, Data, Form, Input, InputKind, Note, Para, Reply, Role, Typed
from bot.dispatch import Context, button, command, form
from bot.errors import BadArgument, PlatformError, UserError
from bot.inventory.catalogue import Entry
from bot.platform.plan import Draft, How, Manner
from bot.requests import plan_document
from bot.requests.messages import asked_card, draft_parts
from bot.requests.model import ChangeRequest
from bot.text import clean


@command(
    "rotate",
    usage='rotate <id|name> [--into <destination>] [--revoke-first] --reason "…" [--dry-run]',
    role=Role.OPERATOR,
    flags={
        "reason": Flag(FlagKind.TEXT, help="why; approvers read it"),
        "into": Flag(FlagKind.TEXT, help="where the new secret goes: a configured destination, or manual"),
        "revoke-first": Flag(FlagKind.SWITCH, help="end the old one before the consumer has the new one"),
        "as": plan_document.AS,
        "dry-run": Flag(FlagKind.SWITCH, help="show the plan and ask for nothing"),
    },
    examples=('rotate 7K2QXM --reason "Yearly rotation"', "rotate 7K2QXM --dry-run"),
)
async def rotate(context: Context) -> Reply:
    """Plan to replace a credential by a new one of the same account, and ask for approval."""
    if not context.words:
        raise BadArgument("Say what to rotate, for example `rotate 7K2QXM`. `list` shows what there is.")
    entry = await _entry(context, context.text)
    revoke_first = "revoke-first" in context.flags
    how = await _how(context, entry, context.flags.get("into", ""), revoke_first=revoke_first)
    if "reason" in context.flags and "dry-run" not in context.flags:
        return asked_card(await _request(context, entry, how, context.flags["reason"]))
    draft = await _draft(context, entry, how)
    if written := context.flags.get("as"):
        ref = entry.item.ref
        return await plan_document.give(
            context.services.files, context.caller.user_id, draft.plan, written, ref
        )
    value = f"{entry.item.ref} {how.manner.value} {how.destination}"
    typed = f'rotate {entry.item.ref}{" --revoke-first" if revoke_first else ""} --reason "…"'
    return Reply(
        summary="The plan cannot run yet; the reasons are inside."
        if draft.objections
        else "The plan; nothing was asked for yet.",
        parts=(
            *draft_parts(draft),
            Buttons((Button("Ask for It", "rotate.open", value, "primary", hint="Ask for this rotation"),)),
            Note(("Nothing was asked for yet. Or type ", Typed(typed))),
        ),
    )


@button("rotate.open", role=Role.OPERATOR, modal="Rotate")
async def open_form(context: Context) -> Reply:
    """The Ask for It button asks for the reason."""
    ref, manner, destination = context.request.value.split(" ", 2)
    entry = await _entry(context, ref)
    reason = Input(
        name="reason",
        label="Why",
        kind=InputKind.TEXT,
        hint="At least 10 characters; approvers read it.",
        max_length=500,
    )
    asked = Form(
        name="rotate",
        title="Rotate",
        submit="Ask for Approval",
        state={"item": ref, "manner": manner, "into": destination},
        parts=(Para((Data(clean(entry.name, 100), strong=True), " gets a new credential.")),),
        inputs=(reason,),
    )
    return Reply(summary="Rotate", form=asked)


@form("rotate", role=Role.OPERATOR)
async def submitted(context: Context) -> Reply:
    """A sent Rotate form."""
    state = context.request.state
    entry = await _entry(context, state["item"])
    how = await _how(context, entry, state["into"], revoke_first=state["manner"] == Manner.HOSTILE.value)
    try:
        return asked_card(await _request(context, entry, how, context.request.answers.get("reason", "")))
    except (UserError, PlatformError) as exc:
        return Reply(summary=exc.hint, errors={"reason": exc.hint})


async def _how(context: Context, entry: Entry, destination: str, *, revoke_first: bool) -> How:
    manner = Manner.HOSTILE if revoke_first else Manner.GRACEFUL
    return await context.services.planner.how(entry, manner, destination)


async def _entry(context: Context, words: str) -> Entry:
    catalogue = await context.services.inventory.catalogue()
    entry = catalogue.entry(catalogue.find(words))
    if entry is None or entry.credential is None:
        raise BadArgument("That is not a credential. `list` shows what can be rotated.")
    return entry


async def _draft(context: Context, entry: Entry, how: How) -> Draft:
    return await context.services.planner.rotate(entry.item.connection, entry.item.body.native_id, how)


async def _request(context: Context, entry: Entry, how: How, reason: str) -> ChangeRequest:
    return await context.services.approvals.open(
        await _draft(context, entry, how), context.caller, reason, how.written
    )
