"""What people put into inputs: the state Slack reports, and the mistakes its client does not let through."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.slack.content import all_blocks, interactive
from sandbox.world import Json

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_INITIAL = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", "initial_files"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
_LISTS = frozenset(
    kind for kind, (key, _) in _INITIAL.items() if key.endswith("s") and key != "rich_text_value"
)
_STATELESS = frozenset({"overflow"})
Offer = Callable[[str], Json | None]
"""Finds an option that options loaded for an external select offered, by its value."""


class BadInput(ValueError):
    """Slack's client would not let a person enter this."""


def initial_state(blocks: list[Json]) -> dict[str, dict[str, Json]]:
    """What view.state.values holds before anybody touched anything."""
    values: dict[str, dict[str, Json]] = {}
    for block in all_blocks(blocks):
        for element in interactive(block):
            kind = element["type"]
            if kind in _INITIAL and kind not in _STATELESS:
                key, initial = _INITIAL[kind]
                empty: Any = [] if kind in _LISTS else None
                value = element.get(initial, empty)
                values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": kind, key: value}
    return values


def filled(element: Json, value: Any, offer: Offer) -> Json:
    """
    The state of one element after a person gave it a value.

    A text for text inputs, the option's value for menus, ids for people and channels, a list for the multi
    ones, None for nothing. Raises BadInput when Slack's own client would not allow it.
    """
    kind = element["type"]
    if kind not in _INITIAL:
        raise BadInput(f"a {kind} holds no value")
    key, _ = _INITIAL[kind]
    if isinstance(value, dict) and value.get("type") == kind:
        value = value.get(key)
    if kind in _LISTS:
        given = [] if value is None else value if isinstance(value, list) else [value]
        if len(given) > int(element.get("max_selected_items") or 1_000_000):
            raise BadInput(f"at most {element['max_selected_items']} can be chosen")
        return {"type": kind, key: [_one(element, one, offer) for one in given]}
    if value is None or value == "":
        return {"type": kind, key: None}
    return {"type": kind, key: _one(element, value, offer)}


def _one(element: Json, value: Any, offer: Offer) -> Any:
    kind = element["type"]
    if kind.endswith("external_select"):
        found = offer(_option_value(value))
    elif kind.endswith("static_select") or kind in ("radio_buttons", "checkboxes", "overflow"):
        found = next((one for one in options(element) if one.get("value") == _option_value(value)), None)
    elif kind == "datetimepicker":
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadInput("a date and time is unix seconds")
        return value
    else:
        return _text(element, value)
    if found is None:
        raise BadInput(f"{_option_value(value)!r} is not among the options")
    return found


def _option_value(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("value")
    if not isinstance(value, str):
        raise BadInput("an option is chosen by its value, a text")
    return value


def _text(element: Json, value: Any) -> Any:
    kind = element["type"]
    if kind == "rich_text_input":
        return value
    if not isinstance(value, str):
        raise BadInput(f"a {kind} takes a text")
    if kind == "plain_text_input":
        least, most = int(element.get("min_length") or 0), int(element.get("max_length") or 3000)
        if not least <= len(value) <= most:
            raise BadInput(f"must have {least} to {most} characters, not {len(value)}")
    elif kind == "number_input":
        _number(element, value)
    elif kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise BadInput("enter an e-mail address")
    elif kind == "url_text_input" and not re.match(r"https?://\S+$", value):
        raise BadInput("enter a web address")
    elif kind == "datepicker" and not _DAY.fullmatch(value):
        raise BadInput("a date is YYYY-MM-DD")
    elif kind == "timepicker" and not _TIME.fullmatch(value):
        raise BadInput("a time is HH:MM")
    return value


def _number(element: Json, value: str) -> None:
    try:
        number = float(value)
    except ValueError:
        raise BadInput("enter a number") from None
    if not element.get("is_decimal_allowed") and not re.fullmatch(r"-?\d+", value):
        raise BadInput("enter a whole number")
    if element.get("min_value") is not None and number < float(element["min_value"]):
        raise BadInput(f"must be at least {element['min_value']}")
    if element.get("max_value") is not None and number > float(element["max_value"]):
        raise BadInput(f"must be at most {element['max_value']}")


def options(element: Json) -> list[Json]:
    """Every option of a menu, those of its groups included."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(one for group in groups for one in group["options"])]


def is_empty(state: Json) -> bool:
    """Whether an element's state holds nothing, which a required input may not."""
    return all(not value and value != 0 for key, value in state.items() if key != "type")
