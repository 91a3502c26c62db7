"""A platform's own view of something, as lines of plain words: what its commands show and its probes print."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.chat.model import Bullets, Data, Heading, Para, Part, Reply, Span
from bot.text import clean


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


SHOWN = 20  # lines of one section in a message
_MARKS = {Mark.PLAIN: "", Mark.GOOD: "✓ ", Mark.BAD: "✗ ", Mark.UNKNOWN: "? "}


def report_reply(report: Report) -> Reply:
    """The whole report; long sections are cut, and say so."""
    parts: list[Part] = [Heading(clean(report.title, 140)), Para((Data(clean(report.summary, 300)),))]
    for section in report.sections:
        parts.append(Para((Data(clean(section.heading, 100), strong=True),)))
        if section.lines:
            parts.append(Bullets(tuple(_line(line) for line in section.lines[:SHOWN])))
        if len(section.lines) > SHOWN:
            parts.append(Para((f"… and {len(section.lines) - SHOWN} more.",)))
        if section.note:
            parts.append(Para((Data(clean(section.note, 500)),)))
    return Reply(summary=clean(report.summary, 150), parts=tuple(parts))


def _line(line: Line) -> tuple[Span, ...]:
    spans: list[Span] = [_MARKS[line.mark], Data(clean(line.label, 200), strong=bool(line.words))]
    if line.words:
        spans += [": ", Data(clean(line.words, 300))]
    return tuple(span for span in spans if span != "")
