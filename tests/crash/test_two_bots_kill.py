"""Two bots on one PostgreSQL, killed at random while people work: every plan ends well, and nothing happens twice.

A short form runs with the suite. ``make soak`` runs it for SOAK_MINUTES; SOAK_SEED chooses the kills.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository
from sandbox.company import load
from tests.crash.pair import Pair, pair
from tests.crash.town import town
from tests.e2e.desk import words_of

MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
SEED = int(os.environ.get("SOAK_SEED", "20261124"))
ROUNDS_AT_LEAST = 2
USERS = 2  # frozen and unfrozen again, side by side
ENDS = {RequestState.DONE, RequestState.HELD}
UNDECIDED = {RequestState.VOIDED, RequestState.CANCELLED}  # asked for twice, since the first answer was lost
AGAIN = "an earlier copy may stand above"
MADE = "svc.ledger@integrations.larkspur.example"
CREATE = (
    f'salesforce create "Ledger sync" --email ledger@larkspur.example --username {MADE} '
    '--permission_sets Integration_Orders --reason "The ledger gets its own account"'
)
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600 + 90 * MINUTES)]


def people(made: Pair) -> list[dict[str, object]]:
    """Users of the org that may be frozen: ordinary, active, with a person behind them."""
    org = made.town.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    roles = {p.email: p.role for p in made.town.desk.sandbox.world.people.values()}
    ordinary = [u for u in org["User"] if u["IsActive"] and roles.get(str(u["Email"])) == "viewer"]
    admins = {p["Id"] for p in org["Profile"] if p["Name"] == "System Administrator"}
    return [u for u in ordinary if u["ProfileId"] not in admins][:USERS]


def frozen(made: Pair, user: dict[str, object]) -> bool:
    """Whether the org says so."""
    org = made.town.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    return next(bool(row["IsFrozen"]) for row in org["UserLogin"] if row["UserId"] == user["Id"])


def writes(made: Pair) -> Counter[str]:
    """How often each thing of Salesforce was changed, by the stand-in's own log."""
    return Counter(
        f"{call.method} {call.path.partition('?')[0].rpartition('/sobjects/')[2]}"
        for call in made.town.desk.sandbox.world.calls
        if call.platform == "salesforce"
        and "/sobjects/" in call.path
        and call.method in ("POST", "PATCH")
        and call.status in (200, 201, 204)
    )


async def ended(made: Pair) -> None:
    """Wait until every request is where it is meant to be, or held for a person."""

    async def all_ended() -> bool:
        for one in await made.requests():
            if one.state is RequestState.PENDING:
                await made.slash(made.town.desk.who("operator"), f"requests cancel {one.ref}")
        return all(one.state in ENDS | UNDECIDED for one in await made.requests())

    await made.town.desk.until(all_ended, 180.0)


async def work(made: Pair, user: dict[str, object], until: float) -> None:
    """Freeze and unfreeze one user, each time by an approved plan, until the time is over."""
    rounds = 0
    while time.monotonic() < until or rounds < ROUNDS_AT_LEAST:
        verb = "unfreeze" if frozen(made, user) else "freeze"
        request = await made.asked(
            f'salesforce {verb} {user["Username"]} --reason "Round {rounds} of many"', str(user["Username"])
        )
        await made.approved(request)
        rounds += 1

        async def through(request_id: str = request.id) -> bool:
            async with made.store.read() as unit:
                return (await unit[RequestRepository].get(request_id)).state in ENDS | UNDECIDED

        await made.town.desk.until(through, 180.0)


async def test_two_bots_killed_at_random_lose_and_double_nothing(
    tmp_path: Path, fresh_postgres: str, record_property: Callable[[str, object], None]
) -> None:
    """Every plan is done or held, each change of the org was made once, each message stands once or says why not."""
    async with town(tmp_path, load()) as place, pair(place, fresh_postgres, SEED) as made:
        await place.may_read_history()
        until = time.monotonic() + MINUTES * 60
        havoc = asyncio.create_task(made.havoc((0.0, 5.0)))
        created = await made.asked(CREATE, MADE)
        await asyncio.gather(made.approved(created), *(work(made, user, until) for user in people(made)))
        havoc.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await havoc
        for which in range(2):
            await made.kill(which)
            await made.start(which)
            await made.up(which)
        await ended(made)
        await _nothing_doubled(made)
        await _everything_told(made)
        record_property("kills", made.kills)
        record_property("plans", len(await made.requests()))
        assert made.kills >= 2, "nothing was tried"
        await place.trail_is_whole()


async def _nothing_doubled(made: Pair) -> None:
    """By the stand-in's log: each change once for each plan, and no user without a plan."""
    requests, done = await made.requests(), writes(made)
    states = Counter(one.state for one in requests)
    assert set(states) <= ENDS | UNDECIDED, states
    assert len(made.town.users(MADE)) == 1
    assert done["POST User"] == 1
    assert max((n for what, n in done.items() if what.startswith("POST")), default=0) == 1, done
    for user in people(made):
        plans = [
            r for r in requests if str(user["Username"]) in r.plan.title and r.state is RequestState.DONE
        ]
        org = made.town.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
        login = next(row["Id"] for row in org["UserLogin"] if row["UserId"] == user["Id"])
        changes = done[f"PATCH UserLogin/{login}"]
        held = sum(str(user["Username"]) in r.plan.title and r.state is RequestState.HELD for r in requests)
        assert len(plans) <= changes <= len(plans) + held, (changes, len(plans), held)
        assert frozen(made, user) == (changes % 2 == 1)


async def _everything_told(made: Pair) -> None:
    """The outbox is empty in the end; of each message one copy stands, a second only if it says so."""
    desk = made.town.desk
    await desk.post("/advance", {"seconds": 120})  # what a killed sender had begun may be taken up now

    async def all_sent() -> bool:
        async with made.store.read() as unit:
            return await unit.outbox.pending() == 0

    await desk.until(all_sent, 120.0)
    for request in await made.requests():
        cards = [
            m
            for m in await desk.messages()
            if f"request {request.ref}" in words_of(m) and "Asked by" in words_of(m)
        ]
        plain = [m for m in cards if AGAIN not in words_of(m)]
        assert len(plain) == 1, (request.ref, [words_of(card)[:80] for card in cards])
        assert len(cards) <= 2
        notes = Counter(words_of(m) for m in await desk.messages() if m.get("thread_ts") == plain[0]["ts"])
        twice = {words: n for words, n in notes.items() if n > 1 and AGAIN not in words}
        assert not twice, twice
