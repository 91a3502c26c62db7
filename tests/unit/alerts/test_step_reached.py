"""Which step on the way to its end a credential has reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.triggers import step_reached
from bot.inventory.catalogue import Entry, build
from bot.platform.model import Credential, CredentialStatus
from tests.unit.samples import NOW, grant, item

STEPS = (60, 30, 14, 7, 3, 1, 0)


def entry(ends_in: timedelta | None, status: CredentialStatus = CredentialStatus.ACTIVE) -> Entry:
    body = replace(grant("cert:1", "Cert", "", ends_in=ends_in), status=status)
    return build([item("CERTA1", body)], (), ()).entries[0]


@pytest.mark.parametrize(
    ("hours", "step"),
    [
        (61 * 24, None),
        (60 * 24 + 1, None),
        (60 * 24, 60),
        (31 * 24, 60),
        (30 * 24, 30),
        (6.5 * 24, 7),
        (24, 1),
        (1, 1),
        (0, 0),
        (-1, 0),
        (-5000, 0),
    ],
)
def test_the_nearest_step_that_was_reached(hours: float, step: int | None) -> None:
    """Seven with six and a half days left; zero on the day and ever after."""
    assert step_reached(entry(timedelta(hours=hours)), NOW, STEPS) == step


def test_what_has_no_end_reaches_nothing() -> None:
    """No date, no step; and a service account is no credential."""
    assert step_reached(entry(None), NOW, STEPS) is None


def test_what_was_revoked_ends_without_a_word() -> None:
    """An end that came early needs no warning."""
    assert step_reached(entry(timedelta(days=1), CredentialStatus.REVOKED), NOW, STEPS) is None


@given(st.floats(-100, 100), st.floats(0, 50), st.permutations(STEPS))
def test_time_only_brings_the_end_nearer(left: float, later: float, steps: list[int]) -> None:
    """Whatever order the steps are configured in, a later look never says a farther step."""
    body = entry(timedelta(days=left))
    assert isinstance(body.item.body, Credential)
    first = step_reached(body, NOW, tuple(steps))
    second = step_reached(body, NOW + timedelta(days=later), tuple(steps))
    assert first is None or (second is not None and second <= first)
