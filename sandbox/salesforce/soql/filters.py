"""Turns conditions into functions over rows, with the type checks the vendor makes on literals."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.ids import canonical, well_formed
from sandbox.salesforce.soql.columns import Column, Scope, folding_key
from sandbox.salesforce.soql.lex import invalid_field, malformed, pointing
from sandbox.salesforce.soql.spans import ROLLING_BACK, ROLLING_ON, span
from sandbox.salesforce.soql.tree import Comparison, Condition, Group, Membership, Not, Path, Query, Value
from sandbox.salesforce.stamps import day, instant, stamp
from sandbox.salesforce.tables import Row

Test = Callable[[Row], bool]
SubSelect = Callable[[Query], set[Any]]

_IDS = frozenset({"id", "reference"})
_NUMBERS = frozenset({"int", "double"})
_NAMES = {"datetime": "dateTime", "int": "int", "double": "double", "boolean": "boolean", "date": "date"}


def compile_condition(scope: Scope, condition: Condition, sub_select: SubSelect) -> Test:
    """
    A function that claims that a row meets a condition.

    Raises:
        ApiError: INVALID_FIELD for a column that cannot be filtered or a literal of the wrong type,
            INVALID_QUERY_FILTER_OPERATOR for a text that is no Id.
    """
    match condition:
        case Group(connective=connective, parts=parts):
            tests = [compile_condition(scope, part, sub_select) for part in parts]
            if connective == "and":
                return lambda row: all(test(row) for test in tests)
            return lambda row: any(test(row) for test in tests)
        case Not(part=part):
            inner = compile_condition(scope, part, sub_select)
            return lambda row: not inner(row)
        case Membership():
            return _membership(scope, condition, sub_select)
        case Comparison():
            return _comparison(scope, condition)


def filterable(scope: Scope, path: Path) -> Column:
    """The bound column, refused when the vendor does not filter by it."""
    column = scope.resolve(path)
    if not column.column.filterable:
        raise invalid_field(
            scope.text, path.at, f"field '{column.column.name}' can not be filtered in a query call"
        )
    return column


def literal(scope: Scope, column: Column, value: Value) -> Any:
    """The value in the form rows hold it, folded for comparison."""
    kind, name = column.column.kind, column.column.name
    if value.kind == "null":
        return None
    if kind in _IDS:
        if value.kind != "string" or not (value.value == "" or well_formed(value.value)):
            raise ApiError(
                400,
                "INVALID_QUERY_FILTER_OPERATOR",
                pointing(scope.text, value.at, f"invalid ID field: {value.value}"),
            )
        return canonical(value.value) or None
    if kind in _NAMES:
        fits = {"boolean": {"boolean"}, "date": {"date"}, "datetime": {"datetime"}}.get(kind, {"number"})
        if value.kind not in fits:
            raise invalid_field(
                scope.text,
                value.at,
                f"value of filter criterion for field '{name}' must be of type {_NAMES[kind]} and should not be"
                " enclosed in quotes",
            )
        return _moment(scope, value) if value.kind in {"date", "datetime"} else value.value
    if value.kind != "string":
        raise invalid_field(
            scope.text,
            value.at,
            f"value of filter criterion for field '{name}' must be of type string and should be enclosed in quotes",
        )
    return value.value.casefold()


def _moment(scope: Scope, value: Value) -> str:
    try:
        at = instant(value.value)
        return stamp(at) if value.kind == "datetime" else day(at)
    except ValueError:
        raise malformed(scope.text, value.at, f"invalid date: {value.value}") from None


def _membership(scope: Scope, condition: Membership, sub_select: SubSelect) -> Test:
    column = filterable(scope, condition.path)
    if isinstance(condition.among, Query):
        among = sub_select(condition.among)
        among.discard(None)
    else:
        among = {literal(scope, column, value) for value in condition.among}
    get = folding_key(scope.org, column)
    if condition.negated:
        return lambda row: get(row) not in among
    return lambda row: get(row) in among


def _comparison(scope: Scope, condition: Comparison) -> Test:
    column, operator = filterable(scope, condition.path), condition.operator
    get = folding_key(scope.org, column)
    if condition.value.kind == "span":
        return _within(scope, column, condition, get)
    if operator == "like":
        if condition.value.kind != "string" or column.column.kind in _NAMES or column.column.kind in _IDS:
            raise invalid_field(
                scope.text,
                condition.value.at,
                f"invalid operator on {_NAMES.get(column.column.kind, column.column.kind)} field",
            )
        pattern = _like(condition.value.value)
        return lambda row: pattern.fullmatch(get(row) or "") is not None
    wanted = literal(scope, column, condition.value)
    if operator == "=":
        return lambda row: get(row) == wanted
    if operator == "!=":
        return lambda row: get(row) != wanted
    if wanted is None or column.column.kind == "boolean":
        raise malformed(scope.text, condition.path.at, f"invalid operator on {column.column.kind} field")
    compare = _ORDERED[operator]
    return lambda row: (value := get(row)) is not None and compare(value, wanted)


_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _within(scope: Scope, column: Column, condition: Comparison, get: Callable[[Row], Any]) -> Test:
    """
    A date literal compares as a stretch: before its start, after its end, inside.

    Literals that roll with a number compare by their far edge where the switch `rolling_literals` says so.
    """
    name, n = condition.value.value
    if column.column.kind not in {"date", "datetime"}:
        raise malformed(scope.text, condition.value.at, f"unexpected token: '{name}'")
    try:
        first, after = span(name, n, scope.org.now)
    except (KeyError, OverflowError, ValueError):
        raise malformed(scope.text, condition.value.at, f"unexpected token: '{name}'") from None
    tail = "T00:00:00.000+0000" if column.column.kind == "datetime" else ""
    low, high = first.isoformat() + tail, after.isoformat() + tail
    below, above = low, high  # what < and > mean
    upto, onward = high, low  # what <= and >= mean
    if scope.org.switches.rolling_literals == "edge":
        if name in ROLLING_BACK:
            below = upto = above = onward = low
        elif name in ROLLING_ON:
            below = upto = above = onward = high
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: low <= value < high,
        "!=": lambda value: not low <= value < high,
        "<": lambda value: value < below,
        "<=": lambda value: value < upto,
        ">": lambda value: value >= above,
        ">=": lambda value: value >= onward,
    }
    if condition.operator not in tests:
        raise malformed(scope.text, condition.value.at, f"unexpected token: '{name}'")
    test = tests[condition.operator]
    return lambda row: (value := get(row)) is not None and test(value)


def _like(pattern: str) -> re.Pattern[str]:
    out, chars = "", iter(pattern.casefold())
    for char in chars:
        if char == "\\":
            out += re.escape(next(chars, ""))
        else:
            out += {"%": ".*", "_": "."}.get(char, re.escape(char))
    return re.compile(out, re.DOTALL)
