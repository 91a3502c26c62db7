"""A finding's life: opened, kept, uncertain while its source is blind, resolved by a look that no longer sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from bot.clock import FixedClock
from bot.db.unit import Unit
from bot.findings.check import Check, View, check
from bot.findings.evaluation import Diagnosis
from bot.findings.model import Finding, FindingRow, FindingState, Severity
from bot.findings.repository import FindingRepository
from bot.inventory.model import Ownership
from bot.platform.model import Area, Gap, Snapshot
from tests.unit.samples import NOW, PROD, application, grant, principal

TAKEN = Snapshot(
    connection=PROD,
    taken_at=NOW,
    principals=(principal("005A", "Ana Duarte"),),
    applications=(application("0H4A", "Marketo sync"), application("0H4B", "Salesforce for iOS")),
    credentials=(grant("grant:1", "Marketo sync", "005A", "0H4A"), grant("grant:2", "iOS", "005A", "0H4B")),
)
GAP = Gap(area=Area.OAUTH_GRANT, what="grants", reason="no right", remedy="give it")


class Findings:
    """The findings of a store, in memory, as ``Unit`` offers them."""

    def __init__(self) -> None:
        self.rows: dict[str, FindingRow] = {}
        self.written = 0

    async def all(self, connection: str | None, states: frozenset[FindingState]) -> list[FindingRow]:
        return [row for row in self.rows.values() if row.state in states and row.connection == connection]

    async def put(self, rows: Iterable[FindingRow]) -> tuple[FindingRow, ...]:
        stored = tuple(rows)
        for row in stored:
            self.rows[row.id] = row
            self.written += 1
        return stored


class Nobody:
    """Ownerships of an inventory that nobody answers for."""

    async def live(self) -> tuple[Ownership, ...]:
        return ()


class OneUnit:
    """As much of a transaction as a diagnosis uses."""

    def __init__(self) -> None:
        self.findings = Findings()

    def __getitem__(self, kind: type[object]) -> object:
        return self.findings if kind is FindingRepository else Nobody()


def made(*, lasting: timedelta = timedelta(0), needs: tuple[Area, ...] = (Area.OAUTH_GRANT,)) -> Check:
    @check(
        id="salesforce.grant",
        title="A grant exists",
        severity=Severity.P2,
        risk="It acts.",
        remedy="Revoke it.",
        platforms=("salesforce",),
        needs=needs,
    )
    def rule(view: View) -> Iterable[Finding]:
        for credential in view.snapshot.credentials:
            yield Finding(
                rule="salesforce.grant",
                title="A grant exists",
                severity=Severity.P2,
                subject=credential.native_id,
                evidence=credential.label,
                remedy="Revoke it.",
                lasting=lasting,
            )

    return rule


class Desk:
    """A diagnosis, a clock and a store to look into."""

    def __init__(self, *checks: Check, everyday: tuple[str, ...] = ()) -> None:
        self.clock = FixedClock(NOW)
        self.unit = OneUnit()
        self.diagnosis = Diagnosis(checks, everyday, self.clock)

    async def look(self, snapshot: Snapshot) -> tuple[int, int]:
        opened, resolved = await self.diagnosis.diagnose(cast(Unit, self.unit), snapshot, {})
        return len(opened), resolved

    def states(self) -> list[FindingState]:
        return [row.state for row in self.unit.findings.rows.values()]


@pytest.fixture
def desk() -> Desk:
    return Desk(made(), everyday=("salesforce for ios",))


async def test_a_finding_opens_once_and_stays_without_another_write(desk: Desk) -> None:
    """Twenty looks at the same state are one row and one write."""
    assert await desk.look(TAKEN) == (1, 0)
    for _ in range(19):
        assert await desk.look(TAKEN) == (0, 0)
    assert (len(desk.unit.findings.rows), desk.unit.findings.written) == (1, 1)


async def test_it_resolves_when_a_whole_look_does_not_see_it(desk: Desk) -> None:
    """Absent from a complete listing is over; seen again it is a new finding."""
    await desk.look(TAKEN)
    assert await desk.look(replace(TAKEN, credentials=())) == (0, 1)
    assert desk.states() == [FindingState.RESOLVED]
    assert await desk.look(TAKEN) == (1, 0)
    assert desk.states() == [FindingState.RESOLVED, FindingState.OPEN]


async def test_what_could_not_be_seen_is_neither_open_nor_over(desk: Desk) -> None:
    """A gap in what the check needs makes it uncertain; the next whole look decides."""
    await desk.look(TAKEN)
    assert await desk.look(replace(TAKEN, credentials=(), gaps=(GAP,))) == (0, 0)
    assert desk.states() == [FindingState.UNKNOWN]
    assert await desk.look(TAKEN) == (0, 0)
    assert desk.states() == [FindingState.OPEN]


async def test_a_gap_elsewhere_does_not_matter() -> None:
    """Only what a check needs can make its findings uncertain."""
    desk = Desk(made(needs=(Area.LOGINS,)))
    await desk.look(TAKEN)
    assert await desk.look(replace(TAKEN, credentials=(), gaps=(GAP,))) == (0, 2)


async def test_a_blind_source_makes_everything_uncertain(desk: Desk) -> None:
    """A scan that failed resolves nothing."""
    await desk.look(TAKEN)
    await desk.diagnosis.blinded(cast(Unit, desk.unit), PROD)
    assert desk.states() == [FindingState.UNKNOWN]


async def test_a_lasting_finding_outlives_its_cause() -> None:
    """A failed sign-in is worth a look for a while after it happened, and then no longer."""
    desk = Desk(made(lasting=timedelta(days=1)))
    await desk.look(TAKEN)
    desk.clock.at += timedelta(hours=23)
    assert await desk.look(replace(TAKEN, credentials=())) == (0, 0)
    desk.clock.at += timedelta(hours=2)
    assert await desk.look(replace(TAKEN, credentials=())) == (0, 2)


async def test_peoples_own_apps_are_not_judged(desk: Desk) -> None:
    """The everyday app's grant is no finding, however its name is spelt."""
    await desk.look(TAKEN)
    assert [row.finding.subject for row in desk.unit.findings.rows.values()] == ["grant:1"]


async def test_changed_evidence_is_the_same_finding(desk: Desk) -> None:
    """New words are kept under the old reference."""
    await desk.look(TAKEN)
    (before,) = desk.unit.findings.rows.values()
    changed = replace(TAKEN.credentials[0], label="Marketo sync, renamed")
    await desk.look(replace(TAKEN, credentials=(changed,)))
    (after,) = desk.unit.findings.rows.values()
    assert (after.ref, after.opened_at) == (before.ref, before.opened_at)
    assert after.finding.evidence == "Marketo sync, renamed"


async def test_checks_of_other_platforms_are_not_run() -> None:
    """A rule for one vendor never judges another's listing."""
    desk = Desk(replace(made(), platforms=("netsuite",)))
    assert await desk.look(TAKEN) == (0, 0)
