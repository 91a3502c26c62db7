"""What people type after the command: split into words, then matched to a verb, its words and its flags.

The tokenizer is our own because phones type curly quotes and turn ``--`` into a dash, and because a shell's
rules refuse ``it's``. No text makes it raise; ``parse`` raises nothing but ``BadArgument``.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.domain.text import clean
from bot.errors import BadArgument

_DOUBLE = "\"“”„‟"
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
_SPAN = re.compile(r"([0-9]{1,4})([dw])", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7}
LONGEST_SPAN_DAYS = 3650
_YES = {"yes", "true", "on", "1"}
_NO = {"no", "false", "off", "0"}


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


class FlagKind(StrEnum):
    """What a flag takes."""

    TEXT = "text"  # anything
    INT = "int"  # a whole number of at most nine digits
    PERSON = "person"  # a mention (gives the member's id) or an e-mail address (given in lower case)
    DATE = "date"  # 2026-12-01, or a span: 30d, 2w (given in days: "14d")
    CHOICE = "choice"  # one of ``choices``
    SWITCH = "switch"  # nothing; present means "true"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of a verb."""

    kind: FlagKind = FlagKind.TEXT
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One verb: one or two words, lower case. ``usage`` and ``examples`` are shown as they stand."""

    verb: str
    summary: str
    usage: str = ""
    aliases: tuple[str, ...] = ()
    flags: Mapping[str, Flag] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A verb with its plain words and its flags' values, normalised as their kinds promise."""

    spec: Spec
    args: tuple[Word, ...]
    flags: Mapping[str, str]


class Unknown(BadArgument):
    """No such verb. ``suggestion`` is the one verb that was probably meant, or empty."""

    code = "unknown_verb"

    def __init__(self, hint: str, suggestion: str = "") -> None:
        super().__init__(hint)
        self.suggestion = suggestion


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


def parse(words: Sequence[Word], specs: Sequence[Spec]) -> Parsed:
    """The verb that ``words`` begin with, and what it was given.

    Verbs are matched whole first (the longest wins), then as unique prefixes; case does not matter.

    Raises:
        Unknown: no verb answers to it.
        BadArgument: it is ambiguous, or a flag is off; the hint says how to mend it.
    """
    spec, used = _verb(words, specs)
    args: list[Word] = []
    flags: dict[str, str] = {}
    rest = list(words[used:])
    while rest:
        word = rest.pop(0)
        if word.kind is not WordKind.FLAG:
            args.append(word)
            continue
        name = _flag_name(word.value, spec)
        if name in flags:
            raise BadArgument(f"--{name} was given twice. Give it once.")
        given = rest.pop(0) if rest and _belongs(rest[0], spec.flags[name]) else None
        value = _value(name, spec.flags[name], given)
        if value:
            flags[name] = value
    return Parsed(spec, tuple(args), flags)


def _belongs(word: Word, flag: Flag) -> bool:
    """Whether ``word``, the next one, is this flag's value."""
    return word.joined or (flag.kind is not FlagKind.SWITCH and word.kind is not WordKind.FLAG)


def _verb(words: Sequence[Word], specs: Sequence[Spec]) -> tuple[Spec, int]:
    typed: list[str] = []
    for word in words[:2]:
        if word.kind is not WordKind.TEXT or word.quoted:
            break
        typed.append(word.value.casefold())
    if not typed:
        raise Unknown("Start with a verb, for example `help`.")
    names = [(tuple(name.split()), spec) for spec in specs for name in (spec.verb, *spec.aliases)]
    for length in (2, 1):
        for parts, spec in names:
            if len(parts) == length and parts == tuple(typed[:length]):
                return spec, length
    begun = [(parts, spec) for parts, spec in names if _begins(parts, typed)]
    if exact_first := [(parts, spec) for parts, spec in begun if parts[0] == typed[0]]:
        begun = exact_first
    if len({spec.verb for _, spec in begun}) == 1:
        parts, spec = max(begun, key=lambda each: len(each[0]))
        return spec, len(parts)
    shown = clean(" ".join(typed[: max((len(parts) for parts, _ in begun), default=1)]), 40)
    if begun:
        raise BadArgument(f"`{shown}` could be {_either(spec.verb for _, spec in begun)}. Type more of it.")
    seconds = [spec.verb for parts, spec in names if len(parts) == 2 and parts[0].startswith(typed[0])]
    if seconds and len(typed) == 1:
        raise BadArgument(f"`{shown}` needs one more word: {_either(seconds)}.")
    raise _unknown(typed, [" ".join(parts) for parts, _ in names], names)


def _begins(parts: tuple[str, ...], typed: Sequence[str]) -> bool:
    return len(parts) <= len(typed) and all(
        word and part.startswith(word) for part, word in zip(parts, typed, strict=False)
    )


def _unknown(
    typed: Sequence[str], known: Sequence[str], names: Sequence[tuple[tuple[str, ...], Spec]]
) -> Unknown:
    """The error for a verb nobody knows, with the nearest one if there is exactly one nearest."""
    meant: list[str] = []
    for phrase in (" ".join(typed)[:60], typed[0][:60]):
        near = difflib.get_close_matches(phrase, known, n=3, cutoff=0.7)
        meant += [spec.verb for parts, spec in names if " ".join(parts) in near and spec.verb not in meant]
        if meant:
            break
    shown = clean(typed[0], 40)
    if len(meant) == 1:
        return Unknown(f"There is no `{shown}`. Did you mean `{meant[0]}`?", meant[0])
    if meant:
        return Unknown(f"There is no `{shown}`. Did you mean {_either(meant)}?")
    return Unknown(f"There is no `{shown}`. Try `help` for what there is.")


def _either(verbs: Sequence[str] | object) -> str:
    names = [f"`{verb}`" for verb in dict.fromkeys(verbs)]  # type: ignore[call-overload]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _flag_name(typed: str, spec: Spec) -> str:
    if typed in spec.flags:
        return typed
    begun = [name for name in spec.flags if name.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    valid = ", ".join(f"--{name}" for name in spec.flags)
    takes = f"It takes {valid}." if valid else "It takes no flags."
    raise BadArgument(f"`{spec.verb}` has no --{clean(typed, 40)}. {takes}")


def _value(name: str, flag: Flag, given: Word | None) -> str:
    """The flag's value as its kind promises; empty for a switch that was switched off."""
    if flag.kind is FlagKind.SWITCH:
        if given is None or given.value.casefold() in _YES:
            return "true"
        if given.value.casefold() in _NO:
            return ""
        raise BadArgument(f"--{name} is a switch: leave out what follows the `=`.")
    if given is None or not given.value.strip():
        raise BadArgument(f"--{name} needs a value: {_wanted(name, flag)}.")
    value = given.value.strip()
    if flag.kind is FlagKind.PERSON:
        if given.kind is WordKind.PERSON:
            return value
        if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            return value.casefold()
    elif flag.kind is FlagKind.INT:
        if re.fullmatch(r"[+-]?[0-9]{1,9}", value):
            return str(int(value))
    elif flag.kind is FlagKind.DATE:
        if day := _day(value):
            return day
    elif flag.kind is FlagKind.CHOICE:
        folded = value.casefold()
        begun = [choice for choice in flag.choices if choice.casefold().startswith(folded)]
        exact = [choice for choice in begun if choice.casefold() == folded]
        if len(exact or begun) == 1:
            return (exact or begun)[0]
    else:
        return value
    raise BadArgument(f"--{name} cannot be `{clean(value, 40)}`: it takes {_wanted(name, flag)}.")


def _wanted(name: str, flag: Flag) -> str:
    return {
        FlagKind.TEXT: f'some text, for example `--{name} "in quotes"`',
        FlagKind.INT: f"a whole number, for example `--{name} 2`",
        FlagKind.PERSON: f"a mention picked from Slack's list, or an e-mail address: `--{name} @ana`",
        FlagKind.DATE: f"a day such as `--{name} 2026-12-01`, or a span such as `30d` or `2w`",
        FlagKind.CHOICE: f"one of {', '.join(flag.choices)}",
        FlagKind.SWITCH: "nothing",
    }[flag.kind]


def _day(value: str) -> str:
    """An ISO day, or a span in days such as ``14d``; empty where it is neither."""
    if span := _SPAN.fullmatch(value):
        days = int(span[1]) * _DAYS[span[2].casefold()]
        return f"{days}d" if days <= LONGEST_SPAN_DAYS else ""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            return ""
    return ""
