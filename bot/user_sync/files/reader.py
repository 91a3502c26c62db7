"""Employees, vendors and users from files. A file is read whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from bot.errors import BadArgument
from bot.user_sync.files.cells import FORMULA, Headings, Unreadable, day, formula, line, text, truth
from bot.user_sync.files.sheet import Sheet, off, sheet
from bot.user_sync.model import Record, RecordKind, User

Readers = Mapping[str, Callable[[Any], Any]]
Named = Mapping[str, str]  # our column → the file's own heading
RECORD_COLUMNS = ("id", "first", "last", "email", "active", "termination_date", "flag", "manager", "role")
USER_COLUMNS = ("id", "first", "last", "email", "active", "ignore", "integration_id", "role")
_FEW_VALUES = frozenset({"active", "termination_date", "flag", "ignore", "role"})
_NAME = re.compile(r"[^=+@-].*|", re.DOTALL)
_PLAIN = {
    "id": re.compile(r"\w+"),
    "manager": re.compile(r"\d*"),
    "integration_id": re.compile(r"\d*"),
    "first": _NAME,
    "last": _NAME,
    "email": re.compile(r"[\w.][!-~]*|", re.ASCII),
}
_NO_LINK = frozenset({"", "none", "null"})


def records(
    data: bytes, name: str, kind: RecordKind, *, needs_flag: bool, named: Named | None = None
) -> tuple[Record, ...]:
    """
    The employees or vendors in a CSV or JSON file, in its order.

    An empty checkbox is not ticked. ``needs_flag``: without that column the file is refused, since nobody would
    qualify; vendors may lack a termination date, which NetSuite does not have for them.

    Raises:
        BadArgument: anything is off; says the file, the row and the column.
    """
    needed = {"id", "first", "last", "email", "active"}
    if kind is RecordKind.EMPLOYEE:
        needed.add("termination_date")
    if needs_flag:
        needed.add("flag")
    opened = sheet(data, name, _headings(RECORD_COLUMNS, needed, named))
    read = _columns(opened, named or {})
    absent = {
        "termination_date": repeat(None),
        "flag": repeat(None),
        "manager": repeat(""),
        "role": repeat(""),
    }
    return tuple(
        Record(
            id=native_id,
            kind=kind,
            first=first,
            last=last,
            email=email,
            active=active,
            termination_date=ends,
            flag=flag,
            manager_id=manager,
            role=role,
        )
        for native_id, first, last, email, active, ends, flag, manager, role in zip(
            *(read.get(column, absent.get(column, ())) for column in RECORD_COLUMNS), strict=False
        )
    )


def users(data: bytes, name: str, *, named: Named | None = None) -> tuple[User, ...]:
    """
    The users in a CSV or JSON file, in its order.

    Without a column for it, "Ignore for Integration" and the hidden Integration ID are unknown for everybody; in a
    file that has the column, an empty cell says no.

    Raises:
        BadArgument: anything is off; says the file, the row and the column.
    """
    opened = sheet(data, name, _headings(USER_COLUMNS, {"id", "first", "last", "email", "active"}, named))
    read = _columns(opened, named or {})
    absent = {"ignore": repeat(None), "integration_id": repeat(None), "role": repeat("")}
    return tuple(
        User(
            id=native_id,
            first=first,
            last=last,
            email=email,
            active=active,
            ignore=ignore,
            integration_id=linked,
            role=role,
        )
        for native_id, first, last, email, active, ignore, linked, role in zip(
            *(read.get(column, absent.get(column, ())) for column in USER_COLUMNS), strict=False
        )
    )


def _headings(columns: Sequence[str], needed: set[str], named: Named | None) -> Headings:
    return Headings(
        needed=tuple(column for column in columns if column in needed),
        optional=tuple(column for column in columns if column not in needed),
        named=named or {},
    )


def _columns(opened: Sheet, named: Named) -> dict[str, list[Any]]:
    """Every cell, read; of all that cannot be, the first of the file is complained of."""
    read: dict[str, list[Any]] = {}
    problems: list[tuple[int, BadArgument]] = []
    readers = FROM_CSV if opened.calculates else FROM_JSON
    for column, cells in opened.columns.items():
        try:
            read[column] = _read(column, cells, readers)
        except Unreadable:
            at, why = _first_off(cells, readers[column])
            row = opened.numbers[at]
            problems.append((row, off(opened.name, row, named.get(column, column), why)))
    if problems:
        raise min(problems, key=lambda problem: problem[0])[1]
    if len(set(read["id"])) != len(read["id"]):
        raise _repeated(opened, read["id"], named)
    return read


def _read(column: str, cells: Sequence[Any], readers: Readers) -> list[Any]:
    """The cells of one column. Two short cuts, for there may be a million: most need no reading, or say the same."""
    one = readers[column]
    try:
        if column in _FEW_VALUES:
            said = {cell: one(cell) for cell in set(cells)}
            return [said[cell] for cell in cells]
        if all(map(_PLAIN[column].fullmatch, cells)):
            return list(cells)
    except TypeError:
        pass  # JSON: numbers, or what is no cell at all
    return [one(cell) for cell in cells]


def _first_off(cells: Sequence[Any], read: Callable[[Any], Any]) -> tuple[int, str]:
    for at, cell in enumerate(cells):
        try:
            read(cell)
        except Unreadable as exc:
            return at, str(exc)
    raise AssertionError("a column was refused and none of its cells is off")


def _repeated(opened: Sheet, ids: list[str], named: Named) -> BadArgument:
    seen: dict[str, int] = {}
    for row, native_id in zip(opened.numbers, ids, strict=True):
        if (before := seen.setdefault(native_id, row)) != row:
            return off(
                opened.name, row, named.get("id", "id"), f"the same as in row {before}. Each id stands once."
            )
    raise AssertionError("an id was there twice and now is not")


def _no_formula(cell: object) -> str:
    said = cell if type(cell) is str else text(cell)
    if said[:1] in FORMULA and formula(said):
        raise Unreadable("is a formula. Save the file with values, not formulas.")
    return said


Text = Callable[[Any], str]


def _readers(said: Text) -> Readers:
    """How the cells of each column are read, given how a text is."""

    def native_id(cell: Any) -> str:
        if type(cell) is str and cell.isalnum():  # nearly always
            return cell
        if found := line(said(cell)):
            return found
        raise Unreadable("is empty. Each row needs an id.")

    def email(cell: Any) -> str:
        found = said(cell)
        if not found.isprintable():
            line(found)
        return found

    def link(cell: Any) -> str:
        if cell is None or cell == "":
            return ""
        found = line(said(cell))
        return "" if found.casefold() in _NO_LINK else found

    return {
        "id": native_id,
        "first": said,
        "last": said,
        "email": email,
        "active": truth,
        "termination_date": day,
        "flag": lambda cell: truth(cell, empty=False),
        "manager": link,
        "role": lambda cell: said(cell).strip(),
        "ignore": lambda cell: truth(cell, empty=False),
        "integration_id": link,
    }


FROM_CSV = _readers(_no_formula)
FROM_JSON = _readers(text)
