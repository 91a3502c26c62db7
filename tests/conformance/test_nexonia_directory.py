"""The Nexonia stand-in's directory: ours over REST, exports, faults, the world."""

from __future__ import annotations

import csv
import io
import time
from asyncio import sleep
from typing import Any

import httpx
import pytest

from tests.conformance.nexonia_driving import Nexonia, nexonia_alone

NEW = {"first": "Nina", "last": "Sørensen", "email": "nina@larkspur.example", "role": "Employee"}


async def test_users_are_listed_in_pages_that_add_up(nexonia: Nexonia) -> None:
    """`pages` and `total` tell when the listing is whole."""
    found: list[dict[str, Any]] = []
    page = pages = 1
    while page <= pages:
        answer = (await nexonia.call("GET", f"/users?page={page}&page_size=7")).json()
        found, pages, page = found + answer["users"], answer["pages"], page + 1
    assert len({user["id"] for user in found}) == answer["total"] == len(found) > 20
    inactive = (await nexonia.call("GET", "/users?active=false")).json()["users"]
    assert {user["email"] for user in inactive} == {
        "peter.oshaughnessy@larkspur.example",
        "petra.novak@larkspur.example",
    }
    for bad in ("page=0", "page_size=201", "page=x"):
        assert await nexonia.refused("GET", f"/users?{bad}") == (422, "invalid")


async def test_a_user_is_made_linked_ignored_and_made_inactive(nexonia: Nexonia) -> None:
    """Every write there is, read back; nobody can be deleted."""
    made = (await nexonia.call("POST", "/users", json=NEW)).json()
    path = f"/users/{made['id']}"
    assert (made["active"], made["ignore"], made["integration_id"]) == (True, False, None)
    for change in ({"integration_id": "8800"}, {"ignore": True}, {"active": False}, {"email": "n@x.example"}):
        changed = (await nexonia.call("PATCH", path, json=change)).json()
        assert change.items() <= changed.items()
    assert (await nexonia.call("GET", path)).json() == changed
    assert (await nexonia.refused("DELETE", path))[0] == 404


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"first": "A"}, (422, "required")),
        (NEW | {"last": " "}, (422, "invalid")),
        (NEW | {"email": "x" * 4001}, (422, "invalid")),
        (NEW | {"shoe_size": 44}, (422, "invalid")),
        (NEW | {"active": "yes"}, (422, "invalid")),
        (NEW | {"integration_id": "4002"}, (409, "already_linked")),
        ([], (400, "bad_json")),
    ],
)
async def test_a_wrong_user_is_refused(nexonia: Nexonia, body: Any, refusal: tuple[int, str]) -> None:
    """What was wrong is named, and nothing is made."""
    before = len((await nexonia.state())["users"])
    assert await nexonia.refused("POST", "/users", json=body) == refusal
    assert len((await nexonia.state())["users"]) == before


async def test_two_users_with_one_address_are_a_switch(nexonia: Nexonia) -> None:
    """UNCONFIRMED whether Nexonia permits it: yes by default."""
    assert (await nexonia.call("POST", "/users", json=NEW)).status_code == 201
    assert (await nexonia.call("POST", "/users", json=NEW)).status_code == 201
    await nexonia.lever("switches", duplicate_emails=False)
    assert await nexonia.refused("POST", "/users", json=NEW) == (409, "email_taken")


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic eDp5", "Bearer"])
async def test_only_the_bearer_token_opens(nexonia: Nexonia, header: str | None) -> None:
    """Everything else is 401, before the address is judged."""
    headers = {"Authorization": header} if header is not None else {}
    for path in ("/users", "/users/501", "/nowhere"):
        answer = await nexonia.http.get(f"{nexonia.url}{path}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


async def test_the_export_comes_with_and_without_the_hidden_id(nexonia: Nexonia) -> None:
    """As an administrator gets it (labels, Yes and No), or with the keys of the API; hostile names are in it."""
    address = f"{nexonia.box.world_url}/nexonia/export"
    plain = list(csv.DictReader(io.StringIO((await nexonia.http.get(address)).text)))
    assert list(plain[0]) == [
        "User ID", "First Name", "Last Name", "Email Address", "Role", "Active", "Ignore for Integration",
    ]  # fmt: skip
    assert {row["Active"] for row in plain} == {"Yes", "No"}
    assert any(
        row["First Name"] == "<!channel>" and row["Last Name"].startswith("=HYPERLINK") for row in plain
    )
    keyed = (await nexonia.http.get(address, params={"hidden": "true", "headers": "keys"})).text
    rows = list(csv.DictReader(io.StringIO(keyed)))
    assert {"id", "first", "last", "email", "active", "ignore", "integration_id"} <= set(rows[0])
    users = (await nexonia.state())["users"]
    as_json = (await nexonia.http.get(address, params={"format": "json", "hidden": "true"})).json()
    assert [row["integration_id"] for row in as_json] == [user["integration_id"] for user in users]
    assert [row["integration_id"] for row in rows] == [user["integration_id"] or "" for user in users]


async def test_faults_break_it_in_its_own_shape(nexonia: Nexonia) -> None:
    """429 with Retry-After, 500, and a short listing that claims to be whole."""
    faults = f"{nexonia.box.world_url}/faults"
    whole = (await nexonia.call("GET", "/users?page_size=200")).json()["total"]
    await nexonia.http.post(faults, json={"platform": "nexonia", "kind": "429", "retry_after_s": 3})
    limited = await nexonia.call("GET", "/users")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "3")
    await nexonia.http.post(faults, json={"platform": "nexonia", "kind": "short_listing"})
    short = (await nexonia.call("GET", "/users?page_size=200")).json()
    assert (short["total"], len(short["users"])) == ((whole + 1) // 2, (whole + 1) // 2)
    await nexonia.http.post(faults, json={"platform": "nexonia", "kind": "timeout_after_effect"})
    with pytest.raises(httpx.ReadTimeout):
        await nexonia.call("POST", "/users", json=NEW, timeout=0.3)
    assert len(await nexonia.users(NEW["email"])) == 1
    await nexonia.http.post(faults, json={"clear": True})


async def test_people_are_deactivated_through_the_world(nexonia: Nexonia) -> None:
    """By hand in Nexonia; somebody who has no user yet is no obstacle."""
    email = "alice.doherty@larkspur.example"
    await nexonia.http.post(
        f"{nexonia.box.world_url}/deactivate", json={"email": email, "where": ["nexonia"]}
    )
    assert not (await nexonia.users(email))[0]["active"]
    people = (await nexonia.http.get(nexonia.box.world_url)).json()["people"]
    alice = next(person for person in people if person["email"] == email)
    assert (alice["inactive"], alice["ids"]["nexonia"]) == (
        ["nexonia"],
        (await nexonia.users(email))[0]["id"],
    )
    nobody = {"email": "hothilan@larkspur.example"}
    answer = await nexonia.http.post(f"{nexonia.box.world_url}/deactivate", json=nobody)
    assert answer.status_code == 200
    await nexonia.http.post(
        f"{nexonia.box.world_url}/reactivate", json={"email": email, "where": ["nexonia"]}
    )
    assert (await nexonia.users(email))[0]["active"]


async def test_the_nightly_sync_runs_while_traffic_is_on() -> None:
    """After two in the morning of the company's time zone, once."""
    async with nexonia_alone() as nexonia:
        await nexonia.http.post(f"{nexonia.box.world_url}/traffic", json={"on": True})
        assert (await nexonia.state())["synced"] is None
        await nexonia.http.post(f"{nexonia.box.world_url}/advance", json={"days": 1, "seconds": 7200})
        deadline = time.monotonic() + 10
        while (await nexonia.state())["synced"] is None:
            assert time.monotonic() < deadline
            await sleep(0.1)


@pytest.mark.parametrize(
    ("lever", "asked", "status"),
    [
        ("sync", {"today": "tomorrow"}, 400),
        ("user", {"email": "nobody@x.example"}, 404),
        ("record", {"id": "none", "active": False}, 404),
        ("record", {"id": "7001", "termination_date": "soon"}, 400),
        ("switches", {"no_such": True}, 400),
        ("switches", {"company_timezone": "Mars/Olympus"}, 400),
    ],
)
async def test_a_wrong_order_to_the_world_is_told_by_nexonia(
    nexonia: Nexonia, lever: str, asked: dict[str, Any], status: int
) -> None:
    """JSON with the reason, and a status that fits."""
    answer = await nexonia.http.post(f"{nexonia.box.world_url}/nexonia/{lever}", json=asked)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
