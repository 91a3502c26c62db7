"""The assertion that proves our certificate to the token endpoint, and what its answer says.

Source: NetSuite help, section_162790605110 (request token structure), section_158255317571 (access token), read
2026-11-24.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.errors import ConfigError
from bot.text import Secret

LIFETIME_S = 50 * 60  # under 60 minutes is asked, 55 at most is prudent
SCOPES = ("rest_webservices",)
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
SHORTEST_RSA = 3072


def form(client_id: str, certificate_id: str, key: Secret, audience: str, now: datetime) -> dict[str, str]:
    """The form to post to the token endpoint.

    Raises:
        ConfigError: the key is of no kind that NetSuite takes.
    """
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "scope": list(SCOPES),
        "aud": audience,
        "iat": issued,
        "exp": issued + LIFETIME_S,
        "jti": uuid4().hex,
    }
    try:
        loaded = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError):  # the cause could quote the key
        raise ConfigError("private_key: not a private key in PEM form without a passphrase") from None
    match loaded:
        case rsa.RSAPrivateKey() if loaded.key_size >= SHORTEST_RSA:
            algorithm = "PS256"
        case ec.EllipticCurvePrivateKey() if loaded.curve.name in _CURVES:
            algorithm = _CURVES[loaded.curve.name]
        case _:
            raise ConfigError(
                "private_key: NetSuite takes RSA keys of 3072 or 4096 bits, and EC P-256, P-384, P-521"
            )
    signed = jwt.encode(claims, loaded, algorithm=algorithm, headers={"kid": certificate_id})
    return {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": signed}


@dataclass(frozen=True, slots=True)
class Self:
    """Who we act as; empty where it could not be told. Never for a decision about rights: nobody proved it."""

    entity: str = ""
    role: str = ""


def acting_as(bearer: str) -> Self:
    """Entity and role of our own access token, which two documents of Oracle's show in two shapes."""
    try:
        _, payload, _ = bearer.split(".")
        padded = payload + "=" * (-len(payload) % 4)
        sub = str(msgspec.json.decode(base64.urlsafe_b64decode(padded)).get("sub", ""))
    except (ValueError, AttributeError, msgspec.DecodeError):
        return Self()
    if found := re.fullmatch(r"(-?\d+);(-?\d+)", sub):  # role;entity
        return Self(entity=found[2], role=found[1])
    if found := re.fullmatch(r"\d+;-?\d+;(-?\d+);(-?\d+);[A-Z]", sub):  # company;?;role;entity;?
        return Self(entity=found[2], role=found[1])
    return Self()
