"""The SOAP endpoints over raw requests: sessions, permissions, versions, what an update may change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from xml.sax.saxutils import escape

import pytest
from cryptography import x509

from sandbox.salesforce.certificates import KeyPair
from tests.conformance.salesforce_driving import Answer, Running, serving

MD = "http://soap.sforce.com/2006/04/metadata"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@pytest.fixture
async def org() -> AsyncIterator[Running]:
    async with serving() as running:
        yield running


async def metadata(org: Running, token: str, operation: str, inner: str, version: str = "65.0") -> Answer:
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<e:Header><SessionHeader xmlns="{MD}"><sessionId>{token}</sessionId></SessionHeader></e:Header>'
        f'<e:Body><{operation} xmlns="{MD}" xmlns:xsi="{XSI}">{inner}</{operation}></e:Body></e:Envelope>'
    )
    return await org.ask(
        "POST", f"/services/Soap/m/{version}", data=envelope.encode(), headers={"Content-Type": "text/xml"}
    )


def read(kind: str, *names: str) -> str:
    return f"<type>{kind}</type>" + "".join(f"<fullNames>{escape(name)}</fullNames>" for name in names)


def component(kind: str, inner: str) -> str:
    return f'<metadata xsi:type="{kind}">{inner}</metadata>'


async def test_dead_session(org: Running) -> None:
    """A dead session is a fault with status 500 and the code in the vendor's own name space."""
    answer = await metadata(org, "nothing", "readMetadata", read("Profile", "Admin"))
    assert answer.status == 500
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in answer.body


async def test_permission(org: Running) -> None:
    """Without Modify Metadata (or Modify All Data) the whole API is closed."""
    bot_set = org.org["PermissionSet"].where("Name", "Handover_Bot")[0]
    org.org["PermissionSet"].change(bot_set, {"PermissionsModifyMetadata": False})
    answer = await metadata(org, await org.token(), "readMetadata", read("Profile", "Admin"))
    assert answer.status == 500
    assert (
        "INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData" in answer.body
    )


async def test_versions(org: Running) -> None:
    """A retired version is an unsupported one; login() is gone from 65.0 on, and can be off before."""
    old = await metadata(org, await org.token(), "readMetadata", read("Profile", "Admin"), version="30.0")
    assert "UNSUPPORTED_API_VERSION" in old.body
    login = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<login xmlns="urn:partner.soap.sforce.com"><username>x</username><password>y</password></login>'
        "</e:Body></e:Envelope>"
    )
    gone = await org.ask("POST", "/services/Soap/u/65.0", data=login)
    assert "No operation available for request" in gone.body
    org.switch(soap_login_enabled=False)
    off = await org.ask("POST", "/services/Soap/u/64.0", data=login)
    assert "FUNCTIONALITY_NOT_ENABLED" in off.body


async def test_names_that_do_not_exist_are_nil(org: Running) -> None:
    """A component that is not there is an empty record, not a fault; eleven names are too many."""
    token = await org.token()
    answer = await metadata(org, token, "readMetadata", read("ConnectedApp", "Nothing"))
    assert '<records xsi:nil="true"/>' in answer.body
    many = await metadata(org, token, "readMetadata", read("ConnectedApp", *["Gong"] * 11))
    assert "LIMIT_EXCEEDED" in many.body


async def test_hostile_names_are_escaped(org: Running) -> None:
    """Markup in a label arrives as text."""
    answer = await metadata(org, await org.token(), "readMetadata", read("ConnectedApp", "Quarter_Close"))
    assert "<label>Quarter &lt;https://evil.example|close&gt; &amp; " in answer.body


async def test_secrets_are_not_read(org: Running) -> None:
    """consumerSecret is never in the answer, unless the org allows it by switch."""
    token, name = await org.token(), "Celigo_glbloauth"
    secret = next(a.client_secret for a in org.org.apps.values() if a.name == "Celigo")
    closed = await metadata(org, token, "readMetadata", read("ExtlClntAppGlobalOauthSettings", name))
    assert secret not in closed.body
    org.switch(metadata_returns_consumer_secret=True)
    opened = await metadata(org, token, "readMetadata", read("ExtlClntAppGlobalOauthSettings", name))
    assert secret in opened.body


async def test_certificates_end_when_the_estate_says(org: Running) -> None:
    """App certificates are real and end 60, 30, 14, 7 and 1 days from now, and one has ended."""
    days = {}
    for app in org.org.apps.values():
        if app.certificate and app.name != "Handover":
            parsed = x509.load_pem_x509_certificate(app.certificate.encode())
            days[app.name] = (parsed.not_valid_after_utc - org.world.now).days
    assert sorted(days.values()) == [-20, 1, 7, 14, 30, 60]


async def test_run_as_user_of_an_external_client_app(org: Running) -> None:
    """The run-as user changes by metadata and must be API only; the audit trail tells who did it."""
    token, kind = await org.token(), "ExtlClntAppOauthConfigurablePolicies"
    name, account = "Celigo_oauthPlcy", "svc.orders@integrations.larkspur.example"

    async def change(username: str) -> str:
        inner = (
            f"<fullName>{name}</fullName><clientCredentialsFlowUser>{username}</clientCredentialsFlowUser>"
        )
        return str((await metadata(org, token, "updateMetadata", component(kind, inner))).body)

    refused = await change("carol.ferreira@larkspur.example")
    assert "<statusCode>FIELD_INTEGRITY_EXCEPTION</statusCode>" in refused
    assert "<success>false</success>" in refused
    assert "<success>true</success>" in await change(account)
    answer = await metadata(org, token, "readMetadata", read(kind, name))
    assert f"<clientCredentialsFlowUser>{account}</clientCredentialsFlowUser>" in answer.body
    trail = await org.rows(
        token, "SELECT Display FROM SetupAuditTrail WHERE Action = 'addOauthClientCredentialUser'"
    )
    assert account in trail[-1]["Display"]


async def test_new_certificate_for_an_app(org: Running) -> None:
    """An app signs with the certificate uploaded last; one that is no certificate is refused."""
    token, kind, keys = await org.token(), "ExtlClntAppGlobalOauthSettings", KeyPair.new()
    pem = keys.certificate("fresh", org.world.now.replace(year=org.world.now.year + 1))
    inner = "<fullName>Handover_glbloauth</fullName><certificate>{}</certificate>"
    bad = await metadata(org, token, "updateMetadata", component(kind, inner.format("no certificate")))
    assert "<success>false</success>" in bad.body
    good = await metadata(org, token, "updateMetadata", component(kind, inner.format(pem)))
    assert "<success>true</success>" in good.body
    assert (await org.jwt()).status == 400
    assert (await org.jwt(key=keys.private_pem())).status == 200


async def test_login_hours(org: Running) -> None:
    """Hours sent replace the timetable, an empty element lifts it, and none at all leaves it alone."""
    token, name = await org.token(), "<fullName>Warehouse loader</fullName>"
    office = "<loginHours><mondayEnd>1080</mondayEnd><mondayStart>480</mondayStart></loginHours>"
    odd = "<loginHours><mondayEnd>1085</mondayEnd><mondayStart>480</mondayStart></loginHours>"

    async def change(inner: str) -> str:
        return str((await metadata(org, token, "updateMetadata", component("Profile", name + inner))).body)

    async def hours() -> str:
        answer = await metadata(org, token, "readMetadata", read("Profile", "Warehouse loader"))
        return str(answer.body).partition("<loginHours>")[2].partition("</loginHours>")[0]

    assert "<success>true</success>" in await change(office)
    assert await hours() == "<mondayEnd>1080</mondayEnd><mondayStart>480</mondayStart>"
    assert "must be whole hours" in await change(odd)
    await change("<description>nothing about hours</description>")
    assert await hours() != ""
    await change("<loginHours/>")
    assert await hours() == ""


async def test_a_failed_update_changes_nothing(org: Running) -> None:
    """When one element of a component is wrong, the right ones before it are taken back."""
    token, kind, name = await org.token(), "ExtlClntAppOauthConfigurablePolicies", "Celigo_oauthPlcy"
    inner = (
        f"<fullName>{name}</fullName><isClientCredentialsFlowEnabled>false</isClientCredentialsFlowEnabled>"
        "<clientCredentialsFlowUser>nobody@larkspur.example</clientCredentialsFlowUser>"
    )
    before = (await metadata(org, token, "readMetadata", read(kind, name))).body
    assert (
        "<success>false</success>"
        in (await metadata(org, token, "updateMetadata", component(kind, inner))).body
    )
    assert (await metadata(org, token, "readMetadata", read(kind, name))).body == before


async def test_an_update_is_never_lost_in_silence(org: Running) -> None:
    """An element this stand-in does not keep is refused, not swallowed."""
    inner = "<fullName>Gong</fullName><logoUrl>https://logo.example</logoUrl>"
    answer = await metadata(org, await org.token(), "updateMetadata", component("ConnectedApp", inner))
    assert "does not update logoUrl" in answer.body


async def test_ranges_on_every_request(org: Running) -> None:
    """With the session setting on, a profile's ranges bind every call and not only the login."""
    token = await org.token()
    span = "<loginIpRanges><endAddress>192.0.2.9</endAddress><startAddress>192.0.2.1</startAddress></loginIpRanges>"
    name = "<fullName>Minimum Access - API Only Integrations</fullName>"
    await metadata(org, token, "updateMetadata", component("Profile", name + span))
    assert (await org.query(token, "SELECT Id FROM Organization")).status == 200
    setting = (
        "<fullName>Security</fullName><sessionSettings><enforceIpRangesEveryRequest>true"
        "</enforceIpRangesEveryRequest></sessionSettings>"
    )
    await metadata(org, token, "updateMetadata", component("SecuritySettings", setting))
    answer = await org.query(token, "SELECT Id FROM Organization")
    assert (answer.status, "not valid for use with the REST API" in answer.body[0]["message"]) == (401, True)
    inside = {"X-Forwarded-For": "192.0.2.5"}
    assert (await org.query(token, "SELECT Id FROM Organization", headers=inside)).status == 200


@pytest.mark.parametrize("body", [b"", b"<", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
async def test_what_is_no_envelope(org: Running, body: bytes) -> None:
    """Anything else than an envelope is a client's fault, entity tricks included."""
    answer = await org.ask("POST", "/services/Soap/m/65.0", data=body)
    assert answer.status == 500
    assert "<faultcode>soapenv:Client</faultcode>" in answer.body
