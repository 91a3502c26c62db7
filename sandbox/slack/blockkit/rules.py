"""The small language in which Block Kit's shapes are written down: a rule looks at a value and complains."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where. `pointer` is a JSON pointer into the payload, such as /blocks/0/text/text."""

    message: str
    pointer: str
    constraint: tuple[tuple[str, Any], ...] = ()

    def line(self) -> str:
        """The wording Slack uses in response_metadata.messages."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


@dataclass(slots=True)
class Check:
    """One validation of one payload on one surface: message, modal or home."""

    surface: str
    problems: list[Problem] = field(default_factory=list)
    block_ids: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def fail(self, message: str, pointer: str, **constraint: Any) -> None:
        self.problems.append(Problem(message, pointer, tuple(constraint.items())))

    def count(self, what: str, by: int = 1) -> int:
        self.counts[what] = self.counts.get(what, 0) + by
        return self.counts[what]


Rule = Callable[[Check, Any, str], None]


def anything(check: Check, value: Any, at: str) -> None:
    """Accept whatever is there."""


def flag(check: Check, value: Any, at: str) -> None:
    if not isinstance(value, bool):
        check.fail("must provide a boolean", at)


def string(longest: int, shortest: int = 0, pattern: str | None = None) -> Rule:
    """A text of `shortest` to `longest` characters."""

    def rule(check: Check, value: Any, at: str) -> None:
        if not isinstance(value, str):
            check.fail("must provide a string", at)
        elif len(value) > longest:
            check.fail(f"must be less than {longest + 1} characters", at, type="max_length", expected=longest)
        elif len(value) < shortest:
            check.fail(
                f"must be more than {shortest - 1} characters", at, type="min_length", expected=shortest
            )
        elif pattern is not None and not re.fullmatch(pattern, value):
            check.fail("failed to match the expected format", at, type="pattern", expected=pattern)

    return rule


def number(least: float | None = None, most: float | None = None, *, whole: bool = True) -> Rule:
    def rule(check: Check, value: Any, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            check.fail("must provide a number", at)
        elif least is not None and value < least:
            check.fail(f"must be greater than or equal to {least:g}", at, type="min", expected=least)
        elif most is not None and value > most:
            check.fail(f"must be less than or equal to {most:g}", at, type="max", expected=most)

    return rule


def one_of(*allowed: str) -> Rule:
    def rule(check: Check, value: Any, at: str) -> None:
        if value not in allowed:
            check.fail(f"must be a valid enum value: {', '.join(allowed)}", at, type="enum", expected=allowed)

    return rule


def items(rule: Rule, least: int = 1, most: int | None = None) -> Rule:
    """A list of `least` to `most` values that all obey one rule."""

    def each(check: Check, value: Any, at: str) -> None:
        if not isinstance(value, list):
            check.fail("must provide an array", at)
            return
        if most is not None and len(value) > most:
            check.fail(f"no more than {most} items allowed", at, type="max_items", expected=most)
        if len(value) < least:
            check.fail(f"no less than {least} items allowed", at, type="min_items", expected=least)
        for place, inner in enumerate(value):
            rule(check, inner, f"{at}/{place}")

    return each


def shape(
    fields: Mapping[str, Rule], required: Collection[str] = (), *also: Rule, open_ended: bool = False
) -> Rule:
    """
    An object with these fields and no others; `also` sees the whole object.

    `open_ended` lets unknown fields pass, for newer objects whose full list of fields we do not know.
    """

    def rule(check: Check, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            check.fail("must provide an object", at)
            return
        needs(*required)(check, value, at)
        for key, inner in value.items():
            if key in fields:
                if inner is not None:
                    fields[key](check, inner, f"{at}/{key}")
            elif not open_ended:
                check.fail(f"invalid additional property: {key}", at)
        for more in also:
            more(check, value, at)

    return rule


def by_type(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` names the rule it must obey."""

    def rule(check: Check, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            check.fail("must provide an object", at)
        elif not isinstance(value.get("type"), str):
            check.fail("missing required field: type", at, type="required", expected="type")
        elif value["type"] not in kinds:
            check.fail(
                f"unsupported type: {value['type']}", f"{at}/type", type="enum", expected=sorted(kinds)
            )
        else:
            kinds[value["type"]](check, value, at)

    return rule


def needs(*keys: str) -> Rule:
    """Refuse an object in which any of these fields is absent."""

    def rule(check: Check, value: Any, at: str) -> None:
        for key in keys:
            if value.get(key) is None:
                check.fail(f"missing required field: {key}", at, type="required", expected=key)

    return rule


def at_least_one(*keys: str) -> Rule:
    """Refuse an object in which none of these fields is present."""
    named = " or ".join(f"`{key}`" for key in keys)

    def rule(check: Check, value: Any, at: str) -> None:
        if all(value.get(key) is None for key in keys):
            check.fail(f"must define either {named}", f"{at}/type")

    return rule


def not_both(one: str, other: str) -> Rule:
    def rule(check: Check, value: Any, at: str) -> None:
        if value.get(one) is not None and value.get(other) is not None:
            check.fail(f"cannot define both `{one}` and `{other}`", at)

    return rule
