"""The company file, as shipped and as somebody might write it wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.company import CompanyError, cadence_s, load
from sandbox.world import World


def test_the_shipped_company_is_worth_a_demo() -> None:
    """About sixty people of every role, fourteen integrations, hostile and right-to-left names, one alert channel."""
    company = load()
    names = [person.name for person in company.people]
    assert 55 <= len(names) <= 70
    assert len(company.integrations) == 14
    assert {person.slack_role for person in company.people} == {"admin", "approver", "operator", "viewer"}
    assert any("<!channel>" in name and "=cmd()" in name for name in names)
    assert any("\u0590" <= letter <= "\u05ff" for name in names for letter in name)
    assert [channel.name for channel in company.channels if channel.alerts] == ["integrations-alerts"]
    addresses = {person.email for person in company.people}
    held_by_people = [one for one in company.integrations if one.acts_as in addresses]
    assert len(held_by_people) >= 8


def test_people_can_be_added_without_end() -> None:
    """--people adds generated viewers, the same for the same seed, none twice."""
    company = load(people=500, seed=7)
    assert len({person.email for person in company.people}) == 500
    assert load(people=500, seed=7) == company
    assert load(people=500, seed=8) != company
    assert len(load(people=3).people) == len(load().people)


def test_ids_follow_the_seed() -> None:
    """The same seed gives the same ids, another seed others."""
    company = load()
    one, same, other = World(company, seed=1), World(company, seed=1), World(company, seed=2)
    ids = [[person.slack_id for person in world.people.values()] for world in (one, same, other)]
    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[company]\nname = 'x'\n", "[company]: domain must be a text"),
        ("[company]\nname = 'x'\ndomain = 'y'\n[[people]]\nemail = 'a@y'\n", "[[people]] a@y: name must be"),
        ("[company]\nname = 1\n", "[company]: name must be a text"),
        ("company = \n", "Invalid value"),
    ],
)
def test_a_wrong_file_is_told_where(text: str, said: str, tmp_path: Path) -> None:
    """The error names the entry and the key."""
    file = tmp_path / "company.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CompanyError) as wrong:
        load(file)
    assert said in str(wrong.value)


@pytest.mark.parametrize(("text", "seconds"), [("15m", 900), ("6h", 21_600), ("1d", 86_400)])
def test_cadences_are_read(text: str, seconds: int) -> None:
    """A cadence is a number and m, h or d."""
    assert cadence_s(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "5", "-5m", "0h", "5y"])
def test_other_cadences_are_refused(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(CompanyError):
        cadence_s(text)
