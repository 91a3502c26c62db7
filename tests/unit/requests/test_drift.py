"""What differs between a plan as it was shown and as it would be now, and how objections read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.platform.plan import StepMode
from bot.requests.planning import differences, listed
from tests.unit.samples import PLAN, step


def test_the_same_plan_has_no_differences_but_says_something() -> None:
    """The words are never empty: something made the digests differ."""
    assert differences(PLAN, PLAN) == "its details changed."


def test_each_difference_is_named() -> None:
    """What was, what is; steps that came, went or do something else; notes that came and went."""
    grant = step("grant", "Assign permission set")
    other = step("authorize", "Approve something else", StepMode.GUIDED)
    now = replace(
        PLAN,
        holder_email="ben@example.com",
        downtime="an hour",
        steps=(PLAN.steps[0], grant, other),
        notes=("The integration gains: Manage Users.",),
    )
    said = differences(PLAN, now)
    for words in (
        "holder email was ana@example.com, is ben@example.com.",
        "downtime was none expected, is an hour.",
        "step retire is no longer needed.",
        "step grant is new.",
        "step authorize does something else.",
        "new: The integration gains: Manage Users.",
        "gone: The integration loses: Modify All Data.",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("objections", "said"),
    [
        (("it is frozen",), "it is frozen."),
        (("it is frozen.", " no licence is free "), "it is frozen; no licence is free."),
    ],
)
def test_objections_read_as_one_sentence(objections: tuple[str, ...], said: str) -> None:
    """However each came, the sentence ends once."""
    assert listed(objections) == said
