"""Questions lead to the command that answers them, and to no other."""

from __future__ import annotations

import pytest

from bot.chat.grammar import Unknown, tokenize
from bot.chat.questions import understood


def meant(text: str) -> str | None:
    words = understood(tokenize(text))
    return None if words is None else " ".join(word.value for word in words)


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ("who owns Marketo sync", "show Marketo sync"),
        ("Who owns Marketo sync?", "show Marketo sync"),
        ("what breaks if Alice Doherty leaves", "impact Alice Doherty"),
        ("what happens if alice is gone ?", "impact alice"),
        ("when does Payroll export expire?", "show Payroll export"),
        ("find celigo", "list celigo"),
        ("search for billing", "list billing"),
        ("who am i", "whoami"),
    ],
)
def test_a_question_means_one_command(asked: str, command: str) -> None:
    """What is asked about is kept as it was typed."""
    assert meant(asked) == command


def test_a_mention_stays_a_mention() -> None:
    """A person who was picked from Slack's list is not turned into text."""
    words = understood(tokenize("what breaks if <@U123|alice> leaves"))
    assert words is not None
    assert [word.kind.value for word in words] == ["text", "person"]


@pytest.mark.parametrize(
    "typed", ["list celigo", "whoami", "show who owns", "impact leaves", "who", "find", ""]
)
def test_what_is_no_question_is_left_alone(typed: str) -> None:
    """Commands, and question words that stand alone or later, are the grammar's."""
    assert meant(typed) is None


@pytest.mark.parametrize("asked", ["who broke it", "why is the sky blue", "how many tokens are there"])
def test_a_question_without_a_command_says_which_have_one(asked: str) -> None:
    """It is never taken for the beginning of another verb, such as `whoami`."""
    with pytest.raises(Unknown, match="what breaks if X leaves"):
        meant(asked)
