"""How hard a text is to read: the Flesch–Kincaid grade, with names left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

NAMES = {"Salesforce", "NetSuite", "Wrike", "Nexonia", "Slack", "Oracle", "Handover", "Python", "Vault"}
FRAGMENT = 4
"""A piece with fewer words and no full stop is a label: a heading, a cell, a button. It is not counted."""

_NAMED = re.compile(r"`[^`]*`|\*[^*]+\*|<[^>\s]+>|https?://\S+|\S+@\S+|[\w.-]*[/\\_]\S*")
_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[^a-z\s])|\n+")
_WORD = re.compile(r"\d[\d.,:]*\w*|[^\W\d_]+(?:['’.][^\W\d_]+)*\w*")
_VOWELS = re.compile(r"[aeiouy]+")
_MUTE = re.compile(  # an "e" that is written and not spoken
    r"(?<=[^aeiouy])(?<![^aeiouylr]l)e$"  # name, file, code; not table
    r"|(?<=[^aeiouyscxzg])(?<![cs]h)(?<![^aeiouylr]l)es$"  # names, files; not pages, matches, tables
    r"|(?<=[^aeioutd])(?<![^aeiouylr]l)ed$"  # used, signed; not created, needed, handled
    r"|(?<=[^aeiouy])e(?=(?:ly|ments?|ful|less|body|where|thing|times|what|place|space)$)"  # safely, somebody
    r"|(?<=^ev)e(?=ry)|(?<=^mor)e(?=over)|(?<=^ther)e(?=[bf])|(?<=^wher)e(?=[abv])"
)
_APART = re.compile(  # neighboring vowels that are two sounds
    r"(?<![tscgx])i[aou]|(?<=[lrdsc])ie(?=n[ct]|r|ty)|(?<![gq])u[ao](?=[ltsn])|ue(?=[nlt])"
    r"|[cd]rea(?=t)|deact|reali|react|[aeiouy](?=ing)|oyee|eo[nrl]|ism"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it is counted: names are one short word each."""

    text: str
    words: int
    syllables: int


def syllables(word: str) -> int:
    """How many syllables an English word is spoken with, by its letters."""
    low = _MUTE.sub("", re.sub(r"[^a-z]", "", word.lower()))
    return max(1, len(_VOWELS.findall(low)) + len(_APART.findall(low)))


def sentences(passages: Iterable[str]) -> Iterator[Sentence]:
    """The sentences of passages: of paragraphs, list items, cells, lines of a message. Each ends a sentence."""
    for passage in passages:
        for piece in _END.split(_NAMED.sub("X", passage)):
            words = _WORD.findall(piece)
            if len(words) < FRAGMENT and not re.search(r"[.!?]\W*$", piece):
                continue
            if words:
                yield Sentence(piece.strip(), len(words), sum(_spoken(words)))


def reading_grade(passages: str | Sequence[str]) -> float:
    """
    The Flesch–Kincaid grade of a text: years of school that it asks of its reader. 0.0 where nothing is left to count.

    Left out, each counted as one short word: what stands in backticks or asterisks, addresses, paths, and proper names.
    """
    found = list(sentences([passages] if isinstance(passages, str) else passages))
    words = sum(sentence.words for sentence in found)
    if not words:
        return 0.0
    spoken = sum(sentence.syllables for sentence in found)
    return round(0.39 * words / len(found) + 11.8 * spoken / words - 15.59, 1)


def _spoken(words: list[str]) -> Iterator[int]:
    for place, word in enumerate(words):
        yield 1 if _is_name(word, first=place == 0) else syllables(word)


def _is_name(word: str, *, first: bool) -> bool:
    """Whether a word is a number, an abbreviation or a proper name."""
    if word in NAMES or not word.isascii() or any(c.isdigit() for c in word):
        return True
    return any(c.isupper() for c in (word[1:] if first else word))
