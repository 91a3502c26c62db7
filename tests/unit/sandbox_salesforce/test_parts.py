"""The small parts of the stand-in, each by its own promise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.catalogue import catalogue
from sandbox.salesforce.cursors import Cursor, Cursors
from sandbox.salesforce.ids import Mint, canonical, checked, well_formed
from sandbox.salesforce.profiles import IpRange, Restrictions
from sandbox.salesforce.soql.spans import span
from sandbox.salesforce.stamps import instant, stamp
from sandbox.salesforce.tables import Table
from sandbox.salesforce.usage import Usage, daily_allowance

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # a Saturday


def test_known_id() -> None:
    """The check characters are those of a published example."""
    assert checked("001D000000IqhSL") == "001D000000IqhSLIAZ"


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=15, max_size=15))
def test_ids_keep_case_apart(short: str) -> None:
    """Two Ids that differ only in case have different long forms, even when case is ignored."""
    assert well_formed(checked(short))
    assert canonical(short) == checked(short)
    if short.swapcase() != short:
        assert checked(short).casefold() != checked(short.swapcase()).casefold()


def test_minted_ids_are_distinct_and_ascend() -> None:
    """Ids of one prefix never repeat and sort in the order of creation."""
    mint = Mint()
    found = [mint.new("005") for _ in range(5000)]
    assert len(set(found)) == 5000
    assert found == sorted(found)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_stamps_sort_as_time_does(at: datetime) -> None:
    """Comparing wire forms compares instants."""
    at = at.replace(tzinfo=UTC, microsecond=0)
    assert instant(stamp(at)) == at
    assert stamp(at) < stamp(at + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("name", "n", "first", "after"),
    [
        ("TODAY", None, date(2026, 11, 21), date(2026, 11, 22)),
        ("YESTERDAY", None, date(2026, 11, 20), date(2026, 11, 21)),
        ("LAST_N_DAYS", 1, date(2026, 11, 20), date(2026, 11, 22)),
        ("NEXT_N_DAYS", 1, date(2026, 11, 22), date(2026, 11, 23)),
        ("THIS_WEEK", None, date(2026, 11, 15), date(2026, 11, 22)),
        ("LAST_MONTH", None, date(2026, 10, 1), date(2026, 11, 1)),
        ("NEXT_N_MONTHS", 2, date(2026, 12, 1), date(2027, 2, 1)),
        ("LAST_YEAR", None, date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_spans(name: str, n: int | None, first: date, after: date) -> None:
    """Each literal covers the days the reference gives it; weeks begin on Sunday."""
    assert span(name, n, NOON) == (first, after)


def test_spans_need_their_number() -> None:
    """A rolling literal without a number, or a fixed one with, is no literal."""
    with pytest.raises(KeyError):
        span("LAST_N_DAYS", None, NOON)
    with pytest.raises(KeyError):
        span("TODAY", 3, NOON)


def test_ranges() -> None:
    """Both ends belong to a range; families do not mix; nonsense is outside."""
    office = IpRange.parse("192.0.2.10", "192.0.2.20")
    assert office.holds("192.0.2.10")
    assert office.holds("192.0.2.20")
    assert not office.holds("192.0.2.21")
    assert not office.holds("::1")
    assert not office.holds("here")
    for start, end in (("192.0.2.2", "192.0.2.1"), ("192.0.2.1", "::1"), ("x", "y")):
        with pytest.raises(ValueError):  # noqa: PT011 - any wording will do
            IpRange.parse(start, end)


def test_hours() -> None:
    """A day left out is open, equal ends close it, the end is excluded."""
    limits = Restrictions((), {"saturday": (480, 720), "sunday": (0, 0)})
    assert not limits.admits_time(NOON)
    assert limits.admits_time(NOON - timedelta(minutes=1))
    assert not limits.admits_time(NOON + timedelta(days=1))
    assert limits.admits_time(NOON + timedelta(days=2))


def test_usage_rolls() -> None:
    """Calls count for 24 hours and not longer."""
    usage = Usage()
    for hour in range(30):
        usage.spend(NOON + timedelta(hours=hour), 10)
    assert usage.spent(NOON + timedelta(hours=29)) == 240
    assert usage.spent(NOON + timedelta(hours=60)) == 0


def test_allowance() -> None:
    """100,000 and 1,000 for each licence, unless the switch sets it."""
    assert daily_allowance(20, None) == 120_000
    assert daily_allowance(20, 7) == 7


def test_cursors_belong_to_their_user_and_lapse() -> None:
    """The eleventh drops the oldest, nobody reads another's, and two days end it."""
    cursors = Cursors()
    made = [cursors.keep(Cursor("me", [1], None, 1, 200, NOON)) for _ in range(11)]
    assert cursors.find(made[0], "me", NOON) is None
    assert cursors.find(made[1], "me", NOON) is not None
    assert cursors.find(made[1], "you", NOON) is None
    assert cursors.find(made[1], "me", NOON + timedelta(days=2)) is None


def test_tables_take_back_what_they_did() -> None:
    """Every change hands out its way back, indexes included."""
    undo: list[Callable[[], None]] = []
    table = Table(catalogue()["user"], Mint(), undo.append)
    kept = table.insert({"Username": "a@x.example"})
    undo.clear()
    table.change(kept, {"Username": "b@x.example"})
    gone = table.insert({"Username": "c@x.example"})
    table.delete(kept)
    assert table.where("Username", "B@X.example") == []
    for step in reversed(undo):
        step()
    assert table.where("Username", "a@x.example") == [kept]
    assert table.get(gone["Id"]) is None
    assert len(table) == 1


def test_required_columns_in_the_vendors_order() -> None:
    """What a user needs is listed as the vendor's message lists it."""
    assert catalogue()["user"].required()[:4] == ("Username", "LastName", "Email", "Alias")
    assert len(catalogue()["user"].required()) == 9


def test_catalogue_references_lead_somewhere() -> None:
    """Every relationship a query can walk leads to a type that exists."""
    for kind in catalogue().values():
        for column in kind.fields:
            if column.relationship:
                assert any(target.lower() in catalogue() for target in column.refers_to), (kind.name, column)
