"""Login ranges and hours: read from people, merged, compared."""

from __future__ import annotations

import pytest

from bot.errors import BadArgument
from platforms.salesforce import rules

OFFICE = ("203.0.113.0", "203.0.113.31", "office")


def test_ranges_are_read_in_every_way_people_write_them() -> None:
    """Single addresses, from-to, networks and IPv6 all become first and last address."""
    found = rules.parse_ranges("198.51.100.7, 203.0.113.0 - 203.0.113.31,203.0.113.64/30, 2001:db8::/126")
    assert [(start, end) for start, end, _ in found] == [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.0", "203.0.113.31"),
        ("203.0.113.64", "203.0.113.67"),
        ("2001:db8::", "2001:db8::3"),
    ]


@pytest.mark.parametrize(
    "raw",
    ["", "nonsense", "203.0.113.9-203.0.113.1", "203.0.113.1-2001:db8::1", "203.0.113.5/24", "1.2.3.4,,"],
)
def test_a_range_that_is_off_is_named(raw: str) -> None:
    """Backward, mixed, misaligned or missing ranges are refused before anything is read or written."""
    with pytest.raises(BadArgument, match="address range"):
        rules.parse_ranges(raw)


def test_merging_keeps_what_is_there_and_adds_only_what_is_not() -> None:
    """The interface replaces the whole list, so a merge loses nothing and doubles nothing."""
    more = rules.parse_ranges("203.0.113.0-203.0.113.31, 198.51.100.7")
    merged = rules.merged((OFFICE,), more)
    assert merged[0] == OFFICE
    assert [one[:2] for one in merged[1:]] == [("198.51.100.7", "198.51.100.7")]
    assert rules.merged(merged, more) == merged


def test_an_address_is_inside_its_own_family_only() -> None:
    """Containment compares like with like; text that is no address is nowhere."""
    assert rules.contains((OFFICE,), "203.0.113.31")
    assert not rules.contains((OFFICE,), "203.0.113.32")
    assert not rules.contains((OFFICE,), "2001:db8::1")
    assert not rules.contains((OFFICE,), "Salesforce.com IP")


@pytest.mark.parametrize("raw", ["mon-fri 6-20", "mon-fri 06:00-20:00", "MON-FRIDAY 6-20"])
def test_hours_close_the_days_that_are_not_named(raw: str) -> None:
    """Weekdays open, the weekend closed: start equals end means no access."""
    hours = {day: (start, end) for day, start, end in rules.parse_hours(raw)}
    assert hours["monday"] == hours["friday"] == (360, 1200)
    assert hours["saturday"] == hours["sunday"] == (0, 0)
    assert len(hours) == 7


@pytest.mark.parametrize(
    "raw", ["", "mon", "mon 20-6", "fri-mon 6-20", "t 6-20", "mon 6:30-20:00", "mon 6-25"]
)
def test_hours_that_are_off_are_refused_with_an_example(raw: str) -> None:
    """Half hours, backward spans and ambiguous days are refused, and the hint shows what would do."""
    with pytest.raises(BadArgument, match="for example"):
        rules.parse_hours(raw)
