"""What only Nexonia has: tonight's sync of its users foreseen, and brought about where we may write."""

from __future__ import annotations

from bot.chat.grammar import Flag, FlagKind, Parsed
from bot.chat.model import Form, Input, InputKind, Para, Reply, Role
from bot.dispatch import Ask, command, form
from bot.errors import BadArgument, Denied, PlatformError, UserError
from bot.requests.messages import asked_card
from bot.user_sync import messages as cards

CONNECTION = Flag(help="which Nexonia, where there are several")
REASON = Input(
    name="reason", label="Why", kind=InputKind.TEXT, hint="At least 10 characters.", max_length=500
)


@command(
    "nexonia sync",
    usage="nexonia sync [--connection …] [--smaller]",
    flags={
        "connection": CONNECTION,
        "smaller": Flag(FlagKind.SWITCH, help="believe lists that lost many people; administrators"),
    },
    examples=("nexonia sync", "nexonia sync --connection nexonia:prod"),
)
async def sync(ask: Ask) -> Reply:
    """Say what tonight's sync of NetSuite's people will do to Nexonia's users, with rule and reason for each."""
    smaller = "smaller" in ask.flags
    if smaller and not ask.caller.role.covers(Role.ADMIN):
        raise Denied("Only an administrator may have a listing believed that lost many people.")
    connection = _connection(ask)
    try:
        seen = await ask.services.user_sync.look(connection, smaller=smaller)
    except PlatformError as exc:
        return cards.unseen_card(connection, exc.hint)
    async with ask.services.store.write() as unit:
        await ask.services.user_sync.alarm(unit, ask.services.alerts, seen)
    return cards.forecast_card(seen)


def _opens(parsed: Parsed) -> str | None:
    return None if "reason" in parsed.flags else "Apply the sync"


@command(
    "nexonia apply",
    usage='nexonia apply --reason "…" [--connection …]',
    role=Role.OPERATOR,
    flags={"reason": Flag(help="why; approvers read it"), "connection": CONNECTION},
    examples=('nexonia apply --reason "Two new hires start on Monday"',),
    opens=_opens,
)
@form("nexonia.apply", role=Role.OPERATOR)
async def apply(ask: Ask) -> Reply:
    """Ask for tonight's sync to be done now, user by user, where the directory can be written to."""
    if ask.request.answers:
        try:
            return await _asked(ask, ask.request.state["connection"], ask.request.answers.get("reason", ""))
        except (UserError, PlatformError) as exc:  # what was typed stays: it may work in a minute
            return Reply(summary=exc.hint, errors={"reason": exc.hint})
    connection = _connection(ask)
    if "reason" in ask.flags:
        return await _asked(ask, connection, ask.flags["reason"])
    explained = (
        "Draws up a plan from NetSuite and Nexonia as they are now: a step for each user, read back after it."
    )
    asked = Form(
        name="nexonia.apply",
        title="Apply the sync",
        submit="Ask for Approval",
        state={"connection": connection},
        parts=(Para((explained,)),),
        inputs=(REASON,),
    )
    return Reply(summary="Apply the sync", form=asked)


async def _asked(ask: Ask, connection: str, reason: str) -> Reply:
    draft = await ask.services.user_sync.draft(connection, {})
    return asked_card(await ask.services.approvals.open(draft, ask.caller, reason, {"verb": "sync"}))


def _connection(ask: Ask) -> str:
    named = ask.flags.get("connection", "")
    known = tuple(ask.services.user_sync.directories)
    if not known:
        raise BadArgument("No Nexonia connection is configured. Add one to the configuration and restart.")
    chosen = [c for c in known if named in ("", c, c.partition(":")[2])]
    if len(chosen) != 1:
        raise BadArgument(f"Say which with `--connection`: {', '.join(f'`{c}`' for c in known)}.")
    return chosen[0]
