"""SuiteQL is made of our own words, ids and quoted texts, whatever comes from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from bot.errors import BadArgument, ProtocolChanged
from platforms.netsuite import tokens, trail
from platforms.netsuite.employees import EMPLOYEES
from platforms.netsuite.rows import day, flag, instant, key, midnight, number, text
from platforms.netsuite.suiteql import Select, ids, moment, name, quoted, record_id


@given(st.text(max_size=60))
def test_a_quoted_text_is_one_literal(raw: str) -> None:
    """An independent parser reads back exactly the text, as one string, whatever is in it."""
    tree = sqlglot.parse_one(f"SELECT 1 FROM t WHERE a = {quoted(raw)}", read="oracle")
    (literal,) = [one for one in tree.find_all(exp.Literal) if one.is_string]
    assert literal.name == raw.replace("\x00", "")


@given(st.text(max_size=20))
def test_only_ids_and_names_pass_unquoted(raw: str) -> None:
    """What is not a whole number is no id; what is not letters, digits and underscores is no column."""
    for check, allowed in ((record_id, "-0123456789"), (name, "abcdefghijklmnopqrstuvwxyz_0123456789")):
        try:
            passed = check(raw)
        except BadArgument:
            continue
        assert set(passed.lower()) <= set(allowed)


def test_lists_of_ids() -> None:
    """One that is none spoils the list."""
    assert ids(["1", "-5"]) == "1, -5"
    with pytest.raises(BadArgument):
        ids(["1", "2); DELETE"])


def test_a_query_as_text() -> None:
    """Every part in its place; conditions of a page beside those of the query; a hidden column left out."""
    query = Select(columns=(("a", "t.x"), ("b", "t.y")), table="role", where=("t.z = 1",), order="t.id")
    assert query.text("t.id > 5") == (
        "SELECT t.x AS a, t.y AS b FROM role t WHERE t.z = 1 AND t.id > 5 ORDER BY t.id"
    )
    assert query.without("b").text() == "SELECT t.x AS a FROM role t WHERE t.z = 1 ORDER BY t.id"
    assert query.count() == "SELECT COUNT(t.id) AS n FROM role t WHERE t.z = 1"
    assert Select(columns=(("a", "t.x"),), table="role").text() == "SELECT t.x AS a FROM role t"


def test_every_query_of_ours_can_be_parsed() -> None:
    """An independent parser of Oracle's SQL understands the templates."""
    for select in (
        EMPLOYEES,
        tokens.TOKENS,
        tokens.of(token="5", entity="-5", name="it's", application_id="1"),
    ):
        assert sqlglot.parse_one(select.text(), read="oracle").find(exp.From)


def test_conditions_on_the_trail() -> None:
    """Names are quoted, and other tokens than a named one include those without a name."""
    found = trail.concerning(application="O'Neil", entity="7", token="a", status="Success")
    assert found == (
        "t.oAuthAppName = 'O''Neil'", "t.user = 7", "t.oAuthAccessTokenName = 'a'", "t.status = 'Success'",
    )  # fmt: skip
    (other,) = trail.concerning(not_token="new")
    assert "IS NULL" in other


def test_times_are_written_and_read_in_the_users_zone() -> None:
    """What is asked for in one zone comes back as the same instant."""
    tokyo, at = ZoneInfo("Asia/Tokyo"), datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
    assert moment(at, tokyo) == "TO_DATE('2026-11-25 01:30:00', 'YYYY-MM-DD HH24:MI:SS')"
    assert instant({"d": "2026-11-25 01:30:00"}, "d", tokyo) == at
    assert instant({}, "d", tokyo) is None
    assert midnight(day({"d": "2026-11-25"}, "d"), tokyo) == datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert day({}, "d") is None


def test_rows_are_texts_with_nulls_left_out() -> None:
    """A left-out column is empty, unset or zero; a value of another kind is a changed protocol."""
    row = {"id": "7", "on": "T", "off": "F", "n": "12", "odd": "\ud800", "bad": "maybe"}
    assert (key(row, "id"), flag(row, "on"), flag(row, "off"), flag(row, "none")) == ("7", True, False, False)
    assert (text(row, "none"), number(row, "none"), number(row, "n")) == ("", 0, 12)
    assert text(row, "odd") == "?"
    for read, column in ((key, "bad"), (flag, "bad"), (number, "bad"), (day, "bad")):
        with pytest.raises(ProtocolChanged):
            read(row, column)
    with pytest.raises(ProtocolChanged):
        instant(row, "bad", ZoneInfo("UTC"))
