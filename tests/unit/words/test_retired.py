"""A retired word is found in the sense in which it is retired, and in no other."""

from __future__ import annotations

import pytest

from tests.words import retired_words

GONE = (
    "The certificate ends in 14 days", "no end date", "It came a step closer to the end", "Made: 3 May",
    "Seen: 4 May first",
    "134 things", "a new line in the inventory", "12 lines of the trail", "says how to mend it", "Nobody is on it",
    "Ben is on it", "take the alert", "the alert climbed", "the next rung of the ladder", "missed a beat", "its rhythm",
    "an expiry cliff", "a blind spot", "the account rests", "must rest until May", "silent for 24 hours", "has a twin",
    "three destructive acts a day", "each act is recorded", "a deed", "waits for your word", "lift the suppression",
    "a hostile rotation", "graceful or not", "a sealed drawer", "struck off by the directory", "the status flipped",
    "turned inactive", "the brake", "what goes with it", "Ana stands behind it", "answers for it",
    "the old credential is ended last",
    "Ends one access token",
    "I Am On It",
    "Nobody is on 3 alerts",
    "what the bot cannot see",
    ": cannot see the roles",
    "Nothing speaks against it", "that is another matter", "kept for ever",
    "licence", "authorise", "behaviour", "data centre", "cancelled", "organisation", "unrecognised",
)  # fmt: skip
KEPT = (
    "The plan ends when the last step is done.", "Salesforce made it easier.", "Five things to try",
    "seen by nobody else",
    "The Setup Audit Trail", "on the command line", "the rest of the team", "encrypted at rest", "REST Web Services",
    "It acts as Ana.", "an account that acts as another", "three acts as of today", "Type a word", "the fourth word",
    "turned on or off", "an answer for Ana", "never repeated blindly", "never silently", "the page and what is on it",
    "the end of the file",
    "at the end of the token",
    "could not look",
    "a guest cannot see this channel", "a token ends with a slash", "`/svc notmine ID`", "`trail`", "lines of the file",
    "analyses", "promises", "emphasis", "the advertiser", "precise", "license", "a program",
    "a metered line", "controlled", "installed",
)  # fmt: skip


@pytest.mark.parametrize("text", GONE)
def test_a_retired_word_is_found(text: str) -> None:
    """Each sense that WORDS.md retires, and British spelling, is reported once with what to write."""
    found = list(retired_words(text))
    assert found, text
    assert all(one.instead and one.word.lower() in text.lower() for one in found)


@pytest.mark.parametrize("text", KEPT)
def test_an_ordinary_word_is_not(text: str) -> None:
    """The same letters in another sense, and names in backticks, are left alone."""
    assert [str(one) for one in retired_words(text)] == []


def test_a_finding_names_its_line() -> None:
    """What is found can be gone to."""
    assert [str(one) for one in retired_words("Fine.\nThen mend it.")] == ["line 2: “mend” → fix"]
