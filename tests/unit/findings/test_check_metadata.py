"""What is attached to a check is complete, or the bot does not start."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bot.connections import checks
from bot.findings.check import Check, View, check
from bot.findings.frameworks import RISKS, References, references
from bot.findings.model import Finding, Severity


def made(**changes: object) -> Check:
    words: dict[str, object] = {
        "id": "salesforce.thing-open",
        "title": "A thing is open",
        "severity": Severity.P2,
        "risk": "Somebody walks in.",
        "remedy": "Close it.",
        "platforms": ("salesforce",),
        "owasp": ("NHI1",),
    }

    @check(**words | changes)  # type: ignore[arg-type]
    def rule(_: View) -> Iterable[Finding]:
        return ()

    return rule


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Ensure that things are closed"},
        {"title": "A thing " * 11},
        {"title": ""},
        {"risk": ""},
        {"remedy": ""},
        {"platforms": ()},
        {"id": "thing open"},
        {"id": "salesforce.Thing"},
        {"owasp": ("NHI11",)},
    ],
)
def test_a_check_that_people_could_not_act_on_is_refused(change: dict[str, object]) -> None:
    """The title states the bad state in eighty characters, and risk, deed, platforms and id are there."""
    with pytest.raises(ValueError, match="check "):
        made(**change)


def test_a_check_has_the_controls_of_its_risks_unless_it_names_others() -> None:
    """Auditors find every check under NIST, CIS and SOC 2."""
    assert made().references == references(("NHI1",))
    assert "CC6.2" in made(owasp=("NHI1", "NHI5")).references.soc2
    assert made(controls=References(nist=("AU-6",))).references == References(nist=("AU-6",))
    with pytest.raises(ValueError, match="no control"):
        References(cis=("AC-2",))


def test_the_ten_risks_are_ten_and_each_has_controls() -> None:
    """No risk is left without a place in the other frameworks."""
    assert list(RISKS) == [f"NHI{n}" for n in range(1, 11)]
    for risk in RISKS.values():
        assert all((risk.references.nist, risk.references.cis, risk.references.soc2))


def test_every_check_there_is_names_its_platform_first() -> None:
    """A finding's rule says by itself where it comes from."""
    for each in checks():
        assert each.id.partition(".")[0] in {*each.platforms, "any"}
