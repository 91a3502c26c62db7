"""simple-salesforce, unmodified, agrees with the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sandbox.salesforce import passwords
from tests.conformance.salesforce_driving import Running, off_loop, serving

PERSON = "carol.ferreira@larkspur.example"
NEW_USER = {
    "Username": "svc.new@integrations.larkspur.example",
    "LastName": "New integration",
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


def with_password(org: Running, username: str, password: str, token: str) -> None:
    passwords.give(org.org, org.user(username), password, token)


async def test_jwt_bearer(org: Running) -> None:
    """A client that sends exp as a text and aud as the login host gets a session it can use."""
    client = await org.bot_client()
    found = await off_loop(lambda: client.query("SELECT Id, Name FROM Organization"))
    assert found["records"][0]["Name"] == "Larkspur Outdoor"


async def test_client_credentials_on_my_domain(org: Running) -> None:
    """Consumer key and secret in a Basic header, on a My Domain host, act as the run-as user."""
    client = await org.client(
        consumer_key=org.hello["client_id"], consumer_secret=org.hello["client_secret"], domain="larkspur.my"
    )
    usage = await off_loop(lambda: (client.limits(), client.api_usage)[1])
    assert usage["api-usage"].used >= 1


async def test_client_credentials_with_a_wrong_secret(org: Running) -> None:
    """A wrong secret is invalid_client, as an OAuth object the client can read."""
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        await org.client(consumer_key=org.hello["client_id"], consumer_secret="wrong", domain="larkspur.my")
    assert str(refused.value) == "Authentication failed (code: invalid_client): invalid client credentials"


async def test_jwt_for_somebody_who_never_approved(org: Running) -> None:
    """The literal the client looks for is what an unapproved user gets."""
    app = next(a for a in org.org.apps.values() if a.name == "Docusign")
    app.certificate = next(a for a in org.org.apps.values() if a.name == "Handover").certificate
    with (
        pytest.warns(UserWarning, match="self-authorize"),
        pytest.raises(SalesforceAuthenticationFailed) as refused,
    ):
        await org.client(username=PERSON, consumer_key=app.client_id, privatekey=org.hello["private_key"])
    assert (
        str(refused.value)
        == "Authentication failed (code: invalid_grant): user hasn't approved this consumer"
    )


async def test_soap_login(org: Running) -> None:
    """Password and security token open a session through the partner endpoint."""
    with_password(org, PERSON, "correct horse 1", "TOKEN")
    session = org.session()
    client = await off_loop(
        lambda: Client(
            session=session,
            username=PERSON,
            password="correct horse 1",
            security_token="TOKEN",
            version="59.0",
        )
    )
    found = await off_loop(lambda: client.query("SELECT COUNT() FROM User"))
    assert found["totalSize"] == len(org.org["User"])


@pytest.mark.parametrize(
    ("password", "token", "code", "status"),
    [
        ("wrong", "TOKEN", "INVALID_LOGIN", "Invalid password"),
        ("correct horse 1", "", "LOGIN_MUST_USE_SECURITY_TOKEN", "Failed: API security token required"),
    ],
)
async def test_soap_login_faults(org: Running, password: str, token: str, code: str, status: str) -> None:
    """A refused login is a fault whose code and message the client finds, and LoginHistory knows why."""
    with_password(org, PERSON, "correct horse 1", "TOKEN")
    session = org.session()
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        await off_loop(
            lambda: Client(
                session=session, username=PERSON, password=password, security_token=token, version="59.0"
            )
        )
    assert refused.value.code == code
    assert list(org.org["LoginHistory"])[-1]["Status"] == status


async def test_password_grant(org: Running) -> None:
    """The username-password flow works where it is not blocked, and shows as such in LoginHistory."""
    with_password(org, PERSON, "correct horse 1", "TOKEN")
    app = next(a for a in org.org.apps.values() if a.name == "Workato")
    await org.client(
        username=PERSON,
        password="correct horse 1TOKEN",
        consumer_key=app.client_id,
        consumer_secret=app.client_secret,
    )
    assert list(org.org["LoginHistory"])[-1]["LoginSubType"] == "OauthUsernamePassword"


async def test_query_all_follows_every_page(org: Running) -> None:
    """A listing longer than a page comes whole and without doubles."""
    client = await org.bot_client()
    found = await off_loop(
        lambda: client.query_all(
            "SELECT Id FROM LoginHistory", headers={"Sforce-Query-Options": "batchSize=200"}
        )
    )
    ids = [row["Id"] for row in found["records"]]
    assert len(ids) == len(set(ids)) == len(org.org["LoginHistory"])
    assert len(ids) > 1000


async def test_create_update_and_never_delete_a_user(org: Running) -> None:
    """A user is created (201), changed (204), and cannot be deleted (405)."""
    client = await org.bot_client()
    profile = org.org["Profile"].where("Name", "Minimum Access - API Only Integrations")[0]["Id"]
    made = await off_loop(lambda: client.User.create(NEW_USER | {"ProfileId": profile}))
    assert made["success"] is True
    assert await off_loop(lambda: client.User.update(made["id"], {"IsActive": False})) == 204
    got = await off_loop(lambda: client.User.get(made["id"]))
    assert (got["IsActive"], got["Username"]) == (False, NEW_USER["Username"])
    with pytest.raises(SalesforceGeneralError) as refused:
        await off_loop(lambda: client.User.delete(made["id"]))
    assert refused.value.status == 405


async def test_password_is_set_and_reset(org: Running) -> None:
    """An administrator sets a password (204); one that is too short is refused; a reset kills the old one."""
    client = await org.bot_client()
    user = org.user(PERSON)
    assert await off_loop(lambda: client.set_password(user["Id"], "Long enough 7")) is None
    with pytest.raises(SalesforceMalformedRequest) as refused:
        await off_loop(lambda: client.set_password(user["Id"], "short"))
    assert "INVALID_NEW_PASSWORD" in str(refused.value.content)
    fresh = await off_loop(lambda: client.restful(f"sobjects/User/{user['Id']}/password", method="DELETE"))
    assert set(fresh or {}) == {"NewPassword"}
    assert passwords.wrong(user, "Long enough 7")
    state = await off_loop(lambda: client.restful(f"sobjects/User/{user['Id']}/password"))
    assert state == {"isExpired": True}


async def test_limits_and_usage_header(org: Running) -> None:
    """The allowance in the body and the one in the header are the same."""
    client = await org.bot_client()
    limits = await off_loop(client.limits)
    usage = client.api_usage["api-usage"]
    assert usage.total == limits["DailyApiRequests"]["Max"]
    assert usage.total - usage.used == limits["DailyApiRequests"]["Remaining"]


async def test_expired_session_is_renewed(org: Running) -> None:
    """A 401 in the form of an array makes the client sign in again and succeed."""
    client = await org.bot_client()
    first = client.session_id
    org.world.advance(seconds=org.org.switches.session_timeout_s + 1)
    found = await off_loop(lambda: client.query("SELECT Id FROM Organization"))
    assert found["totalSize"] == 1
    assert client.session_id != first


async def test_every_error_class(org: Running) -> None:
    """400, 401, 403, 404 and 405 reach the client as its own exceptions, with the vendor's array inside."""
    client = await org.bot_client()

    async def refusal(kind: type[Exception], work: Any) -> str:
        with pytest.raises(kind) as refused:
            await off_loop(work)
        return str(refused.value.content[0]["errorCode"])  # type: ignore[attr-defined]

    malformed = await refusal(SalesforceMalformedRequest, lambda: client.query("SELECT FROM"))
    missing = await refusal(SalesforceResourceNotFound, lambda: client.restful("sobjects/Nothing"))
    method = await refusal(SalesforceGeneralError, lambda: client.restful("limits", method="DELETE"))
    assert (malformed, missing, method) == ("MALFORMED_QUERY", "NOT_FOUND", "METHOD_NOT_ALLOWED")
    org.switch(daily_api_requests=0)
    exhausted = await refusal(SalesforceRefusedRequest, lambda: client.query("SELECT Id FROM User"))
    assert exhausted == "REQUEST_LIMIT_EXCEEDED"
    stranger = await org.client(session_id="00Dxx!nothing", instance_url=org.url)
    with pytest.raises(SalesforceExpiredSession):
        await off_loop(lambda: stranger.restful("limits", max_retries=0))


async def test_describe(org: Running) -> None:
    """Columns are described with the rights the catalogue gives them."""
    client = await org.bot_client()
    described = await off_loop(client.User.describe)
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["Username"]["createable"]
    assert not fields["LastLoginDate"]["updateable"]
    assert described["deletable"] is False


async def test_metadata_by_the_vendors_wsdl(org: Running) -> None:
    """A WSDL-driven client reads apps, their certificates and run-as users, and profiles' ranges."""
    client = await org.bot_client()
    api = client.mdapi
    api._client.transport.session = org.session()
    app = await off_loop(lambda: api.ExtlClntAppGlobalOauthSettings.read(["Data_warehouse_loader_glbloauth"]))
    assert "BEGIN CERTIFICATE" in app.certificate
    assert app.consumerSecret is None
    policy = await off_loop(lambda: api.ExtlClntAppOauthConfigurablePolicies.read(["Celigo_oauthPlcy"]))
    assert policy.clientCredentialsFlowUser == "alice.doherty@larkspur.example"
    connected = await off_loop(lambda: api.ConnectedApp.read(["Docusign"]))
    assert connected.oauthConfig.certificate.startswith("-----BEGIN")
    profile = await off_loop(lambda: api.Profile.read(["Warehouse loader"]))
    assert [span.startAddress for span in profile.loginIpRanges] == ["198.51.100.16", "127.0.0.1"]
    assert profile.loginHours.sundayEnd == "1440"
    settings = await off_loop(lambda: api.SecuritySettings.read(["Security"]))
    assert settings.sessionSettings.enforceIpRangesEveryRequest is False
    listed = await off_loop(lambda: api.list_metadata([{"type": "ConnectedApp"}]))
    assert "Workato" in [entry.fullName for entry in listed]
    described = await off_loop(api.describe_metadata)
    assert "Profile" in [entry.xmlName for entry in described.metadataObjects]


async def test_metadata_update_replaces_the_whole_list_of_ranges(org: Running) -> None:
    """What is not sent along is gone: a client that does not merge loses ranges, if it may delete them."""
    client = await org.bot_client()
    api = client.mdapi
    api._client.transport.session = org.session()
    span = api.ProfileLoginIpRange(description="office", startAddress="192.0.2.0", endAddress="192.0.2.255")
    name = "Minimum Access - API Only Integrations"
    await off_loop(lambda: api.Profile.update([api.Profile(fullName=name, loginIpRanges=[span])]))
    read = await off_loop(lambda: api.Profile.read([name]))
    assert [entry.description for entry in read.loginIpRanges] == ["office"]
    loader = api.Profile(fullName="Warehouse loader", loginIpRanges=[span])
    with pytest.raises(Exception, match="INSUFFICIENT_ACCESS"):  # two ranges become one: Modify All Data
        await off_loop(lambda: api.Profile.update([loader]))
