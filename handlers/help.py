"""The menu, the help, and who somebody is."""

from __future__ import annotations

from bot.alerts.attention import waiting_for
from bot.chat.grammar import Spec
from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Code,
    Data,
    Heading,
    Mention,
    Note,
    Para,
    Part,
    Reply,
    Role,
    Span,
    Typed,
)
from bot.dispatch import Context, command
from bot.errors import NotFound
from bot.people.repository import PersonRepository
from bot.text import clean, plural

GROUPS = {  # what people want to do: in words, and the commands for it, the usual ones first
    "know": ("See what there is", ("list", "show", "impact", "forecast", "export", "menu")),
    "own": (
        "Say who owns what",
        ("owner set", "owner backup", "owner accept", "owner decline", "owner attest"),
    ),
    "alerts": ("Act on alerts", ("alerts", "ack", "assign", "snooze", "reassign")),
    "checks": ("Look for problems", ("findings", "check", "findings suppress", "findings unsuppress")),
    "move": ("Move and replace credentials", ("handover", "rotate", "secret", "rollback")),
    "decide": (
        "Approve and follow requests",
        ("requests", "approve", "deny", "requests check", "requests sign", "requests cancel", "step-up"),
    ),
    "platforms": ("Work on one system", ("salesforce", "netsuite", "wrike", "nexonia")),
    "admin": ("Run Handover", ("status", "scan", "audit", "evidence", "step-up reset", "whoami", "help")),
}
ROLES = {
    Role.NONE: "You may only ask who you are.",
    Role.VIEWER: "You may look at everything.",
    Role.OPERATOR: "You may look at everything and ask for handovers and changes.",
    Role.APPROVER: "You may ask for changes and decide what others ask for.",
    Role.ADMIN: "You may do everything, scanning by hand and settling owners included.",
}


@command("menu", usage="menu", examples=("",))
async def menu(context: Context) -> Reply:
    """What needs you now, and the usual things to do."""
    needs = await waiting_for(context.services.store, context.caller)
    parts: list[Part] = [Heading("Handover")]
    if needs:
        parts += [Para(("Waiting for you:",)), Bullets(tuple((line,) for line in needs))]
    else:
        parts.append(Para(("Nothing is waiting for you.",)))
    parts += [
        Buttons(
            (
                Button("List Mine", "run", "list mine"),
                Button("List Expiring", "run", "list expiring"),
                Button("Requests", "run", "requests"),
            )
        ),
        Buttons(
            (
                Button("Findings", "run", "findings"),
                Button("Status", "run", "status"),
                Button("Help", "run", "help"),
            )
        ),
        Note(
            (
                "Or type ",
                Typed("list mine"),
                " · ",
                Typed("list expiring"),
                " · ",
                Typed("requests"),
                " · ",
                Typed("help"),
            )
        ),
    ]
    summary = f"{plural(len(needs), 'thing')} waiting for you." if needs else "Nothing is waiting for you."
    return Reply(summary=summary, parts=tuple(parts))


@command(
    "help", usage="help [verb]", aliases=("?", "man"), examples=("help", "help handover"), role=Role.NONE
)
async def show_help(context: Context) -> Reply:
    """How to ask for things, with examples to copy."""
    specs = context.services.specs
    if context.words:
        return _one(context.text, specs)
    lines = tuple(
        (Data(title, strong=True), ": ", *_listed([Typed(verb) for verb in verbs[:3]]))
        for title, verbs in GROUPS.values()
    )
    names = list(GROUPS)
    return Reply(
        summary="Handover: pick what you want to do, or type a command.",
        parts=(
            Heading("What you can type"),
            Bullets(lines),
            *(
                Buttons(tuple(_more(name) for name in names[start : start + 4]))
                for start in range(0, len(names), 4)
            ),
            Note(
                ("Or type ", Typed("help move"), " for a group, ", Typed("help handover"), " for a command.")
            ),
        ),
    )


def _more(name: str) -> Button:
    title, _ = GROUPS[name]
    return Button(f"More: {name.title()}", "run", f"help {name}", hint=f"Commands to: {title.lower()}")


def _listed(spans: list[Typed]) -> list[Span]:
    listed: list[Span] = []
    for at, span in enumerate(spans):
        listed += [" · " if at else "", span]
    return listed


def _group(name: str, specs: tuple[Spec, ...]) -> Reply:
    """Every command of a group, a line each."""
    title, verbs = GROUPS[name]
    found = [
        spec for verb in verbs for spec in specs if spec.verb == verb or spec.verb.startswith(f"{verb} ")
    ]
    chosen = list(dict.fromkeys(spec.verb for spec in found if name == "platforms" or spec.verb in verbs))
    by_verb = {spec.verb: spec for spec in specs}
    lines = tuple((Typed(verb), f"  {by_verb[verb].summary}") for verb in chosen)
    return Reply(
        summary=f"{title}: {plural(len(lines), 'command')}.",
        parts=(
            Heading(title),
            Bullets(lines),
            Buttons((Button("All Groups", "run", "help"),)),
            Note(("Or type ", Typed(f"help {chosen[0]}"), " to see how one is used.")),
        ),
    )


def _one(verb: str, specs: tuple[Spec, ...]) -> Reply:
    wanted = verb.casefold()
    if wanted in GROUPS:
        return _group(wanted, specs)
    found = [s for s in specs if s.verb == wanted or wanted in s.aliases] or [
        s for s in specs if s.verb.startswith(wanted)
    ]
    if not found:
        raise NotFound(f"There is no verb `{clean(verb, 40)}`. Type `help` for the list.")
    if len(found) > 1:
        lines = tuple((Typed(spec.usage), f"  {spec.summary}") for spec in found)
        return Reply(summary=f"{len(found)} verbs begin so.", parts=(Bullets(lines),))
    spec = found[0]
    parts: list[Part] = [Heading(spec.verb), Para((spec.summary,)), Para((Typed(spec.usage),))]
    if spec.flags:
        flags = tuple(
            (
                Code(f"--{name}"),
                f"  {flag.help or flag.kind.value}",
                f" ({', '.join(flag.choices)})" if flag.choices else "",
            )
            for name, flag in spec.flags.items()
        )
        parts.append(Bullets(flags))
    if spec.examples:
        parts += [Para(("For example:",)), Bullets(tuple((Typed(example),) for example in spec.examples))]
    if spec.aliases:
        parts.append(Note(("Also: ", ", ".join(spec.aliases))))
    return Reply(summary=f"{spec.verb}: {spec.summary}", parts=tuple(parts))


@command("whoami", usage="whoami", role=Role.NONE, examples=("whoami",))
async def whoami(context: Context) -> Reply:
    """Who the bot takes you for, and what you may do."""
    role = context.caller.role
    async with context.services.store.read() as unit:
        person = await unit[PersonRepository].get(context.caller.user_id)
    email = Data(clean(person.email, 120)) if person and person.email else "no e-mail known"
    return Reply(
        summary=f"You are {role.value}. {ROLES[role]}",
        parts=(
            Para((Mention(context.caller.user_id), " · ", email)),
            Para(("Role: ", role.value, ". ", ROLES[role])),
            Note(("Roles come from Slack groups named in the configuration, read anew every five minutes.",)),
        ),
    )
