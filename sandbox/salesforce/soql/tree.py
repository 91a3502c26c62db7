"""The syntax tree of a query. `at` is the offset of a node's first character in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Path:
    """A column, through zero or more parent relationships."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT(), or a function over a column. `path` is None for the bare COUNT()."""

    function: str
    path: Path | None
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class AllFields:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM)."""

    which: str
    at: int


@dataclass(frozen=True, slots=True)
class Value:
    """
    A literal. `kind` is string, number, boolean, null, date, datetime or span.

    A span is a date literal: its value is the pair (name, n).
    """

    kind: str
    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column against one literal; the operator is one of = != < <= > >= like."""

    path: Path
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    """A column in, or not in, a list of literals or the result of a sub-select."""

    path: Path
    negated: bool
    among: tuple[Value, ...] | Query


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by one connective: "and" or "or"."""

    connective: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    part: Condition


Condition = Comparison | Membership | Group | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One sorting key. `nulls_first` is None where the query leaves it to the default."""

    by: Path | Aggregate
    descending: bool
    nulls_first: bool | None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query or sub-select. `alias` is the short name given to the object, if any."""

    text: str
    select: tuple[Path | Aggregate | AllFields, ...]
    source: str
    source_at: int
    alias: str | None
    where: Condition | None
    group_by: tuple[Path, ...]
    order_by: tuple[Order, ...]
    limit: int | None
    offset: int


def semi_joins(condition: Condition | None) -> int:
    """How many sub-selects a condition holds, itself included, not those inside them."""
    match condition:
        case Membership(among=Query()):
            return 1
        case Group(parts=parts):
            return sum(semi_joins(part) for part in parts)
        case Not(part=part):
            return semi_joins(part)
        case _:
            return 0
