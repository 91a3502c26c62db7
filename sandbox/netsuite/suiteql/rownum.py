"""ROWNUM, which Oracle counts before it sorts."""

from __future__ import annotations

from sqlglot import exp

from sandbox.netsuite.errors import invalid_query
from sandbox.netsuite.suiteql.checking import UNSUPPORTED


def limit_rownum(tree: exp.Expr) -> None:
    """
    Turn `WHERE ROWNUM <= n` into a limit. Refuses ROWNUM beside ORDER BY or GROUP BY, and in any other place:
    what it means there, this stand-in does not play.
    """
    for query in list(tree.find_all(exp.Select)):
        where = query.args.get("where")
        if where is None:
            continue
        conjuncts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
        kept, limits = [], []
        for one in conjuncts:
            limit = _limit(one)
            limits.append(limit) if limit is not None else kept.append(one)
        if not limits:
            continue
        if query.args.get("order") or query.args.get("group") or query.args.get("limit"):
            raise invalid_query(UNSUPPORTED)
        query.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
        query.set("limit", exp.Limit(expression=exp.Literal.number(max(0, min(limits)))))
    if any(column.name == "rownum" and not column.table for column in tree.find_all(exp.Column)):
        raise invalid_query(UNSUPPORTED)


def _limit(node: exp.Expr) -> int | None:
    is_rownum = isinstance(node, exp.LT | exp.LTE) and isinstance(node.this, exp.Column)
    if not is_rownum or node.this.name != "rownum" or not isinstance(node.expression, exp.Literal):
        return None
    number = int(node.expression.name)
    return number - 1 if isinstance(node, exp.LT) else number
