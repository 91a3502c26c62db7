"""The record service, RESTlets and the small services: reading, writing, refusing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conformance.netsuite_driving import (
    ADA,
    ALICE,
    BOT,
    CONNECTOR_ROLE,
    RECORD,
    SHARED,
    Answer,
    Running,
    serving,
)

STRICT = {"X-NetSuite-PropertyNameValidation": "Error"}
LAN = "hothilan@larkspur.example"


@pytest.fixture
async def netsuite() -> AsyncIterator[Running]:
    async with serving() as started:
        yield started


async def found(netsuite: Running, q: str, kind: str = "employee") -> list[str]:
    """The ids that a filter finds."""
    headers = netsuite.signed("GET", f"{RECORD}/{kind}?q={_quoted(q)}")
    answer = await netsuite.ask("GET", f"{RECORD}/{kind}?q={_quoted(q)}", headers=headers)
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.body["items"]]


def _quoted(text: str) -> Any:
    from urllib.parse import quote

    return quote(text, safe="")


async def patch(
    netsuite: Running, email: str, body: dict[str, Any], query: str = "", keys: Any = None, **headers: str
) -> Answer:
    path = f"{RECORD}/employee/{netsuite.employee(email)['id']}{query}"
    return await netsuite.tba("PATCH", path, keys, json=body, headers=STRICT | headers)


def role_items(*numbers: int) -> dict[str, Any]:
    return {"roles": {"items": [{"selectedRole": {"id": str(number)}} for number in numbers]}}


async def test_lists_are_stubs(netsuite: Running) -> None:
    """A list gives links and ids, in pages."""
    body = (await netsuite.tba("GET", f"{RECORD}/employee?limit=5&offset=5")).body
    assert (body["count"], body["hasMore"], body["offset"]) == (5, True, 5)
    assert body["totalResults"] == len(netsuite.account["employee"])
    assert set(body["items"][0]) == {"links", "id"}
    assert body["items"][0]["links"][0]["href"] == f"{netsuite.url}{RECORD}/employee/1106"
    for page in ("limit=1001", "limit=5&offset=3"):
        assert (await netsuite.tba("GET", f"{RECORD}/employee?{page}")).code == "INVALID_PARAMETER"


@pytest.mark.parametrize(
    ("q", "count"),
    [
        (f'email IS "{ALICE}"', 1),
        (f'email IS "{ALICE.upper()}"', 1),
        ('email START_WITH "alice" AND isInactive IS false', 1),
        ('firstName IS "Alice" OR firstName IS "Ada"', 2),
        ('(firstName IS "Alice" OR firstName IS "Ada") AND lastName CONTAIN "kon"', 1),
        ("isInactive IS true", 2),
        ("supervisor EMPTY AND id LESS 1103", 2),
        ("id ANY_OF [1101, 1102]", 2),
        ('releasedate BEFORE "2030-01-01" AND isInactive IS false', 1),
        ("custentity_nexonia IS true AND giveAccess IS false", 1),
        ('lastName IS "Robert\\"); DROP TABLE"', 0),
    ],
)
async def test_filters(netsuite: Running, q: str, count: int) -> None:
    """`q` finds by texts, booleans, numbers, dates and lists, with AND, OR and brackets."""
    assert len(await found(netsuite, q)) == count


@pytest.mark.parametrize(
    "q", ["email", "email IS", 'nothing IS "x"', 'email LIKE "x"', '(email IS "x"', 'password IS "x"', '"']
)
async def test_wrong_filters(netsuite: Running, q: str) -> None:
    """A filter that cannot be read is 400 and names the parameter."""
    answer = await netsuite.tba("GET", f"{RECORD}/employee?q={_quoted(q)}")
    assert (answer.status, answer.body["o:errorDetails"][0]["o:errorQueryParam"]) == (400, "q")


async def test_a_record(netsuite: Running) -> None:
    """Properties as the REST API browser spells them; sublists are links until they are expanded; no password."""
    number = netsuite.employee(ALICE)["id"]
    plain = (await netsuite.tba("GET", f"{RECORD}/employee/{number}")).body
    assert (plain["id"], plain["firstName"], plain["isInactive"], plain["giveAccess"]) == (
        str(number),
        "Alice",
        False,
        True,
    )
    assert plain["supervisor"]["refName"] == "Tendai Moyo"
    assert "items" not in plain["roles"]
    assert not {"password", "password2", "sendEmail"} & set(plain)
    full = (await netsuite.tba("GET", f"{RECORD}/employee/{number}?expandSubResources=true")).body
    assert [line["selectedRole"]["refName"] for line in full["roles"]["items"]] == [
        "Administrator",
        "Accountant",
        CONNECTOR_ROLE,
    ]
    part = (await netsuite.tba("GET", f"{RECORD}/employee/{number}?fields=email,isInactive")).body
    assert set(part) == {"links", "id", "email", "isInactive"}
    sublist = (await netsuite.tba("GET", f"{RECORD}/employee/{number}/roles")).body
    assert sublist["totalResults"] == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/employee/999999", 404),
        ("/employee/eid:nobody", 404),
        ("/spaceship", 404),
        ("/role/3", 404),
        ("/employee/1101?fields=x", 400),
    ],
)
async def test_what_is_not_there(netsuite: Running, path: str, status: int) -> None:
    """Unknown records, types and fields are told in the error document."""
    answer = await netsuite.tba("GET", RECORD + path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/vnd.oracle.resource+json; type=error"
    assert set(answer.body) == {"type", "title", "status", "o:errorDetails"}


async def test_a_change_and_its_author(netsuite: Running) -> None:
    """204 without a body, the Location of the record, and a System Note that names the caller."""
    answer = await patch(
        netsuite,
        LAN,
        {"title": "Senior expense analyst", "custentity_nexonia": False, "hireDate": "2020-02-03"},
    )
    assert (answer.status, answer.body) == (204, "")
    assert answer.headers["Location"].endswith(f"/employee/{netsuite.employee(LAN)['id']}")
    assert netsuite.employee(LAN)["custentity_nexonia"] == "F"
    notes = await netsuite.rows(
        f"SELECT s.field, s.oldvalue o, s.newvalue n, s.name, s.context FROM SystemNote s "
        f"WHERE s.recordtypeid = -9 AND s.recordid = {netsuite.employee(LAN)['id']} ORDER BY s.field"
    )
    assert [(note["field"], note["n"]) for note in notes] == [
        ("ENTITY.CUSTENTITY_NEXONIA", "F"),
        ("ENTITY.HIREDATE", "2/3/2020"),
        ("ENTITY.TITLE", "Senior expense analyst"),
    ]
    assert {(note["name"], note["context"]) for note in notes} == {(str(netsuite.employee(BOT)["id"]), "RST")}


async def test_misspelt_properties(netsuite: Running) -> None:
    """By default a name that nobody knows is ignored in silence; with Error it is refused, whole and with its path."""
    body = {"isInactiv": True, "title": "changed"}
    for mode in ("Error", "error"):
        answer = await patch(netsuite, LAN, body, **{"X-NetSuite-PropertyNameValidation": mode})
        assert (answer.status, answer.code) == (400, "INVALID_CONTENT")
        assert answer.body["o:errorDetails"][0]["o:errorPath"] == "isInactiv"
        assert netsuite.employee(LAN)["title"] == "Expense analyst"
    for mode in ("Warning", "Ignore"):
        assert (await patch(netsuite, LAN, body, **{"X-NetSuite-PropertyNameValidation": mode})).status == 204
    assert (netsuite.employee(LAN)["title"], netsuite.employee(LAN)["isinactive"]) == ("changed", "F")


@pytest.mark.parametrize(
    "body", [{"isInactive": "yes"}, {"hireDate": "soon"}, {"supervisor": {"name": "x"}}, {"email": {}}]
)
async def test_wrong_values(netsuite: Running, body: dict[str, Any]) -> None:
    """A value of another kind is refused with its path."""
    answer = await patch(netsuite, LAN, body)
    assert (answer.status, answer.body["o:errorDetails"][0]["o:errorPath"]) == (400, next(iter(body)))


async def test_adding_a_role(netsuite: Running) -> None:
    """PATCH without replace keeps what was there."""
    before = list(netsuite.employee(LAN)["_roles"])
    role = netsuite.role(CONNECTOR_ROLE)
    assert (await patch(netsuite, LAN, role_items(role))).status == 204
    assert netsuite.employee(LAN)["_roles"] == [*before, role]
    assert (await patch(netsuite, LAN, role_items(role))).status == 204
    assert netsuite.employee(LAN)["_roles"] == [*before, role]


async def test_a_sublist_that_appends(netsuite: Running) -> None:
    """If the sublist is not keyed, sending a role again is a second line, which is refused."""
    netsuite.switch(roles_sublist="append")
    before = list(netsuite.employee(LAN)["_roles"])
    assert (await patch(netsuite, LAN, role_items(before[0]))).status == 400
    assert (await patch(netsuite, LAN, role_items(netsuite.role(CONNECTOR_ROLE)))).status == 204
    assert len(netsuite.employee(LAN)["_roles"]) == len(before) + 1


async def test_replacing_roles(netsuite: Running) -> None:
    """`?replace=roles` makes the list what is sent."""
    keep = netsuite.role("Integration: expenses")
    assert (await patch(netsuite, LAN, role_items(keep), "?replace=roles")).status == 204
    assert netsuite.employee(LAN)["_roles"] == [keep]
    assert await netsuite.rows(
        f"SELECT r.role FROM employeeroles r WHERE r.entity = {netsuite.employee(LAN)['id']}"
    ) == [{"role": str(keep)}]
    assert (await patch(netsuite, LAN, role_items(keep), "?replace=nothing")).status == 400


@pytest.mark.parametrize(
    "roles",
    [
        {"items": [{"selectedRole": {"id": "999"}}]},
        {"items": [{"selectedRole": {"id": "1061"}}]},
        {"items": [{}]},
        {"items": "x"},
        [],
        {"items": [{"selectedRole": {"id": "15"}}, {"selectedRole": {"id": "15"}}]},
    ],
)
async def test_wrong_roles(netsuite: Running, roles: Any) -> None:
    """Unknown, inactive or double roles change nothing at all, not even other properties of the same body."""
    answer = await patch(netsuite, LAN, {"title": "x", "roles": roles})
    assert (answer.status, answer.code) == (400, "INVALID_CONTENT")
    assert netsuite.employee(LAN)["title"] == "Expense analyst"


async def test_administrators_are_for_administrators(netsuite: Running) -> None:
    """Nobody else gives or takes the Administrator role, or the access of one who has it."""
    for email, body, query in [
        (LAN, role_items(3), ""),
        (ALICE, role_items(netsuite.role(CONNECTOR_ROLE)), "?replace=roles"),
        (ALICE, {"isInactive": True}, ""),
        (ALICE, {"giveAccess": False}, ""),
    ]:
        answer = await patch(netsuite, email, body, query)
        assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSION")
    assert (await patch(netsuite, ALICE, {"title": "Manager"})).status == 204
    keys = await netsuite.new_keys(ADA, "Administrator")
    assert (await patch(netsuite, LAN, role_items(3), keys=keys)).status == 204


async def test_permissions_of_writing(netsuite: Running) -> None:
    """Access needs Employee Access, records need Employee Record at level Edit."""
    await netsuite.done("role", role="Handover", permission="LIST_EMPLOYEE_ACCESS", level=1)
    assert (await patch(netsuite, LAN, {"isInactive": True})).status == 403
    assert (await patch(netsuite, LAN, {"title": "x"})).status == 204
    await netsuite.done("role", role="Handover", permission="LIST_EMPLOYEE_RECORD", level=1)
    assert (await patch(netsuite, LAN, {"title": "y"})).status == 403
    assert (await netsuite.tba("GET", f"{RECORD}/employee/{netsuite.employee(LAN)['id']}")).status == 200


async def test_giving_access(netsuite: Running) -> None:
    """Needs an address and a first password or a mail; and a licence, where they are counted."""
    stefan = "stefan.ionescu@larkspur.example"
    role = netsuite.role("Human Resources Generalist")
    assert (await patch(netsuite, stefan, {"giveAccess": True} | role_items(role))).status == 400
    assert (
        await patch(netsuite, stefan, {"giveAccess": True, "password": "a", "password2": "b"})
    ).status == 400
    used = (await netsuite.tba("GET", f"{RECORD}/employee/1101")).body
    assert "fulluserqty" not in used
    netsuite.switch(licence_counters_filled=True, full_licences=1)
    used = (await netsuite.tba("GET", f"{RECORD}/employee/1101")).body
    assert used["fulluserqty"] > used["fulluserqtymax"]
    answer = await patch(netsuite, stefan, {"giveAccess": True, "sendEmail": True} | role_items(role))
    assert "exceeds the number of licenses" in answer.detail
    netsuite.switch()
    assert (
        await patch(netsuite, stefan, {"giveAccess": True, "sendEmail": True} | role_items(role))
    ).status == 204
    assert (netsuite.employee(stefan)["giveaccess"], netsuite.employee(stefan)["_roles"]) == ("T", [role])


async def test_creating_and_deleting(netsuite: Running) -> None:
    """POST answers 204 and where the record is; what is needed is named; DELETE needs Full."""
    path = f"{RECORD}/employee"
    answer = await netsuite.tba(
        "POST", path, json={"firstName": "Svc", "lastName": "Orders", "email": "svc.orders@larkspur.example"}
    )
    assert answer.status == 204
    number = answer.headers["Location"].rpartition("/")[2]
    assert (await netsuite.tba("GET", f"{path}/{number}")).body["entityId"] == "Svc Orders"
    answer = await netsuite.tba("POST", path, json={"firstName": "x"})
    assert (answer.status, answer.body["o:errorDetails"][0]["o:errorPath"]) == (400, "lastName")
    assert (await netsuite.tba("DELETE", f"{path}/{number}")).status == 403
    keys = await netsuite.new_keys(ADA, "Administrator")
    assert (await netsuite.tba("DELETE", f"{path}/{number}", keys)).status == 204
    assert (await netsuite.tba("GET", f"{path}/{number}")).status == 404


async def test_vendors(netsuite: Running) -> None:
    """Vendors are read and changed alike, each with its own permission."""
    ids = await found(netsuite, "custentity_nexonia IS true AND isInactive IS false", "vendor")
    assert len(ids) == 5
    body = (await netsuite.tba("GET", f"{RECORD}/vendor/{ids[0]}")).body
    assert (body["companyName"], body["isPerson"], body["custentity_nexonia"]) == (
        "Alder & Finch Logistics",
        False,
        True,
    )
    assert (await netsuite.tba("PATCH", f"{RECORD}/vendor/{ids[0]}", json={"isInactive": True})).status == 403
    keys = await netsuite.new_keys(SHARED, "Integration: finance", "Celigo integrator.io")
    assert (
        await netsuite.tba("PATCH", f"{RECORD}/vendor/{ids[0]}", keys, json={"isInactive": True})
    ).status == 204
    assert (
        await netsuite.tba("POST", f"{RECORD}/vendor", keys, json={"companyName": "New Ltd"})
    ).status == 204
    assert (await netsuite.tba("POST", f"{RECORD}/vendor", keys, json={})).status == 400


async def test_posting_a_sales_order(netsuite: Running) -> None:
    """Whoever's token posts it is "Set By"."""
    keys = await netsuite.new_keys(ALICE, CONNECTOR_ROLE, "NetSuite Connector")
    body = {
        "entity": {"id": "5001"},
        "tranDate": "2026-11-01",
        "memo": "web",
        "item": {"items": [{"item": {"id": "7"}, "quantity": 1}]},
    }
    answer = await netsuite.tba("POST", f"{RECORD}/salesOrder", keys, json=body)
    assert answer.status == 204
    number = answer.headers["Location"].rpartition("/")[2]
    order = (await netsuite.tba("GET", f"{RECORD}/salesOrder/{number}")).body
    assert (order["tranId"], order["memo"], order["entity"]["id"]) == (f"SO{number}", "web", "5001")
    notes = await netsuite.rows(
        f"SELECT BUILTIN.DF(s.name) n FROM SystemNote s WHERE s.recordtypeid = -30 AND s.recordid = {number}"
    )
    assert {note["n"] for note in notes} == {"Alice Doherty"}
    assert (await netsuite.tba("POST", f"{RECORD}/salesOrder", keys, json={"memo": "nobody's"})).status == 400
    assert (await netsuite.tba("POST", f"{RECORD}/salesOrder", json=body)).status == 403


async def test_metadata(netsuite: Running) -> None:
    """The catalogue names record types; a type's schema shows its custom fields."""
    names = [item["name"] for item in (await netsuite.tba("GET", f"{RECORD}/metadata-catalog")).body["items"]]
    assert names == ["employee", "vendor", "salesOrder"]
    schema = await netsuite.tba(
        "GET", f"{RECORD}/metadata-catalog/employee", headers={"Accept": "application/schema+json"}
    )
    assert schema.headers["Content-Type"].startswith("application/schema+json")
    assert schema.body["properties"]["custentity_nexonia"]["x-n:custom-field"] is True
    swagger = await netsuite.tba(
        "GET", f"{RECORD}/metadata-catalog?select=employee", headers={"Accept": "application/swagger+json"}
    )
    assert set(swagger.body["components"]["schemas"]) == {"employee"}


async def test_restlets(netsuite: Running) -> None:
    """Scripts that exist answer in any method; others do not exist; a web-services-only role calls none."""
    path = "/app/site/hosting/restlet.nl?script=6&deploy=1"
    for method, body in (("GET", None), ("POST", {"a": 1}), ("PUT", {"a": 2}), ("DELETE", None)):
        answer = await netsuite.tba(method, f"{path}&x=1", json=body)
        assert (answer.body["method"], answer.body["parameters"], answer.body["body"]) == (
            method,
            {"x": "1"},
            body,
        )
    by_name = "/app/site/hosting/restlet.nl?script=customscript_role_assignments&deploy=customdeploy_role_assignments"
    assert {"entity": "1110", "role": "3"} in (await netsuite.tba("GET", by_name)).body
    gone = await netsuite.tba("GET", "/app/site/hosting/restlet.nl?script=7&deploy=1")
    assert (gone.status, gone.body["error"]["code"]) == (400, "SSS_INVALID_SCRIPTLET_ID")
    keys = await netsuite.new_keys("noa.bendavid@larkspur.example", "Data warehouse", "Fivetran ELT")
    assert (await netsuite.tba("GET", path, keys)).status == 403


async def test_governance_limits(netsuite: Running) -> None:
    """Administrators read the account's limit, others may not."""
    path = "/services/rest/system/v1/governanceLimits"
    assert (await netsuite.tba("GET", path)).status == 403
    keys = await netsuite.new_keys(ADA, "Administrator")
    answer = await netsuite.tba("GET", path, keys)
    assert answer.body == {
        "type": "accountLimit",
        "accountConcurrencyLimit": 5,
        "accountUnallocatedConcurrencyLimit": 5,
    }


async def test_data_centre_addresses(netsuite: Running) -> None:
    """Without signing in, for this account in either spelling."""
    for account in ("3182736_SB1", "3182736-sb1"):
        answer = await netsuite.ask("GET", f"/rest/datacenterurls?account={account}")
        assert answer.body["restDomain"] == netsuite.url
    assert (await netsuite.ask("GET", "/rest/datacenterurls?account=1")).status == 400
