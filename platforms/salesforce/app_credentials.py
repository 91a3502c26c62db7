"""What lets apps act: run-as users, certificates they sign with, and the certificates of the org's key store."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import load_pem_x509_certificate

from bot.platform.model import (
    Application,
    Area,
    CoverageGap,
    Credential,
    CredentialKind,
    CredentialStatus,
    Principal,
)
from platforms.salesforce.answers import Row, end_of, text
from platforms.salesforce.apps import App
from platforms.salesforce.config import Settings

PREFIX = "cert:"


def read(
    apps: Iterable[App], people: Iterable[Principal], now: datetime
) -> tuple[list[Credential], list[Application], list[CoverageGap]]:
    """Run-as and certificate credentials of apps, the applications, and what could not be read of them."""
    by_username = {person.username.lower(): person for person in people}
    held: list[Credential] = []
    applications: list[Application] = []
    gaps: list[CoverageGap] = []
    for app in apps:
        person = by_username.get(app.run_as.lower()) if app.run_as else None
        applications.append(app.application(person.native_id if person else ""))
        if app.run_as:
            if person is None:
                gaps.append(
                    CoverageGap(
                        area=Area.RUN_AS,
                        what=f"the run-as user of {app.name}",
                        reason="the app names a user that is not among the users the bot may see",
                        remedy="Setup → External Client App Manager → the app → Policies: look at Run As",
                    )
                )
            held.append(run_as(app, person.native_id if person else ""))
        if app.certificate:
            found = certificate(app, now)
            if isinstance(found, CoverageGap):
                gaps.append(found)
            else:
                held.append(found)
    return held, applications, gaps


def run_as(app: App, user: str) -> Credential:
    """What lets the app act as its configured user."""
    return Credential(
        native_id=f"run-as:{app.id}",
        kind=CredentialKind.RUN_AS,
        label=f"{app.name} (client credentials)",
        principal_id=user,
        application_id=app.id,
    )


def certificate(app: App, now: datetime) -> Credential | CoverageGap:
    """The certificate with which an app signs its assertions; its end is the certificate's own."""
    try:
        found = x509.load_pem_x509_certificate(pem(app.certificate))
    except (ValueError, binascii.Error):
        return CoverageGap(
            area=Area.APP_CERTIFICATE,
            what=f"the certificate of {app.name}",
            reason="what Salesforce holds is not a certificate we can read",
            remedy="upload it again in the app's OAuth settings",
        )
    ends = found.not_valid_after_utc
    return Credential(
        native_id=f"{PREFIX}{app.id}:{found.fingerprint(hashes.SHA256()).hex()[:20]}",
        kind=CredentialKind.APP_CERTIFICATE,
        label=f"{app.name} (certificate)",
        application_id=app.id,
        status=CredentialStatus.EXPIRED if ends <= now else CredentialStatus.ACTIVE,
        created_at=found.not_valid_before_utc,
        expires_at=ends,
    )


def pem(raw: str) -> bytes:
    """PEM with its armour: Salesforce's own text, or the bare base64 that some exports hold.

    Raises:
        ValueError: neither.
    """
    if "BEGIN CERTIFICATE" in raw:
        return raw.encode()
    der = base64.b64decode("".join(raw.split()), validate=True)
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def key_store(rows: Iterable[Row], now: datetime) -> list[Credential]:
    """The org's own certificates. They belong to nobody, and say nothing of those uploaded to apps."""
    found = []
    for row in rows:
        ends = end_of(row, "ExpirationDate")
        found.append(
            Credential(
                native_id=text(row, "Id"),
                kind=CredentialKind.CERTIFICATE,
                label=text(row, "MasterLabel") or text(row, "DeveloperName"),
                status=CredentialStatus.EXPIRED if ends and ends <= now else CredentialStatus.ACTIVE,
                expires_at=ends,
            )
        )
    return found


def own_certificates(settings: Settings, apps: Iterable[App], held: Iterable[Credential]) -> frozenset[str]:
    """The certificates whose private key we sign with: of any app, since its key may be hidden and ours is not."""
    ours = _own_public_key(settings)
    if ours is None:
        return frozenset()
    signs = {app.id for app in apps if app.certificate and _public_key_of(app) == ours}
    return frozenset(
        one.native_id for one in held if one.application_id in signs and one.native_id.startswith(PREFIX)
    )


def _own_public_key(settings: Settings) -> bytes | None:
    if settings.private_key is None:
        return None
    try:
        key = serialization.load_pem_private_key(settings.private_key.reveal().encode(), password=None)
    except (ValueError, TypeError):  # signing in says what is wrong with it
        return None
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _public_key_of(app: App) -> bytes | None:
    try:
        key = load_pem_x509_certificate(pem(app.certificate)).public_key()
    except ValueError:  # a gap says so already
        return None
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
