"""
The `q` of record lists: `email IS "a@b"`, joined by AND and OR.

Source: record collection filtering, facts §4; operators beyond those below are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sandbox.netsuite.errors import ApiError, invalid_parameter
from sandbox.netsuite.records.properties import Property, RecordType
from sandbox.netsuite.tables import Row

Test = Callable[[Row], bool]
_TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|([^\s()"\[\]]+))')
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "IS": lambda have, want: have == want,
    "IS_NOT": lambda have, want: have != want,
    "CONTAIN": lambda have, want: want in have,
    "CONTAIN_NOT": lambda have, want: want not in have,
    "START_WITH": lambda have, want: have.startswith(want),
    "START_WITH_NOT": lambda have, want: not have.startswith(want),
    "END_WITH": lambda have, want: have.endswith(want),
}
_NUMBER: dict[str, Callable[[Any, Any], bool]] = {
    "EQUAL": lambda have, want: bool(have == want),
    "EQUAL_NOT": lambda have, want: bool(have != want),
    "GREATER": lambda have, want: bool(have > want),
    "GREATER_OR_EQUAL": lambda have, want: bool(have >= want),
    "LESS": lambda have, want: bool(have < want),
    "LESS_OR_EQUAL": lambda have, want: bool(have <= want),
    "ON": lambda have, want: bool(have == want),
    "AFTER": lambda have, want: bool(have > want),
    "BEFORE": lambda have, want: bool(have < want),
    "ON_OR_AFTER": lambda have, want: bool(have >= want),
    "ON_OR_BEFORE": lambda have, want: bool(have <= want),
}


def test(text: str, kind: RecordType) -> Test:
    """Whether a row is meant. Raises ApiError 400 INVALID_PARAMETER on `q`."""
    tokens = _tokens(text)
    made, rest = _either(tokens, kind)
    if rest:
        raise _wrong(text)
    return made


def _wrong(text: str) -> ApiError:
    return invalid_parameter("q", f"Invalid search query: {text[:200]}")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _wrong(text)
        opening, closing, quoted, listed, word = found.groups()
        if opening or closing:
            tokens.append(("bracket", opening or closing))
        elif word is not None:
            tokens.append(("word", word))
        else:
            tokens.append(
                ("list", listed) if listed is not None else ("value", re.sub(r"\\(.)", r"\1", quoted))
            )
        at = found.end()
    return tokens


Tokens = list[tuple[str, str]]


def _either(tokens: Tokens, kind: RecordType) -> tuple[Test, Tokens]:
    left, rest = _both(tokens, kind)
    while rest and rest[0] == ("word", "OR"):
        right, rest = _both(rest[1:], kind)
        left = _or(left, right)
    return left, rest


def _both(tokens: Tokens, kind: RecordType) -> tuple[Test, Tokens]:
    left, rest = _one(tokens, kind)
    while rest and rest[0] == ("word", "AND"):
        right, rest = _one(rest[1:], kind)
        left = _and(left, right)
    return left, rest


def _or(left: Test, right: Test) -> Test:
    return lambda row: left(row) or right(row)


def _and(left: Test, right: Test) -> Test:
    return lambda row: left(row) and right(row)


def _one(tokens: Tokens, kind: RecordType) -> tuple[Test, Tokens]:
    if tokens and tokens[0] == ("bracket", "("):
        made, rest = _either(tokens[1:], kind)
        if not rest or rest[0] != ("bracket", ")"):
            raise _wrong("unbalanced brackets")
        return made, rest[1:]
    if len(tokens) < 2 or tokens[0][0] != "word" or tokens[1][0] != "word":
        raise _wrong(" ".join(value for _, value in tokens))
    name, operator = tokens[0][1], tokens[1][1]
    one = Property("id", "number") if name == "id" else kind.properties.get(name)
    if one is None or one.kind in ("secret", "sublist"):
        raise invalid_parameter("q", f"Invalid search query: unknown field {name[:60]}.")
    if operator in ("EMPTY", "EMPTY_NOT"):
        return _empty(one.column, operator == "EMPTY"), tokens[2:]
    if len(tokens) < 3 or tokens[2][0] == "bracket":
        raise _wrong(name)
    return _compared(one, operator, tokens[2]), tokens[3:]


def _empty(column: str, empty: bool) -> Test:
    return lambda row: (row.get(column) in (None, "")) is empty


def _compared(one: Property, operator: str, token: tuple[str, str]) -> Test:
    form, given = token
    if operator in ("ANY_OF", "ANY_OF_NOT"):
        wanted = {part.strip().strip('"') for part in given.split(",")}
        return lambda row: (str(row.get(one.column)) in wanted) is (operator == "ANY_OF")
    if one.kind == "bool":
        if operator not in ("IS", "IS_NOT") or given.lower() not in ("true", "false"):
            raise _wrong(given)
        flag = "T" if (given.lower() == "true") is (operator == "IS") else "F"
        return lambda row: row.get(one.column) == flag
    if one.kind in ("day", "instant", "number", "employee", "reference"):
        compare, want = _NUMBER.get(operator), _value(one, given)
        if compare is None:
            raise _wrong(operator)
        return lambda row: row.get(one.column) is not None and compare(_day(row[one.column]), want)
    matches = _TEXT.get(operator)
    if matches is None or form == "list":
        raise _wrong(operator)
    return lambda row: (
        row.get(one.column) is not None and matches(str(row[one.column]).lower(), given.lower())
    )


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def _value(one: Property, given: str) -> Any:
    try:
        if one.kind not in ("day", "instant"):
            return float(given)
        if "/" in given:
            return datetime.strptime(given, "%m/%d/%Y").date()  # noqa: DTZ007 - a calendar day
        return date.fromisoformat(given)
    except ValueError:
        raise _wrong(given) from None
