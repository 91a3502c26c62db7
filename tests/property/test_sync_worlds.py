"""Random companies: whatever is in the two lists, the promises of the sync hold."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.user_sync.forecast import forecast
from bot.user_sync.model import (
    CHANGES,
    Outcome,
    Record,
    RecordKind,
    Rules,
    SyncAction,
    SyncRule,
    User,
    shortfall,
)
from bot.user_sync.rules import decide

TODAY = date(2026, 11, 24)
World = tuple[list[Record], list[User], Rules]

firsts = st.sampled_from(["Ann", "ann ", "Anne", "Bo", ""])
lasts = st.sampled_from(["Lee", "LEE", "Orr", " "])
emails = st.sampled_from(["a@x.test", "A@X.test", "b@x.test", ""])
records = st.builds(
    Record,
    id=st.sampled_from("12345"),
    kind=st.sampled_from(RecordKind),
    first=firsts,
    last=lasts,
    email=emails,
    active=st.sampled_from([True, True, False]),
    termination_date=st.sampled_from([None, None, TODAY, TODAY - timedelta(days=1)]),
    flag=st.sampled_from([True, True, False, None]),
)
users = st.builds(
    User,
    id=st.sampled_from([f"u{n}" for n in range(8)]),
    first=firsts,
    last=lasts,
    email=emails,
    active=st.sampled_from([True, True, False]),
    ignore=st.sampled_from([False, False, True]),
    integration_id=st.sampled_from(["", "", "1", "2", "employee:3", "vendor:3", "9"]),
)
kinds = st.sets(st.sampled_from(RecordKind), min_size=1).map(frozenset)
worlds = st.tuples(
    st.lists(records, max_size=8, unique_by=lambda r: (r.kind, r.id)),
    st.lists(users, max_size=8, unique_by=lambda u: u.id),
    st.builds(Rules, today=st.just(TODAY), kinds=kinds, employee_filter=st.booleans()),
)


def after(world: World, outcomes: tuple[Outcome, ...]) -> list[User]:
    """Nexonia as it is when the forecast came true. A link copies the record's data, as an update does."""
    people = {user.id: user for user in world[1]}
    for outcome in outcomes:
        record, user = outcome.record, outcome.user
        if outcome.action is SyncAction.INACTIVATE and user is not None:
            people[user.id] = msgspec.structs.replace(user, active=False)
        elif outcome.action in CHANGES and record is not None:
            link = f"{record.kind}:{record.id}"
            old = user or User(id=f"new {link}", first="", last="", email="", active=True)
            people[old.id] = msgspec.structs.replace(
                old, first=record.first, last=record.last, email=record.email, integration_id=link
            )
    return list(people.values())


@given(worlds)
@settings(max_examples=1000, deadline=None)
def test_the_promises_hold(world: World) -> None:
    """Nobody is forgotten, nobody is harmed who must not be, and a second run changes nothing."""
    listed, people, rules = world
    outcomes = decide(listed, people, rules)

    # Every record, and so each that qualifies, has its line; every user has a line that settles it.
    lines = Counter((o.record.kind, o.record.id) for o in outcomes if o.record and o.rule.startswith("N"))
    assert set(lines) == {(r.kind, r.id) for r in listed}
    settling = [o for o in outcomes if o.user and o.rule is not SyncRule.MATCH_IGNORED]
    assert Counter(o.user.id for o in settling if o.user) == Counter(u.id for u in people)

    # Who is ignored is neither linked nor made inactive; who is inactive stays untouched.
    for outcome in outcomes:
        if outcome.user and outcome.action in (SyncAction.LINK, SyncAction.INACTIVATE):
            assert not outcome.user.ignore
        if outcome.user and outcome.action in CHANGES:
            assert outcome.user.active

    # Nobody whose linked record qualifies is made inactive.
    for outcome in outcomes:
        if outcome.action is SyncAction.INACTIVATE and outcome.record:
            assert shortfall(outcome.record, rules)

    # No record gets a user twice: linked or created once at most, and only where nobody was linked to it.
    taken = [
        (o.record.kind, o.record.id)
        for o in outcomes
        if o.record and o.action in (SyncAction.LINK, SyncAction.CREATE)
    ]
    assert len(taken) == len(set(taken))
    assert all(count == 1 for ref, count in lines.items() if ref in set(taken))

    # Once it came true there is nothing left to do.
    again = decide(listed, after(world, outcomes), rules)
    assert {o.action for o in again} <= {
        SyncAction.UPDATE, SyncAction.NONE, SyncAction.STRANDED, SyncAction.ORPHAN, SyncAction.BLOCKED_BY_IGNORED
    }  # fmt: skip
    assert all(
        o.reason.startswith("linked and qualifies; its data is the same")
        for o in again
        if o.action == "update" and o.user and not o.user.ignore
    )


@given(worlds)
@settings(max_examples=300, deadline=None)
def test_notices_never_fail_and_never_decide(world: World) -> None:
    """What is pointed out changes nothing of what is forecast, and the counts add up."""
    listed, people, rules = world
    found = forecast(tuple(listed), tuple(people), rules)
    assert found.outcomes == decide(listed, people, rules)
    assert sum(found.counts.values()) == len(found.outcomes)


@given(worlds, st.randoms())
@settings(max_examples=300, deadline=None)
def test_the_order_of_the_lists_means_nothing(world: World, random: object) -> None:
    """However the two lists are sorted, the forecast is the same, line by line."""
    listed, people, rules = world
    shuffled, others = listed[:], people[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(others)  # type: ignore[attr-defined]
    assert decide(shuffled, others, rules) == decide(listed, people, rules)
