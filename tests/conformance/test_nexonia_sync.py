"""The Configuration Sync of the Nexonia stand-in, started by a person, and what it does to everybody."""

from __future__ import annotations

import pytest

from tests.conformance.nexonia_driving import Nexonia

CREATED = "hothilan@larkspur.example"
LINKED = "carol.ferreira@larkspur.example"


async def test_every_action_of_the_decision_table_occurs(nexonia: Nexonia) -> None:
    """The estate has somebody for each of the eight actions and for every rule."""
    rows = await nexonia.sync()
    assert {row["action"] for row in rows} == {
        "update", "link", "create", "inactivate", "blocked_by_ignored", "stranded", "orphan", "none",
    }  # fmt: skip
    assert {row["rule"] for row in rows} == {"N1", "N2", "N3", "N4", "N5", "N6", "U1", "U2", "U3", "U5", "U6"}
    assert all(set(row) == {"action", "rule", "record_id", "user_id", "reason"} for row in rows)


async def test_the_second_sync_changes_nothing(nexonia: Nexonia) -> None:
    """Nothing is created, linked or made inactive again, and no user differs."""
    await nexonia.sync()
    before = (await nexonia.state())["users"]
    again = await nexonia.sync()
    assert not {"create", "link", "inactivate"} & {row["action"] for row in again}
    assert (await nexonia.state())["users"] == before


async def test_who_is_created_linked_renamed_and_made_inactive(nexonia: Nexonia) -> None:
    """One of each by name, as the article says it."""
    await nexonia.sync()
    (created,) = await nexonia.users(CREATED)
    assert created["integration_id"] == await nexonia.record_id(CREATED)
    (linked,) = await nexonia.users(LINKED)
    assert linked["integration_id"] == await nexonia.record_id(LINKED)
    (renamed,) = await nexonia.users("marta.nowakjensen@larkspur.example")
    assert (renamed["last"], await nexonia.users("marta.nowak@larkspur.example")) == ("Nowak-Jensen", [])
    for gone in ("nexonia.sync@integrations.larkspur.example", "rosa.lindner@larkspur.example"):
        assert [user["active"] for user in await nexonia.users(gone)] == [False], gone
    (auditor,) = await nexonia.users("auditor@accountants.example")
    assert (auditor["active"], auditor["integration_id"]) == (True, None)
    twins = await nexonia.users("wenli.chang@larkspur.example")
    assert sorted((user["first"], user["active"]) for user in twins) == [("Wen Li", False), ("Wen-Li", True)]


@pytest.mark.parametrize(
    ("change", "inactive"),
    [
        ({"active": False}, True),
        ({"flag": False}, True),
        ({"email": " "}, True),
        ({"first": ""}, True),
        ({"termination_date": "2026-12-01"}, True),
        ({"termination_date": "2026-12-02"}, False),
        ({"termination_date": "2026-12-03"}, False),
        ({"email": "new.address@larkspur.example", "last": "Renamed"}, False),
    ],
)
async def test_a_linked_user_follows_the_record(
    nexonia: Nexonia, change: dict[str, object], inactive: bool
) -> None:
    """Inactive when the record no longer qualifies; a date that is today has not passed; a rename breaks nothing."""
    number = await nexonia.record_id("alice.doherty@larkspur.example")
    await nexonia.lever("record", id=number, **change)
    rows = await nexonia.sync(today="2026-12-02")
    user = next(user for user in (await nexonia.state())["users"] if user["integration_id"] == number)
    assert user["active"] is not inactive
    if inactive:
        assert {row["rule"] for row in rows if row["user_id"] == user["id"]} == {"U3"}
    elif "email" in change:
        assert (user["email"], user["last"]) == ("new.address@larkspur.example", "Renamed")


async def test_a_person_who_comes_back_stays_stranded(nexonia: Nexonia) -> None:
    """No rule reactivates: inactive and linked it stays, until a person does it."""
    number = await nexonia.record_id("alice.doherty@larkspur.example")
    await nexonia.lever("record", id=number, active=False)
    await nexonia.sync()
    await nexonia.lever("record", id=number, active=True)
    rows = await nexonia.sync()
    assert [row["action"] for row in rows if row["record_id"] == number] == ["stranded"]
    await nexonia.lever("user", email="alice.doherty@larkspur.example", active=True)
    rows = await nexonia.sync()
    assert [row["action"] for row in rows if row["record_id"] == number] == ["update"]


async def test_the_checkbox_may_not_be_asked_of_employees_but_always_of_vendors(nexonia: Nexonia) -> None:
    """Without the employee filter unticked employees get users; unticked vendors never."""
    await nexonia.lever("switches", employee_filter=False)
    rows = await nexonia.sync()
    records = {row["id"]: row for row in (await nexonia.state())["records"]}
    created = [records[row["record_id"]] for row in rows if row["action"] == "create"]
    assert any(not record["flag"] and record["kind"] == "employee" for record in created)
    assert not any(not record["flag"] and record["kind"] == "vendor" for record in created)


async def test_only_the_kinds_that_are_synchronised_count(nexonia: Nexonia) -> None:
    """With vendors switched off a vendor's user is made inactive."""
    await nexonia.sync()
    (vendor,) = await nexonia.users("ines.araujo@freelance.example")
    assert vendor["active"]
    await nexonia.lever("switches", vendors=False)
    await nexonia.sync()
    assert not (await nexonia.users("ines.araujo@freelance.example"))[0]["active"]


async def test_one_person_as_employee_and_vendor_gets_two_users(nexonia: Nexonia) -> None:
    """One at a time: the employee is linked or kept, the vendor gets a twin."""
    asked = {"first": "Carol", "last": "Ferreira", "email": LINKED, "kind": "vendor", "id": "7900"}
    await nexonia.lever("record", **asked)
    rows = await nexonia.sync()
    assert [row["action"] for row in rows if row["record_id"] == "7900"] == ["create"]
    assert len(await nexonia.users(LINKED)) == 2


async def test_case_and_blanks_do_not_keep_two_apart_but_accents_do(nexonia: Nexonia) -> None:
    """The reading of the facts: trimmed, inner blanks collapsed, case folded; accents not."""
    (user,) = await nexonia.users(LINKED)
    await nexonia.call("PATCH", f"/users/{user['id']}", json={"email": LINKED.upper(), "last": " FERREIRA "})
    rows = await nexonia.sync()
    assert next(row["action"] for row in rows if row["user_id"] == user["id"]) == "link"
    asked = {
        "first": "Zoë",
        "last": "Marsh",
        "email": "z.marsh@larkspur.example",
        "kind": "employee",
        "id": "7901",
    }
    await nexonia.lever("record", **asked)
    await nexonia.call(
        "POST", "/users", json={"first": "Zoe", "last": "Marsh", "email": asked["email"], "role": "Employee"}
    )
    rows = await nexonia.sync()
    assert next(row["action"] for row in rows if row["record_id"] == "7901") == "create"


async def test_a_circle_of_managers_fails_the_whole_sync(nexonia: Nexonia) -> None:
    """Nothing is changed, and the reason is told."""
    one, two = await nexonia.record_id(CREATED), await nexonia.record_id(LINKED)
    await nexonia.lever("record", id=one, manager_id=two)
    await nexonia.lever("record", id=two, manager_id=one)
    before = (await nexonia.state())["users"]
    said = await nexonia.lever("sync")
    assert (said["status"], said["rows"]) == ("Failed", [])
    assert "circle" in said["why"]
    assert (await nexonia.state())["users"] == before


async def test_new_users_are_told_only_if_notify_is_on(nexonia: Nexonia) -> None:
    """The first-login mail goes to those created, not to those linked; a plain sync may not create at all."""
    await nexonia.lever("switches", creates_need_full_sync=True)
    assert not [row for row in await nexonia.sync(full=False) if row["action"] == "create"]
    assert (await nexonia.state())["mailed"] == []
    await nexonia.lever("switches", notify_new_users=True)
    await nexonia.sync()
    mailed = (await nexonia.state())["mailed"]
    assert CREATED in mailed
    assert LINKED not in mailed


async def test_a_leaver_becomes_inactive_by_the_sync_after_their_day(nexonia: Nexonia) -> None:
    """Not on the day: `terminate` is NetSuite's to know, and the first sync of the day after acts on it."""
    email = "alice.doherty@larkspur.example"
    today = nexonia.box.world.now.date().isoformat()
    answer = await nexonia.http.post(f"{nexonia.box.world_url}/terminate", json={"email": email, "on": today})
    assert "nexonia" in answer.json()["done"]
    await nexonia.sync()
    assert (await nexonia.users(email))[0]["active"]
    await nexonia.http.post(f"{nexonia.box.world_url}/advance", json={"days": 1})
    await nexonia.sync()
    assert not (await nexonia.users(email))[0]["active"]
