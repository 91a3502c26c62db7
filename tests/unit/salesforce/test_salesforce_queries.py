"""What may go into a query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadArgument
from platforms.salesforce import queries


@given(st.text(max_size=90))
def test_nothing_leaves_the_literal(raw: str) -> None:
    """Whatever somebody types either is refused or stands in the query without quote and backslash."""
    try:
        soql = queries.users_by_address(raw).soql
    except BadArgument:
        return
    assert soql.count("'") == 4
    assert "\\" not in soql
    assert raw.lower() in soql


@pytest.mark.parametrize("raw", ["", "x' OR Name != '", "005Ak000000000nIAAx", "005Ak0000000", "ä" * 18])
def test_nothing_but_a_record_id_passes_as_one(raw: str) -> None:
    """Anything but fifteen or eighteen letters and digits is refused."""
    with pytest.raises(BadArgument):
        queries.record_id(raw)


@pytest.mark.parametrize("raw", ["005Ak000000000n", "005Ak000000000nIAA"])
def test_both_lengths_of_a_record_id_pass(raw: str) -> None:
    """Salesforce prints ids with 15 or 18 characters."""
    assert queries.record_id(raw) == raw


def test_an_address_with_an_apostrophe_is_refused_with_a_way_out() -> None:
    """An address that could close the literal is not escaped but refused; the id always works."""
    with pytest.raises(BadArgument, match="id"):
        queries.users_by_address("o'neill@acme.example")


def test_times_are_whole_utc_seconds_rounded_down() -> None:
    """A time in any zone becomes UTC and is never later than it was, so nothing falls between two scans."""
    at = datetime(2026, 11, 21, 10, 0, 0, 999999, tzinfo=timezone(timedelta(hours=2)))
    assert queries.moment(at) == "2026-11-21T08:00:00Z"
    assert queries.moment(datetime(2026, 11, 21, 8, tzinfo=UTC)) == "2026-11-21T08:00:00Z"


def test_the_refresh_token_is_never_asked_for() -> None:
    """No grant query names AccessToken, which holds the refresh token."""
    asked = [queries.GRANTS, queries.grants_of(["005Ak000000000nIAA"]), queries.grants_from(2500)]
    assert all("AccessToken" not in query.soql for query in asked)


def test_login_history_is_filtered_on_filterable_columns_only() -> None:
    """Status, Application, SourceIp and LoginSubType cannot stand in WHERE."""
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    for query in (queries.program_logins(now), queries.logins_of(["005Ak000000000nIAA"], now)):
        where = query.soql.partition(" WHERE ")[2]
        assert not {"Status", "Application ", "SourceIp", "LoginSubType"} & set(where.split())
