"""The ten OWASP risks on each platform: a check, or the reason why there can be none."""

from __future__ import annotations

import pytest

from bot.cli.reference.check_catalogue import coverage
from bot.connections import builders, checks
from bot.findings.frameworks import REASONS, RISKS


@pytest.mark.parametrize("risk", RISKS)
def test_every_risk_has_a_check_or_a_reason_on_every_platform(risk: str) -> None:
    """No cell of the table is empty: add a check, or say in bot/findings/frameworks.py why there can be none."""
    covered = {platform for check in checks() if risk in check.owasp for platform in check.platforms}
    empty = [name for name in builders() if name not in covered and not REASONS.get((risk, name))]
    assert empty == []


def test_reasons_are_of_risks_there_are_and_in_whole_sentences() -> None:
    """A mistyped key would hide a gap."""
    for (risk, platform), reason in REASONS.items():
        assert risk in RISKS
        assert platform.isalpha()
        assert reason.endswith(".")
        assert len(reason) < 300


def test_the_table_has_ten_rows_and_a_column_for_each_platform() -> None:
    """The page shows what the code says."""
    header, _, *rows = coverage(checks()).splitlines()
    assert len(rows) == 10
    assert all(row.count(" | ") == header.count(" | ") for row in rows)
    assert all(name in header for name in builders())
