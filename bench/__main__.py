"""``python -m bench [name …]``: run every benchmark, or those named, and print each figure beside its limit."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sys
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.table import Table

import bench
from bench.report import Figure

NOT_BENCHMARKS = {"__main__", "report"}


def benchmarks() -> dict[str, Callable[[], Awaitable[list[Figure]]]]:
    """Every module of this package that has a ``run``, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__))
    modules = {name: importlib.import_module(f"bench.{name}") for name in names if name not in NOT_BENCHMARKS}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def within(figure: Figure) -> bool:
    """Whether a figure keeps its limit; one without a limit always does."""
    return figure.limit is None or figure.measured <= figure.limit


def main(wanted: list[str]) -> int:
    """Print a table; 1 if a figure is over its limit, 2 if there is no such benchmark."""
    console = Console()
    known = benchmarks()
    if unknown := [name for name in wanted if name not in known]:
        console.print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
        return 2
    table = Table(
        "figure", "measured", "limit", "peer in the same run", "ok", "note", title="Handover: benchmarks"
    )
    kept = True
    for name in wanted or list(known):
        with console.status(f"measuring {name} …"):
            figures = asyncio.run(_run(known[name]))
        for figure in figures:
            kept &= within(figure)
            table.add_row(*_cells(figure))
    console.print(table)
    return 0 if kept else 1


async def _run(benchmark: Callable[[], Awaitable[list[Figure]]]) -> list[Figure]:
    return await benchmark()


def _cells(figure: Figure) -> tuple[str, ...]:
    limit = "" if figure.limit is None else f"≤ {figure.limit:g} {figure.unit}"
    ok = "" if figure.limit is None else "yes" if within(figure) else "NO"
    return figure.name, f"{figure.measured:.2f} {figure.unit}", limit, figure.peer, ok, figure.note


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
