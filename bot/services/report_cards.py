"""A platform's own view as a reply: its words as data, ours as words."""

from __future__ import annotations

from bot.domain.conversation import Bullets, Data, Heading, Para, Part, Reply, Span
from bot.domain.report import Line, Mark, Report
from bot.domain.text import clean

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
