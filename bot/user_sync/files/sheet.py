"""A CSV or JSON file as rows of named columns; whatever is wrong with it is said with its row and column.

Rows are numbered as a spreadsheet shows them: the header of a CSV file is row 1. The items of a JSON list are
numbered from 1. Nothing is guessed: a row that is cut short, or a quotation mark that never closes, refuses the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from bot.errors import BadArgument
from bot.text import clean, plural
from bot.user_sync.files.cells import Headings

MOST_ROWS = 2_000_000
LISTS = ("rows", "items", "records", "users", "employees", "vendors", "data")
DELIMITERS = ",;\t"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def off(name: str, row: int, column: str, why: str) -> BadArgument:
    """The error of one cell."""
    return BadArgument(f"{name}: row {row}, column {clean(column, 60)}: {why}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file by columns, which is how 200,000 rows are read in half a second. All columns are equally long."""

    name: str
    numbers: Sequence[int]  # of the rows
    columns: Mapping[str, Sequence[Any]]  # the wanted ones that are there, by our name
    calculates: bool  # whether what opens such files would calculate a formula: CSV, not JSON


def sheet(data: bytes, name: str, headings: Headings) -> Sheet:
    """Open ``data``, JSON or CSV by its first character.

    Raises:
        BadArgument: not text, no header, a wanted column twice or missing, a row that does not fit the header.
    """
    if data.startswith(_UTF16):
        raise BadArgument(f"{name}: row 1, column 1: the file is UTF-16. Save it as “CSV UTF-8”.")
    if (nul := data.find(b"\0")) >= 0:
        row, column = _place(data[:nul])
        raise off(name, row, column, "a NUL character. The file is not text, or was damaged.")
    text = data.removeprefix(b"\xef\xbb\xbf")
    start = text[:4096].lstrip()[:1]
    if not start and not text.strip():
        raise BadArgument(f"{name}: row 1, column 1: the file is empty. It needs a header with {headings}.")
    return _json(text, name, headings) if start in (b"[", b"{") else _csv(text, name, headings)


# CSV ------------------------------------------------------------------------------------------------------------------


def _csv(data: bytes, name: str, headings: Headings) -> Sheet:
    delimiter = max(DELIMITERS, key=data.partition(b"\n")[0].decode("utf-8", "replace").count)
    rows = _rows(data, name, delimiter)
    numbers: Sequence[int] = range(1, len(rows) + 1)
    if not all(map(any, rows)):  # blank lines count, and are left out
        numbers = [number for number, cells in enumerate(rows, 1) if any(cells)]
        rows = [cells for cells in rows if any(cells)]
    if not rows:
        raise BadArgument(
            f"{name}: row 1, column 1: there is nothing but empty cells. The header needs {headings}."
        )
    header = rows[0]
    places = headings.places(header, name, row=numbers[0])
    if set(map(len, rows)) != {len(header)}:
        n = next(n for n, cells in enumerate(rows) if len(cells) != len(header))
        raise _ragged(name, numbers[n], rows[n], header)
    columns = list(zip(*islice(rows, 1, None), strict=True)) or [()] * len(header)
    return Sheet(name, numbers[1:], {column: columns[place] for column, place in places.items()}, True)


def _rows(data: bytes, name: str, delimiter: str) -> list[list[str]]:
    """Every row. Line breaks between quotes are part of a cell."""
    try:
        rows = list(islice(_reader(data, delimiter), MOST_ROWS + 2))
    except UnicodeDecodeError:
        raise _not_utf8(data, name, delimiter) from None
    except csv.Error as exc:
        raise _malformed(data, name, delimiter, str(exc)) from None
    if len(rows) > MOST_ROWS + 1:
        raise BadArgument(f"{name}: row {len(rows)}, column 1: more than {MOST_ROWS:,} rows.")
    return rows


def _reader(data: bytes, delimiter: str, *, strict: bool = True) -> Any:
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    return csv.reader(text, delimiter=delimiter, strict=strict)


def _malformed(data: bytes, name: str, delimiter: str, problem: str) -> BadArgument:
    """Where the quotation marks of a file break off: the rows are counted again, then read without strictness."""
    reader = _reader(data, delimiter)
    row = 1
    with suppress(csv.Error):
        while True:
            next(reader)
            row += 1
    header: list[str] = []
    column = "1"
    for number, cells in enumerate(islice(_reader(data, delimiter, strict=False), row), 1):
        header = header or cells
        if number == row and cells:
            column = header[len(cells) - 1] if row > 1 and len(cells) <= len(header) else str(len(cells))
    why = "a quotation mark that is never closed" if "unexpected end" in problem else problem
    return off(name, row, column, f"{why} (line {reader.line_num} of the file).")


def _ragged(name: str, row: int, cells: Sequence[str], header: Sequence[str]) -> BadArgument:
    if len(cells) < len(header):
        missing = header[len(cells)]
        return off(
            name, row, missing, f"the row ends before it: {plural(len(cells), 'cell')} of {len(header)}."
        )
    column = str(len(header) + 1)
    return off(name, row, column, f"more cells than the header has: {len(cells)} instead of {len(header)}.")


def _not_utf8(data: bytes, name: str, delimiter: str) -> BadArgument:
    try:
        data.decode("utf-8")
        raise AssertionError("it decodes as a whole")
    except UnicodeDecodeError as exc:
        row, column = _place(data[: exc.start], delimiter)
        byte = data[exc.start]
    return off(name, row, column, f"byte 0x{byte:02X} is not UTF-8. Save the file as “CSV UTF-8”.")


def _place(before: bytes, delimiter: str = ",") -> tuple[int, str]:
    """The row in which text ends that is fine so far, and its column by heading, or by number in the first row."""
    rows = list(
        csv.reader(io.StringIO(before.decode("utf-8", "replace") + "x", newline=""), delimiter=delimiter)
    )
    at = len(rows[-1])
    headed = len(rows) > 1 and at <= len(rows[0])
    return len(rows), rows[0][at - 1] if headed else str(at)


# JSON -----------------------------------------------------------------------------------------------------------------


def _json(data: bytes, name: str, headings: Headings) -> Sheet:
    try:
        whole = msgspec.json.decode(data)
    except UnicodeDecodeError as exc:
        raise off(name, *_spot(data, exc.start), "not UTF-8.") from None
    except msgspec.DecodeError as exc:
        at = str(exc).rpartition("byte ")[2].rstrip(")")
        spot = _spot(data, int(at)) if at.isdigit() else (1, "1")
        raise off(name, *spot, f"not JSON: {str(exc).partition(' (byte')[0]}.") from None
    items = _items(whole, name)
    if len(items) > MOST_ROWS:
        raise BadArgument(f"{name}: row {MOST_ROWS + 1:,}, column 1: more than {MOST_ROWS:,} rows.")
    keys: dict[str, None] = {}
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise BadArgument(f"{name}: row {number}, column 1: must be an object with named values.")
        keys.update(dict.fromkeys(item))
    if not items:
        return Sheet(name, (), dict.fromkeys(headings.wanted, ()), calculates=False)
    header = tuple(keys)
    places = headings.places(header, name, row=1)
    columns = {column: [item.get(header[place]) for item in items] for column, place in places.items()}
    return Sheet(name, range(1, len(items) + 1), columns, False)


def _items(whole: object, name: str) -> list[Any]:
    if isinstance(whole, list):
        return whole
    if isinstance(whole, Mapping):
        lists = [key for key in LISTS if isinstance(whole.get(key), list)]
        if len(lists) == 1:
            found: list[Any] = whole[lists[0]]
            total = whole.get("totalResults")
            if whole.get("hasMore") or (isinstance(total, int) and total > len(found)):
                raise BadArgument(
                    f"{name}: row {len(found) + 1}, column 1: one page of a longer list. Give all of it."
                )
            return found
    raise BadArgument(
        f"{name}: row 1, column 1: must be a list of objects, or an object that holds one in “rows”."
    )


def _spot(data: bytes, at: int) -> tuple[int, str]:
    """Line and column of a byte, from 1."""
    before = data[:at]
    return before.count(b"\n") + 1, str(at - before.rfind(b"\n"))
