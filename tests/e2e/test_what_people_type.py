"""What people type: names, questions, and words that are nearly right."""

from __future__ import annotations

import pytest
from desk import Desk, buttons_of, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_person_is_found_by_name(desk: Desk) -> None:
    """A full name and part of it answer as a mention does."""
    viewer = desk.who("viewer")
    assert "Alice Doherty" in await desk.ask(viewer, "impact Alice Doherty")
    assert "Alice Doherty" in await desk.ask(viewer, "impact doherty")


async def test_several_people_of_one_name_are_buttons(desk: Desk) -> None:
    """Each button is the same command with that person in it."""
    shown = await desk.slash(desk.who("viewer"), "impact a")
    assert "people are called" in words_of(shown)
    assert 2 <= len(buttons_of(shown)) <= 5


async def test_a_question_is_answered_and_says_by_what(desk: Desk) -> None:
    """The answer ends with the command that it was taken for."""
    said = await desk.ask(desk.who("viewer"), "what breaks if Alice Doherty leaves?")
    assert "Alice Doherty" in said
    assert "You can also type" in said
    assert "impact Alice Doherty" in said


async def test_who_owns_something_is_not_who_am_i(desk: Desk) -> None:
    """A question word is no beginning of another verb."""
    said = await desk.ask(desk.who("viewer"), "who owns celigo")
    assert "Celigo" in said
    assert "Your role" not in said


async def test_a_filter_that_is_spelled_nearly_right_is_no_all_clear(desk: Desk) -> None:
    """`list salesforce expirng` is not "nothing matches"."""
    shown = await desk.slash(desk.who("viewer"), "list salesforce expirng")
    assert "Did you mean" in words_of(shown)
    assert any("list salesforce expiring" in label for label in buttons_of(shown))


async def test_an_owner_is_set_by_name(desk: Desk) -> None:
    """The last words are the person, as far as they can be read so in one way only."""
    ref = await desk.ref_of("celigo")
    assert "Alice Doherty" in await desk.ask(
        desk.who("operator"), f"owner set {ref} Alice Doherty"
    ) or "asked" in (await desk.ask(desk.who("operator"), f"show {ref}"))
