"""How hard a text is to read is measured as people speak it, and names do not count."""

from __future__ import annotations

import pytest

from tests.words import reading_grade
from tests.words.reading import sentences, syllables

SPOKEN = {  # as a pronouncing dictionary has them
    "fix": 1, "used": 1, "name": 1, "sealed": 1, "rules": 1, "page": 1, "there": 1, "once": 1, "changed": 1,
    "owner": 2, "expires": 2, "handles": 2, "needed": 2, "created": 3, "client": 2, "before": 2, "changes": 2,
    "every": 2, "somebody": 3, "manual": 3, "table": 2, "employee": 3, "license": 2, "people": 2, "actual": 3,
    "certificate": 4, "permission": 3, "integration": 4, "account": 2, "audience": 3, "earlier": 3, "deactivated": 5,
    "administrator": 5, "authorization": 5, "evidence": 3, "safely": 2, "value": 2, "create": 2, "being": 2,
}  # fmt: skip
EASY = "The key is safe. Keep it in a file. Ask Ana to look at it."
HARD = (
    "Notwithstanding administrative considerations, organizational representatives necessarily anticipate "
    "considerable difficulties whenever authentication infrastructure deteriorates unexpectedly."
)


@pytest.mark.parametrize(("word", "spoken"), SPOKEN.items())
def test_syllables_are_counted_as_spoken(word: str, spoken: int) -> None:
    """A mute "e" is no syllable, and two vowels side by side are two where people say two."""
    assert syllables(word) == spoken


def test_the_grade_is_flesch_and_kincaids() -> None:
    """Words a sentence and syllables a word, weighed as they did; easy is below hard by far."""
    text = "The owner left. The account was deactivated."  # 7 words, 2 sentences, 13 syllables
    assert reading_grade(text) == round(0.39 * 7 / 2 + 11.8 * 13 / 7 - 15.59, 1)
    assert reading_grade(EASY) < 2
    assert reading_grade(HARD) > 20


def test_names_are_one_short_word() -> None:
    """Code, emphasis, addresses, paths, vendors and proper names are as easy as "it"."""
    plain = "Put it in it and ask it about it, or write to it."
    named = "Put `client_authentication` in docs/configuration.md and ask Alexandria Konstantinopoulos."
    assert [one.syllables for one in sentences([named])] == [8]  # Put it in it and ask it it
    others = (
        "Put *Administration* in Salesforce and ask OAuth about IDs, or write to ana@administration.example."
    )
    assert reading_grade(others) == reading_grade(plain)


def test_a_label_is_no_sentence() -> None:
    """A heading, a cell or a button cannot make a hard page easy; what ends with a full stop counts."""
    assert reading_grade(["Approve", "Expires soon", HARD]) == reading_grade(HARD)
    assert reading_grade(["Done.", HARD]) < reading_grade(HARD)
    assert reading_grade([]) == 0.0


def test_a_full_stop_within_a_number_or_a_name_ends_nothing() -> None:
    """A sentence ends where a new one begins."""
    assert [one.words for one in sentences(["Python 3.11 or newer is needed, e.g. for it. It is free."])] == [
        9,
        3,
    ]
