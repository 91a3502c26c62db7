"""Assertions as an independent reader sees them, and what our own bearer tells of us."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.text import Secret
from platforms.netsuite.assertions import Self, acting_as, form

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AUDIENCE = "https://123456.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def pem(key: Key) -> Secret:
    return Secret(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 3072), "PS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
    ],
)
def test_what_is_asserted(key: Key, algorithm: str) -> None:
    """Certificate id as kid, the endpoint as audience, under 55 minutes, an array of scopes, a fresh id each time."""
    sent = [form("client", "kid", pem(key), AUDIENCE, NOW) for _ in range(2)]
    assert sent[0]["grant_type"] == "client_credentials"
    header = jwt.get_unverified_header(sent[0]["client_assertion"])
    assert (header["alg"], header["kid"], header["typ"]) == (algorithm, "kid", "JWT")
    claims = [
        jwt.decode(
            one["client_assertion"],
            key.public_key(),
            algorithms=[algorithm],
            audience=AUDIENCE,
            options={"verify_exp": False, "verify_iat": False},
        )
        for one in sent
    ]
    assert claims[0]["iss"] == "client"
    assert claims[0]["scope"] == ["rest_webservices"]
    assert claims[0]["iat"] == int(NOW.timestamp())
    assert 0 < claims[0]["exp"] - claims[0]["iat"] <= 55 * 60
    assert claims[0]["jti"] != claims[1]["jti"]


@pytest.mark.parametrize(
    "key",
    [
        pem(rsa.generate_private_key(65537, 2048)),
        pem(ec.generate_private_key(ec.SECP256K1())),
        Secret("nonsense"),
        Secret(""),
    ],
)
def test_keys_that_netsuite_does_not_take(key: Secret) -> None:
    """Short RSA keys, other curves and no keys at all stop before anything is sent, and are not repeated."""
    with pytest.raises(ConfigError) as caught:
        form("client", "kid", key, AUDIENCE, NOW)
    assert caught.value.hint.startswith("private_key:")
    assert "nonsense" not in caught.value.hint


def bearer(sub: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"sub": sub}).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


@pytest.mark.parametrize(
    ("sub", "seen"),
    [
        ("3;-5", Self(entity="-5", role="3")),
        ("1062;1128", Self(entity="1128", role="1062")),
        ("4030059;0;3;7;N", Self(entity="7", role="3")),
        ("7", Self()),
        ("a;b", Self()),
        (None, Self()),
        (["3;7"], Self()),
    ],
)
def test_both_shapes_of_a_bearer_tell_who_we_are(sub: object, seen: Self) -> None:
    """Role before entity in either; anything else tells nothing."""
    assert acting_as(bearer(sub)) == seen


@given(st.text(max_size=80))
def test_a_bearer_of_another_kind_tells_nothing(raw: str) -> None:
    """No text makes it fail."""
    assert acting_as(raw) == Self()
    acting_as(f"a.{raw}.b")
