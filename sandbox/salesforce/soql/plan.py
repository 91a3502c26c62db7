"""Binds a query to the org and runs it: which rows, in which order, printed how."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce import retention
from sandbox.salesforce.access import OWN_ROWS, permissions, sight
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.aggregates import Tally, tally
from sandbox.salesforce.soql.columns import Column, Extra, Scope, finder, folding_key, source
from sandbox.salesforce.soql.filters import compile_condition, filterable, literal
from sandbox.salesforce.soql.lex import malformed
from sandbox.salesforce.soql.parse import parse
from sandbox.salesforce.soql.tree import (
    Aggregate,
    AllFields,
    Comparison,
    Condition,
    Group,
    Membership,
    Path,
    Query,
    Value,
    semi_joins,
)
from sandbox.salesforce.tables import Row

SEMI_JOINS = 2
LARGEST_OFFSET = 2000
OAUTH_TOKEN_ROWS = 2500

Print = Callable[[Row], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """
    The outcome of a query: the rows, how to print one, and how many a page may hold.

    `total` is what totalSize says; a bare COUNT() has no rows. `aggregated` results cannot be paged.
    """

    kind: SObject
    rows: list[Row]
    total: int
    show: Print
    aggregated: bool


def run(
    org: Org,
    text: str,
    user_id: str,
    version: str,
    *,
    tooling: bool = False,
    extras: dict[str, dict[str, Extra]] | None = None,
) -> Found:
    """
    Everything a query finds for a user.

    Raises:
        ApiError: with the vendor's codes and wording, for whatever is wrong with the query.
    """
    query = parse(text)
    if semi_joins(query.where) > SEMI_JOINS:
        raise malformed(text, 0, f"Maximum {SEMI_JOINS} semi join sub-selects are allowed")
    held = permissions(org, user_id)
    kind = source(org, query.source, held, text, query.source_at, tooling=tooling)
    scope = Scope(org, kind, held, text, query.alias, (extras or {}).get(kind.name, {}))
    rows = _rows(scope, query, user_id)
    counted = _bare_count(query)
    if counted:
        return Found(kind, [], len(rows), dict, aggregated=False)
    if query.group_by or any(isinstance(item, Aggregate) for item in query.select):
        return _aggregated(scope, query, rows)
    address = f"/services/data/v{version}/{'tooling/' if tooling else ''}sobjects"
    show = _printer(scope, query, address)
    if kind.name == "OauthToken" and any(
        isinstance(p, Path) and p.names[-1].lower() == "accesstoken" for p in query.select
    ):
        org.world.counters["salesforce.access_token_selected"] += 1
    rows = _window(scope, query, _sorted(scope, query, rows))
    return Found(kind, rows, len(rows), show, aggregated=False)


def _rows(scope: Scope, query: Query, user_id: str) -> list[Row]:
    """The rows that meet the condition, among those the user may see, in order of creation."""
    org, kind = scope.org, scope.kind
    retention.refresh(org, kind.name)
    test = None
    if query.where is not None:
        test = compile_condition(scope, query.where, lambda inner: _sub_select(scope, inner, user_id))
    rows: Iterable[Row] | None = _indexed(scope, query.where)
    if rows is None:
        rows = org[kind.name]
    seen = sight(kind.name, scope.held)
    if seen == "none":
        return []
    if seen == "own":
        owner = OWN_ROWS[kind.name]
        rows = [row for row in rows if row[owner] == user_id]
    return [row for row in rows if test(row)] if test else list(rows)


def _indexed(scope: Scope, where: Condition | None) -> list[Row] | None:
    """Few rows to look through, when a condition that must hold names an indexed column."""
    for part in where.parts if isinstance(where, Group) and where.connective == "and" else (where,):
        values: tuple[Value, ...] | None = None
        if isinstance(part, Comparison) and part.operator == "=" and part.value.kind == "string":
            values = (part.value,)
        elif isinstance(part, Membership) and not part.negated and isinstance(part.among, tuple):
            values = part.among
        if values is None or not isinstance(part, Comparison | Membership) or len(part.path.names) != 1:
            continue
        column = scope.resolve(part.path)
        found = scope.org[scope.kind.name].candidates(
            column.column.name, [literal(scope, column, value) for value in values]
        )
        if found is not None:
            return found
    return None


def _sub_select(scope: Scope, query: Query, user_id: str) -> set[Any]:
    """The values a semi-join compares with: one Id column of another object."""
    if len(query.select) != 1 or not isinstance(query.select[0], Path) or query.limit is not None:
        raise malformed(scope.text, query.source_at, "semi join sub-selects must select exactly one column")
    kind = source(scope.org, query.source, scope.held, scope.text, query.source_at, tooling=False)
    inner = Scope(scope.org, kind, scope.held, scope.text, query.alias)
    column = inner.resolve(query.select[0])
    if column.column.kind not in {"id", "reference"}:
        raise malformed(
            scope.text, query.select[0].at, "The selected field in the sub-select must be an ID field"
        )
    get = folding_key(scope.org, column)
    return {get(row) for row in _rows(inner, query, user_id)}


def _bare_count(query: Query) -> bool:
    first = query.select[0]
    bare = isinstance(first, Aggregate) and first.path is None
    if bare and (len(query.select) > 1 or query.group_by):
        raise malformed(query.text, query.source_at, "Grouped query cannot use COUNT() without a field")
    return bare


def _sorted(scope: Scope, query: Query, rows: list[Row]) -> list[Row]:
    for order in reversed(query.order_by):
        if not isinstance(order.by, Path):
            raise malformed(scope.text, order.by.at, "Ordering by an aggregate needs GROUP BY")
        get = folding_key(scope.org, filterable(scope, order.by))
        nulls_first = not order.descending if order.nulls_first is None else order.nulls_first
        empty = [row for row in rows if get(row) is None]
        filled = sorted((row for row in rows if get(row) is not None), key=get, reverse=order.descending)
        rows = empty + filled if nulls_first else filled + empty
    return rows


def _window(scope: Scope, query: Query, rows: list[Row]) -> list[Row]:
    """OFFSET and LIMIT; OauthToken never yields more than 2,500 rows, and does not say so."""
    if query.offset > LARGEST_OFFSET and scope.kind.name != "OauthToken":
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {LARGEST_OFFSET}")
    rows = rows[query.offset :]
    if query.limit is not None:
        rows = rows[: query.limit]
    return rows[:OAUTH_TOKEN_ROWS] if scope.kind.name == "OauthToken" else rows


def _aggregated(scope: Scope, query: Query, rows: list[Row]) -> Found:
    results: list[Tally] = tally(scope, query, rows)
    results = results[query.offset :][: query.limit]
    return Found(scope.kind, results, len(results), dict, aggregated=True)


def _printer(scope: Scope, query: Query, address: str) -> Print:
    """A function that prints a row: attributes, the columns asked for, parents nested."""
    tree: dict[str, Any] = {}
    for item in query.select:
        if isinstance(item, AllFields):
            _all_fields(scope, query, item, tree)
        elif isinstance(item, Path):
            extra = scope.extras.get(item.names[-1].lower()) if len(item.names) == 1 else None
            if extra is not None:
                tree[extra.name] = extra
            else:
                _plant(tree, scope.resolve(item))
    return _branch(scope.org, scope.kind.name, tree, address)


def _all_fields(scope: Scope, query: Query, item: AllFields, tree: dict[str, Any]) -> None:
    if item.which not in {"all", "standard", "custom"}:
        raise malformed(scope.text, item.at, f"unexpected token: '{item.which}'")
    if item.which != "standard" and (query.limit is None or query.limit > 200):
        raise malformed(scope.text, item.at, "The SOQL FIELDS function must have a LIMIT of at most 200")
    if item.which != "custom":
        for column in scope.kind.fields:
            tree[column.name] = column


def _plant(tree: dict[str, Any], column: Column) -> None:
    for relation, reference in zip(column.relations, column.references, strict=True):
        tree = tree.setdefault(relation, {"": reference})
    tree[column.column.name] = column.column


def _branch(org: Org, type_name: str, tree: dict[str, Any], address: str) -> Print:
    flat = [name for name, node in tree.items() if isinstance(node, Field) and name]
    computed = [node for node in tree.values() if isinstance(node, Extra)]
    parents = [
        (name, node[""].name, finder(org, node[""]), _branch(org, _type_of(node[""]), node, address))
        for name, node in tree.items()
        if isinstance(node, dict)
    ]
    order = [name for name in tree if name]
    simple = len(flat) == len(order)
    prefix = f"{address}/{type_name}/"
    without_url = type_name == "OauthToken"

    def show(row: Row) -> dict[str, Any]:
        attributes = {"type": type_name} if without_url else {"type": type_name, "url": prefix + row["Id"]}
        out: dict[str, Any] = {"attributes": attributes}
        for name in flat:
            out[name] = row.get(name)
        if simple:
            return out
        for extra in computed:
            out[extra.name] = extra.compute(row)
        for name, key, find, inner in parents:
            parent = find(row[key])
            out[name] = None if parent is None else inner(parent)
        return {"attributes": attributes} | {name: out[name] for name in order}

    return show


def _type_of(reference: Field) -> str:
    return reference.refers_to[0]
