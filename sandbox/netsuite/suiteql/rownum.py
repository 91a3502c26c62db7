"""ROWNUM, which Oracle counts before it sorts."""

from __future__ import annotations

from sqlglot import exp

from sandbox.netsuite.errors import invalid_query
from sandbox.netsuite.suiteql.checking import UNSUPPORTED


def number_rows(tree: exp.Expr) -> None:
    """
    Turn `WHERE ROWNUM <= n` into a limit, and a selected ROWNUM into a number for each row.

    Refused beside GROUP BY, as a limit beside ORDER BY, and in any other place: what it means there is not played.
    """
    for query in list(tree.find_all(exp.Select)):
        _limit_rows(query)
        for one in list(query.expressions):
            inner = one.this if isinstance(one, exp.Alias) else one
            if _is_rownum(inner) and not query.args.get("group"):
                numbered = exp.Window(this=exp.RowNumber())
                one.replace(exp.alias_(numbered, one.alias_or_name, quoted=True))
    if any(_is_rownum(column) for column in tree.find_all(exp.Column)):
        raise invalid_query(UNSUPPORTED)


def _limit_rows(query: exp.Select) -> None:
    where = query.args.get("where")
    if where is None:
        return
    conjuncts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    limits = [limit for one in conjuncts if (limit := _limit(one)) is not None]
    if not limits:
        return
    if query.args.get("order") or query.args.get("group") or query.args.get("limit"):
        raise invalid_query(UNSUPPORTED)
    kept = [one for one in conjuncts if _limit(one) is None]
    query.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
    query.set("limit", exp.Limit(expression=exp.Literal.number(max(0, min(limits)))))


def _is_rownum(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and node.name == "rownum" and not node.table


def _limit(node: exp.Expr) -> int | None:
    compared = isinstance(node, exp.LT | exp.LTE) and _is_rownum(node.this)
    if not compared or not isinstance(node.expression, exp.Literal) or not node.expression.is_int:
        return None
    number = int(node.expression.name)
    return number - 1 if isinstance(node, exp.LT) else number
