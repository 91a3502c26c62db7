"""The grammar under text nobody would write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.grammar import Flag, FlagKind, Spec, WordKind, parse, tokenize
from bot.errors import BadArgument

WORDS = ["list", "show", "salesforce", "create", "--owner", "—page", "--sort", "2w", "9" * 30, "²", "="]
SIGNS = [" ", "\u00a0", '"', "“", "'", "’", "<", ">", "|", "<@U1|x>", "<mailto:a@b.c|", "&lt;", "&amp;"]
PIECES = st.sampled_from([*WORDS, *SIGNS, "\ud800", "\u202e"])
TEXT = st.one_of(st.text(), st.lists(PIECES | st.text(max_size=3), max_size=20).map("".join))
SPECS = (
    Spec(
        verb="list",
        summary="",
        aliases=("ls",),
        flags={kind.value: Flag(kind, choices=("aa", "ab")) for kind in FlagKind},
    ),
    Spec(verb="show", summary=""),
    Spec(verb="salesforce create", summary="", flags={"owner": Flag(FlagKind.PERSON)}),
)


@given(TEXT)
def test_no_text_makes_the_tokenizer_raise_or_hide(text: str) -> None:
    """Every text becomes words without spaces of their own, control characters or lone surrogates."""
    for word in tokenize(text):
        word.value.encode()
        assert word.quoted or " " not in word.value or word.kind is WordKind.TEXT
        assert word.value or word.quoted or word.joined


@given(TEXT)
def test_parsing_ends_in_a_verb_or_in_a_hint(text: str) -> None:
    """The only error is the one that says how to mend the words."""
    words = tokenize(text)
    try:
        parsed = parse(words, SPECS)
    except BadArgument as error:
        hint = error.hint
    else:
        hint = "none needed"
        assert parsed.spec in SPECS
        assert set(parsed.flags) <= set(parsed.spec.flags)
        assert all(parsed.flags.values())
    assert hint
    assert hint.count("`") % 2 == 0


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=6))
def test_plain_words_come_back_unchanged(words: list[str]) -> None:
    """Letters and digits between spaces are each one word, and all of them."""
    assert [word.value for word in tokenize(" ".join(words))] == words


@given(st.text(st.characters(exclude_characters='"“”„‟<>&', categories=["L", "N", "P", "Zs"]), min_size=1))
def test_a_quoted_text_is_one_word(inside: str) -> None:
    """Whatever stands between double quotes stays together."""
    words = tokenize(f'"{inside}"')
    assert [word.quoted for word in words] == [True]


def test_no_verbs_at_all_is_still_a_hint() -> None:
    """An empty list of verbs is no reason to fail differently."""
    with pytest.raises(BadArgument):
        parse(tokenize("list"), ())
