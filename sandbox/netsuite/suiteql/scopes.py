"""Which column each name of a query means, and of what kind every expression is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from sandbox.netsuite.catalogue import DATE, NUMBER, TEXT
from sandbox.netsuite.errors import invalid_query
from sandbox.netsuite.suiteql.checking import is_trunc

Columns = dict[str, str]
"""Name to kind."""
_DATES = (exp.CurrentTimestamp, exp.CurrentDate, exp.StrToDate, exp.StrToTime, exp.AddMonths)
_PASS_ON = (exp.DateTrunc, exp.Trunc, exp.Max, exp.Min, exp.Coalesce, exp.Paren, exp.Alias)
_NUMERIC = (exp.Count, exp.Sum, exp.Avg, exp.Length, exp.StrPosition, exp.ToNumber, exp.Mod)


@dataclass(slots=True)
class Names:
    """Resolves a whole statement. `columns_of` gives a table's columns or raises "Record 'x' was not found."."""

    columns_of: Callable[[str], Columns]
    kinds: dict[int, str] = field(default_factory=dict)
    """id of a column node to its kind."""
    outputs: dict[int, Columns] = field(default_factory=dict)
    """id of a query node to the columns it gives."""
    tables: set[str] = field(default_factory=set)

    def resolve(self, tree: exp.Expr) -> None:
        """
        Resolve every column, expand every star.

        Raises:
            ApiError: an unknown table or identifier.
        """
        for scope in traverse_scope(tree):
            sources = self._sources(scope)
            _expand_stars(scope.expression, sources)
            for column in list(scope.expression.find_all(exp.Column)):
                if _owner(column) is scope.expression:
                    self._resolve(column, scope, sources)
            self.outputs[id(scope.expression)] = self._given(scope.expression)

    def kind(self, node: exp.Expr | None) -> str:
        """date, number, text, flag, or the table that a number points to."""
        if isinstance(node, _DATES):
            return DATE
        if isinstance(node, _PASS_ON):
            return self.kind(node.this)
        match node:
            case exp.Column():
                return self.kinds.get(id(node), TEXT)
            case exp.Anonymous() if is_trunc(node):
                return self.kind(node.expressions[0])
            case exp.Add() | exp.Sub():
                sides = (self.kind(node.this), self.kind(node.expression))
                return DATE if sides.count(DATE) == 1 else NUMBER
            case exp.Case():
                branches = node.args.get("ifs") or []
                return self.kind(branches[0].args.get("true")) if branches else TEXT
            case exp.Subquery():
                return next(iter(self.outputs.get(id(node.this), {}).values()), TEXT)
            case exp.Literal():
                return TEXT if node.is_string else NUMBER
            case _:
                return NUMBER if isinstance(node, _NUMERIC) else TEXT

    def _sources(self, scope: Scope) -> dict[str, Columns]:
        sources = {}
        for name, (_, source) in scope.selected_sources.items():
            if isinstance(source, exp.Table):
                self.tables.add(source.name.lower())
                sources[name] = self.columns_of(source.name.lower())
            else:
                sources[name] = self.outputs.get(id(source.expression), {})
        return sources

    def _resolve(self, column: exp.Column, scope: Scope, sources: dict[str, Columns]) -> None:
        name, table = column.name, column.table
        if name == "rownum" and not table:
            self.kinds[id(column)] = NUMBER
            return
        around: Scope | None = scope
        while around is not None:
            seen = sources if around is scope else self._sources(around)
            for source, columns in seen.items():
                if table in ("", source) and name in columns:
                    self.kinds[id(column)] = columns[name]
                    return
            around = around.parent
        if not table and _is_alias(column, scope):
            self.kinds[id(column)] = self._alias_kind(name, scope)
            return
        available = ", ".join(f"{source}={_real_name(scope, source)}" for source in sources)
        written = f"{table}.{name}" if table else name
        raise invalid_query(f"Unknown identifier '{written}'. Available identifiers are: {{{available}}}.")

    def _alias_kind(self, name: str, scope: Scope) -> str:
        return next((self.kind(one) for one in _selects(scope.expression) if one.alias_or_name == name), TEXT)

    def _given(self, query: exp.Expr) -> Columns:
        if isinstance(query, exp.SetOperation):
            return self.outputs.get(id(query.this), {}) or self._given(query.this.unnest())
        given: Columns = {}
        for place, one in enumerate(_selects(query), start=1):
            name = one.alias_or_name if isinstance(one, exp.Alias | exp.Column) else f"expr{place}"
            given[f"{name}_{place}" if name in given else name] = self.kind(one)
        return given


def _selects(query: exp.Expr) -> list[exp.Expr]:
    return list(query.selects) if isinstance(query, exp.Query) else []


def _owner(node: exp.Expr) -> exp.Expr | None:
    """The SELECT (or set operation) that a node belongs to directly."""
    return node.find_ancestor(exp.Select, exp.SetOperation)


def _is_alias(column: exp.Column, scope: Scope) -> bool:
    """ORDER BY may name what the SELECT list gives."""
    if column.find_ancestor(exp.Order) is None:
        return False
    return any(one.alias_or_name == column.name for one in _selects(scope.expression))


def _real_name(scope: Scope, source: str) -> str:
    found = scope.selected_sources[source][1]
    return found.name.lower() if isinstance(found, exp.Table) else source


def _expand_stars(query: exp.Expr, sources: dict[str, Columns]) -> None:
    if not isinstance(query, exp.Select):
        return
    wanted: list[exp.Expr] = []
    for one in query.expressions:
        if not one.is_star or isinstance(one, exp.Count):
            wanted.append(one)
            continue
        named = one.table if isinstance(one, exp.Column) else ""
        if named and named not in sources:
            raise invalid_query(f"Unknown identifier '{named}.*'.")
        for source, columns in sources.items():
            if named in ("", source):
                table = exp.to_identifier(source, quoted=True) if source else None
                wanted += [exp.column(exp.to_identifier(c, quoted=True), table=table) for c in columns]
    query.set("expressions", wanted)
