"""What people type, split into words.

Our own tokenizer, because phones type curly quotes and turn ``--`` into a dash, and because a shell's rules
refuse ``it's``. No text makes it raise.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bot.errors import BadArgument

_DOUBLE = '"“”„‟'
_SINGLE = "'‘’‚‛"
_DASHES = "-‐‑‒–—―−"
_LONG_DASHES = "–—―"
_BLANK_FORMATS = "\u200b\u2060\ufeff"  # invisible, and wide enough in people's heads to part words
_SHAPING = "\u200c\u200d"  # Persian and Indic letters need these
_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"@([UW][A-Z0-9]{1,30})")
_CHANNEL = re.compile(r"#([CG][A-Z0-9]{1,30})")
_GROUP = re.compile(r"!subteam\^(S[A-Z0-9]{1,30})")
_FLAG = re.compile(r"--([A-Za-z][A-Za-z0-9_-]*)")


class WordKind(StrEnum):
    """What a word stands for."""

    TEXT = "text"  # itself
    PERSON = "person"  # a member's id, from a mention
    CHANNEL = "channel"  # a channel's id, from a link
    GROUP = "group"  # a user group's id, from a mention
    FLAG = "flag"  # the name of a flag, without dashes, lower case


@dataclass(frozen=True, slots=True)
class Word:
    """One word. ``quoted`` words are never verbs or flags; a ``joined`` one followed its flag's ``=``."""

    value: str
    kind: WordKind = WordKind.TEXT
    quoted: bool = False
    joined: bool = False


def tokenize(text: str) -> tuple[Word, ...]:
    """The words of ``text``, in order.

    An unterminated quote runs to the end. Slack's ``&amp; &lt; &gt;`` are undone last, so a typed ``<@U1>``
    stays text while a mention becomes a person. Linear in the length of the text.
    """
    source = _visible(text)
    words: list[Word] = []
    at = 0
    while at < len(source):
        if source[at] == " ":
            at += 1
            continue
        flag, at = _flag(source, at)
        if flag is not None:
            words.append(flag)
            if at < len(source) and source[at] == "=":
                word, at = _word(source, at + 1, joined=True)
                words.append(word)
            continue
        word, at = _word(source, at)
        words.append(word)
    return tuple(words)


def _visible(text: str) -> str:
    """``text`` with every kind of space made plain, and without characters that only hide or reorder."""
    kept: list[str] = []
    for char in text:
        if char.isspace() or char in _BLANK_FORMATS:
            kept.append(" ")
        elif char in _SHAPING or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}:
            kept.append(char)
    return "".join(kept)


def _flag(source: str, at: int) -> tuple[Word | None, int]:
    end = at
    while end < len(source) and source[end] in _DASHES:
        end += 1
    run = source[at:end]
    if len(run) > 1 or (run and run in _LONG_DASHES):  # phones turn two hyphens into one dash
        found = _FLAG.match(f"--{source[end : end + 80]}")
        after = end + found.end() - 2 if found else at
        if found and (after == len(source) or source[after] in " ="):
            return Word(found[1].casefold(), WordKind.FLAG), after
    return None, at


def _word(source: str, at: int, *, joined: bool = False) -> tuple[Word, int]:
    """The word that begins at ``at``, possibly empty when joined, and where it ends."""
    if at < len(source) and source[at] in _DOUBLE + _SINGLE:
        return _quoted(source, at, joined)
    alone = _MARKUP.match(source, at)
    if alone and (alone.end() == len(source) or source[alone.end()] == " "):
        kind, value = _linked(alone[1])
        if kind is not WordKind.TEXT:
            return Word(value, kind, joined=joined), alone.end()
    shown: list[str] = []
    while at < len(source) and source[at] != " ":
        piece, at = _piece(source, at)
        shown.append(piece)
    return Word("".join(shown), joined=joined), at


def _quoted(source: str, at: int, joined: bool) -> tuple[Word, int]:
    family = _DOUBLE if source[at] in _DOUBLE else _SINGLE
    at += 1
    shown: list[str] = []
    while at < len(source):
        ends_here = at + 1 == len(source) or source[at + 1] == " "
        if source[at] in family and (ends_here or family is _DOUBLE):  # it's: an apostrophe closes nothing
            at += 1
            break
        piece, at = _piece(source, at)
        shown.append(piece)
    return Word("".join(shown), quoted=True, joined=joined), at


def _piece(source: str, at: int) -> tuple[str, int]:
    """One character, or one piece of Slack's mark-up as people see it."""
    if source[at] == "<" and (found := _MARKUP.match(source, at)):
        kind, value = _linked(found[1])
        sign = {WordKind.PERSON: "@", WordKind.CHANNEL: "#", WordKind.GROUP: "@"}.get(kind)
        if sign:
            return sign + _unescaped(found[2] or value).lstrip("@#"), found.end()
        if value:
            return value, found.end()
    if source[at] == "&":
        for entity, char in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
            if source.startswith(entity, at):
                return char, at + len(entity)
    return source[at], at + 1


def _linked(target: str) -> tuple[WordKind, str]:
    """What the inside of ``<…>`` stands for; empty text where it is no mark-up of Slack's."""
    for pattern, kind in (
        (_MENTION, WordKind.PERSON),
        (_CHANNEL, WordKind.CHANNEL),
        (_GROUP, WordKind.GROUP),
    ):
        if found := pattern.fullmatch(target):
            return kind, found[1]
    if target.startswith("mailto:"):
        return WordKind.TEXT, _unescaped(target.removeprefix("mailto:"))
    if target.startswith(("https://", "http://")):
        return WordKind.TEXT, _unescaped(target)
    return WordKind.TEXT, ""


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def end_of(typed: str, now: datetime) -> datetime:
    """So many days from now (``3`` or ``3d``), or the first minute of a day, UTC (``2026-12-01``).

    Raises:
        BadArgument: neither; the hint shows both.
    """
    days = typed.removesuffix("d")
    if days.isascii() and days.isdecimal() and len(days) < 4:
        return now + timedelta(days=int(days))
    try:
        return datetime.combine(date.fromisoformat(typed), time(), UTC)
    except ValueError as exc:
        raise BadArgument(
            "Give the days as a whole number, for example `3`, or the date it ends, for example `2026-12-01`."
        ) from exc


def typed_again(word: Word) -> str:
    """A word as it has to be typed to mean the same on the next page."""
    if word.kind is WordKind.PERSON:
        return typed_person(word.value)
    plain = not word.quoted and word.value and word.value[0] not in "-–—"
    return word.value if plain else '"' + word.value.replace('"', "'") + '"'


def typed_person(value: str) -> str:
    return value if "@" in value else f"<@{value}>"
