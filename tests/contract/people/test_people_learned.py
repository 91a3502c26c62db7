"""What is learned of the workspace's members: once, in order, and at the price of what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from store_samples import person

from bot.clock import FixedClock
from bot.config import RoleSettings
from bot.db.store import Store
from bot.db.unit import Unit
from bot.people.access import Access
from bot.people.members import AT_ONCE, People
from bot.people.model import Person
from bot.people.repository import PersonRepository


@dataclass
class Workspace:
    """A workspace of which a test says who is in it; also keeps whom we were told of."""

    listed: list[Person] = field(default_factory=list)
    flipped: list[list[str]] = field(default_factory=list)

    async def members(self) -> tuple[Person, ...]:
        return tuple(self.listed)

    async def member(self, slack_id: str) -> Person:
        return next(p for p in self.listed if p.slack_id == slack_id)

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        return ()

    async def by_email(self, email: str) -> Person | None:
        return None

    async def tell(self, _: Unit, people: Sequence[Person]) -> None:
        self.flipped.append([p.slack_id for p in people])


def _read(user: Mapping[str, Any]) -> Person:
    raise AssertionError("no events here")


def _people(store: Store, workspace: Workspace, clock: FixedClock) -> People:
    access = Access(RoleSettings(), workspace, store, clock)
    return People(store, workspace, access, workspace.tell, _read)


async def test_an_edit_that_tells_nothing_is_not_written(store: Store, clock: FixedClock) -> None:
    """Of a storm of status edits the database sees nothing, and still knows what came before them as late."""
    workspace = Workspace()
    people = _people(store, workspace, clock)
    await people.learn(person(updated=1))
    async with store.read() as unit:
        before = await unit.marks()
    for updated in (5, 6, 7):
        await people.learn(person(updated=updated))
    await people.learn(person(updated=4, deactivated=True))  # late: at 5 and later they were active
    async with store.read() as unit:
        assert await unit.marks() == before
    assert workspace.flipped == []
    await people.learn(person(updated=8, deactivated=True))
    await people.learn(person(updated=8, deactivated=True))
    assert workspace.flipped == [["U1"]]


async def test_a_workspace_is_learned_in_few_transactions(store: Store, clock: FixedClock) -> None:
    """A first reading of thousands, or one after an outage, tells of all who flipped, and each of them once."""
    everybody = [person(f"U{n}", updated=1, deactivated=n % 3 == 0) for n in range(AT_ONCE + 50)]
    workspace = Workspace(listed=everybody)
    people = _people(store, workspace, clock)
    assert await people.reconcile() == len(everybody)
    assert [len(told) for told in workspace.flipped] == [167, 17]
    await people.reconcile()
    assert len(workspace.flipped) == 2
    workspace.listed[1] = replace(workspace.listed[1], deactivated=True, updated=2)
    await people.reconcile()
    assert workspace.flipped[2:] == [["U1"]]
    async with store.read() as unit:
        assert len(await unit[PersonRepository].all()) == len(everybody)


async def test_alone_the_table_is_read_once_for_each_person(store: Store, clock: FixedClock) -> None:
    """A storm of edits asks the database nothing; what was learnt meanwhile is still compared with the table."""
    workspace = Workspace()
    access = Access(RoleSettings(), workspace, store, clock)
    people = People(store, workspace, access, workspace.tell, _read, alone=True)
    await people.learn(person(updated=1))
    before = store.commits
    for updated in range(2, 50):
        await people.learn(person(updated=updated))
    assert store.commits == before
    await people.learn(person(updated=60, deactivated=True))
    await people.learn(person(updated=61, deactivated=True))
    await people.learn(person(updated=62))
    assert workspace.flipped == [["U1"], ["U1"]]
    async with store.read() as unit:
        known = await unit[PersonRepository].get("U1")
    assert known
    assert not known.deactivated
