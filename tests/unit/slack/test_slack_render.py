"""What a reply looks like as blocks, by example."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Code,
    Confirm,
    Data,
    Fields,
    Form,
    Input,
    InputKind,
    Mention,
    Note,
    Option,
    Para,
    Reply,
    Strong,
    Table,
    Typed,
    When,
)
from bot.errors import InvariantBroken
from bot.slack.ids import named
from bot.slack.inputs import answers, refilled
from bot.slack.limits import problems
from bot.slack.render import loading_view, render_home, render_message, render_view, state_of, working_view

AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def message(*parts: Any, summary: str = "s", revision: str = "") -> dict[str, Any]:
    return render_message(Reply(summary=summary, parts=parts), command="/svc", revision=revision)


def test_every_kind_of_span_has_its_own_element() -> None:
    """Names, ids, commands, people and moments are elements, never mark-up."""
    spans = (
        "Ask ",
        Mention("U1"),
        Data(" <!here> "),
        Strong("now"),
        Code("svc-1"),
        Typed("list"),
        When(AT, "time"),
    )
    (block,) = message(Para(spans))["blocks"]
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "Ask "},
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": "<!here>"},
        {"type": "text", "text": "now", "style": {"bold": True}},
        {"type": "text", "text": "svc-1", "style": {"code": True}},
        {"type": "text", "text": "/svc list", "style": {"code": True}},
        {
            "type": "date",
            "timestamp": 1796117400,
            "format": "{date_short_pretty} at {time}",
            "fallback": "2026-12-01 09:30 UTC",
        },
    ]


def test_the_summary_is_escaped_before_it_is_cut() -> None:
    """Half an entity would be live again; the parsed field is cut between characters."""
    text = message(summary="<!channel> " + "&" * 2_000)["text"]
    assert text.startswith("&lt;!channel&gt; &amp;")
    assert len(text) <= 3_000
    assert text.endswith("&amp;")


def test_a_reply_without_parts_shows_its_summary() -> None:
    """The body is never empty, and never mrkdwn."""
    (block,) = message(summary="*Done* <now>")["blocks"]
    assert block["elements"][0]["elements"] == [{"type": "text", "text": "*Done* <now>"}]


def test_a_table_is_cut_and_the_rest_counted() -> None:
    """A hundred rows with the header are shown, and the others are said to exist."""
    table, more = message(Table(("Name", "Ends"), (((Data("a"),), ("–",)),) * 150))["blocks"]
    assert len(table["rows"]) == 100
    assert more["elements"][0]["elements"][0]["text"] == "… and 51 more"


def test_a_second_table_becomes_a_list() -> None:
    """Slack takes one table per message; the other is shown all the same, under its headings."""
    table = Table(("Name", "Ends"), (((Data("Marketo"),), ("soon",)),))
    kinds = [block["type"] for block in message(table, table)["blocks"]]
    (listed,) = render_home((table,), command="/svc")["blocks"]
    line = "".join(piece["text"] for piece in listed["elements"][0]["elements"][0]["elements"])
    assert (kinds, line) == (["table", "rich_text"], "Marketo · Ends: soon")


def test_buttons_survive_a_message_that_is_too_long() -> None:
    """What one can do about it stands at the end, whatever was cut above."""
    button = Button("Approve", "request.approve", "r1", "primary")
    blocks = message(*[Para(("x",))] * 80, Buttons((button,)), Note(("Posted for you",)))["blocks"]
    assert len(blocks) == 50
    assert [block["type"] for block in blocks[-3:]] == ["rich_text", "actions", "context"]
    assert blocks[-3]["elements"][0]["elements"][0]["text"] == "… and 33 more"


def test_equal_buttons_have_ids_of_their_own_and_one_name() -> None:
    """Slack refuses one action_id twice in a block; the handler sees one action."""
    buttons = Buttons((Button("Show", "show", "a"), Button("Show", "show", "b")))
    ids = [element["action_id"] for element in message(buttons)["blocks"][0]["elements"]]
    assert ids == ["svc.show.v1:0", "svc.show.v1:1"]
    assert {named(each) for each in ids} == {"show"}


@pytest.mark.parametrize("old", ["show", "svc.show.v0:1", "svc..v1", "approve:2", ""])
def test_an_id_of_another_version_is_nobodys(old: str) -> None:
    """What no current release made is not routed anywhere."""
    assert named(old) is None


def test_a_dangerous_button_asks_first() -> None:
    """The question reaches Slack whole."""
    confirm = Confirm("Retire it?", "The old token ends.", "Retire")
    (block,) = message(Buttons((Button("Retire", "retire", "1", "danger", confirm),)))["blocks"]
    asked = block["elements"][0]["confirm"]
    assert [asked[key]["text"] for key in ("title", "text", "confirm", "deny")] == [
        "Retire it?",
        "The old token ends.",
        "Retire",
        "Keep",
    ]


def test_a_value_is_never_half_sent() -> None:
    """A cut value would be another's; such a button is left out instead."""
    assert message(Para(("x",)), Buttons((Button("a", "a", "v" * 2_001),)))["blocks"][1:] == []


def test_block_ids_carry_the_revision() -> None:
    """Another revision has other block ids, so a click tells which one was on the screen."""
    first, second = (message(Para(("x",)), revision=revision)["blocks"] for revision in ("r1", "r2"))
    assert (first[0]["block_id"], second[0]["block_id"]) == ("r1.0", "r2.0")


def test_small_print_that_names_somebody_is_rich_text() -> None:
    """Context cannot hold a mention, and a bare member id tells nobody anything."""
    assert [b["type"] for b in message(Note(("Why",)), Note(("For ", Mention("U1"))))["blocks"]] == [
        "context",
        "rich_text",
    ]


def test_fields_and_bullets_are_cut_with_a_count() -> None:
    """Long lists end in how much is missing."""
    fields, bullets = message(Fields((("a", ("b",)),) * 60), Bullets((("c",),) * 70))["blocks"]
    assert fields["elements"][-1]["elements"][0]["text"] == "… and 10 more"
    assert bullets["elements"][0]["elements"][-1]["elements"][0]["text"] == "… and 20 more"


FORM = Form(
    name="handover",
    title="Hand over an account",
    submit="Ask",
    state={"id": "ABC123"},
    inputs=(
        Input(name="reason", label="Reason", kind=InputKind.TEXT, max_length=400, initial="left"),
        Input(name="to", label="To", kind=InputKind.PERSON, initial="not a member"),
        Input(name="account", label="Account", kind=InputKind.SEARCH),
        Input(name="how", label="How", kind=InputKind.CHOICE, options=(Option("Calm", "c"),), initial="c"),
        Input(name="until", label="Until", kind=InputKind.DATE, initial="2026-02-30", optional=True),
        Input(name="none", label="Licence", kind=InputKind.CHOICE),
    ),
)


def test_each_question_has_the_element_that_asks_it() -> None:
    """First answers are kept where they are possible answers; a choice among nothing says so."""
    view = render_view(FORM, command="/svc", channel="C1")
    *asked, nothing = view["blocks"]
    assert problems("modal", view) == []
    assert [block["element"]["type"] for block in asked] == [
        "plain_text_input",
        "users_select",
        "external_select",
        "static_select",
        "datepicker",
    ]
    assert "initial_user" not in asked[1]["element"]
    assert asked[3]["element"]["initial_option"]["value"] == "c"
    assert "initial_date" not in asked[4]["element"]
    assert nothing["text"]["text"] == "Licence: there is nothing to choose from."
    assert state_of(view) == {"id": "ABC123", "channel": "C1"}


def test_answers_come_back_under_the_questions_names() -> None:
    """Whatever element asked, the handler sees name and text; nothing entered is empty."""
    values: dict[str, Any] = {
        "reason": {"reason": {"type": "plain_text_input", "value": "left"}},
        "to": {"to": {"type": "users_select", "selected_user": "U9"}},
        "how": {"how": {"type": "static_select", "selected_option": {"value": "c"}}},
        "until": {"until": {"type": "datepicker", "selected_date": None}},
    }
    assert answers(values) == {"reason": "left", "to": "U9", "how": "c", "until": ""}


def test_a_form_shown_again_keeps_what_was_entered() -> None:
    """After a slow failure nobody has to type twice."""
    view = render_view(FORM, command="/svc")
    option = view["blocks"][3]["element"]["options"][0]
    values = {
        "reason": {"reason": {"type": "plain_text_input", "value": "gone"}},
        "how": {"how": {"type": "static_select", "selected_option": option}},
        "until": {"until": {"type": "datepicker", "selected_date": "2026-12-01"}},
    }
    again = refilled(view["blocks"], values)
    assert again[0]["element"]["initial_value"] == "gone"
    assert again[3]["element"]["initial_option"] == option
    assert again[4]["element"]["initial_date"] == "2026-12-01"
    assert problems("modal", {**view, "blocks": again}) == []


def test_a_state_that_does_not_fit_is_our_own_fault() -> None:
    """A form without its state could not be handled, so it is never sent."""
    with pytest.raises(InvariantBroken):
        render_view(Form(name="x", title="x", state={"id": "x" * 3_000}), command="/svc")


@pytest.mark.parametrize("view", [loading_view("Hand over"), working_view("Hand over")])
def test_waiting_has_a_face(view: dict[str, Any]) -> None:
    """A view can be shown before there is anything to say, and cannot be sent."""
    assert problems("modal", view) == []
    assert "submit" not in view


@pytest.mark.parametrize("metadata", ["", "nonsense", "[1]", None])
def test_a_state_that_is_not_ours_is_empty(metadata: str | None) -> None:
    """What the client sends back is not trusted to parse."""
    assert state_of({"private_metadata": metadata}) == {}


def test_a_one_time_code_is_not_shown_again() -> None:
    """A form that comes back after an error keeps what was written, and not the code: it was used, or is wrong."""
    form = Form(
        name="approve",
        title="Approve request",
        submit="Approve",
        inputs=(
            Input(name="code", label="Code", kind=InputKind.CODE, max_length=20),
            Input(name="reason", label="Comment", kind=InputKind.TEXT, optional=True),
        ),
    )
    view = render_view(form, command="/svc")
    ids = {
        block["block_id"]: block["element"]["action_id"]
        for block in view["blocks"]
        if block["type"] == "input"
    }
    entered = {"code": "123456", "reason": "Seen with the team"}
    values = {
        name: {ids[name]: {"type": "plain_text_input", "value": text}} for name, text in entered.items()
    }
    assert answers(values) == entered
    again = refilled(view["blocks"], values)
    assert "Seen with the team" in str(again)
    assert "123456" not in str(again)
