"""
The JWT bearer flow: an app signs for a user who approved it, or whom an administrator approved.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration", read 2026-11-21.
"""

from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography import x509

from sandbox.salesforce import grants, logins
from sandbox.salesforce.access import approved_for
from sandbox.salesforce.apps import App
from sandbox.salesforce.errors import OAuthError
from sandbox.salesforce.logins import Attempt
from sandbox.salesforce.oauth.asking import Asked
from sandbox.salesforce.oauth.issuing import enter
from sandbox.salesforce.org import Org
from sandbox.salesforce.sessions import Session
from sandbox.salesforce.staging import by_key
from sandbox.salesforce.tables import Row

_MILLISECONDS_FROM = 100_000_000_000
"""A value of exp this large is milliseconds: the vendor's own command line sends such."""
_INVALID = OAuthError("invalid_grant", "invalid assertion")


def jwt_bearer(org: Org, asked: Asked) -> tuple[Session, App]:
    """
    A session for the user the assertion names.

    Raises:
        OAuthError: in the order issuer, audience, signature, expiry, user, approval, login rules.
    """
    claims = _claims(asked.form.get("assertion", ""), {"verify_signature": False}, None)
    found = by_key(org, str(claims.get("iss", "")))
    app = found[0] if found else None
    if app is None or app.certificate is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    username = str(claims.get("prn") or claims.get("sub") or "").lower()
    user = next(iter(org["User"].where("Username", username)), None)
    attempt = Attempt(
        asked.source_ip, "Remote Access 2.0", app.label, login_url=asked.host, enforce_ip=True
    )  # ranges bind this flow whatever the app's policy says
    if not _audience_fits(org, asked, claims.get("aud")):
        raise OAuthError(*org.switches.audience_error)
    _verify(org, app, user, attempt, asked.form["assertion"])
    _check_expiry(org, claims.get("exp"))
    if user is None:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    _require_approval(org, app, user, attempt)
    grant = grants.approve(org, user, app) if org.switches.jwt_creates_grant else None
    return enter(org, user, app, attempt, grant), app


def _claims(assertion: str, options: Any, key: Any) -> dict[str, Any]:
    checks = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    checks |= {"verify_sub": False, "verify_jti": False, "verify_iss": False}
    try:
        claims: dict[str, Any] = jwt.decode(assertion, key, algorithms=["RS256"], options=checks | options)
    except jwt.PyJWTError as exc:
        raise _INVALID from exc
    return claims


def _verify(org: Org, app: App, user: Row | None, attempt: Attempt, assertion: str) -> None:
    certificate = x509.load_pem_x509_certificate((app.certificate or "").encode())
    lapsed = certificate.not_valid_after_utc <= org.now and org.switches.expired_certificate_refused
    try:
        if lapsed:
            raise _INVALID
        _claims(assertion, {}, certificate.public_key())
    except OAuthError:
        if user is not None:
            logins.record(org, user, attempt, logins.BAD_SIGNATURE)
        raise


def _check_expiry(org: Org, exp: Any) -> None:
    """`exp` may be a number or a text, in seconds or milliseconds."""
    try:
        seconds = float(exp)
    except (TypeError, ValueError):
        raise _INVALID from None
    if seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    left = seconds - org.now.timestamp()
    longest = org.switches.jwt_max_lifetime_s
    if org.switches.jwt_may_follow_real_clock:
        left = max(left, seconds - datetime.now(UTC).timestamp())
    if left <= 0:
        raise OAuthError("invalid_grant", "expired authorization code")
    if longest is not None and left > longest:
        raise _INVALID


def _audience_fits(org: Org, asked: Asked, audience: Any) -> bool:
    known = {"https://login.salesforce.com", "https://test.salesforce.com", org.my_domain_url, asked.base_url}
    offered = audience if isinstance(audience, list) else [audience]
    return any(isinstance(one, str) and one.rstrip("/") in known for one in offered)


def _require_approval(org: Org, app: App, user: Row, attempt: Attempt) -> None:
    if app.admin_approved:
        if approved_for(org, user["Id"], app.id):
            return
        error = OAuthError(*org.switches.not_admin_approved_error)
    else:
        if grants.of(org, user["Id"], app):
            return
        error = OAuthError("invalid_grant", "user hasn't approved this consumer")
    logins.record(org, user, attempt, logins.NOT_APPROVED)
    raise error
