"""What the store keeps of alerts, ownerships, suppressions and rhythms besides their beginning."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from store_samples import CONNECTION, NOW, alert, credential, finding, ownership, principal

from bot.alerts.model import AlertState
from bot.alerts.repository import AlertRepository
from bot.clock import FixedClock
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.errors import NotFound
from bot.findings.model import Suppression
from bot.findings.repository import FindingRepository, SuppressionRepository
from bot.inventory.model import OwnershipState, Rank
from bot.inventory.repository import KEPT, ItemRepository, OwnershipRepository, UsageRepository

LIVE = {AlertState.OPEN, AlertState.SNOOZED}


async def test_a_settled_alert_can_be_found_by_when_and_begins_anew(store: Store, clock: FixedClock) -> None:
    """Resolved keeps its time; open again it is nobody's and at the foot of the ladder."""
    told = alert()
    async with store.write() as unit:
        await unit[AlertRepository].add(told)
        await unit[AlertRepository].amend(
            replace(told, acknowledged_by="U1", acknowledged_at=NOW, rung=2, assignee="U2")
        )
        await unit[AlertRepository].transition(told.id, LIVE, AlertState.RESOLVED)
        (settled,) = await unit[AlertRepository].resolved_since(NOW)
        assert (settled.settled_at, settled.rung, settled.acknowledged_by) == (NOW, 2, "U1")
        assert await unit[AlertRepository].resolved_since(NOW + timedelta(microseconds=1)) == ()
        await unit[AlertRepository].transition(told.id, {AlertState.RESOLVED}, AlertState.OPEN)
        again = await unit[AlertRepository].get(told.id)
        assert (again.settled_at, again.rung, again.acknowledged_by, again.assignee) == (None, 0, "", "U2")
        with pytest.raises(NotFound):
            await unit[AlertRepository].amend(alert())


async def test_an_owner_and_a_backup_stand_beside_each_other(store: Store) -> None:
    """Rank, attestation and question survive; only what is accepted can be attested."""
    async with store.write() as unit:
        (item,) = (await unit[ItemRepository].put(CONNECTION, [principal()], NOW)).added
        first = ownership(item.id, state=OwnershipState.ACCEPTED)
        second = ownership(item.id, person="U9", rank=Rank.BACKUP)
        await unit[OwnershipRepository].add(first)
        await unit[OwnershipRepository].add(second)
        await unit[OwnershipRepository].asked([first.id], NOW)
        assert await unit[OwnershipRepository].attested(first.id, NOW + timedelta(hours=1))
        assert not await unit[OwnershipRepository].attested(second.id, NOW)
        kept = {o.person: o for o in await unit[OwnershipRepository].live()}
        assert kept["U1"].vouched_at == NOW + timedelta(hours=1)
        assert kept["U1"].asked_at == NOW
        assert kept["U9"].rank is Rank.BACKUP


async def test_a_suppression_ends_by_itself_or_by_hand(store: Store) -> None:
    """One for each finding; its end is its end."""
    async with store.write() as unit:
        (row,) = await unit[FindingRepository].put([finding()])
        word = Suppression(finding_id=row.id, until=NOW + timedelta(days=3), by="U1", at=NOW, reason="audit")
        await unit[SuppressionRepository].put(word)
        later = replace(word, until=NOW + timedelta(days=9))
        await unit[SuppressionRepository].put(later)
        assert await unit[SuppressionRepository].live(NOW) == {row.id: later}
        assert await unit[SuppressionRepository].live(NOW + timedelta(days=9)) == {}
        assert await unit[SuppressionRepository].lift(row.id)
        assert not await unit[SuppressionRepository].lift(row.id)


async def test_a_rhythm_keeps_its_latest_uses_in_order(store: Store) -> None:
    """What is no later adds nothing, and old uses are forgotten."""
    async with store.write() as unit:
        (item,) = (await unit[ItemRepository].put(CONNECTION, [credential()], NOW)).added
        for hour in (0, 3, 2, 3, *range(4, KEPT + 10)):
            await unit[UsageRepository].seen({item.id: NOW + timedelta(hours=hour)})
        uses = (await unit[UsageRepository].of([item.id]))[item.id]
        assert len(uses) == KEPT
        assert list(uses) == sorted(set(uses))
        assert uses[-1] == NOW + timedelta(hours=KEPT + 9)
        assert await unit[UsageRepository].of(["nothing"]) == {}


async def test_a_posting_can_wait_for_its_hour(store: Store, clock: FixedClock) -> None:
    """Said from a stated time on, not before; a time that is past is now."""
    async with store.write() as unit:
        await unit.outbox.put(Posting(idem_key="a", channel="U1", body=b""), NOW + timedelta(hours=8))
        await unit.outbox.put(Posting(idem_key="b", channel="U1", body=b""), NOW - timedelta(hours=8))
        assert [q.posting.idem_key for q in await unit.outbox.due(NOW, 10)] == ["b"]
        later = await unit.outbox.due(NOW + timedelta(hours=8), 10)
        assert {q.posting.idem_key for q in later} == {"a", "b"}
