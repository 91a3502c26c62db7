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
    Typed,
)
from bot.dispatch import Ask, command
from bot.errors import NotFound
from bot.people.repository import PersonRepository
from bot.text import clean, plural

SHOWN_FIRST = ("list", "show", "impact", "handover", "requests", "help")
ROLES = {
    Role.NONE: "You may only ask who you are.",
    Role.VIEWER: "You may look at everything.",
    Role.OPERATOR: "You may look at everything and ask for handovers and changes.",
    Role.APPROVER: "You may ask for changes and decide what others ask for.",
    Role.ADMIN: "You may do everything, scanning by hand and settling owners included.",
}


@command("menu", usage="menu", examples=("",))
async def menu(ask: Ask) -> Reply:
    """What needs you now, and the usual things to do."""
    needs = await waiting_for(ask.services.store, ask.caller)
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
async def show_help(ask: Ask) -> Reply:
    """How to ask for things, with examples to copy."""
    specs = ask.services.specs
    if ask.words:
        return _one(ask.text, specs)
    shown = [spec for verb in SHOWN_FIRST for spec in specs if spec.verb == verb]
    rest = sorted(spec.verb for spec in specs if spec.verb not in (*SHOWN_FIRST, "menu"))
    lines = tuple(
        (Typed(spec.examples[0] if spec.examples else spec.verb), f"  {spec.summary}") for spec in shown
    )
    return Reply(
        summary="Handover: list, show, impact, handover, requests, help.",
        parts=(
            Heading("What you can type"),
            Bullets(lines),
            Para(("Also: ", ", ".join(rest), ".")),
            Para(("Verbs can be shortened (", Code("li"), "), and ids and part of a name both work.")),
            Buttons((Button("List Mine", "run", "list mine"), Button("Status", "run", "status"))),
            Note((Typed("help <verb>"), " explains one.")),
        ),
    )


def _one(verb: str, specs: tuple[Spec, ...]) -> Reply:
    wanted = verb.casefold()
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
async def whoami(ask: Ask) -> Reply:
    """Who the bot takes you for, and what you may do."""
    role = ask.caller.role
    async with ask.services.store.read() as unit:
        person = await unit[PersonRepository].get(ask.caller.user_id)
    email = Data(clean(person.email, 120)) if person and person.email else "no e-mail known"
    return Reply(
        summary=f"You are {role.value}. {ROLES[role]}",
        parts=(
            Para((Mention(ask.caller.user_id), " · ", email)),
            Para(("Role: ", role.value, ". ", ROLES[role])),
            Note(("Roles come from Slack groups named in the configuration, read anew every five minutes.",)),
        ),
    )
