"""
M2M certificates by REST: listing, uploading and revoking one's own.

Source: OAuth 2.0 client credentials certificate rotation endpoint, facts §2, 2026-11.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sandbox import wire
from sandbox.netsuite import holdings
from sandbox.netsuite.account import Account, Mapping
from sandbox.netsuite.auth.callers import Caller
from sandbox.netsuite.auth.door import enter, refused
from sandbox.netsuite.catalogue import FULL
from sandbox.netsuite.errors import ApiError
from sandbox.netsuite.tables import Row
from sandbox.world import Json

BASE = "/services/rest/auth/oauth2/v1/clients/{client}/certificates"
MOST_ACTIVE = 5
LONGEST = timedelta(days=731)
"""Two years, one of them a leap year."""
_CURVES = ("secp256r1", "secp384r1", "secp521r1")


class Certificates:
    """Bearer only, with the permission to manage one's own certificates."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(BASE, self.listed),
            web.post(BASE, self.uploaded),
            web.post(BASE + "/{certificate}/revoke", self.revoked),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        caller, app = self._enter(request)
        shown = [
            _described(self._account, one)
            for one in self._account.mappings.values()
            if self._is_seen(one, caller, app)
        ]
        return web.json_response(shown[: len(shown) // 2] if request.get(wire.SHORT_LISTING) else shown)

    async def uploaded(self, request: web.Request) -> web.Response:
        caller, app = self._enter(request)
        try:
            body = json.loads(await request.text())
            content, role, entity = str(body["fileContent"]), int(body["role"]), int(body["entity"])
        except (ValueError, KeyError, TypeError):
            raise _invalid("The body must hold fileContent, role and entity.") from None
        if entity != caller.entity:
            raise ApiError(403, "INSUFFICIENT_PERMISSION", "You can manage your own certificates only.")
        if role not in self._account.roles_of(entity):
            raise _invalid(f"Role {role} is not assigned to entity {entity}.")
        mapping = add(self._account, app, entity, role, content)
        holdings.refresh(self._account)
        return web.json_response(_described(self._account, mapping))

    async def revoked(self, request: web.Request) -> web.Response:
        caller, app = self._enter(request)
        mapping = self._account.mappings.get(request.match_info["certificate"])
        if mapping is None or mapping.integration != app["id"] or mapping.entity != caller.entity:
            raise ApiError(404, "NONEXISTENT_ID", "The certificate does not exist.")
        mapping.revoked = True
        holdings.refresh(self._account)
        return web.Response(text="Successfully revoked", content_type="text/plain")

    def _enter(self, request: web.Request) -> tuple[Caller, Row]:
        by_token = request.headers.get("Authorization", "").lower().startswith("oauth")
        if by_token and not self._account.switches.certificates_accept_tba:
            raise refused(self._account, request, bearer=True)
        caller = enter(self._account, request, "rest_webservices")
        caller.need("ADMI_MANAGE_OWN_OAUTH2_CERTS", FULL)
        found = self._account["integrationapp"].where(_client_id=request.match_info["client"], _m2m=True)
        if not found:
            raise ApiError(404, "NONEXISTENT_ID", "The client does not exist.")
        return caller, found[0]

    def _is_seen(self, mapping: Mapping, caller: Caller, app: Row) -> bool:
        own = mapping.entity == caller.entity or self._account.switches.certificates_shown == "all"
        return own and mapping.integration == app["id"]


def add(account: Account, app: Row, entity: int, role: int, content: str) -> Mapping:
    """
    A new mapping for this certificate.

    Raises:
        ApiError: 400, the certificate is of the wrong kind, used elsewhere, or one too many.
    """
    certificate, ends = _read(account, content)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    others = [one for one in account.mappings.values() if not one.revoked and not one.invalidated]
    if any(one.fingerprint == fingerprint for one in account.mappings.values()):
        raise _invalid("The certificate is already in use.")
    same = [one for one in others if (one.integration, one.entity, one.role) == (app["id"], entity, role)]
    if same and account.switches.second_certificate == "refuse":
        raise _invalid("There is a certificate for this integration, entity and role already.")
    if same and account.switches.second_certificate == "invalidate_old":
        for one in same:
            one.invalidated = True
    active = [
        one
        for one in others
        if one.integration == app["id"] and not one.invalidated and not is_over(account, one)
    ]
    if len(active) >= MOST_ACTIVE:
        raise _invalid(f"An integration record can have {MOST_ACTIVE} active certificates at most.")
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise _invalid("The certificate must hold an RSA or EC key.")
    mapping = Mapping(
        account.mint("certificate")[:43], app["id"], entity, role, key, fingerprint, account.now, ends
    )
    account.mappings[mapping.certificate_id] = mapping
    return mapping


def is_over(account: Account, mapping: Mapping) -> bool:
    return mapping.valid_until < account.now.date()


def _read(account: Account, content: str) -> tuple[x509.Certificate, date]:
    """The certificate, and the last day the account lets it live."""
    try:
        certificate = x509.load_pem_x509_certificate(content.encode())
        key = certificate.public_key()
    except ValueError:
        raise _invalid("The file is not an X.509 certificate in PEM form.") from None
    if isinstance(key, rsa.RSAPublicKey):
        smallest = 2048 if account.switches.rsa_2048_accepted else 3072
        if key.key_size < smallest or key.key_size > 4096:
            raise _invalid(f"RSA keys must have {smallest} to 4096 bits.")
    elif not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _CURVES:
        raise _invalid("The key must be RSA, or EC on P-256, P-384 or P-521.")
    return certificate, _last_day(account, certificate)


def _last_day(account: Account, certificate: x509.Certificate) -> date:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if ends <= account.now:
        raise _invalid("The certificate is not valid any more.")
    if ends - begins > LONGEST:
        if account.switches.long_validity == "reject":
            raise _invalid("A certificate can be valid for two years at most.")
        ends = min(
            ends, datetime.combine(account.now.date() + timedelta(days=730), begins.time(), tzinfo=UTC)
        )
    return ends.date()


def _invalid(detail: str) -> ApiError:
    return ApiError(400, "INVALID_CONTENT", detail)


def _described(account: Account, mapping: Mapping) -> Json:
    shown: Json = {
        "certificate_id": mapping.certificate_id,
        "algorithm": mapping.algorithm,
        "valid_until": mapping.valid_until.isoformat(),
        "revoked": mapping.revoked,
        "invalidated": mapping.invalidated,
    }
    if account.switches.certificate_extra_fields:
        shown |= {
            "valid_from": mapping.valid_from.date().isoformat(),
            "role": mapping.role,
            "entity": mapping.entity,
        }
    return shown
