"""What people can type in Slack."""

from __future__ import annotations

from bot.app import routes
from bot.chat.grammar import Flag, FlagKind
from bot.cli.reference.markdown import code, prose, table
from bot.dispatch import Route

TITLE = "Commands"
INTRO = """
What can be typed in Slack after the slash command, which is `/svc` unless the configuration says otherwise. A verb
may be shortened to any prefix that fits no other, a flag may be written with one dash or an em dash, and every
button has a typed twin. The role is the least that may use the command; each role includes those before it: none,
viewer, operator, approver, admin.
"""
_TAKES = {
    FlagKind.TEXT: "text",
    FlagKind.INT: "a whole number",
    FlagKind.PERSON: "a mention or an e-mail address",
    FlagKind.DATE: "a date (2026-12-01) or a span (30d, 2w)",
    FlagKind.SWITCH: "nothing",
}


def body() -> str:
    """A table of all, then each with its flags and examples."""
    commands = [route for _, route in sorted(routes().commands.items())]
    overview = table(
        ("command", "role", "what it does"),
        ((f"[`{r.name}`](#{r.name.replace(' ', '-')})", r.role.value, _summary(r)) for r in commands),
    )
    return "\n\n".join([overview, *map(_one, commands)])


def _one(route: Route) -> str:
    spec = route.spec
    if spec is None:  # commands have one, by ``dispatch.command``
        return ""
    parts = [
        f"## {route.name}",
        prose(route.handler),
        f"```\n/svc {spec.usage}\n```",
        f"Role: {route.role.value}.",
    ]
    if spec.aliases:
        parts.append(f"Also: {', '.join(code(alias) for alias in spec.aliases)}.")
    if spec.flags:
        rows = ((code(f"--{name}"), _takes(flag), flag.help) for name, flag in spec.flags.items())
        parts.append(table(("flag", "takes", "meaning"), rows))
    if spec.examples:
        parts.append("Examples:\n\n" + "\n".join(f"- {code(f'/svc {example}')}" for example in spec.examples))
    return "\n\n".join(parts)


def _summary(route: Route) -> str:
    return route.spec.summary if route.spec else ""


def _takes(flag: Flag) -> str:
    return " or ".join(map(code, flag.choices)) if flag.choices else _TAKES.get(flag.kind, flag.kind.value)
