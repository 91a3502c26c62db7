"""A person is found by whatever people call them, and never guessed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError, NotFound
from bot.people.find import Several, found, matching
from bot.people.model import Person

ALICE = Person(
    slack_id="U1", name="Alice Doherty", email="alice.doherty@larkspur.example", former=("ad@old.example",)
)
OTHER = Person(slack_id="U2", name="Alice Ng", email="alice.ng@larkspur.example")
SOFIA = Person(slack_id="U3", name="Sofía Restrepo Gil", email="sofia@larkspur.example", deactivated=True)
PEOPLE = (ALICE, OTHER, SOFIA)


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("U1", ALICE),
        ("Alice Doherty", ALICE),
        ("alice d", ALICE),
        ("doherty", ALICE),
        ("ALICE.DOHERTY@larkspur.example", ALICE),
        ("ad@old.example", ALICE),
        ("sofia gil", SOFIA),
        ("Restrepo", SOFIA),
    ],
)
def test_a_name_part_of_it_or_an_address_is_enough(typed: str, who: Person) -> None:
    """Accents and case do not matter; somebody deactivated is found too."""
    assert found(PEOPLE, typed) == who


def test_two_of_one_name_are_both_named() -> None:
    """Nobody is chosen for whoever asked."""
    with pytest.raises(Several, match="2 people are called `alice`: Alice Doherty, Alice Ng") as caught:
        found(PEOPLE, "alice")
    assert caught.value.people == (ALICE, OTHER)


def test_an_exact_name_goes_before_longer_ones() -> None:
    """Whoever is called just that is meant."""
    short = Person(slack_id="U9", name="Alice")
    assert matching((*PEOPLE, short), "alice") == (short,)


def test_nobody_comes_with_whoever_is_spelled_nearly_so() -> None:
    """A slip of the finger is not "nobody"."""
    with pytest.raises(NotFound, match="Did you mean Alice Doherty"):
        found(PEOPLE, "Alise Dohertee")
    with pytest.raises(NotFound, match=r"Sofía Restrepo Gil \(deactivated\)"):
        found(PEOPLE, "Sofia Restrepo Gill")


@given(st.text(max_size=80))
def test_any_text_is_somebody_or_a_clear_refusal(text: str) -> None:
    """Nothing that is typed breaks the search."""
    with suppress(BotError):
        assert found(PEOPLE, text) in PEOPLE
