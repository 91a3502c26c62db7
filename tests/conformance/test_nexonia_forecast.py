"""Two engines, written apart from the same articles, say the same of every company: ours and the stand-in's."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.user_sync.model import Outcome, Record, RecordKind, Rules, SyncRule, User
from bot.user_sync.rules import decide
from sandbox.nexonia.directory import Directory
from sandbox.nexonia.directory import User as PlayedUser
from sandbox.nexonia.records import Record as PlayedRecord
from sandbox.nexonia.sync import Rules as PlayedRules
from sandbox.nexonia.sync import run

TODAY = date(2026, 11, 24)
firsts = st.sampled_from(["Ann", "ann ", "Anne", "Bo", ""])
lasts = st.sampled_from(["Lee", "L  EE", "Orr", " "])
emails = st.sampled_from(["a@x.test", " A@X.test", "b@x.test", ""])
days = st.sampled_from([None, TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=1)])
numbers = st.sampled_from(["1", "2", "3", "10", "20"])  # an id belongs to one kind, as in NetSuite
kinds = {"1": "employee", "2": "vendor", "3": "employee", "10": "vendor", "20": "employee"}
people = st.tuples(numbers, firsts, lasts, emails, st.booleans(), days, st.booleans())
users = st.tuples(
    firsts, lasts, emails, st.sampled_from([True, True, False]), st.sampled_from([False, False, True]),
    st.sampled_from([None, None, "1", "2", "10", "99"]),
)  # fmt: skip
synced = st.sampled_from([("employee",), ("vendor",), ("employee", "vendor")])


def told(outcome: Outcome) -> tuple[str, str, str | None, str | None]:
    """As the stand-in tells it: a user who is left alone or orphaned is told without its record."""
    alone = outcome.rule in (SyncRule.USER_INACTIVE, SyncRule.USER_IGNORED)
    record_id = outcome.record.id if outcome.record and not alone else None
    return outcome.action.value, outcome.rule.value, record_id, outcome.user.id if outcome.user else None


@given(
    st.lists(people, max_size=5, unique_by=lambda row: row[0]),
    st.lists(users, max_size=6, unique_by=lambda row: row[5] or object()),
    synced,
    st.booleans(),
)
@settings(max_examples=600, deadline=None)
def test_the_forecast_is_what_the_stand_in_then_does(
    listed: list[tuple[str, str, str, str, bool, date | None, bool]],
    known: list[tuple[str, str, str, bool, bool, str | None]],
    which: tuple[str, ...],
    employee_filter: bool,
) -> None:
    """Action, rule, record and user of every line, over random companies."""
    directory = Directory()
    for number, (first, last, email, active, ignore, link) in enumerate(known, 1):
        directory.users[str(number)] = PlayedUser(
            str(number), first, last, email, active=active, ignore=ignore, integration_id=link
        )
    ours = decide(
        [
            Record(id=n, kind=RecordKind(kinds[n]), first=f, last=la, email=e, active=a, termination_date=d, flag=t)
            for n, f, la, e, a, d, t in listed
        ],
        [
            User(id=u.id, first=u.first, last=u.last, email=u.email, active=u.active, ignore=u.ignore,
                 integration_id=u.integration_id or "")
            for u in directory.users.values()
        ],
        Rules(today=TODAY, kinds=frozenset(map(RecordKind, which)), employee_filter=employee_filter),
    )  # fmt: skip
    played = run(
        directory,
        [PlayedRecord("vendor" if kinds[n] == "vendor" else "employee", n, *rest) for n, *rest in listed],  # type: ignore[arg-type]
        TODAY,
        PlayedRules(kinds=frozenset(which), employee_filter=employee_filter),
    )
    theirs = [
        (row.action, row.rule, row.record_id, None if row.action == "create" else row.user_id)
        for row in played
    ]
    assert sorted(map(told, ours), key=str) == sorted(theirs, key=str)
