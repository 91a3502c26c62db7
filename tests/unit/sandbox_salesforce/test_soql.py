"""The SOQL reader agrees with the language's reference, down to the wording of its refusals."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql.parse import parse
from sandbox.salesforce.soql.plan import run
from sandbox.salesforce.soql.tree import semi_joins

BOT = "handover@integrations.larkspur.example"
WORDS = (
    "select from where and or not in like group by order limit offset nulls first last asc desc null true false"
    " TODAY LAST_N_DAYS : 3 ( ) , = != < <= > >= ' 'x' User Id Name Profile.Name count count() fields standard"
    " 2026-01-01 2026-01-01T00:00:00Z 1.5 -4 \\ % ; LoginHistory OauthToken UserId Bogus __c ü"
)
CONDITIONS = ("IsActive = true", "Title != null", "Alias LIKE 'a%'", "Title = null")


def rows(org: Org, text: str) -> list[dict[str, Any]]:
    found = run(org, text, org["User"].where("Username", BOT)[0]["Id"], "65.0")
    return [found.show(row) for row in found.rows]


def column(org: Org, text: str, name: str = "Username") -> list[Any]:
    return [row[name] for row in rows(org, text)]


def refused(org: Org, text: str) -> ApiError:
    with pytest.raises(ApiError) as problem:
        rows(org, text)
    return problem.value


def test_relationship_paths_nest(org: Org) -> None:
    """A path through parents prints each parent as an object with its own attributes."""
    row = rows(org, f"SELECT Id, Profile.Name, Profile.UserLicense.Name FROM User WHERE Username = '{BOT}'")[
        0
    ]
    assert row["Profile"]["attributes"]["type"] == "Profile"
    assert row["Profile"]["UserLicense"]["Name"] == "Salesforce Integration"
    assert list(row) == ["attributes", "Id", "Profile"]


def test_a_missing_parent_is_null(org: Org) -> None:
    """Where the reference is empty, the parent is null and conditions on it fail."""
    row = rows(org, f"SELECT Manager.Name FROM User WHERE Username = '{BOT}'")[0]
    assert row["Manager"] is None
    assert BOT not in column(org, "SELECT Username FROM User WHERE Manager.IsActive = true")


def test_text_compares_without_case(org: Org) -> None:
    """=, IN and LIKE ignore case; % and _ are wildcards unless escaped."""
    assert column(org, f"SELECT Username FROM User WHERE Username = '{BOT.upper()}'") == [BOT]
    assert column(
        org, "SELECT Username FROM User WHERE username IN ('HANDOVER@integrations.larkspur.example')"
    ) == [BOT]
    assert column(org, "SELECT Username FROM User WHERE Username LIKE 'hand_ver@%'") == [BOT]
    assert column(org, r"SELECT Username FROM User WHERE Username LIKE 'hand\_ver@%'") == []


def test_quotes_and_markup_in_values(org: Org) -> None:
    """An escaped quote and a hostile name are ordinary text."""
    quoted = column(org, r"SELECT Name FROM User WHERE LastName = 'O\'Shaughnessy'", "Name")
    assert quoted == []  # he has no Salesforce user: the point is that the query reads
    assert column(org, "SELECT Name FROM User WHERE Name LIKE '%<!channel>%'", "Name") == [
        "Robert <!channel> =cmd()"
    ]


def test_null_and_inequality(org: Org) -> None:
    """= null finds the empty, and != value finds the empty too."""
    never = set(column(org, "SELECT Username FROM User WHERE LastLoginDate = null"))
    ever = set(column(org, "SELECT Username FROM User WHERE LastLoginDate != null"))
    assert never
    assert ever
    assert not never & ever
    assert never <= set(
        column(org, "SELECT Username FROM User WHERE LastLoginDate != TODAY OR LastLoginDate = null")
    )


def test_not_and_parentheses(org: Org) -> None:
    """NOT binds to one condition; AND and OR mix only with parentheses."""
    inactive = column(org, "SELECT Username FROM User WHERE NOT IsActive = true")
    assert inactive == column(org, "SELECT Username FROM User WHERE IsActive = false")
    both = "SELECT Username FROM User WHERE (IsActive = false OR Alias = 'admin') AND UserType = 'Standard'"
    assert set(column(org, both)) == {*inactive, "admin@larkspur.example"}
    mixed = refused(org, "SELECT Id FROM User WHERE IsActive = true AND Alias = 'a' OR Alias = 'b'")
    assert mixed.code == "MALFORMED_QUERY"
    assert mixed.message.endswith("unexpected token: 'OR'")


def test_semi_joins(org: Org) -> None:
    """A sub-select compares Ids; two are allowed, three are not."""
    holders = "SELECT UserId FROM OauthToken WHERE AppName = 'Workato'"
    names = column(org, f"SELECT Username FROM User WHERE Id IN ({holders})")
    assert set(names) == {"wenli.chang@larkspur.example", "kenji.watanabe@larkspur.example"}
    others = column(org, f"SELECT Username FROM User WHERE Id NOT IN ({holders})")
    assert set(names).isdisjoint(others)
    three = " AND ".join([f"Id IN ({holders})"] * 3)
    assert "Maximum 2 semi join" in refused(org, f"SELECT Id FROM User WHERE {three}").message


def test_semi_joins_are_counted_inside_groups() -> None:
    """The limit sees through parentheses and NOT."""
    where = parse(
        "SELECT Id FROM User WHERE (NOT Id IN (SELECT UserId FROM A)) OR (Id IN (SELECT B FROM C))"
    ).where
    assert semi_joins(where) == 2


def test_order_limit_offset(org: Org) -> None:
    """Sorting ignores case, puts nulls first going up and last going down, and can be told otherwise."""
    up = column(org, "SELECT Title FROM User ORDER BY Title", "Title")
    down = column(org, "SELECT Title FROM User ORDER BY Title DESC", "Title")
    told = column(org, "SELECT Title FROM User ORDER BY Title ASC NULLS LAST", "Title")
    assert up[0] is None
    assert down[-1] is None
    assert told[-1] is None
    filled = [title.casefold() for title in up if title]
    assert filled == sorted(filled)
    window = column(org, "SELECT Username FROM User ORDER BY Username LIMIT 3 OFFSET 2")
    assert window == column(org, "SELECT Username FROM User ORDER BY Username LIMIT 5")[2:]


def test_counting(org: Org) -> None:
    """COUNT() has no rows; grouped counts have one row per group, named by alias or exprN."""
    found = run(org, "SELECT COUNT() FROM User", org["User"].where("Username", BOT)[0]["Id"], "65.0")
    assert (found.total, found.rows) == (len(org["User"]), [])
    grouped = rows(org, "SELECT IsActive, COUNT(Id), MAX(CreatedDate) newest FROM User GROUP BY IsActive")
    assert {row["IsActive"]: row["expr0"] for row in grouped} == {True: len(org["User"]) - 1, False: 1}
    assert set(grouped[0]) == {"attributes", "IsActive", "expr0", "newest"}
    assert (
        "does not support aggregate operator COUNT"
        in refused(org, "SELECT COUNT(Id) FROM SetupAuditTrail").message
    )
    assert rows(org, "SELECT Action, MAX(CreatedDate) FROM SetupAuditTrail GROUP BY Action")


def test_date_literals_as_stretches(org: Org) -> None:
    """= means inside, < before the start, and the switch decides how the rolling ones compare."""
    recent = column(org, "SELECT LoginTime FROM LoginHistory WHERE LoginTime = LAST_N_DAYS:3", "LoginTime")
    assert recent
    assert recent == column(
        org, "SELECT LoginTime FROM LoginHistory WHERE LoginTime >= LAST_N_DAYS:3", "LoginTime"
    )
    older = column(org, "SELECT LoginTime FROM LoginHistory WHERE LoginTime < LAST_N_DAYS:3", "LoginTime")
    assert max(older) < min(recent)
    assert len(older) + len(recent) == len(org["LoginHistory"])
    edge = column(org, "SELECT LoginTime FROM LoginHistory WHERE LoginTime > LAST_N_DAYS:3", "LoginTime")
    assert edge == recent
    before, org.switches = org.switches, replace(org.switches, rolling_literals="range")
    try:
        assert (
            column(org, "SELECT LoginTime FROM LoginHistory WHERE LoginTime > LAST_N_DAYS:3", "LoginTime")
            == []
        )
    finally:
        org.switches = before


def test_instants(org: Org) -> None:
    """An instant may carry Z or an offset; a bare day does not fit a date and time."""
    newest = max(row["LoginTime"] for row in org["LoginHistory"])
    literal = newest.replace(".000+0000", "Z")
    found = column(org, f"SELECT LoginTime FROM LoginHistory WHERE LoginTime >= {literal}", "LoginTime")
    assert set(found) == {newest}
    assert (
        "must be of type dateTime"
        in refused(org, "SELECT Id FROM User WHERE CreatedDate > 2026-01-01").message
    )


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FRM User", "MALFORMED_QUERY", "unexpected token: 'FRM'"),
        ("SELECT Id FROM User WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM User LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
        ("SELECT Id FROM User WHERE Name = 'a", "MALFORMED_QUERY", "missing closing quote"),
        ("SELECT Id FROM User WHERE Name ~ 'a'", "MALFORMED_QUERY", "no viable alternative"),
        ("SELECT Id FROM Account", "INVALID_TYPE", "sObject type 'Account' is not supported"),
        ("SELECT Id, Shoe FROM User", "INVALID_FIELD", "No such column 'Shoe' on entity 'User'"),
        (
            "SELECT Boss.Name FROM User",
            "INVALID_FIELD",
            "Didn't understand relationship 'Boss' in field path",
        ),
        (
            "SELECT Id FROM User WHERE IsActive = 'true'",
            "INVALID_FIELD",
            "must be of type boolean and should not be",
        ),
        (
            "SELECT Id FROM User WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed",
        ),
        ("SELECT Id FROM User WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        (
            "SELECT Id FROM LoginHistory WHERE Status = 'x'",
            "INVALID_FIELD",
            "can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM SetupAuditTrail WHERE Section = 'x'",
            "INVALID_FIELD",
            "can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM LoginHistory ORDER BY Status",
            "INVALID_FIELD",
            "can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM User OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("SELECT FIELDS(ALL) FROM User", "MALFORMED_QUERY", "LIMIT of at most 200"),
        (
            "SELECT Id FROM PermissionSetLicense WHERE ExpirationDate > 2026-13-45",
            "MALFORMED_QUERY",
            "invalid date",
        ),
        ("SELECT Id FROM User WHERE CreatedDate > 2026-13-45T00:00:00Z", "MALFORMED_QUERY", "invalid date"),
        ("SELECT Id FROM User WHERE CreatedDate > LAST_N_DAYS:99999999999", "MALFORMED_QUERY", "LAST_N_DAYS"),
        ("SELECT Name, COUNT(Id) FROM User", "MALFORMED_QUERY", "must be grouped or aggregated"),
    ],
)
def test_refusals(org: Org, text: str, code: str, words: str) -> None:
    """What is wrong is named with the vendor's code and words."""
    problem = refused(org, text)
    assert problem.code == code
    assert words in problem.message


def test_refusals_point_at_the_place(org: Org) -> None:
    """The message shows the piece of the query, a caret under the token, row and column."""
    lines = refused(org, "SELECT Id,\n Shoe FROM User").message.splitlines()
    assert lines[1:4] == [" Shoe FROM User", " ^", "ERROR at Row:2:Column:2"]


def test_fields_standard(org: Org) -> None:
    """FIELDS(STANDARD) is every column, without what only the org knows."""
    row = rows(org, "SELECT FIELDS(STANDARD) FROM UserLogin LIMIT 1")[0]
    assert set(row) == {
        "attributes", "Id", "UserId", "IsFrozen", "IsPasswordLocked", "LastModifiedDate", "LastModifiedById",
    }  # fmt: skip


def test_nothing_inside_can_be_selected(org: Org) -> None:
    """Refresh tokens, password digests and internal keys are no columns."""
    for name in ("_refresh_token", "_passwords", "_key"):
        assert refused(org, f"SELECT {name} FROM OauthToken").code == "INVALID_FIELD"


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=14).map(" ".join) | st.text(max_size=60))
def test_any_text_is_answered_or_refused(org: Org, text: str) -> None:
    """No text makes the reader fail in any other way than by a refusal of its own."""
    with suppress(ApiError):
        rows(org, text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4), st.sampled_from(("AND", "OR")))
def test_conditions_and_their_opposite_split_the_rows(org: Org, parts: list[str], connective: str) -> None:
    """A condition and NOT that condition share no row and leave none out."""
    condition = f" {connective} ".join(parts)
    yes = column(org, f"SELECT Id FROM User WHERE {condition}", "Id")
    no = column(org, f"SELECT Id FROM User WHERE NOT ({condition})", "Id")
    assert not set(yes) & set(no)
    assert len(yes) + len(no) == len(org["User"])
