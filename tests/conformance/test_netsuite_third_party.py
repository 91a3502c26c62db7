"""
The `netsuite` package from PyPI, unmodified, pointed at the stand-in: REST, SuiteQL, RESTlets.

It has no way to be given an address, so its own `_make_url` is what leads it here; everything else is as published.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conformance.netsuite_driving import ALICE, RECORD, Keys, Running, serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own dependencies announce newer names of theirs
    from netsuite.config import Config, TokenAuth
    from netsuite.exceptions import NetsuiteAPIRequestError
    from netsuite.rest_api import NetSuiteRestApi
    from netsuite.restlet import NetSuiteRestlet

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
async def served() -> AsyncIterator[Running]:
    async with serving() as started:
        yield started


def config(keys: Keys, **changed: Any) -> Any:
    auth = TokenAuth(
        consumer_key=keys.consumer_key, consumer_secret=keys.consumer_secret, token_id=keys.token_id,
        token_secret=keys.token_secret,
    )  # fmt: skip
    return Config(**({"account": keys.realm, "auth": auth} | changed))


def rest(served: Running, **changed: Any) -> Any:
    api = NetSuiteRestApi(config(served.keys, **changed))
    api._make_url = lambda path: f"{served.url}/services/rest{path}"
    return api


async def test_suiteql(served: Running) -> None:
    """Query parameters, a JSON body and its oauth_body_hash are signed and verified."""
    answer = await rest(served).suiteql(
        f"SELECT id, email FROM employee WHERE email = '{ALICE}'", limit=5, offset=0
    )
    assert answer["items"] == [{"links": [], "id": str(served.employee(ALICE)["id"]), "email": ALICE}]
    assert answer["totalResults"] == 1


async def test_reading_and_paging(served: Running) -> None:
    """Lists, records and the next page."""
    api = rest(served)
    first = await api.get(
        "/record/v1/employee", params={"limit": 10, "offset": 0, "q": "isInactive IS false"}
    )
    second = await api.get(
        "/record/v1/employee", params={"limit": 10, "offset": 10, "q": "isInactive IS false"}
    )
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in second["items"]}
    one = await api.get(
        f"/record/v1/employee/{first['items'][0]['id']}", params={"expandSubResources": "true"}
    )
    assert one["id"] == first["items"][0]["id"]
    assert one["roles"]["items"]


async def test_changing_and_replacing(served: Running) -> None:
    """PATCH adds a role, PATCH with replace=roles makes the list what is sent; 204 is None to this client."""
    api, lan = rest(served), served.employee("hothilan@larkspur.example")
    path = f"/record/v1/employee/{lan['id']}"
    role = served.role("NetSuite Connector Web Services")
    body = {"roles": {"items": [{"selectedRole": {"id": str(role)}}]}}
    assert await api.patch(path, json=body) is None
    assert role in lan["_roles"]
    assert len(lan["_roles"]) == 3
    assert await api.patch(path, params={"replace": "roles"}, json=body) is None
    assert lan["_roles"] == [role]


async def test_its_strict_property_names(served: Running) -> None:
    """This client always asks for PropertyNameValidation, so a misspelt name is an error to it."""
    with pytest.raises(NetsuiteAPIRequestError) as refused:
        await rest(served).patch(f"/record/v1/employee/{served.employee(ALICE)['id']}", json={"nosuch": 1})
    assert refused.value.status_code == 400
    assert '"o:errorPath": "nosuch"' in refused.value.response_text


async def test_creating(served: Running) -> None:
    """POST gives no body back."""
    assert await rest(served).post("/record/v1/employee", json={"lastName": "Made"}) is None


async def test_metadata(served: Running) -> None:
    """Its own calls for JSON schema and OpenAPI."""
    assert "giveAccess" in (await rest(served).jsonschema("employee"))["properties"]
    assert set((await rest(served).openapi(["vendor"]))["components"]["schemas"]) == {"vendor"}


async def test_token_info(served: Running) -> None:
    """The token service, whose address this client takes per request."""
    answer = await rest(served).request("GET", "ignored", url=f"{served.url}/rest/tokeninfo")
    assert answer.json()["roleName"] == "Handover"


async def test_restlets(served: Running) -> None:
    """Every method of a RESTlet."""
    restlet = NetSuiteRestlet(config(served.keys))
    restlet._make_url = lambda query: f"{served.url}/app/site/hosting/restlet.nl{query}"
    assert (await restlet.get(6))["method"] == "GET"
    assert (await restlet.post(6, json={"orders": [1, 2]}))["body"] == {"orders": [1, 2]}
    assert (await restlet.put(6, json={"a": "ä€"}))["body"] == {"a": "ä€"}
    assert (await restlet.delete(6))["method"] == "DELETE"
    with pytest.raises(NetsuiteAPIRequestError) as refused:
        await restlet.get(99)
    assert "SSS_INVALID_SCRIPTLET_ID" in refused.value.response_text


async def test_the_realm_as_typed(served: Running) -> None:
    """It sends the account as typed, and lower case is another realm: the classic sandbox mistake."""
    with pytest.raises(NetsuiteAPIRequestError) as refused:
        await rest(served, account=served.keys.realm.lower()).get("/record/v1/employee")
    assert refused.value.status_code == 401
    assert "INVALID_LOGIN" in refused.value.response_text


async def test_another_signature_method(served: Running) -> None:
    """HMAC-SHA1, which this client can still do, has ended."""
    api = NetSuiteRestApi(config(served.keys), signature_method="HMAC-SHA1")
    with pytest.raises(NetsuiteAPIRequestError) as refused:
        await api.get("x", url=f"{served.url}{RECORD}/employee")
    assert refused.value.status_code == 401
