"""Which of an org's credentials the bot itself signs in with."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_certificate

from bot.platform.model import Credential
from platforms.salesforce import app_credentials
from platforms.salesforce.apps import App
from platforms.salesforce.config import Settings


def certificates(settings: Settings, apps: Iterable[App], held: Iterable[Credential]) -> frozenset[str]:
    """The certificates whose private key we sign with: of any app, since its key may be hidden and ours is not."""
    ours = _public(settings)
    if ours is None:
        return frozenset()
    signs = {app.id for app in apps if app.certificate and _of(app) == ours}
    return frozenset(
        one.native_id
        for one in held
        if one.application_id in signs and one.native_id.startswith(app_credentials.PREFIX)
    )


def _public(settings: Settings) -> bytes | None:
    if settings.private_key is None:
        return None
    try:
        key = serialization.load_pem_private_key(settings.private_key.reveal().encode(), password=None)
    except (ValueError, TypeError):  # signing in says what is wrong with it
        return None
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _of(app: App) -> bytes | None:
    try:
        key = load_pem_x509_certificate(app_credentials.pem(app.certificate)).public_key()
    except ValueError:  # a gap says so already
        return None
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
