"""``python -m bench [--json FILE] [name …]``: run every benchmark, or those named."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import bench
from bench.report import Figure

NOT_BENCHMARKS = {"__main__", "report"}
Benchmark = Callable[[], AsyncIterator[Figure]]


def benchmarks() -> dict[str, Benchmark]:
    """Every module of this package whose ``run`` yields figures, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__))
    modules = {name: importlib.import_module(f"bench.{name}") for name in names if name not in NOT_BENCHMARKS}
    runs = {name: getattr(module, "run", None) for name, module in modules.items()}
    return {name: run for name, run in runs.items() if run and inspect.isasyncgenfunction(run)}


def main(arguments: Sequence[str], known: Mapping[str, Benchmark]) -> int:
    """Print each figure as soon as it is measured; 1 if one is over its limit, 2 if there is no such benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed and memory.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of: {', '.join(known)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name in asked.names or known:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        asyncio.run(_run(known[name], figures, asked.json))
    return 0 if all(figure.within for figure in figures) else 1


async def _run(benchmark: Benchmark, figures: list[Figure], file: Path | None) -> None:
    """Print and keep what a benchmark yields; the file holds whatever has been measured, however the run ends."""
    async for figure in benchmark():
        figures.append(figure)
        print(figure.line(), flush=True)
        if file:
            written = [asdict(one) | {"within": one.within} for one in figures]
            await asyncio.to_thread(file.write_text, json.dumps(written, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], benchmarks()))
