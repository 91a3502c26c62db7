"""The judge of payloads finds what Slack would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.limits import Surface, problems


def text(said: str, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": said}


def section(said: str = "x") -> dict[str, Any]:
    return {"type": "section", "text": text(said)}


def button(action: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": text("Go"), **more}


def actions(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(buttons)}


def table(rows: int = 1, cells: int = 1, said: str = "x") -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": said}] * cells] * rows}


def field(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "input", "label": text("L"), "element": element}


TYPED = {"type": "plain_text_input", "action_id": "a"}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text("x", "text")]}]}


def rich(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}


@pytest.mark.parametrize(
    ("blocks", "problem", "pointer"),
    [
        ([section("x" * 3_001)], "3001 characters, not 1 to 3000", "/blocks/0/text/text"),
        ([section("")], "0 characters", "/blocks/0/text/text"),
        ([{"type": "section", "fields": [text("x" * 2_001)]}], "2001 characters", "/blocks/0/fields/0/text"),
        ([{"type": "section", "fields": [text("x")] * 11}], "11 items, not 1 to 10", "/blocks/0/fields"),
        ([{"type": "header", "text": text("x" * 151)}], "151 characters", "/blocks/0/text/text"),
        ([{"type": "header", "text": text("x", "mrkdwn")}], "needs a plain_text object", "/blocks/0/text"),
        ([{"type": "header"}], "header needs text", "/blocks/0/text"),
        ([section()] * 51, "51 items, not 1 to 50", "/blocks"),
        ([], "0 items", "/blocks"),
        ([actions(*[button(str(n)) for n in range(26)])], "26 items", "/blocks/0/elements"),
        ([actions(button(), button())], "an action_id is used twice", "/blocks/0"),
        ([actions(button("x" * 256))], "256 characters", "/blocks/0/elements/0/action_id"),
        ([actions(button(value="x" * 2_001))], "2001 characters", "/blocks/0/elements/0/value"),
        ([actions(button(style="loud"))], "must be one of danger, primary", "/blocks/0/elements/0/style"),
        ([actions(button(colour="red"))], "button has no field colour", "/blocks/0/elements/0/colour"),
        (
            [actions(button(confirm={"title": text("x")}))],
            "confirm needs text",
            "/blocks/0/elements/0/confirm/text",
        ),
        ([{**section(), "block_id": "b"}] * 2, "block_id 'b' is used twice", "/blocks"),
        ([table(101)], "101 items, not 1 to 100", "/blocks/0/rows"),
        ([table(1, 21)], "21 items, not 1 to 20", "/blocks/0/rows/0"),
        ([table(11, 1, "x" * 1_000)], "tables hold more than 10,000", "/blocks"),
        ([table(), table()], "more than one table", "/blocks"),
        (
            [{"type": "table", "rows": [[text("x", "raw_text")] * 2, [text("x", "raw_text")]]}],
            "rows differ",
            "/rows",
        ),
        ([{"type": "alert", "text": text("x")}], "alert is not allowed here", "/blocks/0"),
        ([{"type": "sectoin"}], "sectoin is not allowed here", "/blocks/0"),
        ([rich({"type": "broadcast", "range": "channel"})], "broadcast is not allowed here", "/elements/0"),
        ([rich({"type": "text", "text": ""})], "0 characters", "/elements/0/text"),
        ([section("x\ud800")], "a lone surrogate", "/blocks/0/text/text"),
        (
            [{"type": "section", "text": text("<!here>", "mrkdwn")}],
            "live mark-up '<!here>'",
            "/blocks/0/text/text",
        ),
        (
            [{"type": "context", "elements": [text("<@U1>", "mrkdwn")]}],
            "live mark-up '<@U1>'",
            "/elements/0/text",
        ),
        (
            [actions({"type": "static_select", "action_id": "a", "options": []})],
            "0 items, not 1 to 100",
            "/blocks/0/elements/0/options",
        ),
        (
            [
                actions(
                    {
                        "type": "overflow",
                        "action_id": "a",
                        "options": [{"text": text("x" * 76), "value": "v"}],
                    }
                )
            ],
            "76 characters",
            "/blocks/0/elements/0/options/0/text/text",
        ),
    ],
)
def test_each_limit_of_a_message_is_found_where_it_is_broken(
    blocks: list[dict[str, Any]], problem: str, pointer: str
) -> None:
    """A problem names its number and points at its place."""
    found = problems("message", {"text": "x", "blocks": blocks})
    assert any(problem in each and pointer in each for each in found), found


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (None, "not a string"),
        ("", "0 characters"),
        ("x" * 4_001, "4001 characters"),
        ("<!channel> look", "live mark-up '<!channel> l'"),
        ("see <https://evil.test|here>", "live mark-up"),
        ("a > b", "live mark-up"),
        ("R&D", "live mark-up"),
    ],
)
def test_the_parsed_text_is_present_short_and_dead(said: str | None, problem: str) -> None:
    """Every message has a text for notifications, and nothing in it can ping or link."""
    found = problems("message", {"text": said, "blocks": [RICH]})
    assert any(problem in each and "/text" in each for each in found), found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": text("x" * 25)}, "25 characters"),
        ({"title": None}, "needs a plain_text object"),
        ({"submit": None}, "needs a plain_text object"),
        ({"private_metadata": "x" * 3_001}, "3001 characters"),
        ({"callback_id": "x" * 256}, "256 characters"),
        ({"type": "home"}, "type must be modal"),
        ({"blocks": [table()]}, "table is not allowed here"),
        ({"blocks": [section()] * 101}, "101 items, not 1 to 100"),
        ({"blocks": [section("漢" * 3_000)] * 30}, "larger than 250,000 bytes"),
        ({"colour": "red"}, "modal has no field colour"),
        ({"blocks": [field({**TYPED, "max_length": 3_001})]}, "a whole number from 1 to 3000"),
        ({"blocks": [field({**TYPED, "multiline": "yes"})]}, "must be true or false"),
        ({"blocks": [field(button())]}, "button is not allowed here"),
    ],
)
def test_each_limit_of_a_form_is_found(change: dict[str, Any], problem: str) -> None:
    """Views have limits of their own."""
    view = {"type": "modal", "title": text("T"), "submit": text("Go"), "blocks": [field(TYPED)]}
    assert problems("modal", view) == []
    found = problems("modal", view | change)
    assert any(problem in each for each in found), found


def test_questions_need_a_way_to_send_them() -> None:
    """Slack refuses a form with inputs and no submit."""
    assert problems("modal", {"type": "modal", "title": text("T"), "blocks": [field(TYPED)]}) == [
        "a form with inputs needs submit [/submit]"
    ]


@pytest.mark.parametrize("surface", ["message", "ephemeral"])
def test_a_sound_message_is_sound(surface: Surface) -> None:
    """Nothing is found where nothing is wrong."""
    blocks = [section(), RICH, actions(button()), table(100, 2), {"type": "divider"}]
    assert problems(surface, {"text": "R&amp;D &lt;3", "blocks": blocks}) == []
