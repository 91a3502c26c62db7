"""Slack's published limits on blocks, elements and views, as data.

Sources: docs.slack.dev/reference/block-kit (blocks, block-elements, composition-objects), npm @slack/types 3.2.0,
slack_sdk 3.47.0 models, slackblocks 3.0.0, read 2026-11-21; charts 2026-11-24. Where they differ, the smaller number
stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A text object (``plain`` only, or mrkdwn too) of 1 to ``most`` characters."""

    most: int
    plain: bool = True
    required: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """One to ``most`` text objects."""

    most: int
    each: Text
    required: bool = False


@dataclass(frozen=True, slots=True)
class Str:
    """A string of ``least`` to ``most`` characters, or one of ``values``."""

    most: int = 255
    least: int = 0
    required: bool = False
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Strs:
    """One to ``most`` strings, no two the same."""

    most: int
    each: Str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int
    required: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One object of one of ``kinds``; a kind without a ``type`` of its own is named by being the only one."""

    kinds: frozenset[str]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Nodes:
    """``least`` to ``most`` such objects."""

    kinds: frozenset[str]
    least: int
    most: int
    required: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    required: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's rows of cells, equally long."""

    kinds: frozenset[str]
    most: int = 100
    cells: int = 20
    required: bool = True


Rule = Text | Texts | Str | Strs | Whole | Node | Nodes | Flag | Rows


def _of(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


SELECTS = _of("static_select", "external_select", "users_select", "conversations_select", "channels_select")
ACTIONS = SELECTS | _of("button", "overflow", "datepicker", "checkboxes", "radio_buttons", "timepicker")
INPUTS = SELECTS | _of(
    "multi_external_select", "plain_text_input", "datepicker", "checkboxes", "radio_buttons", "timepicker"
)
SPANS = _of("text", "user", "date", "link", "channel", "usergroup", "emoji")
OPTIONS = Nodes(_of("option"), 1, 100)
_ACTION: Mapping[str, Rule] = {"action_id": Str(255, 1, required=True), "confirm": Node(_of("confirm"))}
_SELECT: Mapping[str, Rule] = {**_ACTION, "placeholder": Text(150), "focus_on_load": Flag()}
_STYLED: Mapping[str, Rule] = {"style": Node(_of("style"))}

RULES: Mapping[str, Mapping[str, Rule]] = {
    # blocks
    "section": {
        "text": Text(3000, plain=False),
        "fields": Texts(10, Text(2000, plain=False)),
        "accessory": Node(ACTIONS),
    },
    "header": {"text": Text(150, required=True)},
    "divider": {},
    "context": {"elements": Nodes(_of("plain_text", "mrkdwn", "image"), 1, 10, required=True)},
    "actions": {"elements": Nodes(ACTIONS, 1, 25, required=True)},
    "input": {
        "label": Text(2000, required=True),
        "hint": Text(2000),
        "element": Node(INPUTS, required=True),
        "optional": Flag(),
        "dispatch_action": Flag(),
    },
    "rich_text": {
        "elements": Nodes(
            _of("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"),
            1,
            1000,
            required=True,
        )
    },
    "table": {"rows": Rows(_of("raw_text", "rich_text")), "column_settings": Nodes(_of("column"), 0, 20)},
    "data_visualization": {"title": Str(50, 1, required=True), "chart": Node(_of("bar"), required=True)},
    "bar": {
        "series": Nodes(_of("series"), 1, 6, required=True),
        "axis_config": Node(_of("axis_config"), required=True),
    },
    "series": {"name": Str(20, 1, required=True), "data": Nodes(_of("point"), 1, 20, required=True)},
    "point": {"label": Str(20, 1, required=True), "value": Whole(0, 10**12, required=True)},
    "axis_config": {
        "categories": Strs(20, Str(20, 1), required=True),
        "x_label": Str(50, 1),
        "y_label": Str(50, 1),
    },
    "image": {"image_url": Str(3000, 1), "alt_text": Str(2000, 1, required=True), "title": Text(2000)},
    "markdown": {"text": Str(12_000, 1, required=True)},
    "alert": {
        "text": Text(200, plain=False, required=True),
        "level": Str(values=_of("default", "info", "warning", "error", "success")),
    },
    # rich text
    "rich_text_section": {"elements": Nodes(SPANS, 1, 1000, required=True)},
    "rich_text_quote": {"elements": Nodes(SPANS, 1, 1000, required=True)},
    "rich_text_preformatted": {"elements": Nodes(SPANS, 1, 1000, required=True)},
    "rich_text_list": {
        "elements": Nodes(_of("rich_text_section"), 1, 1000, required=True),
        "style": Str(values=_of("bullet", "ordered"), required=True),
        "indent": Whole(0, 8),
    },
    "text": {"text": Str(12_000, 1, required=True), **_STYLED},
    "user": {"user_id": Str(255, 1, required=True), **_STYLED},
    "channel": {"channel_id": Str(255, 1, required=True), **_STYLED},
    "usergroup": {"usergroup_id": Str(255, 1, required=True), **_STYLED},
    "emoji": {"name": Str(255, 1, required=True), **_STYLED},
    "link": {"url": Str(3000, 1, required=True), "text": Str(3000, 1), **_STYLED},
    "date": {
        "timestamp": Whole(-(10**12), 10**12, required=True),
        "format": Str(255, 1, required=True),
        "fallback": Str(255, 1),
        **_STYLED,
    },
    "style": {name: Flag() for name in ("bold", "italic", "strike", "code", "underline")},
    "raw_text": {"text": Str(10_000, 1, required=True)},
    # elements
    "button": {
        **_ACTION,
        "text": Text(75, required=True),
        "value": Str(2000),
        "url": Str(3000),
        "style": Str(values=_of("primary", "danger")),
        "accessibility_label": Str(75, 1),
    },
    "overflow": {**_ACTION, "options": Nodes(_of("option"), 1, 5, required=True)},
    "static_select": {**_SELECT, "options": OPTIONS, "initial_option": Node(_of("option"))},
    "external_select": {
        **_SELECT,
        "initial_option": Node(_of("option")),
        "min_query_length": Whole(0, 150),
    },
    "multi_external_select": {
        **_SELECT,
        "initial_options": Nodes(_of("option"), 1, 100),
        "min_query_length": Whole(0, 150),
        "max_selected_items": Whole(1, 100),
    },
    "users_select": {**_SELECT, "initial_user": Str(255, 1)},
    "conversations_select": {**_SELECT, "initial_conversation": Str(255, 1)},
    "channels_select": {**_SELECT, "initial_channel": Str(255, 1)},
    "datepicker": {**_SELECT, "initial_date": Str(10, 10)},
    "timepicker": {**_SELECT, "initial_time": Str(5, 5)},
    "checkboxes": {**_ACTION, "options": Nodes(_of("option"), 1, 10, required=True)},
    "radio_buttons": {**_ACTION, "options": Nodes(_of("option"), 1, 10, required=True)},
    "plain_text_input": {
        "action_id": Str(255, 1, required=True),
        "placeholder": Text(150),
        "initial_value": Str(3000),
        "multiline": Flag(),
        "max_length": Whole(1, 3000),
        "min_length": Whole(0, 3000),
        "focus_on_load": Flag(),
    },
    # composition
    "confirm": {
        "title": Text(100, required=True),
        "text": Text(300, required=True),
        "confirm": Text(30, required=True),
        "deny": Text(30, required=True),
        "style": Str(values=_of("primary", "danger")),
    },
    "option": {
        "text": Text(75, required=True),
        "value": Str(75, 1, required=True),
        "description": Text(75),
    },
    "column": {"align": Str(values=_of("left", "center", "right")), "is_wrapped": Flag()},
    # surfaces
    "modal": {
        "title": Text(24, required=True),
        "submit": Text(24),
        "close": Text(24),
        "callback_id": Str(255),
        "private_metadata": Str(3000),
        "clear_on_close": Flag(),
        "notify_on_close": Flag(),
        "external_id": Str(255),
    },
    "home": {"callback_id": Str(255), "private_metadata": Str(3000), "external_id": Str(255)},
}
_EVERYWHERE = _of("section", "header", "divider", "context", "actions", "rich_text", "image", "input")
BLOCKS: Mapping[str, tuple[frozenset[str], int]] = {
    "message": (_EVERYWHERE | {"table", "markdown"}, 50),
    "ephemeral": (_EVERYWHERE | {"table", "markdown"}, 50),
    "modal": (_EVERYWHERE | {"alert"}, 100),
    "home": (_EVERYWHERE | {"table", "data_visualization"}, 100),
}
