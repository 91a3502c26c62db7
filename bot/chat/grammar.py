"""What people type after the command, matched to a verb, its words and its flags.

``parse`` raises nothing but ``BadArgument``, whose hints mark what to type with backticks.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.chat.tokens import Word, WordKind, tokenize
from bot.errors import BadArgument
from bot.text import clean

__all__ = ["Flag", "FlagKind", "Parsed", "Spec", "Unknown", "Word", "WordKind", "parse", "tokenize"]
_SPAN = re.compile(r"([0-9]{1,4})([dw])", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7}
LONGEST_SPAN_DAYS = 3650
_YES = {"yes", "true", "on", "1"}
_NO = {"no", "false", "off", "0"}


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


SHORTEST = 3  # letters: from there on the beginning of a verb counts
NAMED = 5  # verbs in a hint


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
    shown = _shown(" ".join(typed[: max((len(parts) for parts, _ in begun), default=1)]))
    if begun:
        raise BadArgument(f"`{shown}` could be {_either(spec.verb for _, spec in begun)}. Type more of it.")
    seconds = [spec.verb for parts, spec in names if len(parts) == 2 and _begins(parts[:1], typed)]
    if seconds and len(typed) == 1:
        raise BadArgument(f"`{shown}` needs one more word: {_either(seconds)}.")
    short = [spec.verb for parts, spec in names if parts[0].startswith(typed[0])]
    if short and len(typed[0]) < SHORTEST:
        raise BadArgument(
            f"`{shown}` is too short. Type at least {SHORTEST} letters of {_either(short[:NAMED])}."
        )
    raise _unknown(typed, names)


def _begins(parts: tuple[str, ...], typed: Sequence[str]) -> bool:
    """Whether the words begin this verb: three letters of its first word, or all of it, and any of its second."""
    enough = len(typed[0]) >= SHORTEST or typed[0] == parts[0]
    return (
        enough
        and len(parts) <= len(typed)
        and all(word and part.startswith(word) for part, word in zip(parts, typed, strict=False))
    )


def _unknown(typed: Sequence[str], names: Sequence[tuple[tuple[str, ...], Spec]]) -> Unknown:
    """The error for a verb nobody knows, with the nearest one if there is exactly one nearest."""
    siblings = [(parts[1], spec) for parts, spec in names if len(parts) == 2 and parts[0] == typed[0]]
    pairs = siblings or [(" ".join(parts), spec) for parts, spec in names]
    phrases = typed[1:] if siblings else (" ".join(typed), typed[0])
    meant: list[str] = []
    for phrase in phrases:
        near = difflib.get_close_matches(phrase[:60], [name for name, _ in pairs], n=3, cutoff=0.7)
        meant = list(dict.fromkeys(spec.verb for name, spec in pairs if name in near))
        if meant:
            break
    shown = _shown(" ".join(typed) if siblings else typed[0])
    if len(meant) == 1:
        return Unknown(f"There is no `{shown}`. Did you mean `{meant[0]}`?", meant[0])
    if meant:
        return Unknown(f"There is no `{shown}`. Did you mean {_either(meant)}?")
    return Unknown(f"There is no `{shown}`. Try `help` for what there is.")


def _shown(typed: str) -> str:
    """What was typed, fit for a hint, where backticks mark what to type."""
    return clean(typed, 40).replace("`", "'")


def _either(verbs: Iterable[str]) -> str:
    names = [f"`{verb}`" for verb in dict.fromkeys(verbs)]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _flag_name(typed: str, spec: Spec) -> str:
    if typed in spec.flags:
        return typed
    begun = [name for name in spec.flags if name.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    valid = ", ".join(f"--{name}" for name in spec.flags)
    takes = f"It takes {valid}." if valid else "It takes no flags."
    raise BadArgument(f"`{spec.verb}` has no --{_shown(typed)}. {takes}")


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
    raise BadArgument(f"--{name} cannot be `{_shown(value)}`: it takes {_wanted(name, flag)}.")


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
