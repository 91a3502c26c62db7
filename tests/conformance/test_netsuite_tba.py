"""Signing in by token: requests signed by oauthlib, and every way in which one can be wrong."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, Client

from tests.conformance.netsuite_driving import (
    ADA,
    ALICE,
    CONNECTOR_ROLE,
    RECORD,
    SHARED,
    SUITEQL,
    Keys,
    Running,
    serving,
)

PATH = f"{RECORD}/employee?limit=5&offset=0"


@pytest.fixture
async def netsuite() -> AsyncIterator[Running]:
    async with serving() as started:
        yield started


async def test_a_signed_request_is_answered(netsuite: Running) -> None:
    """Query parameters and the port are in the base string; the realm and a JSON body are not."""
    assert (await netsuite.tba("GET", PATH)).status == 200
    answer = await netsuite.query("SELECT id FROM employee", limit=5, offset=10)
    assert answer.status == 200
    assert answer.body["count"] == 5


@pytest.mark.parametrize(
    ("query", "also"),
    [
        ("?script=6&deploy=1&customParam=some%20value&testParam=a%2Bb", {}),
        ("?script=6&deploy=1&empty=&b=2&b=1", {}),
        ("?script=6&deploy=1&%C3%A4=%E2%82%AC", {"oauth_body_hash": "2jmj7l5rSw0yVb/vlWAYkK/YBwk="}),
    ],
)
async def test_any_query_and_extra_oauth_parameters(
    netsuite: Running, query: str, also: dict[str, str]
) -> None:
    """Encoded, empty and repeated parameters are signed as sent, and so is every other oauth_* parameter."""
    path = "/app/site/hosting/restlet.nl" + query
    client = ExtraParameters(netsuite, also)
    headers = client.sign(netsuite.url + path, http_method="GET")[1]
    answer = await netsuite.ask("GET", path, headers=headers)
    assert answer.status == 200, answer.body


class ExtraParameters(Client):
    """oauthlib's client with more oauth_* parameters than usual, as other libraries send them."""

    def __init__(self, netsuite: Running, also: dict[str, str]) -> None:
        keys = netsuite.keys
        super().__init__(
            keys.consumer_key,
            client_secret=keys.consumer_secret,
            resource_owner_key=keys.token_id,
            resource_owner_secret=keys.token_secret,
            realm=keys.realm,
            signature_method=SIGNATURE_HMAC_SHA256,
        )
        self._also = also

    def get_oauth_params(self, request: Any) -> Any:
        return [*super().get_oauth_params(request), *self._also.items()]


async def test_the_hosts_of_the_vendor_can_be_kept(netsuite: Running) -> None:
    """A client that signs NetSuite's own https address and is led to this port is understood."""
    keys, path = netsuite.keys, f"{RECORD}/employee/1101"
    client = Client(
        keys.consumer_key,
        client_secret=keys.consumer_secret,
        resource_owner_key=keys.token_id,
        resource_owner_secret=keys.token_secret,
        realm=keys.realm,
        signature_method=SIGNATURE_HMAC_SHA256,
    )
    host = "3182736-sb1.suitetalk.api.netsuite.com"
    headers = client.sign(f"https://{host}{path}", http_method="GET")[1]
    assert (await netsuite.ask("GET", path, headers=headers | {"Host": host})).status == 200


def _wrong(netsuite: Running) -> dict[str, tuple[Keys, dict[str, Any], str | None]]:
    """What is wrong, the keys, oauthlib's options, and the detail in the audit trail."""
    keys, now = netsuite.keys, netsuite.now()
    return {
        "realm in lower case": (replace(keys, realm=keys.realm.lower()), {}, None),
        "realm as the host spells it": (replace(keys, realm="3182736-sb1"), {}, None),
        "HMAC-SHA1": (keys, {"signature_method": SIGNATURE_HMAC_SHA1}, "InvalidSignature"),
        "consumer secret": (replace(keys, consumer_secret="x"), {}, "InvalidSignature"),
        "token secret": (replace(keys, token_secret="x"), {}, "InvalidSignature"),
        "consumer key": (replace(keys, consumer_key="x"), {}, "consumer_key_unknown"),
        "token id": (replace(keys, token_id="x"), {}, "token_unknown"),
        "no token": (replace(keys, token_id=""), {}, "MissingTokenPassportRequiredFields"),
        "clock too late": (keys, {"timestamp": str(now + 310)}, "InvalidTimestamp"),
        "clock too early": (keys, {"timestamp": str(now - 310)}, "InvalidTimestamp"),
        "nonce too short": (keys, {"nonce": "abc"}, "nonce_rejected"),
    }


async def test_every_refusal_has_one_body_and_a_detail_of_its_own(netsuite: Running) -> None:
    """The 401 never says why; the audit trail does."""
    bodies, details = [], []
    for what, (keys, signing, detail) in _wrong(netsuite).items():
        before = len(netsuite.account["loginaudit"])
        answer = await netsuite.tba("GET", PATH, keys, signing=signing)
        assert answer.status == 401, what
        assert answer.headers["Content-Type"] == "application/vnd.oracle.resource+json; type=error"
        challenge = (
            'OAuth realm="3182736_SB1", error="token_rejected", error_description="Invalid login attempt."'
        )
        assert answer.headers["WWW-Authenticate"] == challenge
        bodies.append(answer.body)
        if detail is None:
            assert len(netsuite.account["loginaudit"]) == before, what
        else:
            assert netsuite.last_failure() == detail, what
            details.append(detail)
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["status"] == 401
    assert bodies[0]["title"] == "Unauthorized"
    assert bodies[0]["o:errorDetails"][0]["o:errorCode"] == "INVALID_LOGIN"
    assert set(details) < set(await netsuite.details())


async def test_five_minutes_on_the_worlds_clock(netsuite: Running) -> None:
    """A timestamp counts by the sandbox's clock, within 300 seconds."""
    netsuite.world.advance(days=40)
    assert (await netsuite.tba("GET", PATH, signing={"timestamp": str(netsuite.now() - 290)})).status == 200
    real = netsuite.now() - 40 * 86_400
    assert (await netsuite.tba("GET", PATH, signing={"timestamp": str(real)})).status == 401


async def test_clock_skew_lever(netsuite: Running) -> None:
    """NetSuite's clock can be set apart from everybody else's; serverTime tells."""
    await netsuite.done("switches", clock_skew_s=900)
    assert (await netsuite.tba("GET", PATH)).status == 401
    ahead = str(netsuite.now() + 900)
    assert (await netsuite.tba("GET", PATH, signing={"timestamp": ahead})).status == 200
    answer = await netsuite.tba("GET", "/services/rest/system/v1/serverTime", signing={"timestamp": ahead})
    assert abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - netsuite.now() - 900) < 5
    assert answer.body["serverTime"] > netsuite.world.now.isoformat()


async def test_a_nonce_is_good_once(netsuite: Running) -> None:
    """The very same header a second time is refused as a replay; a retry signs again."""
    headers = netsuite.signed("GET", PATH)
    assert (await netsuite.ask("GET", PATH, headers=headers)).status == 200
    assert (await netsuite.ask("GET", PATH, headers=headers)).status == 401
    assert netsuite.last_failure() == "nonce_used"


async def test_restlets_say_it_shorter(netsuite: Running) -> None:
    """The RESTlet host has an error shape of its own."""
    keys = replace(netsuite.keys, token_secret="x")
    answer = await netsuite.tba("GET", "/app/site/hosting/restlet.nl?script=6&deploy=1", keys)
    assert answer.status == 401
    assert answer.body == {"error": {"code": "INVALID_LOGIN_ATTEMPT", "message": "Invalid login attempt."}}


async def test_no_header_at_all(netsuite: Running) -> None:
    """A request that does not sign in is refused alike, and leaves nothing in the audit trail."""
    before = len(netsuite.account["loginaudit"])
    answer = await netsuite.ask("POST", SUITEQL, json={"q": "SELECT 1 FROM dual"})
    assert answer.status == 401
    assert len(netsuite.account["loginaudit"]) == before


async def test_what_disables_a_token(netsuite: Running) -> None:
    """Revoked, inactive, role gone, role inactive, person inactive, access taken, integration blocked: 401, and why."""
    keys = await netsuite.new_keys(ALICE, CONNECTOR_ROLE, "NetSuite Connector")
    roles = [netsuite.account.name("role", one) for one in netsuite.employee(ALICE)["_roles"]]

    async def refused_as(detail: str) -> None:
        answer = await netsuite.query("SELECT id FROM employee", keys)
        assert answer.status == 401
        assert netsuite.last_failure() == detail

    async def works() -> None:
        assert (await netsuite.query("SELECT 1 one FROM dual", keys)).status == 200

    await works()
    token = keys.token_id
    for lever, off, on, detail in [
        (
            "token_state",
            {"token": token, "inactive": True},
            {"token": token, "inactive": False},
            "token_rejected",
        ),
        (
            "roles",
            {"email": ALICE, "roles": ["Administrator"]},
            {"email": ALICE, "roles": roles},
            "EntityOrRoleDisabled",
        ),
        (
            "role",
            {"role": CONNECTOR_ROLE, "inactive": True},
            {"role": CONNECTOR_ROLE, "inactive": False},
            "EntityOrRoleDisabled",
        ),
        (
            "employee",
            {"email": ALICE, "inactive": True},
            {"email": ALICE, "inactive": False},
            "EntityOrRoleDisabled",
        ),
        (
            "employee",
            {"email": ALICE, "give_access": False},
            {"email": ALICE, "give_access": True},
            "EntityOrRoleDisabled",
        ),
        (
            "integration",
            {"application": "NetSuite Connector", "do": "block"},
            {"application": "NetSuite Connector", "do": "enable"},
            "consumer_key_refused",
        ),
    ]:
        await netsuite.done(lever, **off)
        await refused_as(detail)
        await netsuite.done(lever, **on)
        await works()
    await netsuite.done("token_state", token=token, revoke=True)
    await refused_as("token_revoked")


async def test_the_feature_can_be_off(netsuite: Running) -> None:
    """Without the feature no token signs in."""
    netsuite.switch(tba_feature=False)
    assert (await netsuite.tba("GET", PATH)).status == 401
    assert netsuite.last_failure() == "FeatureDisabled"


async def test_a_release_date_alone_changes_nothing(netsuite: Running) -> None:
    """A person who has left by the record still signs in, unless the switch says that the date disables."""
    keys = await netsuite.new_keys(ALICE, CONNECTOR_ROLE, "NetSuite Connector")
    await netsuite.done("employee", email=ALICE, release_date="2020-01-01")
    assert (await netsuite.query("SELECT 1 one FROM dual", keys)).status == 200
    netsuite.switch(release_date_deactivates=True)
    assert (await netsuite.query("SELECT 1 one FROM dual", keys)).status == 401


async def test_every_signed_request_is_in_the_audit_trail(netsuite: Running) -> None:
    """A success names the application, the token, the user, the role and the address that was called."""
    await netsuite.tba("GET", PATH)
    row = list(netsuite.account["loginaudit"])[-1]
    assert (row["status"], row["oauthappname"], row["oauthaccesstokenname"]) == (
        "Success",
        "Handover by token",
        "Handover",
    )
    assert (row["user"], row["role"], row["requesturi"]) == (
        netsuite.employee("handover.bot@integrations.larkspur.example")["id"],
        netsuite.role("Handover"),
        f"{RECORD}/employee",
    )


async def test_the_audit_trail_lags(netsuite: Running) -> None:
    """A row shows minutes after it was made, by the world's clock."""
    netsuite.switch(audit_lag_s=180)
    await netsuite.tba("GET", PATH, replace(netsuite.keys, token_secret="x"))
    text = "SELECT COUNT(l.detail) n FROM LoginAudit l WHERE l.detail = 'InvalidSignature'"
    assert await netsuite.rows(text) == [{"n": "0"}]
    netsuite.world.advance(seconds=200)
    assert await netsuite.rows(text) == [{"n": "1"}]


async def test_revoking_needs_the_tokens_own_secret(netsuite: Running) -> None:
    """revoketoken is signed by the token that is to go, and nobody else's; then it is revoked for good."""
    keys = await netsuite.new_keys(SHARED, "Integration: finance", "Celigo integrator.io")
    path = f"/rest/revoketoken?consumerKey={keys.consumer_key}&token={keys.token_id}"
    assert (await netsuite.tba("GET", path)).status == 401
    other = f"/rest/revoketoken?consumerKey={keys.consumer_key}&token={netsuite.keys.token_id}"
    assert (await netsuite.tba("GET", other, keys)).status == 401
    assert (await netsuite.tba("GET", path, keys)).status == 200
    row = netsuite.account["oauthtoken"].where(_token_id=keys.token_id)[0]
    assert row["brevoked"] == "T"
    assert row["drevoked"] is not None
    assert (await netsuite.tba("GET", path, keys)).status == 401


async def test_tokeninfo(netsuite: Running) -> None:
    """tokeninfo names the company and the role."""
    answer = await netsuite.tba("GET", "/rest/tokeninfo")
    assert answer.body == {
        "companyId": "3182736_SB1",
        "companyName": "Larkspur Outdoor",
        "roleId": str(netsuite.role("Handover")),
        "roleName": "Handover",
    }


async def test_three_steps_make_a_persons_own_token(netsuite: Running) -> None:
    """requesttoken, consent, accesstoken: only the person who consents can mint a token this way."""
    app = netsuite.account.application("NetSuite Connector")
    consumer = Keys(netsuite.hello["account"], app["_consumer_key"], app["_consumer_secret"])
    first = await netsuite.tba(
        "POST", "/rest/requesttoken", consumer, signing={"callback_uri": "https://app.example/back"}
    )
    assert first.status == 200
    assert first.body.endswith("\n")
    got = dict(pair.split("=") for pair in first.body.strip().split("&"))
    assert got["oauth_callback_confirmed"] == "true"
    page = await netsuite.ask(
        "GET", f"/app/login/secure/authorizetoken.nl?oauth_token={got['oauth_token']}&state=s1"
    )
    assert "NetSuite Connector" in page.body
    pending = replace(consumer, token_id=got["oauth_token"], token_secret=got["oauth_token_secret"])
    early = await netsuite.tba("POST", "/rest/accesstoken", pending, signing={"verifier": "guess"})
    assert early.status == 401
    consent = await netsuite.done(
        "authorize", oauth_token=got["oauth_token"], email=SHARED, role=CONNECTOR_ROLE
    )
    back = dict(pair.split("=") for pair in consent["callback_url"].partition("?")[2].split("&"))
    assert (back["state"], back["company"], back["role"]) == (
        "s1",
        "3182736_SB1",
        str(netsuite.role(CONNECTOR_ROLE)),
    )
    done = await netsuite.tba(
        "POST", "/rest/accesstoken", pending, signing={"verifier": back["oauth_verifier"]}
    )
    assert done.status == 200
    made = dict(pair.split("=") for pair in done.body.strip().split("&"))
    keys = replace(consumer, token_id=made["oauth_token"], token_secret=made["oauth_token_secret"])
    assert (await netsuite.query("SELECT 1 one FROM dual", keys)).status == 200
    again = await netsuite.tba(
        "POST", "/rest/accesstoken", pending, signing={"verifier": back["oauth_verifier"]}
    )
    assert again.status == 401


async def test_secrets_are_64_digits_and_repeat_with_the_seed(netsuite: Running) -> None:
    """Same seed, same keys, so that a restarted sandbox keeps its configuration."""
    async with serving() as other:
        for name in ("consumer_key", "consumer_secret", "token_id", "token_secret", "client_id"):
            assert other.hello[name] == netsuite.hello[name]
            assert len(other.hello[name]) == hashlib.sha256().digest_size * 2
        assert other.hello["private_key"] != netsuite.hello["private_key"]


async def test_making_tokens_in_the_user_interface(netsuite: Running) -> None:
    """Only for oneself or with the permission, never an Administrator token for somebody else, at most 25 each."""

    async def refusal(**body: Any) -> str:
        answer = await netsuite.lever("token", application="NetSuite Connector", **body)
        assert answer.status == 409, answer.body
        return str(answer.body["error"])

    assert "does not hold" in await refusal(email=SHARED, role="Administrator")
    assert "own user" in await refusal(email=ALICE, role="Administrator", by=ADA)
    assert "lacks Access Token Management" in await refusal(email=ALICE, role=CONNECTOR_ROLE, by=SHARED)
    assert "lacks the permission" in await refusal(
        email="marta.nowakjensen@larkspur.example", role="A/P Clerk"
    )
    await netsuite.done("token", application="NetSuite Connector", email=ALICE, role=CONNECTOR_ROLE, by=ADA)
    netsuite.switch(tokens_per_user=2)
    assert "at most" in await refusal(email=ALICE, role=CONNECTOR_ROLE)
