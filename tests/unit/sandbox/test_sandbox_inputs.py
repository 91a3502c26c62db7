"""What Slack's client lets people put into inputs, and the state it reports."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.slack.inputs import BadInput, filled, initial_state, is_empty


def nothing_offered(value: str) -> None:
    return None


OPTION = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
GROUPED = [{"label": {"type": "plain_text", "text": "G"}, "options": [OPTION]}]


@pytest.mark.parametrize(
    ("element", "value", "state"),
    [
        ({"type": "plain_text_input"}, "x", {"value": "x"}),
        ({"type": "plain_text_input"}, "", {"value": None}),
        ({"type": "static_select", "options": [OPTION]}, "1", {"selected_option": OPTION}),
        ({"type": "static_select", "option_groups": GROUPED}, OPTION, {"selected_option": OPTION}),
        ({"type": "multi_static_select", "options": [OPTION]}, ["1"], {"selected_options": [OPTION]}),
        ({"type": "checkboxes", "options": [OPTION]}, None, {"selected_options": []}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "multi_users_select"}, ["U1", "U2"], {"selected_users": ["U1", "U2"]}),
        ({"type": "datepicker"}, "2026-12-01", {"selected_date": "2026-12-01"}),
        ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
        ({"type": "datetimepicker"}, 1_800_000_000, {"selected_date_time": 1_800_000_000}),
        ({"type": "number_input", "is_decimal_allowed": False, "max_value": "5"}, "5", {"value": "5"}),
        (
            {"type": "datepicker"},
            {"type": "datepicker", "selected_date": "2026-01-02"},
            {"selected_date": "2026-01-02"},
        ),
    ],
)
def test_values_become_slacks_state(element: dict[str, Any], value: Any, state: dict[str, Any]) -> None:
    """Each kind of element reports its value under its own key, in full."""
    assert filled(element, value, nothing_offered) == {"type": element["type"], **state}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "min_length": 10}, "short"),
        ({"type": "plain_text_input", "max_length": 3}, "long"),
        ({"type": "plain_text_input"}, 5),
        ({"type": "static_select", "options": [OPTION]}, "2"),
        ({"type": "external_select"}, "1"),
        ({"type": "multi_users_select", "max_selected_items": 1}, ["U1", "U2"]),
        ({"type": "datepicker"}, "tomorrow"),
        ({"type": "timepicker"}, "25:00"),
        ({"type": "datetimepicker"}, "now"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1"),
        ({"type": "number_input", "is_decimal_allowed": True}, "many"),
        ({"type": "email_text_input"}, "nobody"),
        ({"type": "url_text_input"}, "ftp://x"),
        ({"type": "button"}, "x"),
    ],
)
def test_impossible_values_are_refused(element: dict[str, Any], value: Any) -> None:
    """What Slack's client would not let a person enter never reaches the app."""
    with pytest.raises(BadInput):
        filled(element, value, nothing_offered)


def test_initial_values_are_reported_untouched() -> None:
    """Before anybody types, the state holds the initial values, and empty ones for the rest."""
    text = {"type": "plain_text_input", "action_id": "t", "initial_value": "x"}
    people = {"type": "users_select", "action_id": "u"}
    boxes = {"type": "checkboxes", "action_id": "k", "options": [OPTION]}
    blocks: list[dict[str, Any]] = [
        {"type": "input", "block_id": "a", "element": text},
        {"type": "actions", "block_id": "b", "elements": [people, {"type": "button", "action_id": "go"}]},
        {"type": "section", "block_id": "c", "accessory": boxes},
    ]
    state = initial_state(blocks)
    assert state == {
        "a": {"t": {"type": "plain_text_input", "value": "x"}},
        "b": {"u": {"type": "users_select", "selected_user": None}},
        "c": {"k": {"type": "checkboxes", "selected_options": []}},
    }
    assert [is_empty(one) for block in state.values() for one in block.values()] == [False, True, True]
