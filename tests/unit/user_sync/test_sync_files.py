"""Files as people really export them: read leniently where the meaning is plain, refused exactly where it is not."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync_people import employee, rules, user

from bot.errors import BadArgument
from bot.user_sync.files import reader, sheet, writer
from bot.user_sync.files.cells import harmless
from bot.user_sync.forecast import forecast
from bot.user_sync.model import Record, RecordKind, User

HEADER = "id,first,last,email,active,termination_date,flag"
ROW = "7,Ann,Lee,ann@example.com,T,,T"
USERS = "id,first,last,email,active,ignore,integration_id"


def employees(data: str | bytes, *, needs_flag: bool = False, **named: str) -> tuple[Record, ...]:
    raw = data.encode() if isinstance(data, str) else data
    return reader.records(raw, "e.csv", RecordKind.EMPLOYEE, needs_flag=needs_flag, named=named)


def people(data: str | bytes, **named: str) -> tuple[User, ...]:
    return reader.users(data.encode() if isinstance(data, str) else data, "u.csv", named=named)


def refused(data: str | bytes, **options: Any) -> str:
    with pytest.raises(BadArgument) as caught:
        employees(data, **options)
    return caught.value.hint


# what is read ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_spreadsheets_save_it(start: bytes, end: str, delimiter: str) -> None:
    """A byte order mark, any line end, and the delimiters of European spreadsheets."""
    text = end.join([HEADER, ROW, ""]).replace(",", delimiter)
    assert employees(start + text.encode()) == (employee("7"),)


@pytest.mark.parametrize("said", ["T", "true", "TRUE", "True", "yes", "Y", "1", " t ", "on", "Active"])
def test_every_yes_is_a_yes(said: str) -> None:
    """NetSuite says T, spreadsheets TRUE, people yes."""
    assert employees(f"{HEADER}\n7,Ann,Lee,a@x.test,{said},,")[0].active


@pytest.mark.parametrize("said", ["F", "false", "FALSE", "no", "N", "0", "off", "inactive"])
def test_every_no_is_a_no(said: str) -> None:
    """And likewise for no."""
    assert not employees(f"{HEADER}\n7,Ann,Lee,a@x.test,{said},,")[0].active


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("2026-11-24T00:00:00Z", date(2026, 11, 24)),
        ("2026-11-24 08:00", date(2026, 11, 24)),
        ("", None),
        (" ", None),
        ("none", None),
        ("- None -", None),
    ],
)
def test_days(said: str, day: date | None) -> None:
    """ISO, alone or with a time behind it; an empty one is none."""
    assert employees(f"{HEADER}\n7,Ann,Lee,a@x.test,T,{said},")[0].termination_date == day


@pytest.mark.parametrize(
    "wrap", [lambda x: x, lambda x: {"rows": x}, lambda x: {"items": x, "hasMore": False}]
)
def test_json_lists_and_wrapped_lists(wrap: Any) -> None:
    """A list of objects, or one inside an object; numbers as ids, null for nothing, a missing key likewise."""
    rows = [
        {"id": 7, "first": "Ann", "last": "Lee", "email": "ann@example.com", "active": True, "termination_date": None,
         "flag": 1},
        {"id": "8", "first": None, "last": "Orr", "active": "F", "more": [1]},
    ]  # fmt: skip
    one, two = employees(json.dumps(wrap(rows)))
    assert one == employee("7")
    assert two == employee("8", first="", last="Orr", email="", active=False, flag=False)


def test_an_empty_list_is_a_list() -> None:
    """A company without vendors has a file with a header, or an empty list."""
    assert employees("[]") == employees(HEADER) == employees('{"rows": []}') == ()


def test_headings_as_people_write_them() -> None:
    """Capitals, spaces and dashes do not matter, unknown columns neither."""
    text = (
        "Internal ID,First Name,Last Name,E-mail Address,Active,Termination Date,Nexonia,Notes\n" + ROW + ",x"
    )
    assert employees(text) == (employee("7"),)


def test_headings_that_were_named() -> None:
    """An administrator says which heading is which."""
    text = HEADER.replace("email", "Courriel") + "\n" + ROW
    assert employees(text, email="Courriel") == (employee("7"),)


def test_a_line_break_between_quotes_belongs_to_the_cell() -> None:
    """It is white space in a name, and later rows keep their numbers."""
    text = f'{HEADER}\n7,"Ann\nMarie",Lee,a@x.test,T,,\n8,Bo,Lee,b@x.test,perhaps,,\n'
    assert refused(text).startswith("e.csv: row 3, column active: “perhaps” is neither yes nor no.")
    assert employees(text.replace("perhaps", "T"))[0].first == "Ann\nMarie"


def test_blank_lines_are_counted_and_left_out() -> None:
    """A spreadsheet's empty rows are nobody."""
    assert employees(f"\n{HEADER}\n\n{ROW}\n,,,,,,\n\n") == (employee("7"),)
    assert "row 4, column active" in refused(f"{HEADER}\n\n{ROW}\n8,A,B,c,?,,\n")


@pytest.mark.parametrize(
    ("header", "ignore", "linked"),
    [
        (USERS, True, "7"),
        (USERS.replace(",integration_id", ""), True, None),
        ("id,first,last,email,active", None, None),
    ],
)
def test_what_the_user_list_does_not_show_is_unknown(
    header: str, ignore: bool | None, linked: str | None
) -> None:
    """The Integration ID is hidden even in the product: without its column nobody counts as unlinked."""
    cells = ["u1", "Ann", "Lee", "ann@example.com", "T", "T", "7"][: header.count(",") + 1]
    assert people(f"{header}\n{','.join(cells)}") == (user(ignore=ignore, integration_id=linked),)


@pytest.mark.parametrize(
    ("said", "linked"), [("", ""), ("None", ""), ("null", ""), ("7", "7"), ("vendor:7", "vendor:7")]
)
def test_integration_ids(said: str, linked: str) -> None:
    """An empty one means not linked; it may name its kind."""
    assert people(f"{USERS}\nu1,A,B,c@x.test,T,,{said}")[0].integration_id == linked


# what is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"{HEADER}\n{ROW}\n8,Zo\xe9,Lee,z@x.test,T,,T".encode("latin-1"),
            "e.csv: row 3, column first: byte 0xE9",
        ),
        (f"{HEADER}\n{ROW}".encode("utf-16"), "row 1, column 1: the file is UTF-16"),
        (f"{HEADER}\n{ROW}\n8,A\0,L,x,T,,".encode(), "row 3, column first: a NUL character"),
        (b"", "row 1, column 1: the file is empty"),
        (b"\xef\xbb\xbf \n", "row 1, column 1: the file is empty"),
        (b",,\n,,\n", "row 1, column 1: there is nothing but empty cells"),
    ],
)
def test_bytes_that_are_no_text(text: bytes, said: str) -> None:
    """Wrong encodings are told with row and column, not guessed."""
    assert said in refused(text)


@pytest.mark.parametrize("column", ["id", "first", "last", "email", "active", "termination_date"])
def test_a_missing_column_is_named(column: str) -> None:
    """Nobody's termination date is unknown by accident."""
    header = ",".join("other" if name == column else name for name in HEADER.split(","))
    assert f"row 1, column {column}: missing from the header" in refused(f"{header}\n{ROW}")


def test_the_checkbox_column_must_be_there_where_it_decides() -> None:
    """Without it nobody would qualify, and everybody end."""
    text = "\n".join(line.rsplit(",", 1)[0] for line in (HEADER, ROW))
    assert "column flag: missing" in refused(text, needs_flag=True)
    assert employees(text)[0].flag is None


def test_a_heading_that_was_named_must_be_there() -> None:
    """An optional column that somebody maps is not optional any more."""
    with pytest.raises(BadArgument, match="row 1, column Integration Key: missing from the header"):
        people(f"{USERS}\nu1,A,B,c,T,,", integration_id="Integration Key")


def test_a_heading_that_stands_twice() -> None:
    """Which of the two is meant cannot be guessed."""
    assert "row 1, column Email: stands twice in the header, in columns 4 and 8" in refused(
        f"{HEADER},Email\n{ROW},x"
    )
    assert employees(f"{HEADER},note,note\n{ROW},x,y") == (employee("7"),)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("8,A,B,c@x.test,maybe,,", "row 3, column active: “maybe” is neither"),
        ("8,A,B,c@x.test,,,", "row 3, column active: is empty"),
        ("8,A,B,c@x.test,T,24/11/2026,", "row 3, column termination_date: “24/11/2026” is not a day"),
        ("8,A,B,c@x.test,T,2026-02-30,", "row 3, column termination_date"),
        ("8,A,B,c@x.test,T,,sometimes", "row 3, column flag"),
        (",A,B,c@x.test,T,,", "row 3, column id: is empty"),
        ("7,A,B,c@x.test,T,,", "row 3, column id: the same as in row 2"),
        ("8,=1+1,B,c@x.test,T,,", "row 3, column first: is a formula"),
        ("8,A,\"+cmd|' /C calc'!A0\",c@x.test,T,,", "row 3, column last: is a formula"),
        ("8,A,B,@SUM(A1),T,,", "row 3, column email: is a formula"),
        ("8,A,B,\"c@x\n.test\",T,,", "row 3, column email: holds a line break"),
        ("8,A,B,c@x.test,T", "row 3, column termination_date: the row ends before it: 5 cells of 7"),
        ("8,A,B,c@x.test,T,,,x", "row 3, column 8: more cells than the header has"),
        ('8,A,"B,c@x.test,T,,', "row 3, column last: a quotation mark that is never closed"),
        ('8,"A"x,B,c@x.test,T,,', "row 3, column"),
    ],
)  # fmt: skip
def test_a_cell_that_is_off_is_named(cells: str, said: str) -> None:
    """File, row and column, and what would be right."""
    assert said in refused(f"{HEADER}\n{ROW}\n{cells}\n")


def test_the_first_of_many_faults_is_named() -> None:
    """Whatever the column, the topmost row is told first."""
    assert "row 2, column flag" in refused(f"{HEADER}\n7,A,B,c,T,,?\n,A,B,c,T,,\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"id": 1,]', "row 1, column 11: not JSON"),
        ('[\n{"id": 1},\n2]', "row 2, column 1: must be an object"),
        ('{"id": 1}', "must be a list of objects"),
        ('{"items": [{"id": 1}], "hasMore": true}', "row 2, column 1: one page of a longer list"),
        ('{"items": [{"id": 1}], "totalResults": 2}', "one page of a longer list"),
        ('[{"first": "A"}]', "row 1, column id: missing"),
        ('[{"id": {}, "first": "", "last": "", "email": "", "active": 1, "termination_date": ""}]', "row 1, column id"),
        ('[{"id": 1, "first": 1.5, "last": "", "email": "", "active": 1, "termination_date": 3}]', "row 1"),
        ('[{"id": 1, "first": "", "last": "", "email": "", "active": 2, "termination_date": ""}]', "column active"),
        ('[{"id": 1, "first": "", "last": "", "email": "", "active": 1, "termination_date": 3}]', "termination_date"),
    ],
)  # fmt: skip
def test_json_that_is_off(text: str, said: str) -> None:
    """As exactly as for CSV; one page of several is not a listing."""
    assert said in refused(text)


def test_json_knows_no_formulas() -> None:
    """No program calculates what a JSON file holds: such a name is a name."""
    row = {"id": "u", "first": "=1+1", "last": "Lee", "email": "@x", "active": True}
    assert people(json.dumps([row]))[0].first == "=1+1"


def test_a_file_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound, so that a wrong file does not eat the machine."""
    monkeypatch.setattr(sheet, "MOST_ROWS", 2)  # two million rows take seconds to write
    rows = [ROW.replace("7,", f"{n},", 1) for n in range(3)]
    assert refused("\n".join([HEADER, *rows])) == "e.csv: row 4, column 1: more than 2 rows."
    assert len(employees("\n".join([HEADER, *rows[:2]]))) == 2


def test_a_fault_in_the_last_of_many_rows_is_found() -> None:
    """The number is exact, however long the file."""
    rows = [ROW.replace("7,", f"{n},", 1) for n in range(50_000)]
    assert "row 50002, column active" in refused("\n".join([HEADER, *rows, "x,A,B,c,?,,"]))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: f"{HEADER}\n{t}".encode()))
def test_no_file_breaks_the_reader(data: bytes) -> None:
    """Anything is read or refused with its row; nothing else is raised."""
    try:
        said = f"e.csv: row {len(employees(data))}"
    except BadArgument as exc:
        said = exc.hint
    assert said.startswith("e.csv: row ")


# what is written ------------------------------------------------------------------------------------------------------


def test_rows_of_a_forecast() -> None:
    """The keys and actions are a contract; ids that both kinds have say which is meant."""
    records = (
        employee("1"),
        employee("2", email="=x"),
        Record(**{**_plain(employee("2")), "kind": RecordKind.VENDOR}),
    )
    found = forecast(records, (user("u1", integration_id="1"),), rules())
    lines = [json.loads(line.strip(b"[],\n")) for line in writer.as_json(writer.rows(found)) if b"{" in line]
    assert [tuple(line)[:4] for line in lines] == [("action", "rule", "record_id", "user_id")] * 3
    assert [(line["action"], line["record_id"], line["user_id"]) for line in lines] == [
        ("update", "1", "u1"),
        ("create", "employee:2", None),
        ("create", "vendor:2", None),
    ]


def _plain(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def test_notices_stand_in_the_reason_of_their_people() -> None:
    """A program that reads rows sees near-misses too."""
    found = forecast((employee("1"),), (user(first="Anne"),), rules())
    reasons = [row.reason for row in writer.rows(found)]
    assert all("One e-mail address, two names" in reason for reason in reasons)
    assert "Safety limit reached" in reasons[1]


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_a_spreadsheet_calculates_nothing_of_ours(names: list[str]) -> None:
    """Whatever an id holds, no cell of the CSV file begins as a formula does."""
    found = forecast((), tuple(user(name) for name in dict.fromkeys(names)), rules())
    for cells in csv.reader(io.StringIO(writer.as_csv(writer.rows(found)), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells)


@pytest.mark.parametrize(("cell", "safe"), [("=1", "'=1"), (" @x", "' @x"), ("a=1", "a=1"), ("", "")])
def test_what_is_made_harmless(cell: str, safe: str) -> None:
    """An apostrophe before what would be calculated, and nothing else is touched."""
    assert harmless(cell) == safe
