"""The pieces of a checked query in SQLite's terms: functions, dates, comparisons, tables."""

from __future__ import annotations

from sqlglot import exp

from sandbox.netsuite.catalogue import DATE, REFERENCES, TABLES
from sandbox.netsuite.errors import invalid_query
from sandbox.netsuite.suiteql import dates
from sandbox.netsuite.suiteql.checking import is_trunc
from sandbox.netsuite.suiteql.scopes import Names

Kinds = dict[int, str]
"""id of a node to the kind of its value."""
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)


def rewrite(tree: exp.Expr, names: Names) -> exp.Expr:
    """Replace nodes from the leaves up; the kinds of what was there decide what comes there."""
    nodes = list(tree.walk())
    kinds = {id(node): names.kind(node) for node in nodes}
    for node in reversed(nodes):
        made = _replaced(node, kinds)
        if made is not node:
            kinds[id(made)] = kinds[id(node)]
            nodes.append(made)  # keeps it alive, so that no other node gets its id
            if node is tree:
                tree = made
            else:
                node.replace(made)
    if isinstance(tree, exp.Select):
        _show_dates(tree, kinds)
    return tree


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def _replaced(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    match node:
        case exp.CurrentTimestamp():
            return exp.Placeholder(this="now")
        case exp.CurrentDate():
            return call("ns_trunc", exp.Placeholder(this="now"), exp.Literal.string("DD"))
        case exp.ToChar() | exp.TimeToStr():
            return _to_char(node, kinds)
        case exp.StrToDate() | exp.StrToTime():
            form = node.args.get("format")
            wanted = form.name if form is not None else dates.ACCOUNT_FORMAT
            return call("ns_read", node.this, exp.Literal.string(wanted))
        case exp.DateTrunc():
            return call("ns_trunc", node.this, exp.Literal.string(node.args["unit"].name))
        case exp.Trunc() | exp.Anonymous() if isinstance(node, exp.Trunc) or is_trunc(node):
            inner = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
            if kinds[id(node)] == DATE:
                return call("ns_trunc", inner, exp.Literal.string("DD"))
            return exp.cast(inner.copy(), "INTEGER")
        case exp.GroupConcat() if isinstance(node.this, exp.Order):
            return exp.GroupConcat(this=node.this.this.copy(), separator=node.args.get("separator"))
        case exp.AddMonths():
            return call("ns_add_months", node.this, node.expression)
        case exp.Lower() | exp.Upper():
            return call(f"ns_{node.key}", node.this)
        case exp.ToNumber():
            return exp.cast(node.this.copy(), "REAL")
        case exp.Dot():
            return _displayed(node.expression.expressions[0], kinds)
        case exp.DPipe():  # to Oracle nothing is an empty text
            return exp.DPipe(this=_or_empty(node.this), expression=_or_empty(node.expression))
        case exp.Ordered():
            # Oracle puts nulls last; to say so would cost SQLite its indexes.
            node.set("nulls_first", None)
        case _ if isinstance(node, _COMPARISONS):
            _read_days(node, kinds)
    return node


def _or_empty(node: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=node.copy(), expressions=[exp.Literal.string("")])


def _kind(node: exp.Expr, kinds: Kinds) -> str:
    return kinds.get(id(node), "")


def _displayed(inner: exp.Expr, kinds: Kinds) -> exp.Expr:
    """BUILTIN.DF: the name behind a reference, and anything else as it is shown."""
    kind = _kind(inner, kinds)
    if kind == DATE:
        return call("ns_shown", inner)
    return call("ns_df", exp.Literal.string(kind), inner) if kind in REFERENCES else inner.copy()


def _to_char(node: exp.ToChar | exp.TimeToStr, kinds: Kinds) -> exp.Expr:
    if _kind(node.this, kinds) != DATE:
        return exp.cast(node.this.copy(), "TEXT")
    form = node.args.get("format")
    if form is None:
        return call("ns_shown", node.this)
    wanted = form.name if isinstance(form, exp.Literal) else None
    if wanted is not None and isinstance(
        node, exp.ToChar
    ):  # of TimeToStr sqlglot has read the format already
        wanted = dates.strftime_format(wanted)
    if wanted is None:
        raise invalid_query(f"Invalid date format {form.sql()}.")
    if not dates.is_plain(wanted):
        return call("ns_written", node.this, exp.Literal.string(wanted))
    seconds = exp.Mul(this=exp.Paren(this=node.this.copy()), expression=exp.Literal.number(86400))
    return call(
        "strftime", exp.Literal.string(wanted), exp.Round(this=seconds), exp.Literal.string("unixepoch")
    )


def _read_days(node: exp.Expr, kinds: Kinds) -> None:
    """A date compared with a text: the text must have the account's format, or be an ISO day."""
    sides = [node.this, *(node.args.get(key) for key in ("expression", "low", "high"))]
    sides += node.args.get("expressions") or []
    if any(_kind(side, kinds) == DATE for side in sides if side is not None):
        for side in sides:
            if isinstance(side, exp.Literal) and side.is_string:
                side.replace(_day(side.name))


def _day(text: str) -> exp.Expr:
    for form in (dates.ACCOUNT_FORMAT, "%Y-%m-%d"):
        try:
            return exp.Literal.number(str(dates.read(text, form)))
        except ValueError:
            continue
    raise invalid_query(f"Invalid date value '{text}' (must be MM/DD/YYYY).")


def _show_dates(query: exp.Select, kinds: Kinds) -> None:
    """The outermost SELECT list shows dates in the account's format."""
    for one in list(query.expressions):
        if _kind(one, kinds) == DATE:
            inner = one.this if isinstance(one, exp.Alias) else one
            name = one.alias_or_name or "shown"
            one.replace(exp.alias_(call("ns_shown", inner), name, quoted=True))


def count_no_audit(tree: exp.Expr) -> None:
    """COUNT(*) over the whole audit trail is 0, as one live account was seen to answer."""
    for counted in list(tree.find_all(exp.Count)):
        query = counted.find_ancestor(exp.Select)
        tables = [table.name for table in query.find_all(exp.Table)] if query is not None else []
        if isinstance(counted.this, exp.Star) and tables == ["loginaudit"]:
            counted.replace(exp.Mul(this=counted.copy(), expression=exp.Literal.number(0)))


def read_from_mirror(tree: exp.Expr, *, own_notes_only: bool) -> None:
    """Point tables at the ones that hold their rows, and at what of them may be seen now."""
    with_names = {one.alias for one in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in with_names:
            continue
        seen = exp.select("*").from_(exp.table_(TABLES[table.name].kept_by or table.name, quoted=True))
        match table.name:
            case "loginaudit":
                seen = seen.where('"date" <= :audited', dialect="sqlite")
            case "useroauthtoken":
                seen = seen.where('"entity_name" = :caller', dialect="sqlite")
            case "systemnote" if own_notes_only:
                seen = seen.where('"name" = :caller', dialect="sqlite")
        alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name, quoted=True))
        table.replace(exp.Subquery(this=seen, alias=alias, joins=table.args.get("joins")))
