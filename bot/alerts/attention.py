"""What waits for one person."""

from __future__ import annotations

from bot.alerts.lifecycle import told_to
from bot.alerts.model import AlertState
from bot.alerts.repository import AlertRepository
from bot.alerts.triggers import OWNER_GONE
from bot.chat.model import Caller, Role
from bot.db.store import Store
from bot.findings.model import FindingState
from bot.findings.repository import FindingRepository
from bot.inventory.model import OwnershipState
from bot.inventory.repository import OwnershipRepository
from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository
from bot.text import plural

NAMED = 5  # requests that are named, of however many there are


async def waiting_for(store: Store, caller: Caller) -> list[str]:
    """One line for each kind of thing that waits for the caller."""
    async with store.read() as unit:
        who = caller.user_id
        theirs, to_decide = await unit[RequestRepository].refs(RequestState.PENDING, but_of=who, limit=NAMED)
        _, held = await unit[RequestRepository].refs(RequestState.HELD, of=who, limit=1)
        alerts = await unit[AlertRepository].all(frozenset({AlertState.OPEN}))
        findings = await unit[FindingRepository].all(None, frozenset({FindingState.OPEN}))
        proposals = [
            o
            for o in await unit[OwnershipRepository].live()
            if o.person == caller.user_id and o.state is OwnershipState.PROPOSED
        ]
    lines = []
    mine = [a for a in alerts if caller.user_id in told_to(a) and a.acknowledged_by in {"", caller.user_id}]
    if mine:
        refs = ", ".join(a.ref for a in mine[:5])
        lines.append(f"{plural(len(mine), 'alert')} about what you answer for ({refs})")
    if to_decide and caller.role.covers(Role.APPROVER):
        lines.append(f"{plural(to_decide, 'request')} to decide ({', '.join(theirs)})")
    if held:
        lines.append(f"{plural(held, 'request')} of yours held for a person")
    if proposals:
        lines.append(f"{plural(len(proposals), 'account')} you were asked to answer for")
    gone = [a for a in alerts if a.rule == OWNER_GONE]
    if gone and caller.role.covers(Role.OPERATOR):
        lines.append(
            f"{plural(len(gone), 'deactivated person', 'deactivated people')} still holding integrations"
        )
    urgent = [f for f in findings if f.finding.severity.value == "P1"]
    if urgent and caller.role.covers(Role.OPERATOR):
        lines.append(f"{plural(len(urgent), 'urgent finding')}")
    return lines
