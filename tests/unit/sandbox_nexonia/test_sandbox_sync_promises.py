"""What the stand-in's Configuration Sync promises in any world, and every row of its decision tables."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.company import load
from sandbox.nexonia import Nexonia
from sandbox.nexonia.directory import Directory
from sandbox.nexonia.records import Record
from sandbox.nexonia.sync import Rules, SyncFailed, run, unfit
from sandbox.world import World

TODAY = date(2026, 11, 24)
ANN = {"first": "Ann", "last": "Lee", "email": "ann@x.example"}

names = st.sampled_from(["Ann", "ann ", "Bob", "", "Zoë"])
emails = st.sampled_from(["a@x.example", "A@x.example ", "b@x.example", ""])
records = st.lists(
    st.builds(
        Record,
        kind=st.sampled_from(["employee", "vendor"]),
        id=st.sampled_from(["1", "2", "3", "4"]),
        first=names,
        last=names,
        email=emails,
        active=st.booleans(),
        flag=st.booleans(),
        termination_date=st.sampled_from([None, date(2026, 11, 23), TODAY, date(2026, 11, 25)]),
    ),
    unique_by=lambda record: (record.kind, record.id),
    max_size=8,
)
users = st.lists(
    st.fixed_dictionaries(
        {
            "first": names,
            "last": names,
            "email": emails,
            "active": st.booleans(),
            "ignore": st.booleans(),
            "integration_id": st.sampled_from([None, None, "1", "2", "3", "gone"]),
        }
    ),
    unique_by=lambda user: user["integration_id"] or object(),
    max_size=8,
)


def _directory(rows: list[dict[str, object]]) -> Directory:
    directory = Directory()
    for row in rows:
        directory.add(**row)
    return directory


@given(records, users, st.booleans())
def test_any_world_keeps_the_promises(
    rows: list[Record], people: list[dict[str, object]], filtered: bool
) -> None:
    """Twice is once; ignored users stay; linked and qualifying is never ended; no record is linked twice."""
    directory, rules = _directory(people), Rules(employee_filter=filtered)
    before = deepcopy(directory.users)
    done = run(directory, rows, TODAY, rules)
    for number, user in before.items():
        now = directory.users[number]
        if user.ignore:
            assert (now.active, now.integration_id) == (user.active, user.integration_id)
        assert user.active or not now.active
    links = [u.integration_id for u in directory.users.values() if u.integration_id and u.active]
    assert len(links) == len(set(links))
    fit = [row for row in rows if unfit(row, TODAY, rules) is None]
    outcomes = [row for row in done if row.rule.startswith("N") and row.rule != "N1"]
    assert len(outcomes) == len(fit)
    after = deepcopy(directory.users)
    again = run(directory, rows, TODAY, rules)
    assert not {"create", "link", "inactivate"} & {row.action for row in again}
    assert {n: u.shown() for n, u in directory.users.items()} == {n: u.shown() for n, u in after.items()}


@pytest.mark.parametrize(
    ("fits", "linked", "kinds"),
    list(product([True, False], ["none", "active", "inactive"], product([True, False], repeat=4))),
)
def test_the_ninety_six_record_combinations(
    fits: bool, linked: str, kinds: tuple[bool, bool, bool, bool]
) -> None:
    """Q, link state, and which matching users exist (free, ignored, linked elsewhere, inactive): table B4."""
    directory = Directory()
    if linked != "none":
        directory.add(**ANN, active=linked == "active", integration_id="1")
    free, ignored, other, inactive = kinds
    if free:
        directory.add(**ANN)
    if ignored:
        directory.add(**ANN, ignore=True)
    if other:
        directory.add(**ANN, integration_id="2")
    if inactive:
        directory.add(**ANN, active=False)
    second = Record("employee", "2", "Ann", "Lee", "ann@x.example")
    done = run(directory, [Record("employee", "1", **ANN, active=fits), second], TODAY, Rules())
    (rule,) = {row.rule for row in done if row.record_id == "1" and row.rule.startswith("N")}
    expected = (
        "N1" if not fits
        else {"active": "N2", "inactive": "N3"}.get(linked) or ("N4" if free else "N5" if ignored else "N6")
    )  # fmt: skip
    assert rule == expected


@pytest.mark.parametrize(
    ("active", "ignored", "linked", "matches"),
    list(product([True, False], [True, False], ["none", "fit", "unfit"], [True, False])),
)
def test_the_twenty_four_user_combinations(active: bool, ignored: bool, linked: str, matches: bool) -> None:
    """Active, ignored, link, and whether a qualifying record matches: what becomes of the user."""
    directory = Directory()
    user = directory.add(
        **ANN, active=active, ignore=ignored, integration_id=None if linked == "none" else "1"
    )
    rows = []
    if linked != "none":
        rows.append(Record("employee", "1", "Other", "Name", "o@x.example", active=linked == "fit"))
    if matches:
        rows.append(Record("employee", "2", **ANN))
    run(directory, rows, TODAY, Rules())
    ended = active and not ignored and (linked == "unfit" or (linked == "none" and not matches))
    assert user.active is (active and not ended)
    if not active:
        assert user.active is False


def test_a_circle_of_managers_changes_nothing() -> None:
    """Even one of two."""
    rows = [
        Record("employee", "1", **ANN, manager_id="2"),
        Record("employee", "2", "B", "C", "b@x.example", manager_id="1"),
    ]
    directory = Directory()
    with pytest.raises(SyncFailed):
        run(directory, rows, TODAY, Rules())
    assert directory.users == {}


def test_records_of_a_played_netsuite_replace_ours() -> None:
    """World.sync_records is all that counts; a vendor with an employee's number gets a link of its own."""
    world = World(load())
    nexonia = Nexonia(world)
    row = {**ANN, "kind": "employee", "id": "11", "active": True, "flag": True, "manager_id": None}
    world.sync_records = lambda: [
        {**row, "termination_date": None},
        {**row, "termination_date": None, "kind": "vendor", "first": "Vera"},
    ]
    done = nexonia.run_sync(TODAY, full=True)
    made = [nexonia.directory.users[o.user_id or ""].integration_id for o in done if o.action == "create"]
    assert made == ["11", "vendor:11"]
    assert sum(user.active and not user.ignore for user in nexonia.directory.users.values()) == 2
