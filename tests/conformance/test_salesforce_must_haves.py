"""The ten things that real clients taught us a Salesforce simulator must do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.conformance.salesforce_driving import DATA, Running, serving

CAROL = "carol.ferreira@larkspur.example"


@pytest.fixture
async def org() -> AsyncIterator[Running]:
    async with serving() as running:
        yield running


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    """A body without a length, in small pieces, as some clients in other languages send theirs."""
    for at in range(0, len(body), 7):
        yield body[at : at + 7]


async def test_chunked_bodies(org: Running) -> None:
    """1: token, data and SOAP requests may come with Transfer-Encoding: chunked."""
    keys = f"client_id={org.hello['client_id']}&client_secret={org.hello['client_secret']}"
    form = f"grant_type=client_credentials&{keys}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await org.ask("POST", "/services/oauth2/token", data=chunks(form.encode()), headers=headers)
    assert answer.status == 200
    token = answer.body["access_token"]
    part = {"method": "GET", "url": f"{DATA}/query?q=SELECT+Id+FROM+Organization", "referenceId": "org"}
    body = json.dumps({"compositeRequest": [part]}).encode()
    found = await org.call(
        "POST", "/composite", token, data=chunks(body), headers={"Content-Type": "application/json"}
    )
    assert found.body["compositeResponse"][0]["httpStatusCode"] == 200
    envelope = f"""<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header>
      <SessionHeader xmlns="http://soap.sforce.com/2006/04/metadata"><sessionId>{token}</sessionId></SessionHeader>
      </se:Header><se:Body><describeMetadata xmlns="http://soap.sforce.com/2006/04/metadata">
      <asOfVersion>65.0</asOfVersion></describeMetadata></se:Body></se:Envelope>"""
    soap = await org.ask(
        "POST", "/services/Soap/m/65.0", data=chunks(envelope.encode()), headers={"Content-Type": "text/xml"}
    )
    assert soap.status == 200
    assert "<xmlName>ConnectedApp</xmlName>" in soap.body


@pytest.mark.parametrize("path", ["/limits", "/sobjects", "/sobjects/User", "/query"])
async def test_trailing_slashes(org: Running, path: str) -> None:
    """2: a path works with and without a slash at its end."""
    token = await org.token()
    for spelled in (path, path + "/"):
        answer = await org.call("GET", spelled, token, params={"q": "SELECT Id FROM Organization"})
        assert answer.status == 200, (spelled, answer)


async def test_versions_need_no_token(org: Running) -> None:
    """The list of versions is open, costs nothing, and every entry is one that works."""
    before = org.org.usage.spent(org.org.now)
    versions = (await org.ask("GET", "/services/data/")).body
    assert versions[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert org.org.usage.spent(org.org.now) == before
    token = await org.token()
    headers = {"Authorization": f"Bearer {token}"}
    assert (await org.ask("GET", versions[0]["url"] + "/limits", headers=headers)).status == 200


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [("v60", 404, "NOT_FOUND"), ("v99.0", 404, "NOT_FOUND"), ("v30.0", 410, "GONE"), ("v21.0", 410, "GONE")],
)
async def test_wrong_versions(org: Running, version: str, status: int, code: str) -> None:
    """A version without its decimal is unknown, a retired one is gone."""
    token = await org.token()
    answer = await org.ask(
        "GET", f"/services/data/{version}/limits", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status, answer.body[0]["errorCode"]) == (status, code)


async def test_pages(org: Running) -> None:
    """6: nextRecordsUrl is relative, takes no parameters, and is absent from the last page."""
    token = await org.token()
    hint = {"Sforce-Query-Options": "batchSize=200"}
    page = (await org.query(token, "SELECT Id FROM LoginHistory ORDER BY LoginTime", headers=hint)).body
    seen, total = len(page["records"]), page["totalSize"]
    while not page["done"]:
        assert page["nextRecordsUrl"].startswith(f"{DATA}/query/01g")
        assert len(page["records"]) == 200
        page = (await org.call("GET", page["nextRecordsUrl"].removeprefix(DATA), token)).body
        seen += len(page["records"])
    assert "nextRecordsUrl" not in page
    assert seen == total > 1000


async def test_bad_locator(org: Running) -> None:
    """A made-up page, or somebody else's, is refused."""
    token = await org.token()
    answer = await org.call("GET", "/query/01gAk000000000zIAA-2000", token)
    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


async def test_session_that_ends_between_pages(org: Running) -> None:
    """A session may die in the middle of a listing: the next page is a 401, not a short list."""
    token = await org.token()
    hint = {"Sforce-Query-Options": "batchSize=200"}
    page = (await org.query(token, "SELECT Id FROM LoginHistory", headers=hint)).body
    org.world.advance(seconds=org.org.switches.session_timeout_s)
    answer = await org.call("GET", page["nextRecordsUrl"].removeprefix(DATA), token)
    assert answer.status == 401


async def test_errors_are_arrays_on_data_and_objects_on_oauth(org: Running) -> None:
    """7: the two families of errors keep their shapes."""
    token = await org.token()
    data = await org.query(token, "SELECT")
    assert isinstance(data.body, list)
    assert set(data.body[0]) == {"message", "errorCode"}
    stranger = await org.call("GET", "/limits", "nothing")
    assert stranger.status == 401
    assert stranger.body == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert isinstance((await org.token_request(grant_type="x")).body, dict)


@pytest.mark.parametrize("path", ["/limits", "/query?q=SELECT+Nothing", "/nowhere", "/sobjects/User/bad"])
async def test_limit_header_everywhere(org: Running, path: str) -> None:
    """8: every data response, refusals included, says how much of the allowance is used."""
    token = await org.token()
    answer = await org.ask("GET", DATA + path, headers={"Authorization": f"Bearer {token}"})
    used, most = answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")
    assert 0 < int(used) < int(most)


async def test_daily_limit_really_ends(org: Running) -> None:
    """The last allowed call works, the next is a 403 without Retry-After, and a day later all is well."""
    token = await org.token()
    org.switch(daily_api_requests=org.org.usage.spent(org.org.now) + 1, session_timeout_s=10**6)
    assert (await org.query(token, "SELECT Id FROM Organization")).status == 200
    refused = await org.query(token, "SELECT Id FROM Organization")
    assert (refused.status, refused.body[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Retry-After" not in refused.headers
    org.world.advance(days=1)
    assert (await org.query(await org.token(), "SELECT Id FROM Organization")).status == 200


async def test_login_history_filters(org: Running) -> None:
    """10: only the documented columns of LoginHistory can be filtered."""
    token = await org.token()
    for column in ("Status", "Application", "SourceIp", "LoginSubType"):
        answer = await org.query(token, f"SELECT Id FROM LoginHistory WHERE {column} = 'x'")
        assert answer.status == 400
        assert f"field '{column}' can not be filtered in a query call" in answer.body[0]["message"]
    user = org.user(CAROL)["Id"]
    fine = f"SELECT Id FROM LoginHistory WHERE UserId = '{user}' AND LoginTime = LAST_N_DAYS:30"
    assert (await org.query(token, fine)).status == 200


async def test_oauth_token_rows_have_no_id(org: Running) -> None:
    """10: an OauthToken has a null Id and shows a mask where its secret would be."""
    token = await org.token()
    rows = await org.rows(token, "SELECT Id, AccessToken, AppName FROM OauthToken")
    assert {row["Id"] for row in rows} == {None}
    assert {row["AccessToken"] for row in rows} == {"********"}
    assert org.world.counters["salesforce.access_token_selected"] == 1


async def test_oauth_token_truncation() -> None:
    """10: pages of 500, a silent stop at 2,500, and COUNT() or slices that tell the truth."""
    async with serving(people=7000) as org:
        token = await org.token()
        page = (await org.query(token, "SELECT AppName FROM OauthToken")).body
        assert (page["totalSize"], len(page["records"])) == (2500, 500)
        seen = 500
        while not page["done"]:
            page = (await org.call("GET", page["nextRecordsUrl"].removeprefix(DATA), token)).body
            seen += len(page["records"])
        assert seen == 2500
        count = (await org.query(token, "SELECT COUNT() FROM OauthToken")).body["totalSize"]
        assert count == len(org.org["OauthToken"]) > 2500
        rest = (await org.query(token, "SELECT AppName FROM OauthToken LIMIT 2500 OFFSET 2500")).body
        assert rest["totalSize"] == count - 2500


async def test_own_rows_only(org: Running) -> None:
    """10: without Customize Application the others' grants are simply not there."""
    everything = await org.rows(await org.token(), "SELECT UserId FROM OauthToken")
    bot_set = org.org["PermissionSet"].where("Name", "Handover_Bot")[0]
    org.org["PermissionSet"].change(bot_set, {"PermissionsCustomizeApplication": False})
    await org.lever("authorize", app="Gong", username=org.hello["username"])
    own = await org.rows(await org.token(), "SELECT UserId FROM OauthToken")
    assert len(everything) > 10
    assert [row["UserId"] for row in own] == [org.user(org.hello["username"])["Id"]]
    assert (await org.query(await org.token(), "SELECT COUNT() FROM OauthToken")).body["totalSize"] == 1


async def test_missing_permission_is_an_invalid_type(org: Running) -> None:
    """An object the caller may not see is not there at all, unless the switch says it is empty."""
    bot_set = org.org["PermissionSet"].where("Name", "Handover_Bot")[0]
    org.org["PermissionSet"].change(bot_set, {"PermissionsManageUsers": False})
    token = await org.token()
    answer = await org.query(token, "SELECT Id FROM UserLogin")
    assert answer.body[0]["errorCode"] == "INVALID_TYPE"
    assert "sObject type 'UserLogin' is not supported" in answer.body[0]["message"]
    org.switch(missing_permission="no_rows")
    assert (await org.query(token, "SELECT Id FROM UserLogin")).body["totalSize"] == 0


async def test_metadata_comes_one_row_at_a_time(org: Running) -> None:
    """10: a Tooling query for Metadata that finds several rows is malformed."""
    token = await org.token()
    many = await org.call("GET", "/tooling/query", token, params={"q": "SELECT Metadata FROM Profile"})
    assert many.body[0]["errorCode"] == "MALFORMED_QUERY"
    assert many.body[0]["message"].endswith(f"Result size: {len(org.org['Profile'])}")
    one = {"q": "SELECT Metadata FROM Profile WHERE Name = 'Warehouse loader'"}
    row = (await org.call("GET", "/tooling/query", token, params=one)).body["records"][0]
    assert row["Metadata"]["loginIpRanges"][0]["startAddress"] == "198.51.100.16"
    assert row["Metadata"]["loginHours"] == {"sundayStart": "0", "sundayEnd": "1440"}


async def test_tooling_profile_is_read_only(org: Running) -> None:
    """Tooling PATCH of a profile is refused, as today's documents have it; the switch opens it."""
    token = await org.token()
    profile = org.org["Profile"].where("Name", "Minimum Access - API Only Integrations")[0]["Id"]
    ranges = [{"startAddress": "192.0.2.1", "endAddress": "192.0.2.9"}]
    body = {"Metadata": {"loginIpRanges": ranges}}
    path = f"/tooling/sobjects/Profile/{profile}"
    assert (await org.call("PATCH", path, token, json=body)).status == 405
    org.switch(tooling_profile_patch=True)
    assert (await org.call("PATCH", path, token, json=body)).status == 204
    read = await org.call("GET", path, token)
    assert read.body["Metadata"]["loginIpRanges"][0]["endAddress"] == "192.0.2.9"


async def test_certificates_are_in_the_tooling_api_only(org: Running) -> None:
    """Certificate is a Tooling object; app certificates are not among its rows."""
    token = await org.token()
    soql = (
        "SELECT DeveloperName, ExpirationDate, KeySize FROM Certificate WHERE ExpirationDate < NEXT_N_DAYS:15"
    )
    found = (await org.call("GET", "/tooling/query", token, params={"q": soql})).body["records"]
    assert {"sso_2024", "docs_signing", "netsuite_outbound", "selfsigned_2023"} == {
        r["DeveloperName"] for r in found
    }
    assert (await org.query(token, "SELECT Id FROM Certificate")).body[0]["errorCode"] == "INVALID_TYPE"


async def test_long_addresses(org: Running) -> None:
    """An address beyond 16,384 bytes is a 414; one just below it is answered."""
    token = await org.token()
    fits = "SELECT Id FROM User WHERE Name != '" + "x" * 15_000 + "' LIMIT 1"
    assert (await org.query(token, fits)).status == 200
    assert (await org.query(token, fits.replace("LIMIT", " " * 2000 + "LIMIT"))).status == 414


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_other_content_types(org: Running, content_type: str) -> None:
    """A body that is not called JSON is a 415, and one that is not JSON a 400."""
    token = await org.token()
    headers = {"Content-Type": content_type}
    answer = await org.call("POST", "/sobjects/Profile", token, data=b'{"Name":"x"}', headers=headers)
    assert answer.status == 415
    broken = await org.call(
        "POST", "/sobjects/Profile", token, data=b'{"Name":', headers={"Content-Type": "application/json"}
    )
    assert (broken.status, broken.body[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
