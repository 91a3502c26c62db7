"""``nexonia forecast``: files in, rows out; its own process, without a configuration, as other programs call it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
EMPLOYEES = """id,first,last,email,active,termination_date,flag
1,Ann,Lee,ann@example.com,T,,T
2,Bo,Orr,bo@example.com,T,2026-11-23,T
3,Cy,Poe,cy@example.com,T,,F
"""
VENDORS = """id,first,last,email,active,termination_date,flag
3,Dee,Ray,dee@example.com,T,,T
4,Eve,Sun,eve@example.com,T,,F
"""
USERS = """id,first,last,email,active,ignore,integration_id
u1,Ann,Lee,ann.old@example.com,T,F,1
u2,Bo,Orr,bo@example.com,T,F,employee:2
u3,Cy,Poe,CY@example.com,T,F,
u9,Robot,Account,svc@example.com,T,F,
"""
EVERYTHING = ("--employees", "e.csv", "--vendors", "v.csv", "--users", "u.csv", "--today", "2026-11-24")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with the three files and nothing else."""
    for name, text in (("e.csv", EMPLOYEES), ("v.csv", VENDORS), ("u.csv", USERS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def run(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in ``directory``, where no configuration is."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "nexonia", "forecast", *words],
        cwd=directory, capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def short(found: list[dict[str, Any]]) -> list[tuple[str, str, str | None, str | None]]:
    return [(row["action"], row["rule"], row["record_id"], row["user_id"]) for row in found]


def test_one_json_array_and_nothing_else(files: Path) -> None:
    """Every person has a row with the rule and the reason, records first; ids of both kinds say which."""
    found = rows(run(files, *EVERYTHING, "--json"))
    assert short(found) == [
        ("update", "N2", "1", "u1"),
        ("none", "N1", "2", None),
        ("link", "N4", "employee:3", "u3"),
        ("create", "N6", "vendor:3", None),
        ("none", "N1", "4", None),
        ("inactivate", "U3", "2", "u2"),
        ("inactivate", "U6", None, "u9"),
    ]
    assert all(
        set(row) == {"action", "rule", "record_id", "user_id", "reason"} and row["reason"] for row in found
    )


def test_the_filter_for_employees(files: Path) -> None:
    """With it an unticked employee does not qualify; vendors need the checkbox in any case."""
    found = short(rows(run(files, *EVERYTHING, "--employee-filter", "--json")))
    assert ("none", "N1", "employee:3", None) in found
    assert ("inactivate", "U6", None, "u3") in found


@pytest.mark.parametrize("kinds", ["employee", "Employees"])
def test_one_kind_only(files: Path, kinds: str) -> None:
    """Records of a kind that is not synced do not qualify."""
    found = short(rows(run(files, *EVERYTHING, "--kinds", kinds, "--json")))
    assert ("none", "N1", "vendor:3", None) in found


@pytest.mark.parametrize("kinds", ["employee,vendor", "vendor, employee"])
def test_both_kinds_are_the_default(files: Path, kinds: str) -> None:
    """Said or not, the forecast is the same."""
    assert rows(run(files, *EVERYTHING, "--kinds", kinds, "--json")) == rows(
        run(files, *EVERYTHING, "--json")
    )


@pytest.mark.parametrize(("option", "name"), [("--employees", "e.csv"), ("--vendors", "v.csv")])
def test_one_list_may_be_missing(files: Path, option: str, name: str) -> None:
    """Many companies sync employees only."""
    assert rows(run(files, option, name, "--users", "u.csv", "--today", "2026-11-24", "--json"))


def test_json_files_and_another_heading(files: Path) -> None:
    """Lists of objects serve as well, and a heading can be named."""
    (files / "e.json").write_text(json.dumps({"items": list(csv.DictReader(EMPLOYEES.splitlines()))}))
    (files / "u2.csv").write_text(USERS.replace("integration_id", "Hidden Key"))
    words = ("--employees", "e.json", "--users", "u2.csv", "--today", "2026-11-24", "--json")
    plain = rows(run(files, "--employees", "e.csv", "--users", "u.csv", "--today", "2026-11-24", "--json"))
    assert rows(run(files, *words, "--column", "users.integration_id=Hidden Key")) == plain


def test_for_people(files: Path) -> None:
    """Who, what and why in a table; what to do about it beside it."""
    done = run(files, *EVERYTHING)
    assert done.returncode == 0
    assert "inactivate\tU6\t\tu9\tRobot Account <svc@example.com>\tmatches no record" in done.stdout
    assert "STOP: 2 users of 4 active would be made inactive" in done.stderr
    assert "set “Ignore for Integration: Yes”" in done.stderr


def test_csv_for_spreadsheets(files: Path) -> None:
    """The same rows as a CSV file."""
    done = run(files, *EVERYTHING, "--csv")
    assert done.stdout.splitlines()[0] == "action,rule,record_id,user_id,reason"
    assert len(list(csv.DictReader(done.stdout.splitlines()))) == 7


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--users", "u.csv", "--today", "2026-11-24"), "Give --employees, --vendors or both"),
        ((*EVERYTHING[:-1], "tomorrow"), "--today tomorrow: is not a day"),
        ((*EVERYTHING, "--kinds", "robots"), "--kinds robots"),
        ((*EVERYTHING, "--column", "users.shoe=Size"), "--column users.shoe=Size"),
        (("--employees", "gone.csv", *EVERYTHING[2:]), "gone.csv: cannot be read: No such file or directory"),
        (("--employees", ".", *EVERYTHING[2:]), ".: cannot be read: Is a directory"),
        (
            ("--employees", "bad.csv", *EVERYTHING[2:]),
            "bad.csv: row 3, column active: “perhaps” is neither yes nor no",
        ),
        (EVERYTHING[:4], "--users"),
    ],
)
def test_what_is_off_is_said_and_nothing_else(files: Path, words: tuple[str, ...], said: str) -> None:
    """Exit status 2, the file with row and column on standard error, and not half a forecast."""
    (files / "bad.csv").write_text(EMPLOYEES.replace("bo@example.com,T", "bo@example.com,perhaps"))
    done = run(files, *words, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr
