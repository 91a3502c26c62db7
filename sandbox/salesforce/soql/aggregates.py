"""GROUP BY and the aggregate functions."""

from collections.abc import Callable
from typing import Any

from sandbox.salesforce.soql.columns import Scope, getter
from sandbox.salesforce.soql.lex import invalid_field, malformed
from sandbox.salesforce.soql.tree import Aggregate, Path, Query
from sandbox.salesforce.tables import Row

Tally = dict[str, Any]

_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "sum": lambda values: sum(values) if values else None,
    "avg": lambda values: sum(values) / len(values) if values else None,
}
_UNCOUNTABLE = frozenset({"SetupAuditTrail"})
"""Objects on which COUNT() works and COUNT(Id) does not."""


def tally(scope: Scope, query: Query, rows: list[Row]) -> list[Tally]:
    """
    One AggregateResult for each group, in the order of the query or of first appearance.

    Raises:
        ApiError: MALFORMED_QUERY for a column that is neither grouped nor aggregated.
    """
    keys = [(scope.resolve(path), path) for path in query.group_by]
    getters = [getter(scope.org, column) for column, _ in keys]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(get(row) for get in getters), []).append(row)
    if not keys:
        groups = {(): rows}
    labels = {_spelled(path): at for at, (_, path) in enumerate(keys)}
    columns: list[tuple[str, Callable[[tuple[Any, ...], list[Row]], Any]]] = []
    unnamed = 0
    for item in query.select:
        if isinstance(item, Aggregate):
            name = item.alias or f"expr{unnamed}"
            unnamed += item.alias is None
            columns.append((name, _function(scope, item)))
        elif isinstance(item, Path) and _spelled(item) in labels:
            at = labels[_spelled(item)]
            columns.append((keys[at][0].label, lambda key, _, at=at: key[at]))  # type: ignore[misc]
        else:
            raise malformed(scope.text, item.at, "Field must be grouped or aggregated")
    ordered = _ordered(scope, query, labels, list(groups.items()))
    head = {"attributes": {"type": "AggregateResult"}}
    return [head | {name: compute(key, members) for name, compute in columns} for key, members in ordered]


def _spelled(path: Path) -> str:
    return ".".join(path.names).lower()


def _function(scope: Scope, item: Aggregate) -> Callable[[tuple[Any, ...], list[Row]], Any]:
    if item.path is None:
        raise malformed(scope.text, item.at, "Grouped query cannot use COUNT() without a field")
    column = scope.resolve(item.path)
    numeric = column.column.kind in {"int", "double"}
    uncountable = scope.kind.name in _UNCOUNTABLE and item.function == "count"
    if uncountable or (item.function in {"sum", "avg"} and not numeric):
        raise invalid_field(
            scope.text,
            item.path.at,
            f"field {column.column.name} does not support aggregate operator {item.function.upper()}",
        )
    get, function = getter(scope.org, column), _FUNCTIONS[item.function]
    return lambda _, members: function([value for row in members if (value := get(row)) is not None])


def _ordered(
    scope: Scope, query: Query, labels: dict[str, int], groups: list[tuple[tuple[Any, ...], list[Row]]]
) -> list[tuple[tuple[Any, ...], list[Row]]]:
    for order in reversed(query.order_by):
        if isinstance(order.by, Aggregate):
            compute = _function(scope, order.by)
        elif _spelled(order.by) in labels:
            at = labels[_spelled(order.by)]
            compute = lambda key, _, at=at: key[at]  # type: ignore[misc]  # noqa: E731
        else:
            raise malformed(scope.text, order.by.at, "Ordered field must be grouped or aggregated")
        groups.sort(
            key=lambda group, compute=compute: (  # type: ignore[misc]
                compute(*group) is not None,
                compute(*group) if compute(*group) is not None else 0,
            ),
            reverse=order.descending,
        )
    return groups
