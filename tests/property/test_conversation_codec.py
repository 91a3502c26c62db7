"""Replies survive the outbox."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.codec import decode_reply, encode_reply
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
from bot.errors import SchemaMismatch

WORDS = st.text(max_size=12)
SPAN = st.one_of(
    WORDS,
    st.builds(Data, WORDS, st.booleans()),
    st.builds(Strong, WORDS),
    st.builds(Code, WORDS),
    st.builds(Typed, WORDS),
    st.builds(Mention, WORDS),
    st.builds(Link, WORDS, WORDS),
    st.builds(When, st.datetimes(timezones=st.just(UTC)), st.sampled_from(["date", "time", "ago"])),
)
SPANS = st.lists(SPAN, max_size=3).map(tuple)
BUTTON = st.builds(
    Button, WORDS, WORDS, WORDS, confirm=st.none() | st.builds(Confirm, WORDS, WORDS, WORDS), hint=WORDS
)
PART = st.one_of(
    st.builds(Heading, WORDS),
    st.builds(Verbatim, WORDS),
    st.builds(Para, SPANS),
    st.builds(Note, SPANS),
    st.builds(Bullets, st.lists(SPANS, max_size=3).map(tuple)),
    st.builds(Fields, st.lists(st.tuples(WORDS, SPANS), max_size=3).map(tuple)),
    st.builds(
        Table,
        st.lists(WORDS, max_size=3).map(tuple),
        st.lists(st.lists(SPANS, max_size=3).map(tuple), max_size=3).map(tuple),
    ),
    st.builds(Chart, WORDS, WORDS, st.lists(st.tuples(WORDS, st.integers(0, 9)), max_size=3).map(tuple)),
    st.just(Divider()),
    st.builds(Buttons, st.lists(BUTTON, max_size=3).map(tuple)),
)
PARTS = st.lists(PART, max_size=4).map(tuple)
INPUT = st.builds(
    Input,
    name=WORDS,
    label=WORDS,
    kind=st.sampled_from(InputKind),
    options=st.lists(st.builds(Option, WORDS, WORDS), max_size=2).map(tuple),
)
FORM = st.builds(
    Form,
    name=WORDS,
    title=WORDS,
    state=st.dictionaries(WORDS, WORDS, max_size=2),
    parts=PARTS,
    inputs=st.lists(INPUT, max_size=2).map(tuple),
)
REPLY = st.builds(
    Reply,
    summary=WORDS,
    parts=PARTS,
    public=st.booleans(),
    replace=st.booleans(),
    form=st.none() | FORM,
    errors=st.dictionaries(WORDS, WORDS, max_size=2),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(REPLY)
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    """What the outbox holds is what was said, to the last span."""
    assert decode_reply(encode_reply(reply)) == reply


def test_text_that_no_encoding_carries_does_not_stop_a_message() -> None:
    """A lone surrogate in a platform's answer is replaced, not raised over."""
    said = decode_reply(encode_reply(Reply(summary="a", parts=(Para((Data("x\ud800y"),)),))))
    assert said.parts == (Para((Data("x?y"),)),)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"v":2}',
        b'{"v":1,"summary":"a","parts":[["poem",1]]}',
        b'{"v":1,"parts":3}',
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes) -> None:
    """A damaged or newer message is one clear error, never half a message."""
    with pytest.raises(SchemaMismatch):
        decode_reply(body)
