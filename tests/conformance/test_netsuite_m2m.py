"""OAuth 2.0 for machines: assertions signed by PyJWT, bearers, and certificates that come and go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.conformance.netsuite_driving import (
    BOT,
    RECORD,
    SHARED,
    SUITEQL,
    TOKEN,
    Running,
    certificate,
    pem,
    serving,
)


@pytest.fixture
async def netsuite() -> AsyncIterator[Running]:
    async with serving() as started:
        yield started


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def certificates(netsuite: Running) -> str:
    return f"/services/rest/auth/oauth2/v1/clients/{netsuite.hello['client_id']}/certificates"


async def upload(netsuite: Running, bearer: str, content: str, **body: Any) -> Any:
    full = {
        "fileContent": content,
        "role": netsuite.role("Handover"),
        "entity": netsuite.employee(BOT)["id"],
    } | body
    return await netsuite.m2m("POST", certificates(netsuite), bearer, json=full)


async def test_an_assertion_becomes_a_bearer(netsuite: Running) -> None:
    """The answer has the documented members, and the bearer opens REST for what the mapping acts as."""
    answer = await netsuite.grant()
    assert answer.status == 200
    assert (int(answer.body["expires_in"]), answer.body["token_type"].lower()) == (3600, "bearer")
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    bot, role = netsuite.employee(BOT)["id"], netsuite.role("Handover")
    assert claims["sub"] == f"{role};{bot}"
    assert claims["aud"] == [
        f"{netsuite.account.application('Handover')['id']};3182736",
        netsuite.hello["client_id"],
    ]
    assert jwt.get_unverified_header(answer.body["access_token"])["alg"] == "RS256"
    got = await netsuite.m2m("GET", f"{RECORD}/employee/{bot}", answer.body["access_token"])
    assert got.body["id"] == str(bot)


async def test_the_older_shape_of_a_bearer(netsuite: Running) -> None:
    """Oracle's own samples show two shapes of `sub`; both can be had."""
    netsuite.switch(access_token_shape="older", expires_in_is_text=False, token_type="Bearer")
    answer = await netsuite.grant()
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    assert claims["sub"].split(";")[2:] == [
        str(netsuite.role("Handover")),
        str(netsuite.employee(BOT)["id"]),
        "N",
    ]
    assert answer.body["expires_in"] == 3600


@pytest.mark.parametrize(
    ("alg", "curve"), [("ES256", ec.SECP256R1()), ("ES384", ec.SECP384R1()), ("ES512", ec.SECP521R1())]
)
async def test_elliptic_curves(netsuite: Running, alg: str, curve: ec.EllipticCurve) -> None:
    """Each curve with its algorithm."""
    key = ec.generate_private_key(curve)
    made = await netsuite.done(
        "mapping",
        application="Handover",
        email=BOT,
        role="Handover",
        certificate=certificate(key, netsuite.world.now),
    )
    answer = await netsuite.grant(netsuite.assertion(pem(key), alg, made["certificate_id"]))
    assert answer.status == 200, answer.body


@pytest.mark.parametrize(
    ("alg", "status"), [("PS256", 200), ("PS384", 200), ("PS512", 200), ("RS256", 400), ("RS512", 400)]
)
async def test_rsa_keys_sign_with_pss_only(
    netsuite: Running, rsa_key: rsa.RSAPrivateKey, alg: str, status: int
) -> None:
    """PS256, PS384 and PS512 are accepted, PKCS #1 v1.5 is not."""
    made = await netsuite.done(
        "mapping",
        application="Handover",
        email=BOT,
        role="Handover",
        certificate=certificate(rsa_key, netsuite.world.now),
    )
    answer = await netsuite.grant(netsuite.assertion(pem(rsa_key), alg, made["certificate_id"]))
    assert answer.status == status
    if status == 400:
        assert answer.body == {"error": "invalid_grant"}


async def test_scope_as_array_and_as_text(netsuite: Running) -> None:
    """Scopes may be a JSON array, or a text with commas or spaces; each opens its own services only."""
    for scope in (["restlets"], "restlets", "restlets,suite_analytics", "restlets suite_analytics"):
        bearer = await netsuite.bearer(scope=scope)
        restlet = await netsuite.m2m("GET", "/app/site/hosting/restlet.nl?script=6&deploy=1", bearer)
        assert restlet.status == 200
        refused = await netsuite.m2m("GET", f"{RECORD}/employee", bearer)
        assert refused.status == 401
        assert netsuite.last_failure() == "ScopeMismatched"
    answer = await netsuite.grant(netsuite.assertion(scope=["everything"]))
    assert (answer.status, answer.body) == (400, {"error": "invalid_scope"})


def _wrong(netsuite: Running) -> dict[str, dict[str, Any]]:
    now, other = netsuite.now(), pem(ec.generate_private_key(ec.SECP256R1()))
    return {
        "longer than an hour": {"exp": now + 3601},
        "over": {"iat": now - 3000, "exp": now - 1},
        "from the future": {"iat": now + 1000, "exp": now + 2000},
        "no exp": {"exp": None},
        "no iat": {"iat": None},
        "another audience": {"aud": netsuite.url + "/services/rest"},
        "audience with a slash": {"aud": netsuite.url + TOKEN + "/"},
        "another client": {"iss": netsuite.account.application("Adaptive Planning")["_client_id"]},
        "unknown client": {"iss": "nobody"},
        "unknown certificate": {"kid": "nothing"},
        "another key": {"key": other},
    }


async def test_wrong_assertions(netsuite: Running) -> None:
    """Whatever is wrong with an assertion is 400 invalid_grant."""
    for what, how in _wrong(netsuite).items():
        answer = await netsuite.grant(netsuite.assertion(**how))
        assert (answer.status, answer.body) == (400, {"error": "invalid_grant"}), what
    for junk in ("junk", "a.b.c", "..", jwt.encode({}, "x" * 32, algorithm="HS256")):
        answer = await netsuite.grant(junk)
        assert (answer.status, answer.body) == (400, {"error": "invalid_grant"}), junk


async def test_an_hour_exactly_is_a_switch(netsuite: Running) -> None:
    """Oracle's text says below 60 minutes and its sample has exactly 60; both can be played."""
    assertion = netsuite.assertion(iat=netsuite.now(), exp=netsuite.now() + 3600)
    assert (await netsuite.grant(assertion)).status == 200
    netsuite.switch(assertion_of_exactly_60_minutes=False)
    assert (await netsuite.grant(assertion)).status == 400


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, "invalid_request"),
        ({"client_assertion_type": ""}, "invalid_request"),
    ],
)
async def test_wrong_forms(netsuite: Running, form: dict[str, str], error: str) -> None:
    """What is missing from the form is told by its OAuth 2.0 code."""
    answer = await netsuite.grant(**form)
    assert (answer.status, answer.body) == (400, {"error": error})


async def test_missing_assertion(netsuite: Running) -> None:
    """A form without an assertion is an invalid request."""
    answer = await netsuite.ask("POST", TOKEN, data={"grant_type": "client_credentials"})
    assert (answer.status, answer.body) == (400, {"error": "invalid_request"})


async def test_a_bearer_ends_after_an_hour(netsuite: Running) -> None:
    """By the world's clock, and with a challenge of the Bearer kind."""
    bearer = await netsuite.bearer()
    netsuite.world.advance(seconds=3601)
    answer = await netsuite.m2m("GET", f"{RECORD}/employee", bearer)
    assert answer.status == 401
    challenge = (
        'Bearer realm="3182736_SB1", error="invalid_token", error_description="Invalid login attempt."'
    )
    assert answer.headers["WWW-Authenticate"] == challenge
    assert answer.code == "INVALID_LOGIN"
    assert netsuite.last_failure() == "AccessTokenExpired"


async def test_bad_bearers(netsuite: Running) -> None:
    """An unknown token is 401 invalid_token, a header without one 400 invalid_request."""
    answer = await netsuite.m2m("GET", f"{RECORD}/employee", "unknown")
    assert answer.status == 401
    answer = await netsuite.ask("GET", f"{RECORD}/employee", headers={"Authorization": "Bearer "})
    assert answer.status == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


async def test_what_disables_a_mapping(netsuite: Running) -> None:
    """Person, role, integration: no new bearer, and the one in hand stops; a certificate's end does not stop it."""
    bearer = await netsuite.bearer()

    async def refused(detail: str) -> None:
        assert (await netsuite.m2m("GET", f"{RECORD}/employee", bearer)).status == 401
        assert netsuite.last_failure() == detail
        assert (await netsuite.grant()).body == {"error": "invalid_grant"}
        assert netsuite.last_failure() == detail

    for lever, off, on, detail in [
        (
            "employee",
            {"email": BOT, "inactive": True},
            {"email": BOT, "inactive": False},
            "EntityOrRoleDisabled",
        ),
        ("roles", {"email": BOT, "roles": []}, {"email": BOT, "roles": ["Handover"]}, "EntityOrRoleDisabled"),
        (
            "role",
            {"role": "Handover", "inactive": True},
            {"role": "Handover", "inactive": False},
            "EntityOrRoleDisabled",
        ),
        (
            "integration",
            {"application": "Handover", "do": "block"},
            {"application": "Handover", "do": "enable"},
            "InvalidIntegration",
        ),
    ]:
        await netsuite.done(lever, **off)
        await refused(detail)
        await netsuite.done(lever, **on)
        assert (await netsuite.grant()).status == 200
    await netsuite.done("mapping_revoke", certificate_id=netsuite.hello["certificate_id"])
    assert (await netsuite.grant()).body == {"error": "invalid_grant"}
    assert (await netsuite.m2m("GET", f"{RECORD}/employee", bearer)).status == 200
    netsuite.switch(bearer_outlives_certificate=False)
    assert (await netsuite.m2m("GET", f"{RECORD}/employee", bearer)).status == 401


async def test_a_certificate_comes_to_its_end(netsuite: Running) -> None:
    """After valid_until its assertions are refused."""
    netsuite.world.advance(days=671)
    assert (await netsuite.grant()).body == {"error": "invalid_grant"}


async def test_listing_ones_own_certificates(netsuite: Running) -> None:
    """A bare array with the documented members; other people's are hidden unless the switch shows them."""
    bearer = await netsuite.bearer()
    answer = await netsuite.m2m("GET", certificates(netsuite), bearer)
    assert answer.status == 200
    assert [set(one) for one in answer.body] == [
        {"certificate_id", "algorithm", "valid_until", "revoked", "invalidated"}
    ]
    assert answer.body[0]["certificate_id"] == netsuite.hello["certificate_id"]
    assert (answer.body[0]["algorithm"], answer.body[0]["revoked"]) == ("EC", False)
    netsuite.switch(certificate_extra_fields=True)
    answer = await netsuite.m2m("GET", certificates(netsuite), bearer)
    assert answer.body[0]["entity"] == netsuite.employee(BOT)["id"]


async def test_rotation(netsuite: Running, rsa_key: rsa.RSAPrivateKey) -> None:
    """Upload, sign in with the new kid, revoke the old one: plain text, and for good."""
    bearer = await netsuite.bearer()
    made = await upload(netsuite, bearer, certificate(rsa_key, netsuite.world.now, 700))
    assert made.status == 200, made.body
    until = (netsuite.world.now + timedelta(days=700)).date().isoformat()
    assert (made.body["algorithm"], made.body["valid_until"]) == ("RSA", until)
    new = netsuite.assertion(pem(rsa_key), "PS256", made.body["certificate_id"])
    assert (await netsuite.grant(new)).status == 200
    old = f"{certificates(netsuite)}/{netsuite.hello['certificate_id']}/revoke"
    answer = await netsuite.m2m("POST", old, bearer)
    assert (answer.status, answer.body) == (200, "Successfully revoked")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert (await netsuite.grant()).body == {"error": "invalid_grant"}
    shown = (await netsuite.m2m("GET", certificates(netsuite), bearer)).body
    assert {one["certificate_id"]: one["revoked"] for one in shown} == {
        netsuite.hello["certificate_id"]: True,
        made.body["certificate_id"]: False,
    }


async def test_five_active_certificates(netsuite: Running) -> None:
    """The sixth is refused, until one is revoked."""
    bearer = await netsuite.bearer()
    for _ in range(4):
        made = await upload(
            netsuite, bearer, certificate(ec.generate_private_key(ec.SECP256R1()), netsuite.world.now)
        )
        assert made.status == 200
    sixth = certificate(ec.generate_private_key(ec.SECP256R1()), netsuite.world.now)
    assert (await upload(netsuite, bearer, sixth)).status == 400
    await netsuite.m2m("POST", f"{certificates(netsuite)}/{made.body['certificate_id']}/revoke", bearer)
    assert (await upload(netsuite, bearer, sixth)).status == 200


async def test_the_two_year_rule(netsuite: Running) -> None:
    """Sources conflict: a longer certificate is shortened, or refused, by a switch."""
    bearer, key = await netsuite.bearer(), ec.generate_private_key(ec.SECP256R1())
    made = await upload(netsuite, bearer, certificate(key, netsuite.world.now, 1500))
    assert made.body["valid_until"] == (netsuite.world.now + timedelta(days=730)).date().isoformat()
    netsuite.switch(long_validity="reject")
    other = ec.generate_private_key(ec.SECP256R1())
    assert (await upload(netsuite, bearer, certificate(other, netsuite.world.now, 1500))).status == 400
    assert (await upload(netsuite, bearer, certificate(other, netsuite.world.now, 730))).status == 200


async def test_wrong_certificates(netsuite: Running) -> None:
    """A small key, another curve, junk, one that is over, one that is in use, somebody else's entity: refused."""
    bearer, now = await netsuite.bearer(), netsuite.world.now
    small = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused = [
        certificate(small, now),
        certificate(ec.generate_private_key(ec.SECP256K1()), now),
        "-----BEGIN CERTIFICATE-----\njunk\n-----END CERTIFICATE-----",
        certificate(ec.generate_private_key(ec.SECP256R1()), now - timedelta(days=30), 10),
    ]
    for content in refused:
        assert (await upload(netsuite, bearer, content)).status == 400
    good = certificate(ec.generate_private_key(ec.SECP256R1()), now)
    assert (await upload(netsuite, bearer, good, entity=netsuite.employee(SHARED)["id"])).status == 403
    assert (await upload(netsuite, bearer, good, role=netsuite.role("Accountant"))).status == 400
    assert (await upload(netsuite, bearer, good, role=str(netsuite.role("Handover")))).status == 200
    assert (await upload(netsuite, bearer, good)).status == 400
    netsuite.switch(rsa_2048_accepted=True)
    assert (await upload(netsuite, bearer, certificate(small, now))).status == 200


@pytest.mark.parametrize(
    ("rule", "status", "old_works"),
    [("allow", 200, True), ("refuse", 400, True), ("invalidate_old", 200, False)],
)
async def test_a_second_certificate_for_one_combination(
    netsuite: Running, rule: str, status: int, old_works: bool
) -> None:
    """What a second one for the same integration, entity and role does is a switch."""
    bearer = await netsuite.bearer()
    netsuite.switch(second_certificate=rule)
    content = certificate(ec.generate_private_key(ec.SECP256R1()), netsuite.world.now)
    assert (await upload(netsuite, bearer, content)).status == status
    assert ((await netsuite.grant()).status == 200) is old_works


async def test_certificates_need_the_permission_and_a_bearer(netsuite: Running) -> None:
    """403 without the permission; a token-based signature does not open this service."""
    bearer = await netsuite.bearer()
    assert (await netsuite.tba("GET", certificates(netsuite))).status == 401
    await netsuite.done("role", role="Handover", permission="ADMI_MANAGE_OWN_OAUTH2_CERTS", level=0)
    answer = await netsuite.m2m("GET", certificates(netsuite), bearer)
    assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSION")


async def test_resetting_credentials_strands_mappings(netsuite: Running) -> None:
    """Reset Credentials rotates the client id, so that every assertion names a client that is gone."""
    made = await netsuite.done("integration", application="Handover", do="reset")
    assert (await netsuite.grant()).status == 400
    assert (await netsuite.grant(netsuite.assertion(iss=made["client_id"]))).status == 200


async def test_which_calls_are_audited_is_a_switch(netsuite: Running) -> None:
    """Whether each M2M call or only each grant leaves a row is open; no row has a token name."""

    def rows() -> int:
        return len([r for r in netsuite.account["loginaudit"] if r["oauthappname"] == "Handover"])

    async def work() -> int:
        before = rows()
        bearer = await netsuite.bearer()
        for _ in range(3):
            await netsuite.m2m(
                "POST", SUITEQL, bearer, json={"q": "SELECT 1 x FROM dual"}, headers={"Prefer": "transient"}
            )
        return rows() - before

    counts = []
    for switch in ("grant", "call", "both"):
        netsuite.switch(m2m_audit=switch)
        counts.append(await work())
    assert counts == [1, 3, 4]
    assert list(netsuite.account["loginaudit"])[-1]["oauthaccesstokenname"] is None


async def test_revoke_knows_refresh_tokens_only(netsuite: Running) -> None:
    """The OAuth 2.0 revoke endpoint ends no bearer of a machine."""
    bearer = await netsuite.bearer()
    answer = await netsuite.ask("POST", "/services/rest/auth/oauth2/v1/revoke", data={"token": bearer})
    assert answer.status == 400
    assert (await netsuite.m2m("GET", f"{RECORD}/employee", bearer)).status == 200
