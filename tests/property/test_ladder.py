"""The ladder: it only climbs, slower for what can wait, and never for what is read once a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.model import Rung, rung_at
from bot.findings.model import Severity

OPENED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AFTER_H = (0.25, 4.0, 8.0, 24.0)
waits = st.integers(0, 60 * 24 * 14).map(lambda minutes: timedelta(minutes=minutes))


@given(waits, waits, st.sampled_from(Severity))
def test_time_only_climbs(one: timedelta, other: timedelta, severity: Severity) -> None:
    """Later is never lower."""
    early, late = sorted((one, other))
    assert rung_at(severity, OPENED, OPENED + early, AFTER_H) <= rung_at(
        severity, OPENED, OPENED + late, AFTER_H
    )


@given(waits)
def test_what_can_wait_climbs_no_faster(wait: timedelta) -> None:
    """P1 before P2 before P3, which stays where it is."""
    p1, p2, p3 = (rung_at(severity, OPENED, OPENED + wait, AFTER_H) for severity in Severity)
    assert p1 >= p2 >= p3 == Rung.OPENED


def test_the_first_quarter_of_an_hour_is_everybodys() -> None:
    """A deactivation taken back at once calls nobody; after it owner, backup, channel, approvers."""
    seen = [
        rung_at(Severity.P1, OPENED, OPENED + timedelta(minutes=minutes), AFTER_H)
        for minutes in (0, 14, 15, 239, 240, 480, 1439, 1440, 100_000)
    ]
    assert seen == [0, 0, 1, 1, 2, 3, 3, 4, 4]
    assert Rung.APPROVERS.next is None
    assert Rung.OPENED.next is Rung.OWNER
