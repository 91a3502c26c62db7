"""Creating, changing and ending things: users, assignments, sessions, composite calls, profiles, apps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conformance.salesforce_driving import DATA, Answer, Running, serving

ALICE = "alice.doherty@larkspur.example"
MARCUS = "marcus.delacroix@larkspur.example"
NEW = {
    "Username": "svc.new@integrations.larkspur.example",
    "LastName": "New",
    "Alias": "svcnew",
    "Email": "ada.okonkwo@larkspur.example",
    "TimeZoneSidKey": "GMT",
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}


@pytest.fixture
async def org() -> AsyncIterator[Running]:
    async with serving() as running:
        yield running


def profile_id(org: Running, name: str = "Minimum Access - API Only Integrations") -> str:
    return str(org.org["Profile"].where("Name", name)[0]["Id"])


def named(org: Running, table: str, name: str) -> str:
    column = "DeveloperName" if table == "PermissionSetLicense" else "Name"
    return str(org.org[table].where(column, name)[0]["Id"])


def error(answer: Answer, status: int = 400) -> dict[str, Any]:
    assert answer.status == status, answer
    found: dict[str, Any] = answer.body[0]
    return found


async def test_missing_fields_are_listed(org: Running) -> None:
    """A user without required fields is refused with all of them, in the message and in the list."""
    answer = error(await org.call("POST", "/sobjects/User", await org.token(), json={}))
    wanted = [
        "Username", "LastName", "Email", "Alias", "TimeZoneSidKey", "LocaleSidKey", "EmailEncodingKey", "ProfileId",
        "LanguageLocaleKey",
    ]  # fmt: skip
    assert answer["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert answer["fields"] == wanted
    assert answer["message"] == f"Required fields are missing: [{', '.join(wanted)}]"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"Alias": "muchtoolong"}, "STRING_TOO_LONG", "Alias"),
        ({"Email": "no address"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ({"Username": "no address"}, "INVALID_EMAIL_ADDRESS", "Username"),
        ({"Username": ALICE.upper()}, "DUPLICATE_USERNAME", "Username"),
        ({"Username": "salesforce@larkspur.example"}, "DUPLICATE_USERNAME", "Username"),
        ({"TimeZoneSidKey": "Mars/Base"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "TimeZoneSidKey"),
        ({"LocaleSidKey": "xx"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "LocaleSidKey"),
        ({"ProfileId": "00eAk0000000zzzIAA"}, "INVALID_CROSS_REFERENCE_KEY", "ProfileId"),
        ({"ProfileId": "00eAk0000000zzzXXX"}, "MALFORMED_ID", "ProfileId"),
        ({"CreatedDate": "2020-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "CreatedDate"),
    ],
)
async def test_single_fields_are_checked(org: Running, change: Any, code: str, field: str) -> None:
    """Each bad value is refused with its own code and the field's name, and nothing is created."""
    before = len(org.org["User"])
    body = NEW | {"ProfileId": profile_id(org)} | change
    answer = error(await org.call("POST", "/sobjects/User", await org.token(), json=body))
    assert (answer["errorCode"], answer["fields"]) == (code, [field])
    assert len(org.org["User"]) == before


async def test_unknown_column(org: Running) -> None:
    """A column that does not exist is an INVALID_FIELD without a list."""
    body = NEW | {"ProfileId": profile_id(org), "Shoe": 42}
    answer = error(await org.call("POST", "/sobjects/User", await org.token(), json=body))
    assert answer["message"] == "No such column 'Shoe' on sobject of type User"


async def test_licences_run_out(org: Running) -> None:
    """When the last integration licence is used, creating another user fails; deactivating one frees it."""
    token = await org.token()
    licence = org.org["UserLicense"].where("Name", "Salesforce Integration")[0]
    made = []
    for number in range(licence["TotalLicenses"] - licence["UsedLicenses"]):
        body = NEW | {"Username": f"svc{number}@x.example", "ProfileId": profile_id(org)}
        made.append((await org.call("POST", "/sobjects/User", token, json=body)).body["id"])
    full = error(await org.call("POST", "/sobjects/User", token, json=NEW | {"ProfileId": profile_id(org)}))
    assert full["errorCode"] == "LICENSE_LIMIT_EXCEEDED"
    off = await org.call("PATCH", f"/sobjects/User/{made[0]}", token, json={"IsActive": False})
    assert off.status == 204
    assert (
        await org.call("POST", "/sobjects/User", token, json=NEW | {"ProfileId": profile_id(org)})
    ).status == 201
    back = error(await org.call("PATCH", f"/sobjects/User/{made[0]}", token, json={"IsActive": True}))
    assert back["errorCode"] == "LICENSE_LIMIT_EXCEEDED"


async def test_the_whole_recipe_in_one_composite(org: Running) -> None:
    """User, permission set licence and permission set, each using the Id of the first, cost one call."""
    token = await org.token()
    seat = named(org, "PermissionSetLicense", "SalesforceAPIIntegrationPsl")
    orders = named(org, "PermissionSet", "Integration_Orders")
    parts = [
        ("POST", "User", NEW | {"ProfileId": profile_id(org)}),
        ("POST", "PermissionSetLicenseAssign", {"AssigneeId": "@{user.id}", "PermissionSetLicenseId": seat}),
        ("POST", "PermissionSetAssignment", {"AssigneeId": "@{user.id}", "PermissionSetId": orders}),
    ]
    names = ["user", "seat", "set"]
    body = {
        "allOrNone": True,
        "compositeRequest": [
            {"method": method, "url": f"{DATA}/sobjects/{kind}", "body": values, "referenceId": name}
            for (method, kind, values), name in zip(parts, names, strict=True)
        ],
    }
    before = org.org.usage.spent(org.org.now)
    answer = await org.call("POST", "/composite", token, json=body)
    assert [part["httpStatusCode"] for part in answer.body["compositeResponse"]] == [201, 201, 201]
    assert org.org.usage.spent(org.org.now) == before + 1


async def test_permission_set_before_its_licence(org: Running) -> None:
    """Without the permission set licence the set is refused, and allOrNone takes the new user back."""
    token = await org.token()
    orders = named(org, "PermissionSet", "Integration_Orders")
    before = (
        len(org.org["User"]),
        org.org["UserLicense"].where("Name", "Salesforce Integration")[0]["UsedLicenses"],
    )
    user = {"method": "POST", "url": f"{DATA}/sobjects/User", "body": NEW | {"ProfileId": profile_id(org)}}
    grant = {"AssigneeId": "@{user.id}", "PermissionSetId": orders}
    part = {"method": "POST", "url": f"{DATA}/sobjects/PermissionSetAssignment", "body": grant}
    body = {
        "allOrNone": True,
        "compositeRequest": [user | {"referenceId": "user"}, part | {"referenceId": "set"}],
    }
    first, second = (await org.call("POST", "/composite", token, json=body)).body["compositeResponse"]
    assert second["body"][0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert "The user license doesn't allow the permission: Read Orders" in second["body"][0]["message"]
    assert first["body"][0]["errorCode"] == "PROCESSING_HALTED"
    after = (
        len(org.org["User"]),
        org.org["UserLicense"].where("Name", "Salesforce Integration")[0]["UsedLicenses"],
    )
    assert after == before


async def test_composite_bounds_and_references(org: Running) -> None:
    """26 parts, six queries, twice the same name, and a reference to nothing are refused."""
    token = await org.token()
    query = {"method": "GET", "url": f"{DATA}/query?q=SELECT+Id+FROM+Organization"}

    async def send(parts: list[dict[str, Any]]) -> Answer:
        return await org.call("POST", "/composite", token, json={"compositeRequest": parts})

    limits = {"method": "GET", "url": f"{DATA}/limits"}
    too_many = [limits | {"referenceId": f"r{n}"} for n in range(26)]
    assert error(await send(too_many))["errorCode"] == "LIMIT_EXCEEDED"
    assert (
        error(await send([query | {"referenceId": f"r{n}"} for n in range(6)]))["errorCode"]
        == "LIMIT_EXCEEDED"
    )
    assert error(await send([query | {"referenceId": "a"}] * 2))["errorCode"] == "INVALID_INPUT"
    lost = {"method": "GET", "url": f"{DATA}/sobjects/User/@{{nobody.id}}", "referenceId": "a"}
    part = (await send([lost])).body["compositeResponse"][0]
    assert part["body"][0]["message"] == "Invalid reference specified. No value for nobody.id found in nobody"
    nested = {"method": "GET", "url": f"{DATA}/sobjects/User/@{{q.records[0].Id}}", "referenceId": "u"}
    q = {"method": "GET", "url": f"{DATA}/query?q=SELECT+Id+FROM+User+LIMIT+1", "referenceId": "q"}
    assert (await send([q, nested])).body["compositeResponse"][1]["httpStatusCode"] == 200


async def test_batch_counts_every_part(org: Running) -> None:
    """/composite/batch answers each part by itself and charges for each."""
    token = await org.token()
    parts = [{"method": "GET", "url": "v65.0/limits"}, {"method": "GET", "url": "v65.0/nowhere"}]
    before = org.org.usage.spent(org.org.now)
    answer = await org.call("POST", "/composite/batch", token, json={"batchRequests": parts})
    assert [part["statusCode"] for part in answer.body["results"]] == [200, 404]
    assert answer.body["hasErrors"] is True
    assert org.org.usage.spent(org.org.now) == before + 2


async def test_collections(org: Running) -> None:
    """Each record has its own result with statusCode; allOrNone undoes the good ones."""
    token = await org.token()
    good = {"attributes": {"type": "User"}, "ProfileId": profile_id(org)} | NEW
    bad = good | {"Username": ALICE}
    mixed = await org.call("POST", "/composite/sobjects", token, json={"records": [good, bad]})
    assert [item["success"] for item in mixed.body] == [True, False]
    assert mixed.body[1]["errors"][0]["statusCode"] == "DUPLICATE_USERNAME"
    before = len(org.org["User"])
    more = good | {"Username": "svc.other@x.example"}
    undone = await org.call(
        "POST", "/composite/sobjects", token, json={"allOrNone": True, "records": [more, bad]}
    )
    assert undone.body[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert len(org.org["User"]) == before
    ids = f"{mixed.body[0]['id']},{org.user(ALICE)['Id']}"
    read = await org.call("GET", "/composite/sobjects/User", token, params={"ids": ids, "fields": "Username"})
    assert [row["Username"] for row in read.body] == [NEW["Username"], ALICE]
    crowd = await org.call("POST", "/composite/sobjects", token, json={"records": [good] * 201})
    assert error(crowd)["errorCode"] == "EXCEEDED_ID_LIMIT"


async def test_deactivation_ends_access(org: Running) -> None:
    """Deactivating a user frees the licence, kills sessions and stops refresh tokens; the grants stay visible."""
    token = await org.token()
    made = await org.lever("authorize", app="Gong", email=ALICE)
    gong = next(a for a in org.org.apps.values() if a.name == "Gong")
    form = {
        "grant_type": "refresh_token",
        "client_id": gong.client_id,
        "client_secret": gong.client_secret,
        "refresh_token": made.body["refresh_token"],
    }
    hers = (await org.token_request(**form)).body["access_token"]
    licence = org.org["UserLicense"].where("Name", "Salesforce")[0]
    used = licence["UsedLicenses"]
    off = await org.call("PATCH", f"/sobjects/User/{org.user(ALICE)['Id']}", token, json={"IsActive": False})
    assert off.status == 204
    assert licence["UsedLicenses"] == used - 1
    assert (await org.query(hers, "SELECT Id FROM Organization")).status == 401
    assert (await org.token_request(**form)).body["error_description"] == "inactive user"
    rows = await org.rows(token, "SELECT AppName, User.IsActive FROM OauthToken WHERE AppName = 'Gong'")
    assert False in [row["User"]["IsActive"] for row in rows]
    assert "salesforce" in org.world.people[ALICE].inactive
    trail = await org.rows(
        token, "SELECT Action, Display FROM SetupAuditTrail WHERE Action = 'deactivateduser'"
    )
    assert "Deactivated user Alice Doherty" in [row["Display"] for row in trail]


async def test_who_cannot_be_deactivated(org: Running) -> None:
    """The default lead owner and the last administrator stay; the vendor says why."""
    token = await org.token()
    owner = org.user("brendan.kealoha@larkspur.example")["Id"]
    blocked = error(await org.call("PATCH", f"/sobjects/User/{owner}", token, json={"IsActive": False}))
    assert "default lead owner" in blocked["message"]
    admins = org.org["User"].where("ProfileId", profile_id(org, "System Administrator"))
    answers = [
        await org.call("PATCH", f"/sobjects/User/{admin['Id']}", token, json={"IsActive": False})
        for admin in admins
    ]
    assert [answer.status for answer in answers[:-1]] == [204] * (len(admins) - 1)
    assert error(answers[-1])["errorCode"] == "CANNOT_DISABLE_LAST_ADMIN"


async def test_freezing(org: Running) -> None:
    """Freezing stops logins and ends sessions, keeps the licence and the grants; unfreezing undoes it."""
    token = await org.token()
    made = await org.lever("authorize", app="Gong", email=ALICE)
    gong = next(a for a in org.org.apps.values() if a.name == "Gong")
    form = {"grant_type": "refresh_token", "client_id": gong.client_id, "client_secret": gong.client_secret}
    form["refresh_token"] = made.body["refresh_token"]
    state = org.org["UserLogin"].where("UserId", org.user(ALICE)["Id"])[0]["Id"]
    frozen = await org.call("PATCH", f"/sobjects/UserLogin/{state}", token, json={"IsFrozen": True})
    assert frozen.status == 204
    assert (await org.token_request(**form)).status == 400
    assert len(org.org["OauthToken"].where("UserId", org.user(ALICE)["Id"])) >= 2
    await org.call("PATCH", f"/sobjects/UserLogin/{state}", token, json={"IsFrozen": False})
    assert (await org.token_request(**form)).status == 200
    locked = await org.call("PATCH", f"/sobjects/UserLogin/{state}", token, json={"IsPasswordLocked": True})
    assert error(locked)["fields"] == ["IsPasswordLocked"]


async def test_deleting_a_session_ends_it(org: Running) -> None:
    """An administrator deletes an AuthSession row and the token stops working."""
    mine, other = await org.token(), await org.token()
    rows = await org.rows(mine, "SELECT Id FROM AuthSession ORDER BY Id")
    assert (await org.call("DELETE", f"/sobjects/AuthSession/{rows[-1]['Id']}", mine)).status == 204
    assert (await org.query(other, "SELECT Id FROM Organization")).status == 401


async def test_a_caller_without_rights(org: Running) -> None:
    """Somebody without Manage Internal Users cannot create users, see limits, or reset others' passwords."""
    bot_set = org.org["PermissionSet"].where("Name", "Handover_Bot")[0]
    lost = {
        f"Permissions{n}": False
        for n in ("ManageInternalUsers", "ManageUsers", "ResetPasswords", "ViewSetup")
    }
    org.org["PermissionSet"].change(bot_set, lost)
    token = await org.token()
    created = await org.call("POST", "/sobjects/User", token, json=NEW | {"ProfileId": profile_id(org)})
    assert error(created)["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    reset = await org.call("DELETE", f"/sobjects/User/{org.user(ALICE)['Id']}/password", token)
    assert error(reset, 403)["errorCode"] == "INSUFFICIENT_ACCESS"
    assert error(await org.call("GET", "/limits", token), 403)["errorCode"] == "INSUFFICIENT_ACCESS"


async def test_bare_password_error(org: Running) -> None:
    """The password resource's error is an array, or the bare object of the documents, by a switch."""
    token, path = await org.token(), f"/sobjects/User/{org.user(ALICE)['Id']}/password"
    assert isinstance((await org.call("POST", path, token, json={"NewPassword": "x"})).body, list)
    org.switch(password_error_shape="object")
    assert (await org.call("POST", path, token, json={"NewPassword": "x"})).body[
        "errorCode"
    ] == "INVALID_NEW_PASSWORD"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/sobjects/User/nonsense", 400, "MALFORMED_ID"),
        ("/sobjects/User/005Ak000000zzzzXXX", 400, "MALFORMED_ID"),
        ("/sobjects/User/005Ak000000zzzz", 404, "NOT_FOUND"),
        ("/sobjects/OauthToken/005Ak000000zzzz", 404, "NOT_FOUND"),
        ("/sobjects/Account/001Ak000000zzzz", 404, "NOT_FOUND"),
    ],
)
async def test_ids(org: Running, path: str, status: int, code: str) -> None:
    """A text that is no Id is malformed; a well-formed Id of nothing is not found."""
    assert error(await org.call("GET", path, await org.token()), status)["errorCode"] == code


async def test_short_ids_work(org: Running) -> None:
    """An Id of 15 characters means the same as the one of 18, in addresses and in queries."""
    token, user = await org.token(), org.user(ALICE)["Id"]
    assert (await org.call("GET", f"/sobjects/User/{user[:15]}", token)).body["Id"] == user
    assert len(await org.rows(token, f"SELECT Id FROM User WHERE Id = '{user[:15]}'")) == 1


async def test_an_empty_profile(org: Running) -> None:
    """A profile is created empty, as documented, with a hidden permission set of its own, and can be assigned."""
    token = await org.token()
    licence = org.org["UserLicense"].where("Name", "Salesforce Integration")[0]["Id"]
    body = {"Name": "Orders integration", "UserLicenseId": licence}
    made = (await org.call("POST", "/sobjects/Profile", token, json=body)).body["id"]
    owned = await org.rows(token, f"SELECT Id FROM PermissionSet WHERE ProfileId = '{made}'")
    assert len(owned) == 1
    user = await org.call("POST", "/sobjects/User", token, json=NEW | {"ProfileId": made})
    assert user.status == 201
    assert error(await org.call("DELETE", f"/sobjects/Profile/{made}", token))["errorCode"] == "DELETE_FAILED"


async def test_preauthorising_an_app(org: Running) -> None:
    """A SetupEntityAccess row lets the holders of a permission set in."""
    token = await org.token()
    assert (await org.jwt(sub=MARCUS)).status == 400
    power = named(org, "PermissionSet", "Power_Operations")
    app = next(a for a in org.org.apps.values() if a.name == "Handover")
    body = {"ParentId": power, "SetupEntityId": app.id}
    assert (await org.call("POST", "/sobjects/SetupEntityAccess", token, json=body)).status == 201
    assert (await org.jwt(sub=MARCUS)).status == 200
    rows = await org.rows(
        token, "SELECT SetupEntityType FROM SetupEntityAccess WHERE Parent.Name = 'Power_Operations'"
    )
    assert rows[0]["SetupEntityType"] == "ExternalClientApplication"
