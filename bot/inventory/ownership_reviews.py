"""Ownership over time: a successor is proposed when an owner goes, and owners say every quarter that it is theirs."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.audit.repository import AuditLog
from bot.chat.codec import encode_reply
from bot.chat.model import Bullets, Button, Buttons, Heading, Note, Para, Part, Reply, Span, Typed
from bot.chat.quiet_hours import zone_of
from bot.clock import Clock
from bot.config import AlertSettings
from bot.config.policies import Policies
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.errors import BotError, NotFound
from bot.inventory.catalogue import Catalogue, Inventory
from bot.inventory.messages import actor_of, name_of, used_when
from bot.inventory.model import Item, Ownership, OwnershipState
from bot.inventory.ownership import SYSTEM, Ownerships
from bot.inventory.repository import ItemRepository, OwnershipRepository
from bot.text import plural

GRACE = timedelta(minutes=15)  # somebody deactivated by mistake is back by then
ASKED_AGAIN_AFTER = timedelta(days=14)
LINES = 10


class OwnershipReviews:
    """Proposes and asks; nobody owns anything by silence."""

    def __init__(
        self,
        store: Store,
        inventory: Inventory,
        ownerships: Ownerships,
        settings: AlertSettings,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._ownerships = ownerships
        self._settings = settings
        self._policies = policies
        self._clock = clock
        self._gone: dict[str, datetime] = {}  # owners seen deactivated, and since when

    async def succeed(self) -> int:
        """Ask the backup of each thing whose owner has been deactivated for a while; how many were asked."""
        catalogue = await self._inventory.catalogue()
        now = self._clock.now()
        owners = {ownership.person for ownership in catalogue.owners.values()}
        gone = {p.slack_id for p in catalogue.people.values() if p.gone} & owners
        self._gone = {person: self._gone.get(person, now) for person in gone}
        asked = 0
        for item_id, ownership in catalogue.owners.items():
            since = self._gone.get(ownership.person)
            backup = catalogue.backups.get(item_id)
            if since is None or now - since < GRACE or backup is None or item_id in catalogue.proposals:
                continue
            asked += await self._propose(item_id, backup)
        return asked

    async def _propose(self, item_id: str, backup: Ownership) -> bool:
        async with self._store.read() as unit:
            item = await unit[ItemRepository].get(item_id)
            earlier = await unit[OwnershipRepository].of(item_id)
        if any(o.person == backup.person and o.proposed_by == SYSTEM for o in earlier):
            return False  # they said no, or nothing, before
        try:
            await self._ownerships.propose(item, backup.person, SYSTEM)
        except BotError:
            return False  # the backup is gone as well: the weekly digest says that nobody answers for it
        return True

    async def ask_again(self) -> int:
        """Ask every owner with something not attested for too long, in one message each; how many were asked."""
        now = self._clock.now()
        catalogue = await self._inventory.catalogue()
        async with self._store.read() as unit:
            due = [o for o in await unit[OwnershipRepository].live() if self._due(o, now)]
        by_person: dict[str, list[Ownership]] = {}
        for ownership in due:
            person = catalogue.people.get(ownership.person)
            if person is not None and not person.gone:
                by_person.setdefault(ownership.person, []).append(ownership)
        async with self._store.write() as unit:
            for person_id, theirs in by_person.items():
                key = f"attest:{person_id}:{now.date().isoformat()}"
                body = encode_reply(_question(theirs, catalogue))
                zone = zone_of(catalogue.people[person_id].tz)
                not_before = self._settings.quiet_hours.over(now, zone)
                if await unit.outbox.put(Posting(idem_key=key, channel=person_id, body=body), not_before):
                    await unit[OwnershipRepository].asked([o.id for o in theirs], now)
        return len(by_person)

    def _due(self, ownership: Ownership, now: datetime) -> bool:
        if ownership.state is not OwnershipState.ACCEPTED:
            return False
        asked_lately = ownership.asked_at is not None and now - ownership.asked_at < ASKED_AGAIN_AFTER
        return now - ownership.confirmed_at >= timedelta(days=self._policies.attest_days) and not asked_lately

    async def attest(self, person: str, item: Item | None) -> int:
        """Somebody says that these are still theirs: everything they own, or one item; how many.

        The trail keeps, for each, who it acted as and when it was last used at that moment.

        Raises:
            NotFound: they answer for nothing, or not for that.
        """
        now, catalogue = self._clock.now(), await self._inventory.catalogue()
        async with self._store.write() as unit:
            mine = [
                o
                for o in await unit[OwnershipRepository].live()
                if o.person == person
                and o.state is OwnershipState.ACCEPTED
                and (item is None or o.item_id == item.id)
            ]
            if not mine:
                raise NotFound("You do not own that. `list mine` shows what you own.")
            for ownership in mine:
                await unit[OwnershipRepository].attested(ownership.id, now)
                owned = await unit[ItemRepository].get(ownership.item_id)
                entry = catalogue.by_item.get(owned.id)
                used = entry.credential.last_used_at if entry and entry.credential else None
                detail = {
                    "rank": ownership.rank.value,
                    "acts_as": entry.account.username if entry and entry.account else "",
                    "last_used": used.isoformat(timespec="minutes") if used else "",
                    "since": ownership.confirmed_at.isoformat(timespec="minutes"),
                }
                await unit[AuditLog].append(person, "owner:confirmed", owned.ref, detail)
        return len(mine)


def _question(theirs: list[Ownership], catalogue: Catalogue) -> Reply:
    count = plural(len(theirs), "account")
    entries = [entry for o in theirs if (entry := catalogue.by_item.get(o.item_id))]
    lines: tuple[tuple[Span, ...], ...] = tuple(
        (*name_of(e), " acts as ", *actor_of(e), ", last used ", *used_when(e)) for e in entries[:LINES]
    )
    parts: list[Part] = [
        Heading("Still yours?"),
        Para((f"You answer for {count}. Look at what is below, and say whether it is still so.",)),
    ]
    if lines:
        parts.append(Bullets(lines))
    if len(theirs) > LINES:
        parts.append(Para((f"… and {len(theirs) - LINES} more. See ", Typed("list mine"), " for all.")))
    parts += [
        Buttons(
            (
                Button("All Still Mine", "owner.attest", "all", style="primary"),
                Button("List Mine", "run", "list mine"),
            )
        ),
        Note(
            (
                "Asked every quarter. The audit log keeps your answer. What is not yours: ",
                Typed("owner set <id> @person"),
                ". Or type ",
                Typed("owner attest"),
            )
        ),
    ]
    return Reply(summary=f"Do you still answer for {count}? One button says so.", parts=tuple(parts))
