"""Whatever is in a name, an export is data."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import example, given
from hypothesis import strategies as st

from bot.inventory.export import FORMULA, as_csv, as_json

cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(st.tuples(cells, cells), max_size=20))
@example([("=cmd|' /C calc'!A0", "@SUM(1)")])
@example([("\t=1", "\uff1d1")])
def test_no_cell_is_a_formula_and_none_is_lost(rows: list[tuple[str, str]]) -> None:
    """Each comes back as it was, but for one apostrophe before what a spreadsheet would run."""
    read = list(csv.reader(io.StringIO(as_csv(("a", "b"), rows).decode("utf-8-sig"), newline="")))
    assert read[0] == ["a", "b"]
    for before, after in zip(rows, read[1:], strict=True):
        for cell, shown in zip(before, after, strict=True):
            assert not shown.startswith(FORMULA)
            assert shown == (f"'{cell}" if cell.startswith(FORMULA) else cell)


@given(st.lists(st.tuples(cells, cells), max_size=20))
def test_json_is_exact(rows: list[tuple[str, str]]) -> None:
    """Programs get every letter."""
    read = json.loads(as_json(("a", "b"), rows))
    assert [(row["a"], row["b"]) for row in read] == rows
