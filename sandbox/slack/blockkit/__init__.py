"""
Block Kit as Slack's servers check it: what would be refused, with Slack's words and a JSON pointer.

Written from Slack's published limits, apart from the bot's own renderer, so that one can catch the other.
The wording of complaints is Slack's where a real answer was seen in public ("must be less than 3001
characters", "no more than 25 items allowed", "missing required field: ...", "unsupported type: ...",
"failed to match all allowed schemas", "must define `submit` to use an `input` block in modals"); for the
others (uniqueness, table cells, enum values) it is ours.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.slack.blockkit import elements
from sandbox.slack.blockkit.layout import HOME, MESSAGE, MODAL, any_block
from sandbox.slack.blockkit.rules import Check, Problem, anything, flag, items, one_of, shape, string

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000

_MODAL = shape(
    {
        "type": one_of("modal"),
        "title": elements.plain(24),
        "submit": elements.plain(24),
        "close": elements.plain(24),
        "blocks": anything,
        "private_metadata": string(3000),
        "callback_id": string(255),
        "external_id": string(255),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
    ("title", "blocks"),
)
_HOME = shape(
    {
        "type": one_of("home"),
        "blocks": anything,
        "private_metadata": string(3000),
        "callback_id": string(255),
        "external_id": string(255),
    },
    ("blocks",),
)


def check_blocks(blocks: Any, at: str = "/blocks") -> list[Problem]:
    """What Slack would find wrong with a message's blocks; an empty list is a valid payload."""
    check = Check(MESSAGE)
    items(any_block, 0, MESSAGE_BLOCKS)(check, blocks, at)
    return check.problems


def check_view(view: Any, at: str = "/view") -> list[Problem]:
    """What Slack would find wrong with a modal or home view (its size aside: see `too_large`)."""
    if not isinstance(view, dict):
        return [Problem("must provide an object", at)]
    kind = view.get("type")
    if kind not in (MODAL, HOME):
        wrong = "missing required field: type" if kind is None else f"unsupported type: {kind}"
        return [Problem(wrong, at if kind is None else f"{at}/type")]
    check = Check(kind)
    check.count("submit", 1 if view.get("submit") else 0)
    (_MODAL if kind == MODAL else _HOME)(check, view, at)
    if view.get("blocks") is not None:
        items(any_block, 0, VIEW_BLOCKS)(check, view["blocks"], f"{at}/blocks")
    return check.problems


def too_large(view: Any) -> bool:
    """Whether a view exceeds 250 kB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES
