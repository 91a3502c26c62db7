"""What can be typed in a shell."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from typer.models import CommandInfo, OptionInfo, ParameterInfo

from bot.cli import commands
from bot.cli.reference.markdown import code, prose, table

TITLE = "Command line"
INTRO = """
`python -m bot COMMAND --help` says the same. Exit status: 0 done, 1 it failed or something is wrong, 2 the
configuration or the command line is off. On a terminal the output is drawn; in a pipe it is plain lines and
tab-separated columns.
"""


def body() -> str:
    """Each command with what it takes."""
    return "\n\n".join(_one(words, info) for words, info in _commands())


def _commands() -> Iterator[tuple[str, CommandInfo]]:
    for info in commands.app.registered_commands:
        yield _name(info), info
    for group in commands.app.registered_groups:
        if group.typer_instance is not None:
            for info in group.typer_instance.registered_commands:
                yield f"{group.name} {_name(info)}", info


def _name(info: CommandInfo) -> str:
    return info.name or (info.callback.__name__ if info.callback else "")


def _one(words: str, info: CommandInfo) -> str:
    rows = [_parameter(name, spec) for name, spec in _parameters(info)]
    said = f"## python -m bot {words}\n\n{prose(info.callback)}"
    return f"{said}\n\n{table(('takes', 'meaning'), rows)}" if rows else said


def _parameters(info: CommandInfo) -> Iterator[tuple[str, ParameterInfo]]:
    if info.callback is None:
        return
    for name, parameter in inspect.signature(info.callback, eval_str=True).parameters.items():
        for extra in getattr(parameter.annotation, "__metadata__", ()):
            if isinstance(extra, ParameterInfo):
                yield name, extra


def _parameter(name: str, spec: ParameterInfo) -> tuple[str, str]:
    if not isinstance(spec, OptionInfo):
        return code(name.upper()), spec.help or ""
    flags = spec.param_decls or (f"--{name.replace('_', '-')}",)
    return ", ".join(map(code, flags)), spec.help or ""
