"""Whatever a platform's names say, what we send is sound and says it as data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Chart,
    Code,
    Confirm,
    Data,
    Divider,
    Fields,
    Form,
    Heading,
    Input,
    InputKind,
    Link,
    Mention,
    Note,
    Option,
    Para,
    Reply,
    Strong,
    Table,
    Typed,
    Verbatim,
    When,
)
from bot.slack.limits import problems
from bot.slack.render import render_home, render_message, render_view
from bot.text import clean
from sandbox.slack.blockkit import check_blocks, check_view, too_large

HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "<!here|x>",
        "<@U0PING>",
        "<https://evil.test|Approve here>",
        "&lt;",
        "<!date^1^x|y>",
        "*bold* _it_ `code` :tada:",
        "@channel",
        "\u202eright to left",
        "\x00\x1b[31m",
        "\ud800",
        "👩‍👩‍👧",
        "",
        " \u00a0\n",
        "x" * 3_200,
        "&" * 600,
        "漢" * 400,
        "😀" * 600,
    ]
)
TEXT = HOSTILE | st.text(max_size=60) | st.lists(HOSTILE, max_size=3).map("".join)
NAME = st.from_regex(r"[a-z]{1,12}(\.[a-z]{1,12})?", fullmatch=True)
MOMENT = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis adds the zone
SPAN = st.one_of(
    TEXT,
    st.builds(Data, TEXT, st.booleans()),
    st.builds(Strong, TEXT),
    st.builds(Code, TEXT),
    st.builds(Typed, TEXT),
    st.builds(Mention, st.just("U0123ABC") | TEXT),
    st.builds(Link, st.just("https://handover.example/s/" + "x" * 43), TEXT),
    st.builds(When, MOMENT, st.sampled_from(["date", "time", "ago", "else"])),
)
SPANS = st.lists(SPAN, max_size=4).map(tuple)
MANY_SPANS = st.lists(SPANS, max_size=4).map(tuple) | st.lists(SPANS, min_size=1, max_size=1).map(
    lambda one: tuple(one * 55)
)
BUTTON = st.builds(
    Button,
    TEXT,
    NAME,
    TEXT,
    st.sampled_from(["", "primary", "danger", "loud"]),
    st.none() | st.builds(Confirm, TEXT, TEXT, TEXT, TEXT),
    TEXT,
)
BUTTONS = st.lists(BUTTON, max_size=3) | BUTTON.map(lambda one: [one] * 30)
TABLE = st.builds(Table, st.lists(TEXT, max_size=25).map(tuple), MANY_SPANS.map(lambda row: (row,) * 3)) | (
    st.builds(lambda header, row: Table((header, "b"), ((row, row),) * 140), TEXT, SPANS)
)
CHART = st.builds(Chart, TEXT, TEXT, st.lists(st.tuples(TEXT, st.integers(0, 10**6)), max_size=25).map(tuple))
PART = st.one_of(
    st.builds(Heading, TEXT),
    st.builds(Para, SPANS),
    st.builds(Verbatim, TEXT),
    st.builds(Note, SPANS),
    st.builds(Bullets, MANY_SPANS),
    st.builds(Fields, MANY_SPANS.map(lambda values: tuple((f"label {n}", v) for n, v in enumerate(values)))),
    st.builds(Fields, st.lists(st.tuples(TEXT, SPANS), max_size=3).map(tuple)),
    TABLE,
    CHART,
    st.just(Divider()),
    st.builds(Buttons, BUTTONS.map(tuple)),
)
PARTS = (st.lists(PART, max_size=5) | PART.map(lambda one: [one] * 105)).map(tuple)
INPUT = st.builds(
    Input,
    name=NAME,
    label=TEXT,
    kind=st.sampled_from(InputKind),
    hint=TEXT,
    placeholder=TEXT,
    initial=TEXT | st.just("U1") | st.just("2026-02-30") | st.just("2026-12-01"),
    options=st.lists(st.builds(Option, TEXT, TEXT), max_size=3).map(tuple)
    | st.builds(Option, TEXT, NAME).map(lambda one: (one,) * 150),
    max_length=st.integers(-1, 9_000),
)
FORM = st.builds(
    Form,
    name=NAME,
    title=TEXT,
    submit=TEXT,
    state=st.dictionaries(NAME, NAME, max_size=3),
    parts=PARTS,
    inputs=st.lists(INPUT, max_size=6, unique_by=lambda each: each.name).map(tuple),
)
# Replies are large: a failing one is printed as found, not shrunk for minutes.
PATIENT = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@PATIENT
@given(TEXT, PARTS, st.sampled_from(["", "r1", "x" * 300]))
def test_any_message_is_sound(summary: str, parts: tuple[Any, ...], revision: str) -> None:
    """No reply breaks a limit of ours or of the stand-in's, and none holds anything that Slack would parse."""
    sent = render_message(Reply(summary=summary, parts=parts), command="/svc", revision=revision)
    assert problems("message", sent) == []
    assert check_blocks(sent["blocks"]) == []
    assert not {"mrkdwn", "broadcast"} & set(_types(sent["blocks"]))
    assert not set(sent["text"]) & set("<>")


@PATIENT
@given(FORM)
def test_any_form_is_sound(form: Form) -> None:
    """No form breaks a limit, whatever its questions, choices and first answers are."""
    view = render_view(form, command="/svc", channel="C1")
    assert problems("modal", view) == []
    assert check_view(view) == []
    assert not too_large(view)


@PATIENT
@given(PARTS)
def test_any_home_is_sound(parts: tuple[Any, ...]) -> None:
    """The Home tab keeps its limits too."""
    view = render_home(parts, command="/svc")
    assert problems("home", view) == []
    assert check_view(view) == []


@given(TEXT.filter(lambda text: clean(text, 100) != ""))
def test_data_arrives_letter_for_letter(name: str) -> None:
    """A name that fits is shown whole: nothing of it is escaped, parsed or lost, but what would hide."""
    sent = render_message(Reply(summary="x", parts=(Para((Data(name[:100]),)),)), command="/svc")
    section = sent["blocks"][0]["elements"][0]["elements"]
    assert [piece["text"] for piece in section] == [clean(name[:100], 500) or "(blank)"]


def _types(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(tree.get("type"), str):
            yield tree["type"]
        for inner in tree.values():
            yield from _types(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _types(inner)
