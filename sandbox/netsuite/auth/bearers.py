"""OAuth 2.0 access tokens: issued for an hour, looked up on every call."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.netsuite.account import Account, Bearer, Mapping
from sandbox.netsuite.auth.callers import Attempt, BearerMalformed, Caller, LoginRefused, standing

LIFETIME = timedelta(minutes=60)


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Signs access tokens with a key of NetSuite's, as NetSuite does; nobody needs to check the signature."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def issue(self, mapping: Mapping, scopes: frozenset[str]) -> str:
        """
        A new access token for what the mapping acts as.

        Source: OAuth 2.0 access token payload, two shapes seen in Oracle's own samples, facts §2, 2026-11.
        """
        now, account = self._account.now, self._account
        client_id = account["integrationapp"].where(id=mapping.integration)[0]["_client_id"]
        company = account.id.partition("_")[0]
        if account.switches.access_token_shape == "older":
            sub = f"{company};0;{mapping.role};{mapping.entity};N"
            audience = [client_id, f"app:{mapping.integration}"]
        else:
            sub, audience = (
                f"{mapping.role};{mapping.entity}",
                [f"{mapping.integration};{company}", client_id],
            )
        claims = {
            "sub": sub, "aud": audience, "scope": sorted(scopes), "iss": "https://system.netsuite.com",
            "iat": int(now.timestamp()), "exp": int((now + LIFETIME).timestamp()), "jti": secrets.token_hex(8),
        }  # fmt: skip
        kid = f"c.{company}.{now:%Y-%m-%d}_00-00-00"
        token = jwt.encode(claims, _signing_key(), algorithm="RS256", headers={"kid": kid})
        account.bearers[token] = Bearer(mapping, scopes, now + LIFETIME)
        return token


def caller(account: Account, header: str, scope: str) -> Caller:
    """
    Who an `Authorization: Bearer …` header stands for.

    Raises:
        BearerMalformed: there is no token in it.
        LoginRefused: the token is unknown, over, of another scope, or its entity, role or integration is disabled.
    """
    parts = header.split()
    if len(parts) != 2:
        raise BearerMalformed
    bearer = account.bearers.get(parts[1])
    if bearer is None:
        raise LoginRefused("TokenRejected")
    mapping = bearer.mapping
    attempt = Attempt(account["integrationapp"].get(mapping.integration), None, mapping.entity, mapping.role)
    if bearer.expires_at <= account.now:
        raise LoginRefused("AccessTokenExpired", attempt)
    if attempt.application is None or attempt.application["state"] != "Enabled":
        raise LoginRefused("InvalidIntegration", attempt)
    if mapping.revoked and not account.switches.bearer_outlives_certificate:
        raise LoginRefused("TokenRejected", attempt)
    if scope not in bearer.scopes:
        raise LoginRefused("ScopeMismatched", attempt)
    if detail := standing(account, mapping.entity, mapping.role, "ADMI_LOGIN_OAUTH2"):
        raise LoginRefused(detail, attempt)
    return Caller(account, mapping.entity, mapping.role, attempt.application)
