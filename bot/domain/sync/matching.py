"""When a record and a user are the same person: e-mail, first and last name are equal, however they are spelled.

The vendor's article (help.nexonia.com 231967567, read 2026-11) says "match (by email address and name)" and no more.
Ours is the reading that destroys least: a strict one makes a user inactive and creates the same person anew for a
capital letter or a space. Accents and nicknames are not forgiven; they are reported as near-misses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import attrgetter
from typing import TypeVar

from bot.domain.sync.people import Record, User

Person = TypeVar("Person", Record, User)
_PLAIN = re.compile(r"[!-~]+\n[!-~]+\n[!-~]+")  # ASCII without spaces


def folded(raw: str) -> str:
    """Trimmed, inner spaces single, case folded; composed, so that two ways to write "é" are one. Accents stay."""
    line = " ".join(raw.split()).casefold()
    return line if line.isascii() else unicodedata.normalize("NFC", line)


def key(person: Record | User) -> str:
    """E-mail, first and last name, folded, on a line each: equal for two that match. Middle names play no part.

    A record that qualifies lacks none of them, so nobody who lacks one has its key.
    """
    raw = f"{person.email}\n{person.first}\n{person.last}"
    if _PLAIN.fullmatch(
        raw
    ):  # nothing to fold but capitals; so it is for most, and a sync folds 200,000 of these
        return raw.lower()
    return f"{folded(person.email)}\n{folded(person.first)}\n{folded(person.last)}"


def email_of(key: str) -> str:
    """The e-mail in a key."""
    return key.partition("\n")[0]


def name_of(key: str) -> str:
    """Both names in a key."""
    return key.partition("\n")[2]


def spelled_alike(record: Record, user: User) -> bool:
    """Whether a match needs no forgiveness: every letter and space is the same."""
    return record.email == user.email and record.last == user.last and record.first == user.first


def ascending(people: Iterable[Person]) -> list[Person]:
    """By id: numbers as numbers, before everything else."""
    numbers: list[Person] = []
    words: list[Person] = []
    for person in people:
        (numbers if person.id.isdecimal() else words).append(person)
    by_id = attrgetter("id")
    return sorted(sorted(numbers, key=by_id), key=lambda person: int(person.id)) + sorted(words, key=by_id)
