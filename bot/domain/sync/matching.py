"""When a record and a user are the same person: e-mail, first and last name are equal, however they are spelled.

The vendor's article (help.nexonia.com 231967567, read 2026-11) says "match (by email address and name)" and no more.
Ours is the reading that destroys least: a strict one makes a user inactive and creates the same person anew for a
capital letter or a space. Accents and nicknames are not forgiven; they are reported as near-misses.
"""

from __future__ import annotations

import unicodedata

from bot.domain.sync.people import Record, User


def folded(raw: str) -> str:
    """Trimmed, inner spaces single, case folded; composed, so that two ways to write "é" are one. Accents stay."""
    line = " ".join(raw.split()).casefold()
    return line if line.isascii() else unicodedata.normalize("NFC", line)


def key(person: Record | User) -> str:
    """What is equal for two that match, or "" for who lacks a part and so matches nobody. No middle names."""
    first, last, email = folded(person.first), folded(person.last), folded(person.email)
    return f"{email}\n{first}\n{last}" if first and last and email else ""


def name_key(person: Record | User) -> str:
    """First and last name, folded."""
    return f"{folded(person.first)}\n{folded(person.last)}"


def spelled_alike(record: Record, user: User) -> bool:
    """Whether a match needs no forgiveness: every letter and space is the same."""
    return (record.first, record.last, record.email) == (user.first, user.last, user.email)


def order(native_id: str) -> tuple[int, int, str]:
    """Sorts ids ascending: numbers as numbers, before everything else."""
    return (
        (0, int(native_id), native_id) if native_id.isascii() and native_id.isdigit() else (1, 0, native_id)
    )
