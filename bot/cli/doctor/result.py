"""What looking at one thing showed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How one thing is."""

    OK = "ok"  # as it should be
    WARN = "warn"  # the bot runs, and something is less than it could be
    FAIL = "FAIL"  # the bot does not run, or cannot do what it is for


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the doctor's table. ``mend`` is a deed; empty only where there is nothing to mend."""

    mark: Mark
    what: str
    found: str
    mend: str = ""


def ok(what: str, found: str) -> Result:
    """As it should be."""
    return Result(Mark.OK, what, found)


def warn(what: str, found: str, mend: str) -> Result:
    """Works, though not as well as it could."""
    return Result(Mark.WARN, what, found, mend)


def fail(what: str, found: str, mend: str) -> Result:
    """Does not work."""
    return Result(Mark.FAIL, what, found, mend)
