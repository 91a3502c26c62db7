"""What the command line shows: colour and movement on a terminal, plain lines anywhere else.

Nothing here reads mark-up: names come from platforms, and a name must not paint, link or move the cursor.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

STYLES = {"ok": "green", "warn": "yellow", "FAIL": "bold red"}


def say(line: str, style: str = "") -> None:
    """One line of result, on standard output."""
    _console().print(Text(_safe(line), style=style), soft_wrap=True)


def note(line: str) -> None:
    """One line beside the result, on standard error."""
    _console(stderr=True).print(Text(_safe(line)), soft_wrap=True)


def complain(problem: str) -> None:
    """What went wrong, in red on standard error; each line of it on its own."""
    for line in problem.splitlines():
        text = Text.assemble(("error: ", "bold red"), (_safe(line), "red"))
        _console(stderr=True).print(text, soft_wrap=True)


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Rows on standard output: drawn on a terminal, else tab-separated with the header first."""
    console = _console()
    cells = [tuple(_safe(cell) for cell in row) for row in rows]
    if not console.is_terminal:
        for row in (header, *cells):
            sys.stdout.write("\t".join(row) + "\n")
        return
    drawn = Table(*header, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for row in cells:
        drawn.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    console.print(drawn)


@contextmanager
def working(on: str) -> Iterator[None]:
    """Show that something takes its time, and how long already; nothing where nobody watches."""
    console = _console(stderr=True)
    shown = Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with shown:
        shown.add_task(on, total=None)
        yield


def _safe(text: str) -> str:
    """Without anything that a terminal takes for an order."""
    return "".join(c for c in text if c.isprintable())


def _console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, highlight=False, emoji=False)
