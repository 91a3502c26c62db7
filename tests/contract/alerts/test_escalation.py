"""Nobody's alert stays nobody's: the escalated, quiet hours, digests, succession and attestation, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from estate import CHANNEL, Estate, grant, person

from bot.alerts.digests import Digests
from bot.alerts.escalation import Escalation
from bot.alerts.lifecycle import DmReachability
from bot.alerts.model import NOT_USED, OWNER_GONE, Alert, EscalationLevel
from bot.audit.repository import AuditLog
from bot.chat.codec import decode_reply
from bot.chat.model import Caller, Reply, Role
from bot.clock import FixedClock
from bot.config import AlertSettings
from bot.config.policies import MustOwn, Policies
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.errors import Conflict, NotFound
from bot.inventory.model import Item, OwnershipState, Rank
from bot.inventory.ownership import Ownerships
from bot.inventory.ownership_reviews import OwnershipReviews
from bot.inventory.repository import OwnershipRepository
from bot.people.access import Access
from bot.people.model import Person
from bot.people.repository import PersonRepository
from bot.platform.model import Application, PrincipalStatus
from bot.store import open_store

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OWNER, BACKUP, BOSS, OTHER = "U0OWNER", "U0BACKUP", "U0BOSS", "U0OTHER"
ZONES = {OWNER: "Europe/Berlin", BACKUP: "America/New_York", BOSS: "", OTHER: "Asia/Tokyo"}


class Groups:
    """Who may decide."""

    async def holders(self, role: Role) -> tuple[str, ...]:
        assert role is Role.APPROVER
        return (BOSS,)


class Office:
    """An estate with people in it, and everything that speaks to them."""

    def __init__(self, store: Store, clock: FixedClock, **settings: Any) -> None:
        self.estate = Estate(store, clock)
        self.store, self.clock = store, clock
        self.settings = AlertSettings(**settings)
        self.policies = Policies(must_own=MustOwn.OWNER)
        inventory = self.estate.inventory
        self.ownerships = Ownerships(store, clock)
        self.ownership_reviews = OwnershipReviews(
            store, inventory, self.ownerships, self.settings, self.policies, clock
        )
        self.restart()
        self.heard: list[tuple[datetime, str, Reply]] = []

    def restart(self) -> None:
        """A new process: nothing is remembered but what is stored."""
        inventory = self.estate.inventory
        access = cast(Access, Groups())
        self.escalation = Escalation(self.store, inventory, access, self.settings, CHANNEL, self.clock)
        self.digests = Digests(self.store, inventory, self.settings, self.policies, CHANNEL, self.clock)

    async def people(self) -> None:
        async with self.store.write() as unit:
            for slack_id, zone in ZONES.items():
                email = f"{slack_id.lower()}@example.com"
                await unit[PersonRepository].put(
                    Person(slack_id=slack_id, name=slack_id.title(), email=email, tz=zone)
                )

    async def item(self, native_id: str) -> Item:
        catalogue = await self.estate.inventory.catalogue()
        return next(i for i in catalogue.items if i.body.native_id == native_id)

    async def owns(self, native_id: str, who: str, rank: Rank = Rank.OWNER) -> None:
        """Proposed and accepted."""
        proposal = await self.ownerships.propose(await self.item(native_id), who, BOSS, rank)
        await self.ownerships.answer(proposal.id, who, accept=True)

    async def minute(self) -> None:
        """What the schedule does."""
        await self.escalation.escalate()
        await self.ownership_reviews.succeed()
        await self.digests.send()

    async def passes(
        self, step: timedelta = timedelta(minutes=15), **time_: float
    ) -> list[tuple[str, Reply]]:
        """Let time go by, a look each step, and take down who hears what when it is due."""
        end, before = self.clock.at + timedelta(**time_), len(self.heard)
        while self.clock.at < end:
            self.clock.at += step
            await self.minute()
            async with self.store.write() as unit:
                for one in await unit.outbox.due(self.clock.now(), 1000):
                    await unit.outbox.delivered(one.seq, one.posting.channel, f"{one.seq}.0")
                    self.heard.append((self.clock.at, one.posting.channel, decode_reply(one.posting.body)))
        return [(who, reply) for _, who, reply in self.heard[before:]]

    async def alert(self, rule: str) -> Alert:
        (found,) = await self.estate.live(rule)
        return found


@pytest.fixture
async def store(
    tmp_path: Path, clock: FixedClock
) -> AsyncIterator[Store]:  # SQLite only: nothing here is the database's
    url = f"sqlite+aiosqlite:///{tmp_path / 'office.db'}"
    opened = await open_store(url, FileKeySource.create(tmp_path / "office.key"), clock)
    yield opened
    await opened.aclose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(TUESDAY)


async def opened(store: Store, clock: FixedClock, *, owned: bool = True, **settings: Any) -> Office:
    """An office where Ana, who holds one grant, has just been deactivated."""
    office = Office(store, clock, **settings)
    await office.people()
    app = Application(native_id="a1", name="Marketo sync")
    office.estate.lists(person("ana"), person("ben"), app, grant("g1"), grant("g2", holder="ben"))
    await office.estate.scan()
    if owned:
        await office.owns("g1", OWNER)
        await office.owns("g1", BACKUP, Rank.BACKUP)
    await office.passes(minutes=15)
    office.estate.lists(person("ana", PrincipalStatus.INACTIVE))
    await office.estate.scan()
    return office


async def test_an_urgent_alert_climbs_owner_backup_channel_approvers_once_each(
    store: Store, clock: FixedClock
) -> None:
    """A quarter of an hour, four, eight, a day; each hears it once, over restarts."""
    office = await opened(store, clock)
    began = clock.at
    office.heard.clear()
    for _ in range(8):
        await office.passes(hours=4)
        office.restart()
    told = ("about what you own", "not acknowledged")
    escalated = [
        (at - began, who) for at, who, reply in office.heard if any(t in reply.summary for t in told)
    ]
    assert escalated == [
        (timedelta(minutes=15), OWNER),
        (timedelta(hours=4), BACKUP),
        (timedelta(hours=8), CHANNEL),
        (timedelta(hours=24), BOSS),
    ]
    assert (await office.alert(OWNER_GONE)).level == EscalationLevel.APPROVERS


async def test_whoever_takes_it_ends_the_climb_and_may_be_no_operator(
    store: Store, clock: FixedClock
) -> None:
    """The owner was told by name, so they may take it; nobody else is called."""
    office = await opened(store, clock)
    heard = await office.passes(minutes=30)
    assert OWNER in [who for who, _ in heard]
    async with store.write() as unit:
        alert = await office.alert(OWNER_GONE)
        caller = Caller(user_id=OWNER, role=Role.VIEWER)
        await office.estate.alerts.answers.acknowledge(unit, alert, caller, "calling them")
    heard = await office.passes(hours=30)
    assert {who for who, _ in heard} <= {CHANNEL, OWNER}
    assert not any("not acknowledged" in reply.summary for _, reply in heard)


async def test_back_within_the_quarter_of_an_hour_calls_nobody(store: Store, clock: FixedClock) -> None:
    """A deactivation taken back is settled where it stands."""
    office = await opened(store, clock)
    office.heard.clear()
    clock.at += timedelta(minutes=10)
    office.estate.lists(person("ana"))
    await office.estate.scan()
    heard = await office.passes(hours=30)
    assert {who for who, _ in heard} == {CHANNEL}
    assert all("active again" in r.summary or "week" in r.summary or "Ana was" in r.summary for _, r in heard)


async def test_where_nobody_answers_the_channel_hears_at_once(store: Store, clock: FixedClock) -> None:
    """No owner and no backup: silence there is no reason to wait eight hours."""
    office = await opened(store, clock, owned=False)
    heard = await office.passes(minutes=30)
    assert any(who == CHANNEL and "1 alert not acknowledged" in reply.summary for who, reply in heard)


async def test_who_cannot_be_reached_is_passed_over_and_shown(store: Store, clock: FixedClock) -> None:
    """The escalated goes on without them; the weekly digest names them; one message that arrives ends that."""
    office = await opened(store, clock)
    reach = DmReachability(office.estate.alerts.life)
    async with store.write() as unit:
        await reach.unreachable(unit, OWNER)
        await reach.unreachable(unit, OWNER)
        await reach.unreachable(unit, BACKUP)
    office.heard.clear()
    heard = await office.passes(minutes=30)
    assert not {OWNER, BACKUP} & {who for who, _ in heard}
    assert any(who == CHANNEL and "not acknowledged" in reply.summary for who, reply in heard)
    async with store.write() as unit:
        await reach.reached(unit, OWNER)
    assert [a.subject for a in await office.estate.live("unreachable")] == [BACKUP]


async def test_what_can_wait_is_in_one_digest_a_day_at_nine_where_the_person_is(
    store: Store, clock: FixedClock
) -> None:
    """A week of a missed beat: one message each morning at nine in Berlin, none in the night, none twice."""
    office = await opened(store, clock)
    for _ in range(8):
        clock.at += timedelta(hours=1)
        office.estate.use("g2")
        await office.estate.scan()
    await office.owns("g2", OWNER)
    async with store.write() as unit:
        alert = await office.alert(OWNER_GONE)
        await office.estate.alerts.answers.acknowledge(unit, alert, Caller(user_id=BOSS, role=Role.ADMIN))
    await office.estate.scan(hours=4)
    assert await office.alert(NOT_USED)
    await office.passes(hours=3)
    office.heard.clear()
    for _ in range(5):
        await office.passes(days=1)
        office.restart()
    mine = [at for at, who, reply in office.heard if who == OWNER]
    berlin = [at.astimezone(_zone("Europe/Berlin")) for at in mine]
    assert [at.time().replace(tzinfo=None) for at in berlin] == [time(9)] * 5
    assert len({at.date() for at in berlin}) == 5
    assert all(
        "Waiting for you today: 1 alert" in reply.summary for _, who, reply in office.heard if who == OWNER
    )


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


async def test_urgent_waits_for_the_morning_where_the_company_wants_it(
    store: Store, clock: FixedClock
) -> None:
    """With urgent_any_time off even a P1 lets its owner sleep."""
    clock.at = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)  # eleven at night in Berlin
    office = await opened(store, clock, urgent_any_time=False)
    office.heard.clear()
    await office.passes(hours=12)
    first = next(at for at, who, _ in office.heard if who == OWNER)
    assert first.astimezone(_zone("Europe/Berlin")).hour >= 8


async def test_the_team_hears_once_a_week(store: Store, clock: FixedClock) -> None:
    """Mondays at nine; over restarts; first when there was something to know by then."""
    office = await opened(store, clock, owned=False)
    office.heard.clear()
    weeks: list[datetime] = []
    for _ in range(21):
        await office.passes(step=timedelta(hours=1), days=1)
        office.restart()
    weeks = [at for at, who, reply in office.heard if reply.summary.startswith("The week:")]
    assert [at.weekday() for at in weeks] == [0, 0, 0]
    assert all(at.hour == 9 for at in weeks)


async def test_a_successor_is_asked_and_never_made(store: Store, clock: FixedClock) -> None:
    """The backup is asked a quarter of an hour after the owner went; silence leaves it nobody's; asked once."""
    office = await opened(store, clock)
    async with store.write() as unit:
        known = await unit[PersonRepository].get(OWNER)
        assert known
        await unit[PersonRepository].put(replace(known, deactivated=True, updated=9))
    office.heard.clear()
    await office.passes(step=timedelta(minutes=5), minutes=10)
    assert [who for _, who, r in office.heard if "Will you answer for" in r.summary] == []
    await office.passes(days=3)
    assert [who for _, who, r in office.heard if "Will you answer for" in r.summary] == [BACKUP]
    item = await office.item("g1")
    async with store.read() as unit:
        states = {(o.person, o.rank): o.state for o in await unit[OwnershipRepository].of(item.id)}
    assert states[OWNER, Rank.OWNER] is OwnershipState.ACCEPTED  # until somebody accepts in their place
    assert states[BACKUP, Rank.OWNER] is OwnershipState.PROPOSED
    (proposal,) = await office.ownerships.pending_for(BACKUP)
    await office.ownerships.answer(proposal.id, BACKUP, accept=True)
    entry = (await office.estate.inventory.catalogue()).by_item[item.id]
    assert entry.owner
    assert entry.owner.person == BACKUP
    assert entry.backup is None


async def test_an_owner_is_no_backup_of_their_own(store: Store, clock: FixedClock) -> None:
    """Two people, or one."""
    office = await opened(store, clock)
    with pytest.raises(Conflict, match="somebody else"):
        await office.ownerships.propose(await office.item("g1"), OWNER, BOSS, Rank.BACKUP)
    with pytest.raises(Conflict, match="already"):
        await office.ownerships.propose(await office.item("g1"), BACKUP, BOSS, Rank.BACKUP)


async def test_owners_are_asked_every_quarter_and_their_answer_is_evidence(
    store: Store, clock: FixedClock
) -> None:
    """One message with one button for everything that is due; the trail keeps who it acted as; silence asks again."""
    office = await opened(store, clock)
    await office.owns("g2", OWNER)
    clock.at += timedelta(days=89)
    assert await office.ownership_reviews.ask_again() == 0
    clock.at += timedelta(days=2)
    assert await office.ownership_reviews.ask_again() == 2  # the owner of two, and the backup of one
    assert await office.ownership_reviews.ask_again() == 0
    heard = await office.passes(hours=24, step=timedelta(hours=1))
    asked = [(who, reply) for who, reply in heard if "still answer for" in reply.summary]
    assert {who for who, _ in asked} == {OWNER, BACKUP}
    assert await office.ownership_reviews.attest(OWNER, None) == 2
    async with store.read() as unit:
        lines = [line for line in await unit[AuditLog].tail(limit=50) if line.action == "owner:confirmed"]
    assert {line.detail["acts_as"] for line in lines} == {"ana@example.com", "ben@example.com"}
    clock.at += timedelta(days=14)
    assert await office.ownership_reviews.ask_again() == 1  # the backup, who said nothing
    with pytest.raises(NotFound):
        await office.ownership_reviews.attest(OTHER, None)
    with pytest.raises(NotFound):
        await office.ownership_reviews.attest(BACKUP, await office.item("g2"))
