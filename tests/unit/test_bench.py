"""What runs the benchmarks: figures are shown as they come, kept in a file, and judged by their limits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bench
from bench.__main__ import Benchmark, benchmarks, main
from bench.report import Figure

KEPT = Figure("tea: brewing", 2.5, "s", 3.0, "coffee 4.00 s", "one cup")
FREE = Figure("tea: leaves", 7.0, "g", None)
OVER = Figure("tea: cooling", 9.0, "min", 8.0)


def benchmark(*figures: Figure) -> Benchmark:
    async def run() -> AsyncIterator[Figure]:
        for figure in figures:
            yield figure

    return run


def test_a_figure_is_shown_before_the_next_is_measured(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """On the terminal with limit, peer and note, and in the file: whoever stops the run keeps what it measured."""
    file = tmp_path / "figures.json"
    shown: list[str] = []
    written: list[list[str]] = []

    async def run() -> AsyncIterator[Figure]:
        for figure in (KEPT, FREE):
            yield figure
            shown.append(capsys.readouterr().out)
            written.append([one["name"] for one in json.loads(file.read_text())])

    assert main(["--json", str(file)], {"tea": run}) == 0
    assert shown == [
        "ok   tea: brewing: 2.50 s | limit 3 s | peer: coffee 4.00 s | one cup\n",
        "     tea: leaves: 7.00 g\n",
    ]
    assert written == [["tea: brewing"], ["tea: brewing", "tea: leaves"]]


def test_the_file_holds_every_figure_of_every_benchmark(tmp_path: Path) -> None:
    """All that the terminal shows, and whether each limit was kept."""
    file = tmp_path / "figures.json"
    main(["--json", str(file)], {"tea": benchmark(KEPT), "cold tea": benchmark(OVER, FREE)})
    kept, over, free = json.loads(file.read_text())
    assert kept == {
        "name": "tea: brewing",
        "measured": 2.5,
        "unit": "s",
        "limit": 3.0,
        "peer": "coffee 4.00 s",
        "note": "one cup",
        "within": True,
    }
    assert (over["within"], free["limit"], free["within"]) == (False, None, True)


def test_one_figure_over_its_limit_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever comes after it is measured all the same; a figure at its limit keeps it."""
    at = Figure("tea: sugar", 8.0, "g", 8.0)
    assert main([], {"cold tea": benchmark(OVER), "tea": benchmark(at)}) == 1
    assert [line[:4].strip() for line in capsys.readouterr().out.splitlines()] == ["OVER", "ok"]


def test_only_those_named_are_run(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which they are named; one that there is not stops the run before anything is measured."""
    known = {"a": benchmark(KEPT), "b": benchmark(OVER), "c": benchmark(FREE)}
    assert main(["c", "a"], known) == 0
    assert [line[5:13] for line in capsys.readouterr().out.splitlines()] == ["tea: lea", "tea: bre"]
    assert main(["c", "d"], known) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert "no benchmark d; there are: a, b, c" in printed.err


def test_every_benchmark_is_found() -> None:
    """Each module of the package is a benchmark, or one of the five that help: none drops out of the run unseen."""
    modules = {path.stem for path in Path(bench.__path__[0]).glob("*.py")}
    assert modules - set(benchmarks()) == {"__init__", "__main__", "report", "processes", "bolt_noop"}
