"""Parts of a reply as Block Kit blocks. Whatever does not fit is cut and counted, never an error."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Chart,
    Divider,
    Fields,
    Heading,
    Note,
    Para,
    Part,
    Span,
    Table,
    Verbatim,
)
from bot.slack import charts, ids, richtext
from bot.slack.richtext import Json, plain_text
from bot.text import clean

log = logging.getLogger(__name__)

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
# Slack takes views of 250 kB; for messages it has msg_blocks_too_long and publishes no number, so that one is ours.
MOST_BYTES = {"message": 40_000, "modal": 240_000, "home": 240_000}
PART_CHARACTERS = 3_000
MOST_LINES = 50  # of one list
MOST_ROWS = 100
MOST_COLUMNS = 20
TABLE_CHARACTERS = 10_000
CELL_CHARACTERS = 200
MOST_BUTTONS = 25
LONGEST_VALUE = 2_000
_TAIL = 4  # closing blocks (buttons, small print) that survive a cut


@dataclass(slots=True)
class Canvas:
    """Draws parts for one surface; ``command`` is what the bot's command is called here.

    ``charts``: as Slack's own block, else as a list with bars of letters.
    """

    surface: str  # message, modal or home
    command: str
    beside: Sequence[Json] = ()  # blocks that will stand beside these, and need room of their own
    charts: bool = False
    _buttons: int = field(default=0, init=False)
    _charts_drawn: int = field(default=0, init=False)
    _table_drawn: bool = field(default=False, init=False)

    def draw(self, parts: Sequence[Part], instead: str = "") -> list[Json]:
        """The blocks, within the surface's limits; a cut is said and counted. ``instead`` stands for none."""
        drawn = [(block, part) for part in parts for block in self._part(part)]
        if not drawn and instead:
            return [_section(self._spans((instead,)))]
        most = MOST_BLOCKS[self.surface] - len(self.beside)
        left = MOST_BYTES[self.surface] - size(self.beside)
        if len(drawn) <= most and size([block for block, _ in drawn]) <= left:
            return [block for block, _ in drawn]
        closing = 0
        while closing < min(_TAIL, len(drawn)) and isinstance(drawn[-closing - 1][1], Buttons | Note):
            closing += 1
        tail = [block for block, _ in drawn[len(drawn) - closing :]]
        left -= size(tail)
        head: list[Json] = []
        for block, _ in drawn[: len(drawn) - closing]:
            left -= size(block) + 2
            if left < 100 or len(head) + 1 + closing >= most:
                break
            head.append(block)
        more = len(drawn) - closing - len(head)
        return [*head, _section([_said(f"… and {more:,} more")]), *tail]

    def _part(self, part: Part) -> Iterator[Json]:
        match part:
            case Heading(text):
                yield {"type": "header", "text": plain_text(text, 150, richtext.BLANK)}
            case Para(spans):
                yield _section(self._spans(spans))
            case Note(spans):
                yield self._note(spans)
            case Bullets(items, numbered):
                lines = [self._spans(item) for item in items[:MOST_LINES]]
                yield from self._list(lines, len(items), "ordered" if numbered else "bullet")
            case Fields(pairs):
                yield from self._fields(pairs)
            case Table(header, rows):
                yield from self._table(header, rows)
            case Chart():
                yield from self._chart(part)
            case Verbatim(text):
                yield _copied(text)
            case Divider():
                yield {"type": "divider"}
            case Buttons(items):
                yield from self._row(items)

    def _spans(self, spans: Sequence[Span], limit: int = PART_CHARACTERS) -> list[Json]:
        return richtext.elements(spans, self.command, limit)

    def _note(self, spans: Sequence[Span]) -> Json:
        if richtext.names_somebody(spans):  # context takes no rich text, and a bare id says nothing
            return _section(self._spans(spans))
        said = richtext.plain(spans, self.command, 1_000)
        return {"type": "context", "elements": [plain_text(said, 1_000, richtext.BLANK)]}

    def _list(self, lines: Sequence[list[Json]], total: int, style: str = "bullet") -> Iterator[Json]:
        kept: list[Json] = []
        left = PART_CHARACTERS
        for line in lines:
            left -= sum(weight(element) for element in line)
            if kept and left < 0:
                break
            kept.append({"type": "rich_text_section", "elements": line})
        if total > len(kept):
            kept.append(
                {"type": "rich_text_section", "elements": [_said(f"… and {total - len(kept):,} more")]}
            )
        if kept:
            listed = {"type": "rich_text_list", "style": style, "indent": 0, "elements": kept}
            yield {"type": "rich_text", "elements": [listed]}

    def _fields(self, pairs: Sequence[tuple[str, tuple[Span, ...]]]) -> Iterator[Json]:
        lines: list[Json] = []
        left = PART_CHARACTERS
        for label, spans in pairs[:MOST_LINES]:
            name = clean(label, 80) or richtext.BLANK
            line = [_said(f"{name}: ", bold=True), *self._spans(spans, 1_000)]
            left -= sum(weight(element) for element in line)
            if lines and left < 0:
                break
            lines.append({"type": "rich_text_section", "elements": line})
        if len(pairs) > len(lines):
            more = _said(f"… and {len(pairs) - len(lines):,} more")
            lines.append({"type": "rich_text_section", "elements": [more]})
        if lines:
            yield {"type": "rich_text", "elements": lines}

    def _chart(self, chart: Chart) -> Iterator[Json]:
        room = self.charts and self._charts_drawn < charts.MOST_CHARTS
        if room and (drawn := charts.native(chart)):
            self._charts_drawn += 1
            yield drawn
            yield _section(self._spans(charts.in_words(chart)))
        else:
            yield from self._part(charts.as_list(chart))

    def _table(self, header: Sequence[str], rows: Sequence[Sequence[tuple[Span, ...]]]) -> Iterator[Json]:
        header = header[:MOST_COLUMNS]
        if self.surface != "message" or self._table_drawn or not header:  # one table per message
            yield from self._table_as_list(header, rows)
            return
        self._table_drawn = True
        drawn: list[list[Json]] = [[self._cell((name,)) for name in header]]
        left = TABLE_CHARACTERS - sum(weight(cell) for cell in drawn[0])
        for row in rows[: MOST_ROWS - 1]:
            padded = [*row[: len(header)], *[()] * (len(header) - len(row))]
            cells = [self._cell(spans) for spans in padded]
            left -= sum(weight(cell) for cell in cells)
            if left < 0:
                break
            drawn.append(cells)
        yield {"type": "table", "rows": drawn, "column_settings": [{"is_wrapped": True}] * len(header)}
        if more := len(rows) - len(drawn) + 1:
            yield _section([_said(f"… and {more:,} more")])

    def _cell(self, spans: Sequence[Span]) -> Json:
        """A cell; "–" stands for nothing, which Slack refuses to draw."""
        if all(isinstance(span, str) for span in spans):
            return {"type": "raw_text", "text": richtext.plain(spans, self.command, CELL_CHARACTERS) or "–"}
        return _section(self._spans(spans, CELL_CHARACTERS))

    def _table_as_list(
        self, header: Sequence[str], rows: Sequence[Sequence[tuple[Span, ...]]]
    ) -> Iterator[Json]:
        lines: list[list[Json]] = []
        for row in rows[:MOST_LINES]:
            line: list[Json] = []
            for place, spans in enumerate(row[:MOST_COLUMNS]):
                named = clean(header[place], 80) if place and place < len(header) else ""
                between = (" · " if place else "") + (f"{named}: " if named else "")
                line += [*([_said(between)] if between else []), *self._spans(spans, CELL_CHARACTERS)]
            lines.append(line or [_said("–")])
        yield from self._list(lines, len(rows))

    def _row(self, buttons: Sequence[Button]) -> Iterator[Json]:
        drawn = [drawn for button in buttons for drawn in self._button(button)]
        for start in range(0, len(drawn), MOST_BUTTONS):
            yield {"type": "actions", "elements": drawn[start : start + MOST_BUTTONS]}

    def _button(self, button: Button) -> Iterator[Json]:
        """The button, or nothing where its id or value cannot travel whole: half of one would be another's."""
        action = ids.action_id(button.action, self._buttons)
        if not ids.travels(action, ids.LONGEST) or not ids.travels(button.value, LONGEST_VALUE):
            log.error("a button was left out: Slack would not carry its action or value whole")
            return
        self._buttons += 1
        drawn: Json = {
            "type": "button",
            "action_id": action,
            "text": plain_text(button.label, 75, "Open"),
            "value": button.value,
        }
        if button.style in {"primary", "danger"}:
            drawn["style"] = button.style
        if hint := clean(button.hint, 75):
            drawn["accessibility_label"] = hint
        if asked := button.confirm:
            drawn["confirm"] = {
                "title": plain_text(asked.title, 100, "Are you sure?"),
                "text": plain_text(asked.text, 300, "This cannot be undone."),
                "confirm": plain_text(asked.yes, 30, "Yes"),
                "deny": plain_text(asked.no, 30, "Keep"),
            }
        yield drawn


def _said(text: str, *, bold: bool = False) -> Json:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def _copied(text: str) -> Json:
    """Lines letter for letter, but for control characters."""
    kept = "\n".join(clean(line, PART_CHARACTERS) for line in text.splitlines())[:PART_CHARACTERS]
    letters = {"type": "rich_text_preformatted", "elements": [_said(kept or richtext.BLANK)]}
    return {"type": "rich_text", "elements": [letters]}


def _section(elements: list[Json]) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def weight(tree: Any) -> int:
    """Characters of every text in a block or element."""
    if isinstance(tree, dict):
        own = len(tree["text"]) if isinstance(tree.get("text"), str) else 0
        return own + sum(weight(inner) for inner in tree.values() if isinstance(inner, dict | list))
    return sum(weight(inner) for inner in tree) if isinstance(tree, list) else 0


def size(tree: Any) -> int:
    """Bytes of the JSON."""
    return len(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))


def numbered(blocks: list[Json], revision: str) -> list[Json]:
    """The blocks under ids that belong to this revision, so that what is approved is what was shown.

    Source: docs.slack.dev/reference/block-kit/blocks, "if a message is updated, use a new block_id", read
    2026-11-21.
    """
    if not revision:
        return blocks
    prefix = revision[:200]
    return [{"block_id": f"{prefix}.{place}", **block} for place, block in enumerate(blocks)]
