"""Before somebody leaves: where each integration that acts as them could go, and until when that has to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.chat.model import Caller
from bot.config.policies import Accounts, Policies
from bot.errors import PlatformError, UserError
from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.holdings import Holdings
from bot.inventory.usage_interval import UsageInterval
from bot.requests.approvals import Approvals
from bot.requests.model import ChangeRequest
from bot.requests.planning import Planner
from bot.requests.targets import Targets
from bot.text import fold

DECIDING = timedelta(days=1)  # an approval takes that long
AT_ONCE = 20  # requests opened by one press


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One credential, and the account proposed for it."""

    entry: Entry
    target: str  # user name; empty: none is free
    begin_by: datetime | None = (
        None  # to be silent for a full beat before the day; None: nobody knows the beat
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of one move."""

    entry: Entry
    request: ChangeRequest | None
    why_not: str = ""


def moves(
    catalogue: Catalogue,
    held: Holdings,
    policies: Policies,
    rhythms: Mapping[str, UsageInterval],
    leaves: datetime | None,
) -> tuple[Move, ...]:
    """A target for each credential: an active integration account of the same connection.

    Where accounts are dedicated, one that serves nothing else, and each integration gets its own; where they are
    shared, the one that serves least. Nothing is proposed that is not free, that has powers an integration should not
    be given by the way, that is called after another system, or that nobody can sign in as: a vendor's own robot has
    no mailbox.
    """
    targets = Targets(catalogue)
    found = []
    for entry in sorted(held.entries, key=lambda e: (e.item.connection, fold(e.name), e.item.ref)):
        fit = [t for t in targets.fitting(entry) if not t.called_after]
        if policies.accounts is Accounts.DEDICATED:
            fit = [t for t in fit if t.dedicated]
        target = fit[0] if fit else None
        if target is not None:
            targets.take(target, entry)
        beat = rhythms.get(entry.item.id)
        begin_by = leaves - beat.patience - DECIDING if leaves and beat else None
        found.append(Move(entry=entry, target=target.account.username if target else "", begin_by=begin_by))
    return tuple(found)


class Leavers:
    """Asks for all of somebody's handovers at once; each is planned, checked and decided by itself."""

    def __init__(self, planner: Planner, approvals: Approvals) -> None:
        self._planner = planner
        self._approvals = approvals

    async def ask_all(
        self, chosen: Sequence[tuple[Entry, str]], caller: Caller, reason: str
    ) -> tuple[Asked, ...]:
        """Open a request for each credential with the account it should go to; one that cannot be is named with why."""
        done = []
        for entry, target in chosen[:AT_ONCE]:
            try:
                if not target:
                    raise UserError("no account to hand it to: name one, or make one first")
                how = await self._planner.how(entry)
                item = entry.item
                draft = await self._planner.handover(item.connection, item.body.native_id, target, how)
                request = await self._approvals.open(draft, caller, reason, how.written, None)
            except (UserError, PlatformError) as exc:
                done.append(Asked(entry=entry, request=None, why_not=exc.hint))
            else:
                done.append(Asked(entry=entry, request=request))
        done += [
            Asked(entry=entry, request=None, why_not=f"at most {AT_ONCE} at once: press again")
            for entry, _ in chosen[AT_ONCE:]
        ]
        return tuple(done)
