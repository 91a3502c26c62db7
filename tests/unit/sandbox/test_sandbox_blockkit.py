"""Block Kit limits: the largest value that passes, and what Slack says to the next one."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.slack.blockkit import check_blocks, check_view, too_large


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": "x" * length}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(1), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def option(text: int = 1, value: int = 1, **more: Any) -> dict[str, Any]:
    return {"text": plain(text), "value": "v" * value, **more}


def select(count: int, **more: Any) -> dict[str, Any]:
    offered = [option() | {"value": str(number)} for number in range(count)]
    return {"type": "static_select", "options": offered, **more}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "section", **more}


def table(rows: int, columns: int = 1, characters: int = 1) -> dict[str, Any]:
    cell = {"type": "raw_text", "text": "x" * characters}
    return {"type": "table", "rows": [[cell] * columns for _ in range(rows)]}


def data_table(rows: int, **more: Any) -> dict[str, Any]:
    return {"type": "data_table", "caption": "Accounts", "rows": table(rows)["rows"], **more}


LIMITS = [
    ("section text", 3000, lambda n: section(text=mrkdwn(n)), "must be less than 3001 characters"),
    ("section fields", 10, lambda n: section(fields=[mrkdwn(1)] * n), "no more than 10 items allowed"),
    ("field text", 2000, lambda n: section(fields=[plain(n)]), "must be less than 2001 characters"),
    ("header", 150, lambda n: {"type": "header", "text": plain(n)}, "must be less than 151 characters"),
    (
        "context",
        10,
        lambda n: {"type": "context", "elements": [mrkdwn(1)] * n},
        "no more than 10 items allowed",
    ),
    ("actions", 25, lambda n: actions(*[button()] * n), "no more than 25 items allowed"),
    ("button text", 75, lambda n: actions(button(text=plain(n))), "must be less than 76 characters"),
    ("button value", 2000, lambda n: actions(button(value="v" * n)), "must be less than 2001 characters"),
    ("button url", 3000, lambda n: actions(button(url="u" * n)), "must be less than 3001 characters"),
    ("action_id", 255, lambda n: actions(button(action_id="a" * n)), "must be less than 256 characters"),
    ("block_id", 255, lambda n: {"type": "divider", "block_id": "b" * n}, "must be less than 256 characters"),
    ("options", 100, lambda n: actions(select(n)), "no more than 100 items allowed"),
    ("option text", 75, lambda n: actions(select(1) | {"options": [option(text=n)]}), "less than 76"),
    ("option value", 150, lambda n: actions(select(1) | {"options": [option(value=n)]}), "less than 151"),
    ("placeholder", 150, lambda n: actions(select(1, placeholder=plain(n))), "less than 151"),
    (
        "overflow",
        5,
        lambda n: actions({"type": "overflow", "options": [option()] * n}),
        "no more than 5 items",
    ),
    ("radio", 10, lambda n: actions({"type": "radio_buttons", "options": [option()] * n}), "no more than 10"),
    ("confirm title", 100, lambda n: actions(button(confirm=confirm(title=plain(n)))), "less than 101"),
    ("confirm text", 300, lambda n: actions(button(confirm=confirm(text=mrkdwn(n)))), "less than 301"),
    ("confirm deny", 30, lambda n: actions(button(confirm=confirm(deny=plain(n)))), "less than 31"),
    ("image alt", 2000, lambda n: {"type": "image", "image_url": "u", "alt_text": "x" * n}, "less than 2001"),
    (
        "markdown",
        12_000,
        lambda n: {"type": "markdown", "text": "x" * n},
        "must be less than 12001 characters",
    ),
    ("table rows", 100, table, "no more than 100 items allowed"),
    ("table columns", 20, lambda n: table(1, n), "no more than 20 items allowed"),
    ("table characters", 10_000, lambda n: table(1, 1, n), "must be less than 10001 characters"),
    ("data table rows", 101, data_table, "no more than 101 items allowed"),
    ("data table page", 100, lambda n: data_table(2, page_size=n), "less than or equal to 100"),
    ("container", 10, lambda n: container([{"type": "divider"}] * n), "no more than 10 items allowed"),
]


def confirm(**more: Any) -> dict[str, Any]:
    return {"title": plain(1), "text": plain(1), "confirm": plain(1), "deny": plain(1), **more}


def container(children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "container", "title": plain(1), "child_blocks": children}


@pytest.mark.parametrize(
    ("limit", "make", "said"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS]
)
def test_each_limit_holds_exactly(limit: int, make: Any, said: str) -> None:
    """The limit itself passes; one more is refused with Slack's wording."""
    complaints = [problem.line() for problem in check_blocks([make(limit)])]
    assert [one for one in complaints if "must be unique" not in one] == []
    assert any(said in problem.line() for problem in check_blocks([make(limit + 1)]))


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([{"type": "nonsense"}], "[ERROR] unsupported type: nonsense [json-pointer:/blocks/0/type]"),
        ([{}], "[ERROR] missing required field: type [json-pointer:/blocks/0]"),
        ([section()], "[ERROR] must define either `text` or `fields` [json-pointer:/blocks/0/type]"),
        (
            [{"type": "header", "text": mrkdwn(1)}],
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        ([section(text=plain(1), colour="red")], "invalid additional property: colour"),
        ([actions(select(0))], "no less than 1 items allowed [json-pointer:/blocks/0/elements/0/options]"),
        ([actions()], "no less than 1 items allowed [json-pointer:/blocks/0/elements]"),
        ([section(text=plain(0))], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([actions(button(style="green"))], "must be a valid enum value: primary, danger"),
        (
            [actions(button(action_id="a"), button(action_id="a"))],
            "`action_id` must be unique within its block",
        ),
        ([{"type": "divider", "block_id": "b"}] * 2, "`block_id` must be unique: b"),
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([{"type": "markdown", "text": "x" * 7000}] * 2, "must be less than 12001 characters over all"),
        ([table(1), table(1)], "only_one_table_allowed"),
        ([{"type": "alert", "text": plain(1)}], "unsupported type: alert"),
        ([actions(select(2, initial_option=option() | {"value": "9"}))], "initial_option must be one of"),
        ([data_table(2) | {"caption": None}], "missing required field: caption"),
        ([{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}], "unsupported type: text"),
        ([container([container([])])], "unsupported type: container"),
        ([{"type": "image", "image_url": "u"}], "missing required field: alt_text"),
    ],
)
def test_wrong_blocks_are_named(blocks: list[Any], said: str) -> None:
    """Each mistake is told with a JSON pointer to it."""
    assert any(said in problem.line() for problem in check_blocks(blocks))


def view(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(5), "blocks": list(blocks), **more}


ASK = {"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}


def test_good_views_pass() -> None:
    """A modal with an input and a submit, an alert in a modal, and a table on the home tab are fine."""
    assert (
        check_view(view(ASK, {"type": "alert", "level": "error", "text": plain(200)}, submit=plain(24))) == []
    )
    assert check_view({"type": "home", "blocks": [data_table(101), *[{"type": "divider"}] * 99]}) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            view(ASK),
            "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
        ),
        (view() | {"title": plain(25)}, "must be less than 25 characters [json-pointer:/view/title/text]"),
        (view(submit=plain(25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        (view(private_metadata="x" * 3001), "must be less than 3001 characters"),
        (view(callback_id="x" * 256), "must be less than 256 characters"),
        (view(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (view(table(1)), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
        (view(data_table(2)), "unsupported type: data_table"),
        ({"type": "home", "title": plain(1), "blocks": []}, "invalid additional property: title"),
        (
            {"type": "workflow_step", "blocks": []},
            "unsupported type: workflow_step [json-pointer:/view/type]",
        ),
        ({"blocks": []}, "missing required field: type [json-pointer:/view]"),
        ({"type": "home"}, "missing required field: blocks [json-pointer:/view]"),
    ],
)
def test_wrong_views_are_named(wrong: dict[str, Any], said: str) -> None:
    """A view's own limits, and the blocks that its surface does not take."""
    assert any(said in problem.line() for problem in check_view(wrong))


def test_a_view_weighs_at_most_250_kilobytes() -> None:
    """The size counts bytes of the JSON, so that two-byte letters weigh twice."""
    assert not too_large(view(private_metadata="x" * 249_000))
    assert too_large(view(private_metadata="é" * 125_000))


def bar_chart(
    points: int = 2, series: int = 1, name: int = 1, label: int = 2, title: int = 1
) -> dict[str, Any]:
    """A chart of bars; every label has its number in front, so that no two are the same."""
    labels = [f"{number:02}".ljust(label, "x") for number in range(points)]
    data = [{"label": each, "value": number} for number, each in enumerate(labels)]
    named = [{"name": f"{number}".ljust(name, "n"), "data": data} for number in range(series)]
    chart = {"type": "bar", "series": named, "axis_config": {"categories": labels}}
    return {"type": "data_visualization", "title": "t" * title, "chart": chart}


def pie_chart(*values: float) -> dict[str, Any]:
    segments = [{"label": f"s{number}", "value": value} for number, value in enumerate(values)]
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": segments}}


def test_charts_pass_up_to_their_limits_on_messages_and_home() -> None:
    largest = bar_chart(points=20, series=6, name=20, label=20, title=50)
    assert check_blocks([largest, pie_chart(1, 0.5)]) == []
    assert check_view({"type": "home", "blocks": [largest]}) == []
    assert check_view({"type": "modal", "title": plain(1), "blocks": [largest]})


@pytest.mark.parametrize(
    ("chart", "pointer"),
    [
        (bar_chart(points=21), "/blocks/0/chart/series/0/data"),
        (bar_chart(points=0), "/blocks/0/chart/series/0/data"),
        (bar_chart(series=7), "/blocks/0/chart/series"),
        (bar_chart(name=21), "/blocks/0/chart/series/0/name"),
        (bar_chart(label=21), "/blocks/0/chart/series/0/data/0/label"),
        (bar_chart(title=51), "/blocks/0/title"),
        (bar_chart() | {"chart": {"type": "donut"}}, "/blocks/0/chart/type"),
        (bar_chart() | {"chart": None}, "/blocks/0"),
        (pie_chart(1, 0), "/blocks/0/chart/segments/1/value"),
        (pie_chart(*[1] * 7), "/blocks/0/chart/segments"),
    ],
)
def test_a_chart_beyond_its_limits_is_refused_where_it_breaks(chart: dict[str, Any], pointer: str) -> None:
    assert pointer in {problem.pointer for problem in check_blocks([chart])}


def test_series_have_one_point_for_each_category_and_names_of_their_own() -> None:
    other = bar_chart()
    other["chart"]["axis_config"]["categories"] = ["00", "elsewhere"]
    assert [problem.pointer for problem in check_blocks([other])] == ["/blocks/0/chart/series/0/data"]
    twice = bar_chart(series=2)
    twice["chart"]["series"][1]["name"] = "0"
    assert [problem.pointer for problem in check_blocks([twice])] == ["/blocks/0/chart/series"]
    same = bar_chart()
    same["chart"]["axis_config"]["categories"] = ["00", "00"]
    assert "/blocks/0/chart/axis_config/categories" in {problem.pointer for problem in check_blocks([same])}
