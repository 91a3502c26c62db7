"""A SuiteQL text made into one SQLite statement, or refused in NetSuite's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.transforms import eliminate_join_marks

from sandbox.netsuite.catalogue import TABLES
from sandbox.netsuite.errors import invalid_query
from sandbox.netsuite.suiteql.checking import UNSUPPORTED, check, lower_names
from sandbox.netsuite.suiteql.grouping import check_grouping
from sandbox.netsuite.suiteql.rewriting import count_no_audit, read_from_mirror, rewrite
from sandbox.netsuite.suiteql.rownum import number_rows
from sandbox.netsuite.suiteql.scopes import Columns, Names

LONGEST_QUERY = 1_000_000
_BEGINS = re.compile(r"(?:[\s(]|--[^\n]*|/\*.*?\*/)*+(?:select|with)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Statement:
    """
    SQLite's text, with :now, :caller and :audited to be bound, and the tables that the mirror must hold.

    `columns` are the names it gives, in order, lower case as over REST. `bounded`: it has a limit of its own.
    """

    sql: str
    columns: tuple[str, ...]
    tables: frozenset[str]
    bounded: bool

    def page(self, limit: int, offset: int) -> str:
        whole = f"SELECT * FROM ({self.sql})" if self.bounded else self.sql  # noqa: S608 - translated here
        return f"{whole} LIMIT {limit:d} OFFSET {offset:d}"

    @property
    def count(self) -> str:
        return f"SELECT COUNT(*) FROM ({self.sql})"  # noqa: S608 - translated here


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the account this caller may see, and the quirk of counting the audit trail."""

    hidden: frozenset[str]
    own_notes_only: bool
    employee_dates: bool
    no_audit_count: bool


def translate(text: str, columns_of: Callable[[str], Columns], sight: Sight) -> Statement:
    """
    Read, check and translate.

    Raises:
        ApiError: 400 INVALID_PARAMETER with the reason in NetSuite's words.
    """
    if len(text) > LONGEST_QUERY or not _BEGINS.match(text):
        raise invalid_query(UNSUPPORTED)
    try:
        trees = sqlglot.parse(text, read="oracle")
        tree = trees[0].unnest() if len(trees) == 1 and trees[0] is not None else None
        if not isinstance(tree, exp.Select | exp.SetOperation):
            raise invalid_query(UNSUPPORTED)
        check(tree)
        lower_names(tree)
        if any(column.args.get("join_mark") for column in tree.find_all(exp.Column)):
            eliminate_join_marks(tree)
        names = Names(columns_of)
        names.resolve(tree)
    except (SqlglotError, RecursionError):
        raise invalid_query(UNSUPPORTED) from None
    check_grouping(tree)
    number_rows(tree)
    columns = tuple(names.outputs[id(tree)])
    made = rewrite(tree, names)
    if sight.no_audit_count:
        count_no_audit(made)
    read_from_mirror(made, own_notes_only=sight.own_notes_only)
    bounded = any(made.args.get(key) is not None for key in ("limit", "offset"))
    kept = frozenset(TABLES[name].kept_by or name for name in names.tables)
    return Statement(made.sql("sqlite", unsupported_level=ErrorLevel.IGNORE), columns, kept, bounded)
