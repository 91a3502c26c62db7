"""People, ownerships, findings, connections and secrets: kept whole, changed only as promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from store_samples import CONNECTION, NOW, connection_state, finding, ownership, person, principal

from bot.db.store import Store
from bot.errors import NotFound
from bot.findings.model import FindingState
from bot.findings.repository import FindingRepository
from bot.inventory.model import ConnectionState, OwnershipState
from bot.inventory.repository import ConnectionRepository, ItemRepository, OwnershipRepository
from bot.people.repository import PersonRepository
from bot.secrets.repository import SecretRepository
from bot.text import Secret

LATER = NOW + timedelta(hours=1)


async def test_late_news_of_a_person_change_nothing(store: Store) -> None:
    """Events re-delivered or out of order leave the newest word standing."""
    newest = person(updated=200, deactivated=True)
    async with store.write() as unit:
        assert await unit[PersonRepository].put(person(updated=100))
        assert await unit[PersonRepository].put(newest)
        assert await unit[PersonRepository].put(newest)
        assert not await unit[PersonRepository].put(person(updated=199, name="Late"))
        assert await unit[PersonRepository].get("U1") == newest
        assert await unit[PersonRepository].all() == (newest,)
        assert await unit[PersonRepository].get("U9") is None


async def test_a_person_is_found_by_email_however_spelt(store: Store) -> None:
    """Of several with one e-mail the one Slack spoke of last; a changed e-mail is followed."""
    async with store.write() as unit:
        await unit[PersonRepository].put(person("U1", updated=1))
        await unit[PersonRepository].put(person("U2", updated=2))
        await unit[PersonRepository].put(person("U3", updated=3, email=""))
        found = await unit[PersonRepository].by_email("ZOE.planted@LARKSPUR.example ")
        assert found is not None
        assert found.slack_id == "U2"
        assert await unit[PersonRepository].by_email("") is None
        await unit[PersonRepository].put(person("U2", updated=4, email="other@larkspur.example"))
        found = await unit[PersonRepository].by_email("zoe.planted@larkspur.example")
        assert found is not None
        assert found.slack_id == "U1"


async def test_marks_move_with_people_and_ownerships_and_only_then(store: Store) -> None:
    """Readers who kept a mark know whether to read again; late news and lost races move nothing."""
    async with store.write() as unit:
        (item,) = (await unit[ItemRepository].put(CONNECTION, [principal()], NOW)).added
        seen = [await unit.marks()]
        await unit[PersonRepository].put(person(updated=2))
        seen.append(await unit.marks())
        await unit[PersonRepository].put(person(updated=1))
        assert await unit.marks() == seen[-1]
        mine = ownership(item.id)
        await unit[OwnershipRepository].add(mine)
        seen.append(await unit.marks())
        await unit[OwnershipRepository].settle(mine.id, OwnershipState.PROPOSED, OwnershipState.ACCEPTED, NOW)
        seen.append(await unit.marks())
        await unit[OwnershipRepository].settle(mine.id, OwnershipState.PROPOSED, OwnershipState.DECLINED, NOW)
        assert await unit.marks() == seen[-1]
    assert [mark["item"] for mark in seen] == [1] * 4
    assert len({tuple(sorted(mark.items())) for mark in seen}) == 4


async def test_an_ownership_is_settled_once(store: Store) -> None:
    """From one state to another happens once; the second who tries is told no."""
    async with store.write() as unit:
        (item,) = (await unit[ItemRepository].put(CONNECTION, [principal()], NOW)).added
        mine = ownership(item.id)
        await unit[OwnershipRepository].add(mine)
        assert await unit[OwnershipRepository].get(mine.id) == mine
        settled = [
            await unit[OwnershipRepository].settle(mine.id, OwnershipState.PROPOSED, to, LATER)
            for to in (OwnershipState.ACCEPTED, OwnershipState.DECLINED)
        ]
        assert settled == [True, False]
        accepted = replace(mine, state=OwnershipState.ACCEPTED, settled_at=LATER)
        assert await unit[OwnershipRepository].of(item.id) == (accepted,)
        with pytest.raises(NotFound):
            await unit[OwnershipRepository].get("nobody")


async def test_only_proposed_and_accepted_ownerships_are_live(store: Store) -> None:
    """Declined and ended ones are history: listed with their item, not among the living."""
    async with store.write() as unit:
        (item,) = (await unit[ItemRepository].put(CONNECTION, [principal()], NOW)).added
        for hours, state in enumerate(OwnershipState):
            await unit[OwnershipRepository].add(
                ownership(item.id, state=state, proposed_at=NOW + timedelta(hours=hours))
            )
        live = await unit[OwnershipRepository].live()
        assert [o.state for o in live] == [OwnershipState.PROPOSED, OwnershipState.ACCEPTED]
        assert [o.state for o in await unit[OwnershipRepository].of(item.id)] == list(OwnershipState)


async def test_a_finding_is_replaced_under_its_id(store: Store) -> None:
    """Put inserts what is new and replaces what has that id, keeping its reference."""
    first = finding()
    async with store.write() as unit:
        assert await unit[FindingRepository].put([first]) == (first,)
        resolved = replace(first, state=FindingState.RESOLVED, resolved_at=LATER, last_seen=LATER)
        assert await unit[FindingRepository].put([replace(resolved, ref="000000"), finding()]) != ()
        assert await unit[FindingRepository].all(states=[FindingState.RESOLVED]) == (resolved,)
        assert await unit[FindingRepository].by_ref(first.ref.lower()) == resolved
        assert len(await unit[FindingRepository].all(CONNECTION)) == 2
        assert await unit[FindingRepository].all("wrike:main") == ()
        assert await unit[FindingRepository].all(states=[]) == ()
        assert await unit[FindingRepository].put([]) == ()


async def test_a_taken_reference_is_drawn_again(store: Store) -> None:
    """Two findings never share a reference, neither with one kept nor within one put."""
    async with store.write() as unit:
        kept = await unit[FindingRepository].put([finding(ref="ABC123"), finding(ref="ABC123")])
        kept += await unit[FindingRepository].put([finding(ref="ABC123")])
        assert len({row.ref for row in kept}) == 3
        assert await unit[FindingRepository].all() == tuple(sorted(kept, key=lambda row: row.id))


async def test_what_is_known_of_a_connection_is_replaced_whole(store: Store) -> None:
    """An unknown connection is blank; a known one is exactly as last put."""
    async with store.write() as unit:
        assert await unit[ConnectionRepository].get(CONNECTION) == ConnectionState(connection=CONNECTION)
        await unit[ConnectionRepository].put(ConnectionState(connection=CONNECTION, blind_polls=1))
        await unit[ConnectionRepository].put(connection_state())
        assert await unit[ConnectionRepository].get(CONNECTION) == connection_state()


async def test_a_secret_is_kept_and_named_and_masked(store: Store) -> None:
    """A secret comes back by its exact name, the latest value only, and shows itself to nobody."""
    async with store.write() as unit:
        await unit[SecretRepository].put("salesforce:prod.key", Secret("one"))
        await unit[SecretRepository].put("salesforce:prod.key", Secret("two-ü"))
        await unit[SecretRepository].put("a", Secret(""))
    async with store.read() as unit:
        kept = await unit[SecretRepository].get("salesforce:prod.key")
        assert kept is not None
        assert kept.reveal() == "two-ü"
        assert "two" not in repr(kept)
        assert await unit[SecretRepository].get("SALESFORCE:prod.key") is None
        assert await unit[SecretRepository].names() == ("a", "salesforce:prod.key")
