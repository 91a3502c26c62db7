"""A question with several answers, searched for while typing."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.model import Form, Input, InputKind, Option
from bot.slack.inputs import answers, input_block, refilled
from bot.slack.limits import problems
from bot.slack.render import render_view

FOLDERS = Input(
    name="folders",
    label="Folders",
    kind=InputKind.SEARCH_MANY,
    options=(Option("IT", "a"), Option("Marketing", "b"), Option("Sales", "c")),
    initial="a,c,nothing",
    optional=True,
)


def test_what_was_chosen_before_is_chosen_again() -> None:
    """First answers are those of the options that ``initial`` names; the form is one that Slack takes."""
    element = input_block(FOLDERS)["element"]
    assert element["type"] == "multi_external_select"
    assert [one["value"] for one in element["initial_options"]] == ["a", "c"]
    assert "initial_options" not in input_block(replace(FOLDERS, initial=""))["element"]
    form = Form(name="x", title="X", submit="Ask", inputs=(FOLDERS,))
    assert problems("modal", render_view(form, command="/svc", channel="C1")) == []


def test_several_answers_come_back_with_commas_between_them() -> None:
    """And nothing comes back as nothing."""
    chosen = [{"value": "a", "text": {}}, {"value": "c", "text": {}}]
    assert answers({"folders": {"folders": {"selected_options": chosen}}}) == {"folders": "a,c"}
    assert answers({"folders": {"folders": {"selected_options": []}}}) == {"folders": ""}


def test_a_form_that_is_shown_again_keeps_what_was_chosen() -> None:
    """What was entered is put back as first answers."""
    chosen = [{"value": "b", "text": {"type": "plain_text", "text": "Marketing"}}]
    (again,) = refilled([input_block(FOLDERS)], {"folders": {"folders": {"selected_options": chosen}}})
    assert again["element"]["initial_options"] == chosen
