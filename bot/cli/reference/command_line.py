"""What can be typed in a shell."""

from __future__ import annotations

from collections.abc import Iterator

from typer.core import TyperCommand, TyperGroup, TyperOption

from bot.cli.reference.markdown import code, prose, table

TITLE = "Command line"
INTRO = """
`python -m bot COMMAND --help` says the same. Exit status: 0 done, 1 it failed or something is wrong, 2 the
configuration or the command line is off. On a terminal the output is drawn; in a pipe it is plain lines and
tab-separated columns.
"""


def body(cli: object) -> str:
    """Each command with what it takes."""
    return "\n\n".join(_one(words, command) for words, command in _commands("python -m bot", cli))


def _commands(words: str, command: object) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _commands(f"{words} {name}", below)
    elif isinstance(command, TyperCommand):
        yield words, command


def _one(words: str, command: TyperCommand) -> str:
    rows = [_parameter(p) for p in command.params]
    said = f"## {words}\n\n{prose(command.callback)}"
    return f"{said}\n\n{table(('takes', 'meaning'), rows)}" if rows else said


def _parameter(parameter: object) -> tuple[str, str]:
    names = getattr(parameter, "opts", ())
    shown = names if isinstance(parameter, TyperOption) else [name.upper() for name in names]
    return ", ".join(map(code, shown)), getattr(parameter, "help", None) or ""
