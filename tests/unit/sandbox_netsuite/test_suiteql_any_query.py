"""Whatever text a caller sends, it is answered with rows or refused in NetSuite's words."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sandbox.company import load
from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.callers import Caller
from sandbox.netsuite.catalogue import TABLES
from sandbox.netsuite.errors import ApiError
from sandbox.netsuite.seed.planting import plant
from sandbox.netsuite.suiteql.endpoint import SuiteQl
from sandbox.world import Json, World

WORDS = [
    *TABLES, "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "(", ")", ",", ".", "*", "=", "<", "'x'", "1", "ORDER BY",
    "GROUP BY", "HAVING", "JOIN", "ON", "LEFT JOIN", "id", "e", "name", "date", "user", "COUNT(", "MAX(", "TO_CHAR(",
    "SYSDATE", "ROWNUM", "BUILTIN.DF(", "UNION", "IN", "IS NULL", "BETWEEN", "LIKE", "CASE WHEN", "THEN", "ELSE", "END",
    "WITH", "AS", "DISTINCT", "FETCH FIRST 1 ROWS ONLY", "--", "/*", ";", "NULL", "+", "-", "||", "EXISTS", "OVER",
    "TO_DATE('2026-01-01','YYYY-MM-DD')", "INTERVAL", "@", "#", "$1", "\x00", '"', "TRUNC(", "NVL(", "(+)",
]  # fmt: skip


@pytest.fixture(scope="module")
def caller() -> Caller:
    account = Account(World(load()))
    plant(account)
    role = account["role"].where(name="Handover")[0]["id"]
    return Caller(account, 1101, role, account["integrationapp"].where(name="Handover")[0])


@pytest.fixture(scope="module")
def suiteql(caller: Caller) -> SuiteQl:
    return SuiteQl(caller.account)


@example(["SELECT", "id", "FROM", "employee"])
@example(["SELECT", "*", "FROM", "employee", "e", "LEFT JOIN", "role", "ON", "1", "=", "1"])
@example(["SELECT", "COUNT(", "*", ")", "FROM", "dual", "HAVING", "1", "=", "1"])
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_in_any_order(suiteql: SuiteQl, caller: Caller, words: list[str]) -> None:
    """No text of SQL's words makes the query service fail."""
    _try(suiteql, caller, " ".join(words))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(suiteql: SuiteQl, caller: Caller, text: str) -> None:
    """No text at all does."""
    _try(suiteql, caller, f"SELECT id FROM employee WHERE email = '{text}'")
    _try(suiteql, caller, text)


def _try(suiteql: SuiteQl, caller: Caller, text: str) -> None:
    rows: list[Json] = []
    total, refused = 0, None
    try:
        rows, total = suiteql.rows(caller, text, 10, 0)
    except ApiError as problem:
        refused = problem
    assert refused is None or (refused.status, refused.code) == (400, "INVALID_PARAMETER")
    assert len(rows) <= min(10, total)
    assert all(isinstance(value, str) for row in rows for name, value in row.items() if name != "links")


def test_a_quoted_text_is_only_a_text(suiteql: SuiteQl, caller: Caller) -> None:
    """A doubled apostrophe ends nothing."""
    rows, _ = suiteql.rows(caller, "SELECT id FROM employee WHERE lastname = 'O''Shaughnessy'", 10, 0)
    assert len(rows) == 1
