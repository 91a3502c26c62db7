"""
Block elements and composition objects: their fields and limits.

Source:
    docs.slack.dev/reference/block-kit/block-elements and /composition-objects, npm @slack/types 3.2.0 and
    slack_sdk 3.47.0, read 2026-11-21.
"""

from __future__ import annotations

from typing import Any

from sandbox.slack.blockkit.rules import (
    Check,
    Rule,
    anything,
    at_least_one,
    by_type,
    flag,
    items,
    needs,
    not_both,
    number,
    one_of,
    shape,
    string,
)

ACTION_ID = string(255)
URL = string(3000)
TIME = string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")
DATE = string(10, pattern=r"\d{4}-\d{2}-\d{2}")
SLACK_ID = string(255, 1)


def plain(longest: int, shortest: int = 1) -> Rule:
    """A plain_text object."""
    return by_type(
        {
            "plain_text": shape(
                {"type": anything, "text": string(longest, shortest), "emoji": flag}, required=("text",)
            )
        }
    )


def text(longest: int, shortest: int = 1) -> Rule:
    """A plain_text or mrkdwn object, with the extra complaint Slack puts before the real one."""
    kinds = by_type(
        {
            "plain_text": shape(
                {"type": anything, "text": string(longest, shortest), "emoji": flag}, required=("text",)
            ),
            "mrkdwn": shape(
                {"type": anything, "text": string(longest, shortest), "verbatim": flag}, required=("text",)
            ),
        }
    )

    def rule(check: Check, value: Any, at: str) -> None:
        before = len(check.problems)
        kinds(check, value, at)
        found = check.problems[before:]
        if found:
            del check.problems[before:]
            check.fail("failed to match all allowed schemas", at)
            check.problems += found

    return rule


CONFIRM = shape(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": one_of("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)


def option(label: Rule, *, link: bool = False) -> Rule:
    fields = {"text": label, "value": string(150), "description": text(75)}
    return shape(
        fields | ({"url": URL} if link else {}), required=("text", "value") if not link else ("text",)
    )


PLAIN_OPTION = option(plain(75))
RICH_OPTION = option(text(75))
OPTIONS = items(PLAIN_OPTION, 1, 100)
OPTION_GROUPS = items(shape({"label": plain(75), "options": OPTIONS}, required=("label", "options")), 1, 100)


def initial_is_offered(check: Check, element: dict[str, Any], at: str) -> None:
    """What is chosen at first must be one of the options, in full."""
    offered = [*_list(element.get("options"))]
    for group in _list(element.get("option_groups")):
        offered += _list(group.get("options")) if isinstance(group, dict) else []
    chosen = [element["initial_option"]] if element.get("initial_option") else []
    chosen += _list(element.get("initial_options"))
    for one in chosen:
        if one not in offered:
            which = "initial_option" if element.get("initial_option") else "initial_options"
            check.fail(f"{which} must be one of the provided options", f"{at}/{which}")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def element(*also: Rule, **fields: Rule) -> Rule:
    """An interactive element: `type` and `action_id` and whatever it has of its own."""
    return shape({"type": anything, "action_id": ACTION_ID, **fields}, (), *also)


_PLACEHOLDER = plain(150)
_SOFT = {"placeholder": _PLACEHOLDER, "focus_on_load": flag, "confirm": CONFIRM}
_MANY = {"max_selected_items": number(1)}
_STATIC = {"options": OPTIONS, "option_groups": OPTION_GROUPS}
_STATIC_RULES = (at_least_one("options", "option_groups"), not_both("options", "option_groups"))
_DISPATCH = shape(
    {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 1, 2)},
)
_TYPED = {"placeholder": _PLACEHOLDER, "focus_on_load": flag, "dispatch_action_config": _DISPATCH}
_FILTER = shape(
    {
        "include": items(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    }
)
_FILE = shape({"id": SLACK_ID, "url": URL}, (), at_least_one("id", "url"))

IMAGE = shape(
    {"type": anything, "image_url": URL, "slack_file": _FILE, "alt_text": string(2000)},
    ("alt_text",),
    at_least_one("image_url", "slack_file"),
)

BUTTON = element(
    needs("text"),
    text=plain(75),
    url=URL,
    value=string(2000),
    style=one_of("primary", "danger"),
    confirm=CONFIRM,
    accessibility_label=string(75),
)
MENUS: dict[str, Rule] = {
    "static_select": element(
        *_STATIC_RULES, initial_is_offered, **_SOFT, **_STATIC, initial_option=PLAIN_OPTION
    ),
    "external_select": element(**_SOFT, initial_option=PLAIN_OPTION, min_query_length=number(0)),
    "users_select": element(**_SOFT, initial_user=SLACK_ID),
    "conversations_select": element(
        **_SOFT,
        initial_conversation=SLACK_ID,
        default_to_current_conversation=flag,
        response_url_enabled=flag,
        filter=_FILTER,
    ),
    "channels_select": element(**_SOFT, initial_channel=SLACK_ID, response_url_enabled=flag),
    "multi_static_select": element(
        *_STATIC_RULES, initial_is_offered, **_SOFT, **_STATIC, **_MANY, initial_options=OPTIONS
    ),
    "multi_external_select": element(**_SOFT, **_MANY, initial_options=OPTIONS, min_query_length=number(0)),
    "multi_users_select": element(**_SOFT, **_MANY, initial_users=items(SLACK_ID)),
    "multi_conversations_select": element(
        **_SOFT,
        **_MANY,
        initial_conversations=items(SLACK_ID),
        default_to_current_conversation=flag,
        filter=_FILTER,
    ),
    "multi_channels_select": element(**_SOFT, **_MANY, initial_channels=items(SLACK_ID)),
}
CHOICES: dict[str, Rule] = {
    "checkboxes": element(
        needs("options"),
        initial_is_offered,
        options=items(RICH_OPTION, 1, 10),
        initial_options=items(RICH_OPTION, 1, 10),
        confirm=CONFIRM,
        focus_on_load=flag,
    ),
    "radio_buttons": element(
        needs("options"),
        initial_is_offered,
        options=items(RICH_OPTION, 1, 10),
        initial_option=RICH_OPTION,
        confirm=CONFIRM,
        focus_on_load=flag,
    ),
    "datepicker": element(**_SOFT, initial_date=DATE),
    "timepicker": element(**_SOFT, initial_time=TIME, timezone=string(255)),
    "datetimepicker": element(
        initial_date_time=number(1_000_000_000, 9_999_999_999), focus_on_load=flag, confirm=CONFIRM
    ),
}
TYPED: dict[str, Rule] = {
    "plain_text_input": element(
        **_TYPED,
        initial_value=string(3000),
        multiline=flag,
        min_length=number(0, 3000),
        max_length=number(1, 3000),
    ),
    "email_text_input": element(**_TYPED, initial_value=string(3000)),
    "url_text_input": element(**_TYPED, initial_value=string(3000)),
    "number_input": element(
        needs("is_decimal_allowed"),
        **_TYPED,
        is_decimal_allowed=flag,
        initial_value=string(255),
        min_value=string(255),
        max_value=string(255),
    ),
    "rich_text_input": element(**_TYPED, initial_value=anything, min_lines=number(1), max_lines=number(1)),
    "file_input": element(filetypes=items(string(255, 1)), max_files=number(1, 10)),
}
OVERFLOW = element(
    needs("options"),
    options=items(option(plain(75), link=True), 1, 5),
    confirm=CONFIRM,
)
WORKFLOW_BUTTON = element(
    needs("text", "workflow"),
    text=plain(75),
    workflow=anything,
    style=one_of("primary", "danger"),
    accessibility_label=string(75),
)
_FEEDBACK = shape(
    {"text": plain(75), "value": string(2000), "accessibility_label": string(75)}, ("text", "value")
)

ACTIONS = by_type(
    {"button": BUTTON, "overflow": OVERFLOW, "workflow_button": WORKFLOW_BUTTON, **MENUS, **CHOICES}
)
ACCESSORY = by_type(
    {
        "button": BUTTON,
        "overflow": OVERFLOW,
        "workflow_button": WORKFLOW_BUTTON,
        "image": IMAGE,
        **MENUS,
        **{kind: rule for kind, rule in CHOICES.items() if kind != "datetimepicker"},
    }
)
INPUT = by_type({**MENUS, **CHOICES, **TYPED})
CONTEXT_ACTIONS = by_type(
    {
        "feedback_buttons": element(
            needs("positive_button", "negative_button"),
            positive_button=_FEEDBACK,
            negative_button=_FEEDBACK,
        ),
        "icon_button": element(
            needs("icon", "text"),
            icon=string(255, 1),
            text=plain(75),
            value=string(2000),
            accessibility_label=string(75),
            visible_to_user_ids=items(SLACK_ID),
            confirm=CONFIRM,
        ),
    }
)
