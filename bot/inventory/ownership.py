"""Who answers for what. Proposed by somebody, and true only once the person accepts."""

from __future__ import annotations

from uuid import uuid4

from bot.audit.repository import AuditLog
from bot.chat.codec import encode_reply
from bot.chat.model import Button, Buttons, Data, Mention, Note, Para, Reply, Span, Typed
from bot.clock import Clock
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import BadArgument, Conflict, Denied
from bot.inventory.catalogue import label
from bot.inventory.model import Item, Ownership, OwnershipState, Rank
from bot.inventory.repository import ItemRepository, OwnershipRepository
from bot.people.repository import PersonRepository
from bot.text import clean

SYSTEM = "system"


class Ownerships:
    """Proposes and settles ownership. Silence never assigns anybody."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def propose(self, item: Item, person: str, by: str, rank: Rank = Rank.OWNER) -> Ownership:
        """Ask somebody to answer for an item, first or as backup; they are told in a direct message.

        A question of the same rank that nobody answered ends.

        Raises:
            BadArgument: that person is no full, active member. Conflict: they answer for it already.
        """
        proposal = Ownership(
            id=uuid4().hex,
            item_id=item.id,
            person=person,
            state=OwnershipState.PROPOSED,
            proposed_by=by,
            proposed_at=self._clock.now(),
            rank=rank,
        )
        async with self._store.write() as unit:
            known = await unit[PersonRepository].get(person)
            if known is None or known.gone or known.restricted:
                raise BadArgument("That is not a full, active member of this workspace. Pick one who is.")
            for earlier in await unit[OwnershipRepository].of(item.id):
                if earlier.person == person and earlier.state is OwnershipState.ACCEPTED:
                    if earlier.rank is rank:
                        raise Conflict("They own it already. Nothing changed.")
                    if rank is Rank.BACKUP:
                        raise Conflict("They are its owner: a backup is somebody else. Nothing changed.")
                if earlier.state is OwnershipState.PROPOSED and earlier.rank is rank:
                    await self._settle(unit, earlier, OwnershipState.ENDED)
            await unit[OwnershipRepository].add(proposal)
            await unit[AuditLog].append(
                by, "owner:proposed", item.ref, {"person": person, "rank": rank.value}
            )
            posting = Posting(
                idem_key=f"owner:{proposal.id}", channel=person, body=encode_reply(_question(item, proposal))
            )
            await unit.outbox.put(posting)
        return proposal

    async def answer(self, proposal_id: str, by: str, *, accept: bool) -> tuple[Ownership, Item]:
        """Accept or decline a proposal; only the person it names can.

        Raises:
            Denied: it names somebody else. Conflict: it is settled already.
        """
        async with self._store.write() as unit:
            proposal = await unit[OwnershipRepository].get(proposal_id)
            if proposal.person != by:
                raise Denied("Only the person proposed can answer this.", reason="not_theirs")
            to = OwnershipState.ACCEPTED if accept else OwnershipState.DECLINED
            if proposal.state is not OwnershipState.PROPOSED or not await self._settle(unit, proposal, to):
                raise Conflict(
                    "That was answered already, or somebody else was asked since. Nothing changed."
                )
            item = await unit[ItemRepository].get(proposal.item_id)
            if accept:
                for earlier in await unit[OwnershipRepository].of(item.id):
                    # who becomes the owner is no longer their own backup
                    replaced = earlier.rank is proposal.rank or earlier.person == by
                    if earlier.id != proposal.id and earlier.state is OwnershipState.ACCEPTED and replaced:
                        await self._settle(unit, earlier, OwnershipState.ENDED)
            deed = "owner:accepted" if accept else "owner:declined"
            await unit[AuditLog].append(by, deed, item.ref, {"proposed_by": proposal.proposed_by})
            answer = "accepted" if accept else "declined"
            told = Reply(
                summary=f"Ownership of {clean(label(item), 60)} was {answer}.",
                parts=(
                    Para(
                        (Mention(by), f" {answer} ownership of ", Data(clean(label(item), 120), strong=True))
                    ),
                ),
            )
            if proposal.proposed_by not in {by, SYSTEM}:
                key = f"owner:{proposal.id}:told"
                await unit.outbox.put(
                    Posting(idem_key=key, channel=proposal.proposed_by, body=encode_reply(told))
                )
        return proposal, item

    async def pending_for(self, person: str, item: Item | None = None) -> tuple[Ownership, ...]:
        """Proposals somebody has not answered, all or for one item."""
        async with self._store.read() as unit:
            live = await unit[OwnershipRepository].live()
        return tuple(
            o
            for o in live
            if o.person == person
            and o.state is OwnershipState.PROPOSED
            and (item is None or o.item_id == item.id)
        )

    async def _settle(self, unit: Unit, ownership: Ownership, to: OwnershipState) -> bool:
        return await unit[OwnershipRepository].settle(ownership.id, ownership.state, to, self._clock.now())


def _question(item: Item, proposal: Ownership) -> Reply:
    name = clean(label(item), 120)
    asks: tuple[Span, ...] = (Mention(proposal.proposed_by), " asks you to answer for ")
    if proposal.proposed_by == SYSTEM:
        asks = ("Its owner was deactivated, and you are the backup. Will you answer for ",)
    if proposal.rank is Rank.BACKUP:
        asks = (Mention(proposal.proposed_by), " asks you to be the backup owner of ")
    end = "?" if proposal.proposed_by == SYSTEM else "."
    return Reply(
        summary=f"Will you answer for {clean(name, 60)}? Accept or decline.",
        parts=(
            Para((*asks, Data(name, strong=True), end)),
            Para(
                (
                    "The owner hears before it breaks and decides who it acts as. It is not yours until you accept.",
                )
            ),
            Buttons(
                (
                    Button(
                        "Accept", "owner.accept", proposal.id, style="primary", hint=f"Accept {name}"[:75]
                    ),
                    Button("Decline", "owner.decline", proposal.id, hint=f"Decline {name}"[:75]),
                    Button("Show", "run", f"show {item.ref}", hint=f"Show {name}"[:75]),
                )
            ),
            Note(("Or type ", Typed(f"owner accept {item.ref}"), " · ", Typed(f"owner decline {item.ref}"))),
        ),
    )
