"""
Layout blocks: their fields, their limits, and the surfaces that take them.

Source:
    docs.slack.dev/reference/block-kit/blocks, npm @slack/types 3.2.0, slack_sdk 3.47.0, slackblocks 3.0.0 and
    Slack's own design guides (block-kit/references), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.slack.blockkit import elements, richtext
from sandbox.slack.blockkit.charts import CHART
from sandbox.slack.blockkit.rules import (
    Check,
    Rule,
    anything,
    at_least_one,
    by_type,
    flag,
    items,
    number,
    one_of,
    shape,
    string,
)

MESSAGE, MODAL, HOME = "message", "modal", "home"
EVERYWHERE = frozenset({MESSAGE, MODAL, HOME})
NOT_IN_MODALS = frozenset({MESSAGE, HOME})
MARKDOWN_TOTAL = 12_000
TABLE_CHARACTERS = 10_000
DATA_TABLE_CHARACTERS = 20_000


def block(*also: Rule, required: tuple[str, ...] = (), open_ended: bool = False, **fields: Rule) -> Rule:
    known = {"type": anything, "block_id": _block_id, **fields}
    return shape(known, required, _unique_action_ids, *also, open_ended=open_ended)


def _block_id(check: Check, value: Any, at: str) -> None:
    before = len(check.problems)
    string(255)(check, value, at)
    if len(check.problems) == before and value:
        if value in check.block_ids:
            check.fail(f"`block_id` must be unique: {value}", at)
        check.block_ids[value] = at


def _unique_action_ids(check: Check, value: dict[str, Any], at: str) -> None:
    seen: set[str] = set()
    for found in action_ids(value):
        if found in seen:
            check.fail(f"`action_id` must be unique within its block: {found}", at)
        seen.add(found)


def action_ids(value: Any) -> Iterator[str]:
    """Every action_id in a block, but not those of blocks nested in it (they have block ids of their own)."""
    if isinstance(value, dict):
        if isinstance(value.get("action_id"), str):
            yield value["action_id"]
        for key, inner in value.items():
            if key != "child_blocks":
                yield from action_ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from action_ids(inner)


def _submit_present(check: Check, value: dict[str, Any], at: str) -> None:
    if check.surface == MODAL and not check.counts.get("submit"):
        check.fail("must define `submit` to use an `input` block in modals", f"{at}/input")


def _markdown_total(check: Check, value: dict[str, Any], at: str) -> None:
    total = check.count("markdown", len(str(value.get("text", ""))))
    if total > MARKDOWN_TOTAL:
        check.fail(
            f"must be less than {MARKDOWN_TOTAL + 1} characters over all markdown blocks", f"{at}/text"
        )


def _only(most: int, what: str, message: str) -> Rule:
    def rule(check: Check, value: dict[str, Any], at: str) -> None:
        if check.count(what) > most:
            check.fail(message, at)

    return rule


def _cells(longest: int, *, header_is_plain: bool) -> Rule:
    """Rows of equal length, within the table's characters; a data table's header holds no rich text."""

    def rule(check: Check, value: dict[str, Any], at: str) -> None:
        rows = value.get("rows")
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            return
        if len({len(row) for row in rows}) > 1:
            check.fail("every row must have the same number of cells", f"{at}/rows")
        if sum(len(piece) for row in rows for piece in _texts(row)) > longest:
            check.fail(f"must be less than {longest + 1} characters over all cells", f"{at}/rows")
        for place, cell in enumerate(rows[0] if rows and header_is_plain else ()):
            if isinstance(cell, dict) and cell.get("type") == "rich_text":
                check.fail("the header row cannot hold rich_text", f"{at}/rows/0/{place}")

    return rule


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


RICH_TEXT = block(elements=items(richtext.ELEMENT, 0), required=("elements",))
_RAW = {
    "raw_text": shape({"type": anything, "text": string(12_000, 1)}, ("text",)),
    "raw_number": shape(
        {"type": anything, "value": number(whole=False), "text": string(255)}, ("value",), open_ended=True
    ),
}
_CELL = by_type({"rich_text": RICH_TEXT, **_RAW})
_DATA_CELL = by_type({"rich_text": RICH_TEXT, "action_cell": shape({}, open_ended=True), **_RAW})
_COLUMN = shape({"align": one_of("left", "center", "right"), "is_wrapped": flag})


def _column(check: Check, value: Any, at: str) -> None:
    if value is not None:  # null leaves a column as it is
        _COLUMN(check, value, at)


CARD = block(
    at_least_one("hero_image", "title", "actions", "body"),
    hero_image=elements.IMAGE,
    icon=elements.IMAGE,
    slack_icon=anything,
    title=elements.text(150),
    subtitle=elements.text(150),
    body=elements.text(200),
    actions=items(elements.ACTIONS, 1, 3),
)
TASK_CARD = block(open_ended=True, required=("task_id", "title"), status=string(255))


def _child(check: Check, value: Any, at: str) -> None:
    if isinstance(value, dict) and value.get("type") == "container":
        check.fail("unsupported type: container", f"{at}/type")
    else:
        any_block(check, value, at)


BLOCKS: dict[str, tuple[Rule, frozenset[str]]] = {
    "section": (
        block(
            at_least_one("text", "fields"),
            text=elements.text(3000),
            fields=items(elements.text(2000), 1, 10),
            accessory=elements.ACCESSORY,
            expand=flag,
        ),
        EVERYWHERE,
    ),
    "header": (block(text=elements.plain(150), level=number(1, 4), required=("text",)), EVERYWHERE),
    "divider": (block(), EVERYWHERE),
    "context": (
        block(
            elements=items(
                by_type(
                    {
                        "image": elements.IMAGE,
                        "plain_text": elements.text(3000),
                        "mrkdwn": elements.text(3000),
                    }
                ),
                1,
                10,
            ),
            required=("elements",),
        ),
        EVERYWHERE,
    ),
    "actions": (block(elements=items(elements.ACTIONS, 1, 25), required=("elements",)), EVERYWHERE),
    "context_actions": (
        block(elements=items(elements.CONTEXT_ACTIONS, 1, 5), required=("elements",)),
        frozenset({MESSAGE}),
    ),
    "image": (
        block(
            at_least_one("image_url", "slack_file"),
            image_url=elements.URL,
            slack_file=anything,
            alt_text=string(2000),
            title=elements.plain(2000),
            required=("alt_text",),
        ),
        EVERYWHERE,
    ),
    "input": (
        block(
            _submit_present,
            label=elements.plain(2000),
            element=elements.INPUT,
            hint=elements.plain(2000),
            optional=flag,
            dispatch_action=flag,
            required=("label", "element"),
        ),
        EVERYWHERE,
    ),
    "rich_text": (RICH_TEXT, EVERYWHERE),
    "markdown": (block(_markdown_total, text=string(12_000, 1), required=("text",)), frozenset({MESSAGE})),
    "alert": (
        block(
            text=elements.text(200),
            level=one_of("default", "info", "warning", "error", "success"),
            required=("text",),
        ),
        frozenset({MODAL}),
    ),
    "table": (
        block(
            _only(1, "table", "only_one_table_allowed"),
            _cells(TABLE_CHARACTERS, header_is_plain=False),
            rows=items(items(_CELL, 1, 20), 1, 100),
            column_settings=items(_column, 0, 20),
            required=("rows",),
        ),
        NOT_IN_MODALS,
    ),
    "data_table": (
        block(
            _cells(DATA_TABLE_CHARACTERS, header_is_plain=True),
            caption=string(3000, 1),
            rows=items(items(_DATA_CELL, 1, 20), 2, 101),
            page_size=number(1, 100),
            row_header_column_index=number(0, 19),
            required=("caption", "rows"),
            open_ended=True,
        ),
        NOT_IN_MODALS,
    ),
    "data_visualization": (
        block(
            _only(2, "data_visualization", "no more than 2 data_visualization blocks allowed"),
            title=string(50, 1),
            chart=CHART,
            required=("title", "chart"),
        ),
        NOT_IN_MODALS,
    ),
    "card": (CARD, NOT_IN_MODALS),
    "carousel": (
        block(elements=items(by_type({"card": CARD}), 1, 10), required=("elements",)),
        NOT_IN_MODALS,
    ),
    "container": (
        block(
            at_least_one("title", "rich_text_title"),
            title=elements.plain(150),
            rich_text_title=anything,
            subtitle=elements.text(150),
            child_blocks=items(_child, 1, 10),
            width=one_of("narrow", "standard", "wide", "full"),
            icon=elements.IMAGE,
            is_collapsible=flag,
            default_collapsed=flag,
            has_header_divider=flag,
            required=("child_blocks",),
        ),
        NOT_IN_MODALS,
    ),
    "plan": (
        block(title=string(3000, 1), tasks=items(TASK_CARD, 0, 50), required=("title",)),
        frozenset({MESSAGE}),
    ),
    "task_card": (TASK_CARD, frozenset({MESSAGE})),
    "video": (
        block(
            alt_text=string(2000),
            title=elements.plain(199),
            title_url=elements.URL,
            thumbnail_url=elements.URL,
            video_url=elements.URL,
            author_name=string(49),
            description=elements.plain(200),
            provider_name=string(255),
            provider_icon_url=elements.URL,
            required=("alt_text", "title", "thumbnail_url", "video_url"),
        ),
        EVERYWHERE,
    ),
    "file": (
        block(external_id=string(255, 1), source=one_of("remote"), required=("external_id", "source")),
        frozenset({MESSAGE}),
    ),
}


def any_block(check: Check, value: Any, at: str) -> None:
    """The rule for one block on the check's surface."""
    by_type({kind: rule for kind, (rule, where) in BLOCKS.items() if check.surface in where})(
        check, value, at
    )
