"""
How plain our texts are: retired words, and how hard they are to read.

`python -m tests.words FILE...` says it of any page, configuration file or plain text.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.words.prose import Passage
from tests.words.reading import reading_grade
from tests.words.retired import Found, retired_words

HARDEST = 8.0
"""The highest reading grade that a page or a screen may have."""

__all__ = ["HARDEST", "Found", "Passage", "complaints", "reading_grade", "retired_words", "wrong_words"]


def wrong_words(passages: Iterable[Passage]) -> list[str]:
    """The retired words of a text, one line each; empty when all is well."""
    return [
        str(Found(passage.line, found.word, found.instead))
        for passage in passages
        for found in retired_words(passage.text)
    ]


def complaints(passages: Iterable[Passage]) -> list[str]:
    """What is not plain in a text, one line each: its retired words, and that it is hard to read."""
    held = list(passages)
    found = wrong_words(held)
    grade = reading_grade([one.text for one in held])
    return found if grade <= HARDEST else [*found, f"reading grade {grade}, above {HARDEST:.0f}"]
