"""
Reads a query: SELECT … FROM … WHERE … GROUP BY … ORDER BY … LIMIT … OFFSET.

Not read: child sub-selects, TYPEOF, HAVING, WITH and FOR; they are refused as unexpected tokens.
Source: SOQL and SOSL Reference, read 2026-11-21.
"""

from sandbox.salesforce.soql.lex import Token, malformed, tokens
from sandbox.salesforce.soql.tree import (
    Aggregate,
    AllFields,
    Comparison,
    Condition,
    Group,
    Membership,
    Not,
    Order,
    Path,
    Query,
    Value,
)

LONGEST = 100_000
_FUNCTIONS = frozenset({"count", "count_distinct", "min", "max", "sum", "avg"})
_CLAUSES = ("where", "group", "order", "limit", "offset", "using", "with", "for", "all", "update", "having")
_OPERATORS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def parse(text: str) -> Query:
    """
    The tree of a query.

    Raises:
        ApiError: MALFORMED_QUERY, pointing at the token that does not fit.
    """
    if len(text) > LONGEST:
        raise malformed(text[:80], 0, f"SOQL statements cannot be longer than {LONGEST} characters.")
    reader = _Reader(text)
    query = reader.query()
    if reader.here.kind != "end":
        raise reader.unexpected()
    return query


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._next = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._next]

    def unexpected(self) -> Exception:
        what = "<EOF>" if self.here.kind == "end" else self.here.text
        return malformed(self.text, self.here.at, f"unexpected token: '{what}'")

    def _take(self) -> Token:
        token = self.here
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _skip(self, *words: str) -> bool:
        if self.here.is_word(*words) or (self.here.kind == "mark" and self.here.text in words):
            self._take()
            return True
        return False

    def _need(self, *words: str) -> None:
        if not self._skip(*words):
            raise self.unexpected()

    def _name(self) -> Token:
        if self.here.kind != "name":
            raise self.unexpected()
        return self._take()

    def query(self) -> Query:
        self._need("select")
        select = [self._selected()]
        while self._skip(","):
            select.append(self._selected())
        self._need("from")
        source = self._name()
        alias = None
        self._skip("as")
        if self.here.kind == "name" and not self.here.is_word(*_CLAUSES):
            alias = self._take().text
        where = self._condition() if self._skip("where") else None
        group_by = self._grouping() if self._skip("group") else ()
        order_by = self._ordering() if self._skip("order") else ()
        limit = self._whole() if self._skip("limit") else None
        offset = self._whole() if self._skip("offset") else 0
        return Query(
            self.text, tuple(select), source.text, source.at, alias, where, group_by, order_by, limit, offset
        )

    def _selected(self) -> Path | Aggregate | AllFields:
        token = self._name()
        if not (self.here.kind == "mark" and self.here.text == "("):
            return Path(tuple(token.text.split(".")), token.at)
        if token.is_word("fields"):
            self._need("(")
            which = self._name()
            self._need(")")
            return AllFields(which.text.lower(), token.at)
        return self._aggregate(token, aliased=True)

    def _aggregate(self, token: Token, *, aliased: bool) -> Aggregate:
        function = token.text.lower()
        if function not in _FUNCTIONS:
            raise malformed(self.text, token.at, f"unexpected token: '{token.text}'")
        self._need("(")
        path = None
        if not self._skip(")"):
            column = self._name()
            path = Path(tuple(column.text.split(".")), column.at)
            self._need(")")
        elif function != "count":
            raise self.unexpected()
        alias = None
        if aliased and path is not None and self.here.kind == "name" and not self.here.is_word("from"):
            alias = self._take().text
        return Aggregate(function, path, alias, token.at)

    def _condition(self) -> Condition:
        parts = [self._part()]
        connective = ""
        while self.here.is_word("and", "or"):
            if connective and not self.here.is_word(connective):
                raise self.unexpected()  # mixed AND and OR need parentheses
            connective = self._take().text.lower()
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else Group(connective, tuple(parts))

    def _part(self) -> Condition:
        if self._skip("not"):
            return Not(self._part())
        if self._skip("("):
            inner = self._condition()
            self._need(")")
            return inner
        token = self._name()
        path = Path(tuple(token.text.split(".")), token.at)
        if self._skip("like"):
            return Comparison(path, "like", self._value())
        if self._skip("in"):
            return Membership(path, False, self._among())
        if self._skip("not"):
            self._need("in")
            return Membership(path, True, self._among())
        if self.here.kind != "mark" or self.here.text not in _OPERATORS:
            raise self.unexpected()
        return Comparison(path, _OPERATORS[self._take().text], self._value())

    def _among(self) -> tuple[Value, ...] | Query:
        self._need("(")
        if self.here.is_word("select"):
            inner = self.query()
            self._need(")")
            return inner
        values = [self._value()]
        while self._skip(","):
            values.append(self._value())
        self._need(")")
        return tuple(values)

    def _value(self) -> Value:
        token = self._take()
        match token.kind:
            case "string":
                return Value("string", _unescape(self.text, token), token.at)
            case "number":
                number = float(token.text) if "." in token.text else int(token.text)
                return Value("number", number, token.at)
            case "date" | "datetime":
                return Value(token.kind, token.text, token.at)
            case "name" if token.is_word("true", "false"):
                return Value("boolean", token.text.lower() == "true", token.at)
            case "name" if token.is_word("null"):
                return Value("null", None, token.at)
            case "name":
                n = self._whole() if self._skip(":") else None
                return Value("span", (token.text.upper(), n), token.at)
        self._next -= token.kind != "end"
        raise self.unexpected()

    def _grouping(self) -> tuple[Path, ...]:
        self._need("by")
        found = [self._name()]
        while self._skip(","):
            found.append(self._name())
        return tuple(Path(tuple(token.text.split(".")), token.at) for token in found)

    def _ordering(self) -> tuple[Order, ...]:
        self._need("by")
        found = [self._order()]
        while self._skip(","):
            found.append(self._order())
        return tuple(found)

    def _order(self) -> Order:
        token = self._name()
        by: Path | Aggregate = Path(tuple(token.text.split(".")), token.at)
        if self.here.kind == "mark" and self.here.text == "(":
            by = self._aggregate(token, aliased=False)
        descending = self._skip("desc")
        if not descending:
            self._skip("asc")
        nulls_first = None
        if self._skip("nulls"):
            nulls_first = self._skip("first")
            if not nulls_first:
                self._need("last")
        return Order(by, descending, nulls_first)

    def _whole(self) -> int:
        if self.here.kind != "number" or not self.here.text.isdigit():
            raise self.unexpected()
        return int(self._take().text)


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\", "%": "\\%"}
_ESCAPES["_"] = "\\_"


def _unescape(text: str, token: Token) -> str:
    """The text of a string literal. \\% and \\_ keep their backslash: LIKE gives it a meaning."""
    out, chars = [], iter(token.text[1:-1])
    for char in chars:
        if char != "\\":
            out.append(char)
            continue
        escaped = next(chars)
        if escaped.lower() not in _ESCAPES:
            raise malformed(text, token.at, f"Illegal string literal: invalid escape sequence '\\{escaped}'")
        out.append(_ESCAPES[escaped.lower()])
    return "".join(out)
