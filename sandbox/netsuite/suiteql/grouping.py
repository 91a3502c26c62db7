"""Oracle's rule that a grouped query shows only groups and aggregates, which SQLite does not have."""

from __future__ import annotations

from sqlglot import exp

from sandbox.netsuite.errors import invalid_query
from sandbox.netsuite.suiteql.checking import UNSUPPORTED


def check_grouping(tree: exp.Expr) -> None:
    """Raises ApiError when a column stands outside of aggregates and of GROUP BY."""
    for query in tree.find_all(exp.Select):
        group = query.args.get("group")
        groups = {one.sql("oracle") for one in group.expressions} if group is not None else set()
        if group is None and not any(_aggregates(one) for one in query.expressions):
            continue
        shown = [*query.expressions, query.args.get("having")]
        if any(_ungrouped(one, groups) for one in shown if one is not None):
            raise invalid_query(UNSUPPORTED)


def _aggregates(node: exp.Expr) -> bool:
    found = node.find(exp.AggFunc)
    return found is not None and found.find_ancestor(exp.Select) is node.find_ancestor(exp.Select)


def _ungrouped(node: exp.Expr, groups: set[str]) -> bool:
    if node.sql("oracle") in groups or isinstance(node, exp.AggFunc | exp.Query):
        return False
    if isinstance(node, exp.Column):
        return True
    return any(_ungrouped(child, groups) for child in node.iter_expressions())
