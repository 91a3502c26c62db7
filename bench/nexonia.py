"""
The forecast of a company of 100,000: files in, every person's line out, in a process of its own.

The peer is the least that could do it: the same three files read with the standard library's ``csv.DictReader`` and
joined by e-mail and name in a dictionary, with no rule, no check and no reason. The company is believable: nine in
ten are linked and unchanged; the rest are new, gone, renamed, ignored, spelled otherwise, or were made by hand.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.report import Figure

PEOPLE = 100_000
RUNS = 5
FIRST = ("Ann", "Bo", "Cy", "Dee", "Eve", "Flo", "Gus", "Hal", "Zoé", "Mary Ann")
LAST = ("Lee", "Orr", "Poe", "Ray", "Sun", "Tan", "O'Neil", "van Dijk")
PEER = """
import csv, sys
people = {}
for name in sys.argv[1:3]:
    with open(name, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            people[row["email"].strip().casefold(), row["first"].casefold(), row["last"].casefold()] = row
with open(sys.argv[3], newline="", encoding="utf-8-sig") as file:
    found = [(row["email"].strip().casefold(), row["first"].casefold(), row["last"].casefold()) in people
             for row in csv.DictReader(file)]
print(sum(found))
"""


def company(people: int, place: Path) -> list[str]:
    """Write the three files of a company; the options that name them."""
    dice = random.Random(11)  # noqa: S311  the same company each time
    records: dict[str, list[tuple[object, ...]]] = {"employees": [], "vendors": []}
    users: list[tuple[object, ...]] = []
    for n in range(people):
        first, last, email = dice.choice(FIRST), dice.choice(LAST), f"person{n}@example.com"
        kind = "vendors" if n % 10 == 9 else "employees"
        fate = dice.random()
        gone = "2026-01-31" if 0.90 < fate < 0.93 else ""
        records[kind].append((n, first, last, email, "F" if gone else "T", gone, "T"))
        if fate < 0.94:
            users.append((f"u{n}", first, last, email, "T", "F", n))
        elif fate < 0.96:
            users.append((f"u{n}", first, last, f"old{n}@example.com", "T", "F", n))
        elif fate < 0.98:
            users.append((f"u{n}", first.upper(), last, email.upper(), "T", "T" if fate < 0.965 else "F", ""))
        else:
            users.append((f"u{n}", "Made", "By Hand", f"hand{n}@example.com", "T", "F", ""))
    for kind, rows in records.items():
        _write(place / f"{kind}.csv", "id,first,last,email,active,termination_date,flag", rows)
    _write(place / "users.csv", "id,first,last,email,active,ignore,integration_id", users)
    return [str(place / f"{name}.csv") for name in ("employees", "vendors", "users")]


def _write(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


@dataclass(frozen=True)
class Spent:
    """What one run of a program took. Processor time, since other programs share the machine, and wall time."""

    wall_s: float
    processor_s: float
    memory_mb: float


def measure(*commands: list[str]) -> list[Spent]:
    """Each program's best of several runs, taken in turns so that a busy moment spoils none of them alone."""
    runs: list[list[Spent]] = [[] for _ in commands]
    for _ in range(RUNS):
        for command, spent in zip(commands, runs, strict=True):
            spent.append(_once(command))
    return [
        Spent(*(min(getattr(one, name) for one in spent) for name in ("wall_s", "processor_s", "memory_mb")))
        for spent in runs
    ]


def _once(command: list[str]) -> Spent:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command[:6]} ended with {status}")
    return Spent(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def forecast(files: list[str]) -> list[str]:
    """The command line over three files."""
    employees, vendors, users = files
    line = [sys.executable, "-m", "bot", "nexonia", "forecast", "--today", "2026-11-24", "--json"]
    return [*line, "--employees", employees, "--vendors", vendors, "--users", users]


async def run() -> AsyncIterator[Figure]:
    """Time and memory for 100,000 records and 100,000 users, and what twice as many take."""
    with tempfile.TemporaryDirectory() as directory:
        once, twice = Path(directory, "once"), Path(directory, "twice")
        for place in (once, twice):
            place.mkdir()
        files, more = company(PEOPLE, once), company(2 * PEOPLE, twice)
        start = [sys.executable, "-m", "bot", "nexonia", "forecast", "--help"]
        peer = [sys.executable, "-c", PEER, *files]
        began, one, two, joined = measure(start, forecast(files), forecast(more), peer)
    size = f"{PEOPLE:,} records against {PEOPLE:,} users; best of {RUNS}"
    yield Figure(
        "nexonia: forecast from files",
        one.wall_s,
        "s",
        2.0,
        f"DictReader join {joined.wall_s:.2f} s",
        f"{size}; {one.processor_s:.2f} s of processor time",
    )
    yield Figure(
        "nexonia: peak memory of it",
        one.memory_mb,
        "MB",
        400.0,
        f"DictReader join {joined.memory_mb:.0f} MB",
        size,
    )
    yield Figure(
        "nexonia: processor time of twice the size",
        (two.processor_s - began.processor_s) / (one.processor_s - began.processor_s),
        "×",
        2.2,
        f"start of the program {began.processor_s:.2f} s, left out on both sides",
        f"{two.processor_s:.2f} s",
    )
