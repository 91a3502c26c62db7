"""What of SQL is SuiteQL: one query, functions it knows, and names without a schema."""

from __future__ import annotations

from sqlglot import exp

from sandbox.netsuite.errors import invalid_query

UNSUPPORTED = "Invalid or unsupported search"
_KNOWN_FUNCTIONS = (
    exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Coalesce, exp.Nvl2, exp.Nullif, exp.Case, exp.If,
    exp.Lower, exp.Upper, exp.Substring, exp.Length, exp.Trim, exp.Replace, exp.StrPosition, exp.Concat, exp.Abs,
    exp.Round, exp.Floor, exp.Ceil, exp.ToChar, exp.TimeToStr, exp.ToNumber, exp.StrToDate, exp.StrToTime,
    exp.AddMonths,
    exp.DateTrunc, exp.Trunc, exp.CurrentTimestamp, exp.CurrentDate, exp.Cast, exp.GroupConcat, exp.And, exp.Or,
    exp.Exists, exp.DecodeCase, exp.Sign, exp.WithinGroup, exp.Anonymous,
)  # fmt: skip
_REFUSED = (exp.Placeholder, exp.Parameter, exp.Interval, exp.Into, exp.Lock, exp.Window, exp.Command)


def check(tree: exp.Expr) -> None:
    """
    Refuse what SuiteQL does not know, before anything of it reaches SQLite.

    Raises:
        ApiError: an unknown function or table form, or a construct outside of SuiteQL.
    """
    for node in tree.walk():
        if isinstance(node, _REFUSED):
            raise invalid_query(UNSUPPORTED)
        if isinstance(node, exp.Anonymous) and not _is_display(node) and not is_trunc(node):
            raise invalid_query(f"Unknown function '{node.name}'.")
        if isinstance(node, exp.Func) and not isinstance(node, _KNOWN_FUNCTIONS):
            raise invalid_query(f"Unknown function '{node.sql_name()}'.")
        if isinstance(node, exp.Dot) and not isinstance(node.expression, exp.Anonymous):
            raise invalid_query(f"Unknown identifier '{node.sql('oracle')}'.")
        if isinstance(node, exp.Table) and (not isinstance(node.this, exp.Identifier) or node.args.get("db")):
            raise invalid_query(f"Record '{node.sql('oracle')}' was not found.")


def _is_display(node: exp.Anonymous) -> bool:
    """Claims that this is the DF of BUILTIN.DF(one expression)."""
    dot = node.parent
    named = isinstance(dot, exp.Dot) and dot.this.name.lower() == "builtin"
    return named and node.name.lower() == "df" and len(node.expressions) == 1


def is_trunc(node: exp.Expr) -> bool:
    """Claims that this is TRUNC(x) whose argument sqlglot cannot tell a date from a number."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == "trunc" and len(node.expressions) == 1


def lower_names(tree: exp.Expr) -> None:
    """Names are the same in any case, and quoted ones are no exception here."""
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.name.lower())
        identifier.set("quoted", True)
