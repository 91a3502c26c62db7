"""A platform's own view of something, as lines of plain words: what its commands show and its probes print."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How one line is."""

    PLAIN = "plain"  # neither good nor bad
    GOOD = "good"  # as it should be
    BAD = "bad"  # somebody should act
    UNKNOWN = "unknown"  # could not look


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``label`` and ``words`` may hold a vendor's words: they are shown as data, never as markup."""

    label: str
    words: str = ""
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines that belong together. ``note`` is ours: what to make of them, or what could not be seen."""

    heading: str
    lines: tuple[Line, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole view; ``summary`` is one sentence of ours."""

    title: str
    summary: str
    sections: tuple[Section, ...] = ()
