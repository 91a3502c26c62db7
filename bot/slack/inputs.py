"""Questions of a form as input blocks, and their answers back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.chat.model import Input, InputKind, Option
from bot.slack import ids
from bot.slack.richtext import BLANK, Json, plain_text
from bot.text import clean

MOST_OPTIONS = 100
LONGEST_OPTION_VALUE = 75
ONE_TIME = ".once"
_MEMBER = re.compile(r"[UW][A-Z0-9]{1,30}")


def input_block(asked: Input) -> Json:
    """One question. A choice among nothing becomes a line that says so, since Slack refuses empty lists.

    The block and its element are both called after the input, so that errors and answers find their way; the
    element of a one-time code is marked, for ``refilled``.
    """
    if asked.kind is InputKind.CHOICE and not options(asked.options):
        nothing = f"{clean(asked.label, 150) or asked.name}: there is nothing to choose from."
        return {"type": "section", "text": plain_text(nothing, 300, BLANK)}
    block: Json = {
        "type": "input",
        "block_id": asked.name,
        "label": plain_text(asked.label, 150, asked.name),
        "element": {
            **_element(asked),
            "action_id": asked.name + (ONE_TIME if asked.kind is InputKind.CODE else ""),
        },
        "optional": asked.optional,
    }
    if hint := clean(asked.hint, 300):
        block["hint"] = plain_text(hint, 300, BLANK)
    return block


def _element(asked: Input) -> Json:
    element: Json
    match asked.kind:
        case InputKind.LINE | InputKind.TEXT | InputKind.CODE:
            longest = min(max(asked.max_length, 1), 3000)
            element = {
                "type": "plain_text_input",
                "multiline": asked.kind is InputKind.TEXT,
                "max_length": longest,
            }
            if asked.initial:
                element["initial_value"] = asked.initial.encode("utf-8", "replace").decode()[:longest]
        case InputKind.PERSON:
            element = {"type": "users_select"}
            if _MEMBER.fullmatch(asked.initial):
                element["initial_user"] = asked.initial
        case InputKind.CHOICE:
            element = {"type": "static_select", "options": options(asked.options)}
            element |= _initial(asked)
        case InputKind.SEARCH:
            element = {"type": "external_select", "min_query_length": 0, **_initial(asked)}
        case InputKind.SEARCH_MANY:
            element = {"type": "multi_external_select", "min_query_length": 0}
            if chosen := _chosen(asked):
                element["initial_options"] = chosen
        case InputKind.DATE:
            element = {"type": "datepicker"}
            if _is_day(asked.initial):
                element["initial_date"] = asked.initial
    if placeholder := clean(asked.placeholder, 150):
        element["placeholder"] = plain_text(placeholder, 150, BLANK)
    return element


def _initial(asked: Input) -> Json:
    chosen = _chosen(asked)
    return {"initial_option": chosen[0]} if chosen else {}


def _chosen(asked: Input) -> list[Json]:
    many = asked.kind is InputKind.SEARCH_MANY
    wanted = asked.initial.split(",") if many else [asked.initial]
    return [option for option in options(asked.options) if option["value"] in wanted]


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def options(offered: tuple[Option, ...]) -> list[Json]:
    """At most a hundred choices; one whose value cannot travel whole is left out."""
    fit = [option for option in offered if option.value and ids.travels(option.value, LONGEST_OPTION_VALUE)]
    return [
        {
            "text": plain_text(option.label, 75, BLANK),
            "value": option.value,
            **({"description": plain_text(option.why, 75, BLANK)} if option.why else {}),
        }
        for option in fit[:MOST_OPTIONS]
    ]


def answers(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """What was entered, by input name; empty where nothing was.

    Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload, ``state.values``, read
    2026-11-21.
    """
    given: dict[str, str] = {}
    for name, elements in values.items():
        for element in elements.values():
            option = element.get("selected_option") or {}
            given[name] = str(
                element.get("value")
                or element.get("selected_user")
                or element.get("selected_date")
                or option.get("value")
                or ",".join(str(one.get("value", "")) for one in element.get("selected_options") or ())
            )
    return given


def refilled(blocks: list[Json], values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[Json]:
    """A submitted form's blocks with what had been entered, to show it again after it was replaced.

    One-time codes are left out: they were used, or are wrong.
    """
    fields = {
        "value": "initial_value",
        "selected_user": "initial_user",
        "selected_date": "initial_date",
        "selected_option": "initial_option",
        "selected_options": "initial_options",
    }
    shown: list[Json] = []
    for block in blocks:
        entered = values.get(block.get("block_id", ""), {})
        if block.get("type") == "input" and entered:
            element = dict(block["element"])
            if str(element.get("action_id", "")).endswith(ONE_TIME):
                entered = {}
            for answer in entered.values():
                element |= {to: answer[key] for key, to in fields.items() if answer.get(key)}
            block = {**block, "element": element}
        shown.append(block)
    return shown
