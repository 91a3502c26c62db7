"""A thousand clicks at once: one decision, whatever the database, by button and by word together."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.audit.repository import AuditLog
from bot.chat.model import Caller, Reply, Request, Role, Trigger
from bot.clock import FixedClock
from bot.config import ApprovalSettings
from bot.db.key_sources import FileKeySource
from bot.db.leases import FileLimiter
from bot.db.store import Store
from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository
from bot.store import open_store
from tests.property.office import ROLES, Office, Vendor, Workspace, office, settle_in

CLICKS = 1000
APPROVERS = tuple(f"UAPP{n}" for n in range(20))
pytestmark = pytest.mark.timeout(300)


async def opened(
    store: Store, other: Store, clock: FixedClock, directory: Path, needed: int
) -> tuple[list[Office], str]:
    """Two offices, as two processes, with twenty approvers, and a request in them."""
    workspace = Workspace(roles=ROLES | dict.fromkeys(APPROVERS, Role.APPROVER))
    vendor = Vendor(clock)
    await settle_in(store, workspace)
    rules = ApprovalSettings(needed=needed, needed_destructive=needed)
    limiter = FileLimiter(directory)
    made = [office(one, clock, workspace, vendor, rules, limiter) for one in (store, other)]
    return made, await made[0].ask(vendor, "old-1")


async def clicks(made: list[Office], ref: str, *, no_every: int = 0) -> list[Reply]:
    """A thousand presses and words of the twenty, by both offices, all begun before any is answered."""
    pressed = Request(
        trigger=Trigger.BUTTON, caller=Caller(user_id=""), name="request.approve", value=f"{ref}.1"
    )
    typed = Request(trigger=Trigger.COMMAND, caller=Caller(user_id=""), text=f"approve {ref}")
    denied = replace(typed, text=f"deny {ref} not now")

    def click(n: int) -> Request:
        shape = denied if no_every and n % no_every == 0 else (pressed, typed)[n % 2]
        return replace(shape, caller=Caller(user_id=APPROVERS[n % len(APPROVERS)]))

    return await asyncio.gather(*(made[n // len(APPROVERS) % 2].dispatcher(click(n)) for n in range(CLICKS)))


async def trail_of(store: Store, ref: str) -> Counter[str]:
    """How often each thing was written down about a request, in a trail that holds together."""
    async with store.read() as unit:
        assert (await unit[AuditLog].verify()).ok
        return Counter(line.action for line in await unit[AuditLog].tail(5000, ref))


@pytest.fixture
async def other(
    store: Store, database_url: str, key_source: FileKeySource, clock: FixedClock
) -> AsyncIterator[Store]:
    """The same database once more, as another process has it."""
    opened = await open_store(database_url, key_source, clock)
    yield opened
    await opened.aclose()


@pytest.mark.parametrize("needed", [1, 2])
async def test_a_thousand_clicks_give_one_decision(
    store: Store, other: Store, clock: FixedClock, tmp_path: Path, needed: int
) -> None:
    """As many yeses as are needed are taken, the plan begins once, and everybody else is told that it is settled."""
    made, ref = await opened(store, other, clock, tmp_path, needed)
    replies = await clicks(made, ref)
    async with store.read() as unit:
        request = await unit[RequestRepository].by_ref(ref)
    assert request
    assert request.state is RequestState.APPROVED
    assert len(request.decisions) == len({d.approver for d in request.decisions}) == needed
    assert [*made[0].begun, *made[1].begun] == [request.id]
    assert (await trail_of(store, ref))["request:approved"] == needed
    said = Counter("Approved, starting now." in reply.summary for reply in replies)
    unmoved = (
        "Nothing changed",
        "already",
        "nothing was changed",
    )  # the last: a machine too busy to answer in time
    late = [r.summary for r in replies if any(words in r.summary for words in unmoved)]
    noted = [r.summary for r in replies if r.summary.startswith("Noted.")]
    assert len(late) + len(noted) + 1 == CLICKS, said
    assert len(noted) == needed - 1
    assert not [reply.summary for reply in replies if "on our side" in reply.summary]


async def test_yes_and_no_at_once_give_one_of_them(
    store: Store, other: Store, clock: FixedClock, tmp_path: Path
) -> None:
    """Where some say no in the same instant it ends as approved or as denied, never as both, and is told once."""
    made, ref = await opened(store, other, clock, tmp_path, 2)
    await clicks(made, ref, no_every=3)
    async with store.read() as unit:
        request = await unit[RequestRepository].by_ref(ref)
        told = [q for q in await unit.outbox.due(clock.now(), 100) if q.posting.channel == "UASK"]
    assert request
    assert len(told) == 1
    done = await trail_of(store, ref)
    yes, no = (sum(d.approved is said for d in request.decisions) for said in (True, False))
    begun = [*made[0].begun, *made[1].begun]
    if request.state is RequestState.APPROVED:
        assert (yes, no, begun, done["request:denied"]) == (2, 0, [request.id], 0)
    else:
        assert request.state is RequestState.DENIED
        assert (no, begun, done["request:denied"], done["request:approved"]) == (1, [], 1, yes)
        assert yes < 2
