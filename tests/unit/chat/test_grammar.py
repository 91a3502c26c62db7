"""The grammar of the command, by example."""

from __future__ import annotations

import pytest

from bot.chat.grammar import Flag, FlagKind, Parsed, Spec, Unknown, Word, WordKind, parse, tokenize
from bot.errors import BadArgument

SPECS = (
    Spec(
        verb="list",
        summary="What we know of",
        aliases=("ls", "find"),
        flags={
            "owner": Flag(FlagKind.PERSON),
            "sort": Flag(FlagKind.CHOICE, ("expiry", "name", "platform")),
            "page": Flag(FlagKind.INT),
            "public": Flag(FlagKind.SWITCH),
        },
    ),
    Spec(verb="show", summary="One thing"),
    Spec(verb="scan", summary="Look now"),
    Spec(verb="status", summary="How we are"),
    Spec(
        verb="handover",
        summary="Move it",
        aliases=("transfer",),
        flags={"reason": Flag(), "expires": Flag(FlagKind.DATE)},
    ),
    Spec(verb="owner set", summary="Name an owner"),
    Spec(verb="owner accept", summary="Accept"),
    Spec(verb="salesforce create", summary="Make an account", flags={"email": Flag()}),
    Spec(verb="salesforce freeze", summary="Stop an account"),
)


def typed(text: str) -> Parsed:
    return parse(tokenize(text), SPECS)


def values(text: str) -> list[str]:
    return [word.value for word in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("show svc-1234", ["show", "svc-1234"]),
        ('x "two words" y', ["x", "two words", "y"]),
        ("x “two words” y", ["x", "two words", "y"]),
        ("x ‘two words’ y", ["x", "two words", "y"]),
        ("x 'it's fine' y", ["x", "it's fine", "y"]),
        ("it's Ana’s token", ["it's", "Ana’s", "token"]),
        ('x "never closed --flag', ["x", "never closed --flag"]),
        ("show\u00a0abc\u2003def\nghi", ["show", "abc", "def", "ghi"]),
        ("ab\u202ec d\u2066e", ["abc", "de"]),
        ("a &amp;&lt;b&gt; &amp;lt;", ["a", "&<b>", "&lt;"]),
        ("mail <mailto:ana@acme.test|ana@acme.test>", ["mail", "ana@acme.test"]),
        ("see <https://acme.test/a?b=1&amp;c=2|acme.test>", ["see", "https://acme.test/a?b=1&c=2"]),
        ("a — b", ["a", "—", "b"]),
        ("5 -3 --5", ["5", "-3", "--5"]),
        ("", []),
        ("   ", []),
    ],
)
def test_words_come_apart_as_people_mean_them(text: str, expected: list[str]) -> None:
    """Spaces of every kind part words, quotes of every kind join them, and nothing hides in between."""
    assert values(text) == expected


def test_mentions_are_people_channels_and_groups() -> None:
    """A mention is its id, with or without the name that Slack may add."""
    assert tokenize("<@U123|ana> <@W9> <#C1|general> <!subteam^S77|@it>") == (
        Word("U123", WordKind.PERSON),
        Word("W9", WordKind.PERSON),
        Word("C1", WordKind.CHANNEL),
        Word("S77", WordKind.GROUP),
    )


def test_a_typed_mention_is_only_text() -> None:
    """Escaped angle brackets never become a person, however they spell one."""
    assert tokenize("&lt;@U123&gt;") == (Word("<@U123>"),)


def test_a_mention_inside_a_quote_reads_as_a_name() -> None:
    """A reason may name somebody; it stays a reason."""
    assert tokenize('"ask <@U123|ana> in <#C1|ops>"') == (Word("ask @ana in #ops", quoted=True),)


@pytest.mark.parametrize("text", ["--owner <@U1|a>", "—owner <@U1|a>", "–owner=<@U1>", "-–owner <@U1>"])
def test_a_dash_that_a_phone_made_still_begins_a_flag(text: str) -> None:
    """Two hyphens, an en-dash and an em-dash begin a flag alike."""
    assert typed(f"list {text}").flags == {"owner": "U1"}


def test_a_quoted_flag_is_text() -> None:
    """Quoting is how one writes a word that looks like a flag."""
    assert typed('show "--owner"').args == (Word("--owner", quoted=True),)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("LIST", "list"),
        ("ls", "list"),
        ("lis", "list"),
        ("tran x", "handover"),
        ("salesforce create", "salesforce create"),
        ("Sales CR", "salesforce create"),
        ("owner s", "owner set"),
        ("sca", "scan"),
    ],
)
def test_a_verb_answers_to_any_unambiguous_beginning(text: str, verb: str) -> None:
    """Case, aliases and unique prefixes of one- and two-word verbs lead to the same verb."""
    assert typed(text).spec.verb == verb


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("s", "too short. Type at least 3 letters of `show`"),
        ("salesforce", "needs one more word: `salesforce create` or `salesforce freeze`"),
        ("list --sort size", "one of expiry, name, platform"),
        ("list --page two", "a whole number"),
        ("list --page 99999999999999999999", "a whole number"),
        ("list --owner @ana", "a mention picked from Slack's list"),
        ("list --owner", "--owner needs a value"),
        ("list --owner --public", "--owner needs a value"),
        ("list --owner=", "--owner needs a value"),
        ("list --colour red", "It takes --owner, --sort, --page, --public."),
        ("list --p 2", "It takes --owner"),
        ("show --colour", "It takes no flags."),
        ("list --page 1 --page 2", "given twice"),
        ("list --public=maybe", "is a switch"),
        ("handover x --expires 2026-02-30", "a day such as"),
        ("handover x --expires 9999w", "a day such as"),
    ],
)
def test_every_refusal_says_how_to_mend_it(text: str, hint: str) -> None:
    """An error names what is valid instead."""
    with pytest.raises(BadArgument) as caught:
        typed(text)
    assert hint in caught.value.hint


def test_a_typing_slip_gets_one_suggestion_as_data() -> None:
    """A near miss carries the verb, so that a button can run it."""
    with pytest.raises(Unknown) as caught:
        typed("handovr svc-1")
    assert (caught.value.suggestion, caught.value.hint) == (
        "handover",
        "There is no `handovr`. Did you mean `handover`?",
    )


def test_a_slip_in_the_second_word_is_seen() -> None:
    """Two-word verbs are corrected whole."""
    with pytest.raises(Unknown) as caught:
        typed("salesforce crate")
    assert caught.value.suggestion == "salesforce create"


def test_nonsense_gets_no_suggestion() -> None:
    """Far from everything, the hint leads to help and offers nothing."""
    with pytest.raises(Unknown) as caught:
        typed("`zzz`")
    assert (caught.value.suggestion, caught.value.hint) == (
        "",
        "There is no `'zzz'`. Try `help` for what there is.",
    )


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("list --page=03", {"page": "3"}),
        ("list --sort EXP", {"sort": "expiry"}),
        ("list --owner ANA@Acme.test", {"owner": "ana@acme.test"}),
        ("list --public rest", {"public": "true"}),
        ("list --public=no", {}),
        ("handover x --expires 2W", {"expires": "14d"}),
        ("handover x --exp 30d --reason “left on Friday”", {"expires": "30d", "reason": "left on Friday"}),
        ("handover x --expires 2026-12-01", {"expires": "2026-12-01"}),
        ("salesforce create --email <mailto:a@b.test|a@b.test>", {"email": "a@b.test"}),
    ],
)
def test_flags_come_back_in_one_form(text: str, flags: dict[str, str]) -> None:
    """Whatever way a value was typed, handlers see one spelling of it."""
    assert dict(typed(text).flags) == flags


def test_a_switch_takes_nothing_from_the_words_after_it() -> None:
    """What follows a switch stays an argument."""
    assert typed("list --public mine").args == (Word("mine"),)
