"""Requests and alerts: decided, moved and told exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from store_samples import CONNECTION, NOW, alert, decision, plan, receipt, request

from bot.alerts.model import AlertState
from bot.alerts.repository import AlertRepository
from bot.db.store import Store
from bot.errors import Conflict, NotFound
from bot.requests.model import RequestState, Rollback, Routing
from bot.requests.repository import RequestRepository

LATER = NOW + timedelta(hours=1)


async def test_a_request_comes_back_whole(store: Store) -> None:
    """Plan, reason, inputs, decisions and receipts are as they were, and so is the plan's digest."""
    asked = request(decisions=(decision("U3"), decision("U4")), receipts=(receipt("grant"),), cursor=1)
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
    async with store.read() as unit:
        kept = await unit[RequestRepository].get(asked.id)
        assert set(kept.decisions) == set(asked.decisions)
        assert replace(kept, decisions=asked.decisions) == asked
        assert kept.plan.digest == asked.digest
        assert await unit[RequestRepository].by_ref(asked.ref.lower()) == kept
        assert await unit[RequestRepository].by_ref("ZZZZZZ") is None
        with pytest.raises(NotFound):
            await unit[RequestRepository].get(uuid4().hex)


async def test_a_taken_reference_is_refused(store: Store) -> None:
    """A request never takes another's reference; the first is as it was."""
    first = request(ref="ABC123")
    async with store.write() as unit:
        await unit[RequestRepository].add(first)
        with pytest.raises(Conflict):
            await unit[RequestRepository].add(request(ref="ABC123"))
        assert await unit[RequestRepository].by_ref("ABC123") == first


async def test_a_transition_needs_the_revision_and_a_source(store: Store) -> None:
    """Only a caller who saw the present revision and state moves a request, and moves its revision on."""
    asked = request()
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        move = unit[RequestRepository].transition
        pending = {RequestState.PENDING}
        assert not await move(replace(asked, rev=2), sources=pending, to=RequestState.APPROVED)
        assert not await move(asked, sources={RequestState.RUNNING}, to=RequestState.DONE)
        assert not await move(asked, sources=(), to=RequestState.DONE)
        assert await move(asked, sources=pending, to=RequestState.WAITING, detail="d", step_since=LATER)
        assert not await move(asked, sources=pending, to=RequestState.DENIED)
        moved = await unit[RequestRepository].get(asked.id)
        after = replace(asked, state=RequestState.WAITING, rev=2, detail="d", step_since=LATER)
        assert moved == after


async def test_a_transition_keeps_what_it_is_not_given(store: Store) -> None:
    """Cursor and the time a step began stay unless given; the detail is always the latest."""
    asked = request(cursor=1, step_since=LATER, detail="held because")
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        await unit[RequestRepository].transition(
            asked, sources={RequestState.PENDING}, to=RequestState.RUNNING
        )
        moved = await unit[RequestRepository].get(asked.id)
    assert (moved.cursor, moved.step_since, moved.detail) == (1, LATER, "")


async def test_somebody_decides_once(store: Store) -> None:
    """The first yes or no of each approver stands."""
    asked = request()
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        assert await unit[RequestRepository].decide(asked.id, decision("U3"))
        assert not await unit[RequestRepository].decide(
            asked.id, decision("U3", approved=False, reason="changed my mind")
        )
        assert await unit[RequestRepository].decide(asked.id, decision("U4", approved=False, at=LATER))
        kept = await unit[RequestRepository].get(asked.id)
    assert kept.decisions == (decision("U3"), decision("U4", approved=False, at=LATER))


async def test_a_step_is_recorded_once(store: Store) -> None:
    """A second proof of one step is refused and moves nothing; the revision is not touched."""
    asked = request()
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        assert await unit[RequestRepository].record(asked, receipt("grant"))
        assert not await unit[RequestRepository].record(asked, receipt("grant"))
        once = await unit[RequestRepository].get(asked.id)
        assert await unit[RequestRepository].record(once, receipt("retire"))
        assert not await unit[RequestRepository].record(replace(once, id="nothing"), receipt("grant"))
        kept = await unit[RequestRepository].get(asked.id)
    assert (kept.cursor, kept.rev, kept.receipts) == (2, 1, (receipt("grant"), receipt("retire")))


async def test_a_request_that_was_turned_back_records_no_step_of_the_way_there(store: Store) -> None:
    """A worker whose request was turned back under its hands keeps nothing; the way back is kept for ever."""
    asked = request(state=RequestState.RUNNING, cursor=1, receipts=(receipt("grant"),))
    way = Rollback(by="U2", at=1, keys=("retire",))
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        running = {RequestState.RUNNING}
        assert await unit[RequestRepository].transition(
            asked, sources=running, to=RequestState.APPROVED, rollback=way
        )
        assert not await unit[RequestRepository].record(asked, receipt("retire"))
        turned = await unit[RequestRepository].get(asked.id)
        assert await unit[RequestRepository].transition(
            turned, sources={RequestState.APPROVED}, to=RequestState.RUNNING
        )
        assert await unit[RequestRepository].record(
            await unit[RequestRepository].get(asked.id), receipt("undo:retire")
        )
        kept = await unit[RequestRepository].get(asked.id)
    assert (kept.rollback, kept.cursor, kept.step) == (way, 2, None)


async def test_pages_are_newest_first_and_counted(store: Store) -> None:
    """A page shows the newest of the asked states and requester, with the number of all such."""
    async with store.write() as unit:
        asked = [request(created_at=NOW + timedelta(hours=n), requester=f"U{n % 2}") for n in range(7)]
        for each in asked:
            await unit[RequestRepository].add(each)
        await unit[RequestRepository].transition(
            asked[6], sources={RequestState.PENDING}, to=RequestState.DENIED
        )
        page, total = await unit[RequestRepository].page((RequestState.PENDING,), limit=2, offset=1)
        assert ([r.ref for r in page], total) == ([asked[4].ref, asked[3].ref], 6)
        page, total = await unit[RequestRepository].page(requester="U1")
        assert ([r.ref for r in page], total) == ([asked[n].ref for n in (5, 3, 1)], 3)
        assert await unit[RequestRepository].page((), None, 10, 0) == ((), 0)


async def test_a_live_request_is_found_by_what_it_changes(store: Store) -> None:
    """A request on a credential is live until it ends; one that makes its subject collides with nothing."""
    asked = request(plan=plan("fp-1"))
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        await unit[RequestRepository].add(request(plan=plan("")))
        found = await unit[RequestRepository].live_on(CONNECTION, "fp-1")
        assert found is not None
        assert found.id == asked.id
        assert await unit[RequestRepository].live_on("salesforce:test", "fp-1") is None
        assert await unit[RequestRepository].live_on(CONNECTION, "") is None
        await unit[RequestRepository].transition(
            asked, sources={RequestState.PENDING}, to=RequestState.CANCELLED
        )
        assert await unit[RequestRepository].live_on(CONNECTION, "fp-1") is None


async def test_only_the_undecided_expire(store: Store) -> None:
    """A pending request is late from its very end on; a decided one never is."""
    late, decided = request(expires_at=LATER), request(expires_at=LATER, state=RequestState.APPROVED)
    async with store.write() as unit:
        for each in (late, decided, request(expires_at=LATER + timedelta(seconds=1))):
            await unit[RequestRepository].add(each)
        assert await unit[RequestRepository].expired(LATER - timedelta(seconds=1)) == ()
        assert [r.id for r in await unit[RequestRepository].expired(LATER)] == [late.id]


async def test_an_incident_is_told_once_ever(store: Store) -> None:
    """Rule, subject and bucket make one alert, even after it is resolved; another bucket is another."""
    first = alert()
    async with store.write() as unit:
        assert await unit[AlertRepository].add(first)
        await unit[AlertRepository].transition(first.id, {AlertState.OPEN}, AlertState.RESOLVED)
        assert not await unit[AlertRepository].add(alert())
        assert await unit[AlertRepository].add(alert(bucket="other"))
        with pytest.raises(Conflict):
            await unit[AlertRepository].add(alert(bucket="third", ref=first.ref))
        assert [a.bucket for a in await unit[AlertRepository].all({AlertState.OPEN})] == ["other"]
        assert len(await unit[AlertRepository].all()) == 2


async def test_an_alert_is_found_and_comes_back_whole(store: Store) -> None:
    """By id, reference and identity, with all it says."""
    kept = alert(snoozed_until=LATER)
    async with store.write() as unit:
        await unit[AlertRepository].add(kept)
    async with store.read() as unit:
        assert await unit[AlertRepository].get(kept.id) == kept
        assert await unit[AlertRepository].by_ref(kept.ref.lower()) == kept
        assert await unit[AlertRepository].find(kept.rule, kept.subject, kept.bucket) == kept
        assert await unit[AlertRepository].find(kept.rule, kept.subject, "") is None
        with pytest.raises(NotFound):
            await unit[AlertRepository].get("nothing")


async def test_an_alert_moves_from_where_it_is(store: Store) -> None:
    """A snooze needs an open alert, keeps its end and note; waking forgets the end, not the note."""
    first = alert(note="")
    async with store.write() as unit:
        await unit[AlertRepository].add(first)
        snooze = {"snoozed_until": LATER, "note": "on leave"}
        sources, to = {AlertState.OPEN}, AlertState.SNOOZED
        assert await unit[AlertRepository].transition(first.id, sources, to, LATER, "on leave")
        assert not await unit[AlertRepository].transition(first.id, sources, to, LATER, "again")
        assert await unit[AlertRepository].get(first.id) == replace(first, state=to, **snooze)  # type: ignore[arg-type]
        await unit[AlertRepository].update_payload(first.id, {"holds": "less"})
        assert await unit[AlertRepository].transition(first.id, {to}, AlertState.OPEN)
        woken = await unit[AlertRepository].get(first.id)
        assert woken == replace(first, note="on leave", payload={"holds": "less"})
        with pytest.raises(NotFound):
            await unit[AlertRepository].update_payload("nothing", {})


async def test_a_reminder_is_owed_once_and_only_while_it_waits(store: Store) -> None:
    """At three quarters of its time, not before; never again, and not after its end or its decision."""
    spans = [request(expires_at=NOW + timedelta(hours=4), created_at=NOW) for _ in range(3)]
    due, decided, late = spans[0], spans[1], replace(spans[2], expires_at=NOW + timedelta(hours=1))
    async with store.write() as unit:
        for one in (due, decided, late):
            await unit[RequestRepository].add(one)
        assert await unit[RequestRepository].to_remind(NOW + timedelta(minutes=44), 10) == ()
        await unit[RequestRepository].transition(
            decided, sources={RequestState.PENDING}, to=RequestState.DENIED
        )
        (owed,) = await unit[RequestRepository].to_remind(NOW + timedelta(hours=3), 10)
        assert owed.id == due.id
        assert [await unit[RequestRepository].reminded(due.id) for _ in range(2)] == [True, False]
        assert not await unit[RequestRepository].reminded(decided.id)
        assert await unit[RequestRepository].to_remind(NOW + timedelta(hours=3), 10) == ()


async def test_routing_changes_by_compare_and_swap_and_leaves_the_revision(store: Store) -> None:
    """Of two processes that see the same departure one says so; what people decide about stays as shown."""
    asked = request()
    async with store.write() as unit:
        await unit[RequestRepository].add(asked)
        moves = [
            await unit[RequestRepository].routed(asked.id, Routing.NAMED, Routing.FALLBACK) for _ in range(2)
        ]
        assert moves == [True, False]
        after = await unit[RequestRepository].get(asked.id)
        assert (after.routing, after.rev, after.state) == (Routing.FALLBACK, asked.rev, asked.state)
        await unit[RequestRepository].transition(
            after, sources={RequestState.PENDING}, to=RequestState.DENIED
        )
        assert not await unit[RequestRepository].routed(asked.id, Routing.FALLBACK, Routing.NAMED)


async def test_references_and_work_under_way_are_told_without_opening_anything(store: Store) -> None:
    """Newest first with their number, of one requester or of all others; and whatever is under way, all of it."""
    async with store.write() as unit:
        asked = [
            request(requester=f"U{n % 2}", created_at=NOW + timedelta(minutes=n), receipts=(), decisions=())
            for n in range(6)
        ]
        for one in asked:
            await unit[RequestRepository].add(one)
        refs, count = await unit[RequestRepository].refs(RequestState.PENDING, but_of="U0", limit=2)
        assert (refs, count) == ((asked[5].ref, asked[3].ref), 3)
        assert (await unit[RequestRepository].refs(RequestState.PENDING, of="U0"))[1] == 3
        assert await unit[RequestRepository].refs(RequestState.HELD) == ((), 0)
        for one in asked[:4]:
            await unit[RequestRepository].transition(
                one, sources={RequestState.PENDING}, to=RequestState.RUNNING
            )
        under_way = await unit[RequestRepository].under_way({RequestState.RUNNING, RequestState.WAITING})
        assert under_way == tuple((one.id, one.cursor) for one in asked[:4])
        parts = [
            await unit[RequestRepository].pending_after("", 1),
            await unit[RequestRepository].pending_after("", 10),
        ]
        assert [one.id for one in parts[1]] == sorted(one.id for one in asked[4:])
        assert parts[0] == parts[1][:1]
