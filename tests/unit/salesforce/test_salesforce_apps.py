"""Apps, their run-as users and their certificates."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.errors import Forbidden
from bot.platform.model import Area, CredentialStatus, Gap, Principal
from platforms.salesforce import app_credentials, apps
from platforms.salesforce.answers import Listing
from platforms.salesforce.apps import App

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
APP = App(id="0H4000000000001AAA", name="Portal", developer_name="Portal", kind=apps.CONNECTED)
NOTHING = Listing((), 0)
REFUSED = Forbidden("no", scope="INVALID_TYPE")


def _certificate(ends: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    return (
        builder.not_valid_before(ends - timedelta(days=90)).not_valid_after(ends).sign(key, hashes.SHA256())
    )


def _app(certificate: str = "", run_as: str = "") -> App:
    return App(
        id=APP.id,
        name=APP.name,
        developer_name=APP.developer_name,
        kind=APP.kind,
        configured=True,
        certificate=certificate,
        run_as=run_as,
    )


@pytest.mark.parametrize(("days", "status"), [(1, CredentialStatus.ACTIVE), (0, CredentialStatus.EXPIRED)])
def test_the_end_of_a_certificate_is_its_own(days: int, status: CredentialStatus) -> None:
    """notAfter of the certificate decides, with its armour or without, and the id is the certificate's."""
    made = _certificate(NOW + timedelta(days=days))
    armoured = made.public_bytes(serialization.Encoding.PEM).decode()
    bare = base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()
    one, two = (app_credentials.certificate(_app(raw), NOW) for raw in (armoured, bare))
    assert not isinstance(one, Gap)
    assert one == two
    assert (one.expires_at, one.status) == (NOW + timedelta(days=days), status)
    assert one.native_id.endswith(made.fingerprint(hashes.SHA256()).hex()[:20])


@pytest.mark.parametrize("raw", ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "AAAA", "§"])
def test_a_certificate_that_cannot_be_read_is_a_gap(raw: str) -> None:
    """What is not a certificate is neither ignored nor taken for one."""
    found = app_credentials.certificate(_app(raw), NOW)
    assert isinstance(found, Gap)
    assert found.area is Area.APP_CERTIFICATE


def test_a_run_as_user_out_of_sight_is_a_gap() -> None:
    """The credential stays listed, though whose it is cannot be said; user names match without case."""
    person = Principal(native_id="005000000000001AAA", name="Ana", username="ana@acme.example")
    held, _, gaps = app_credentials.read([_app(run_as="ANA@acme.example")], [person], NOW)
    assert (held[0].principal_id, gaps) == (person.native_id, [])
    held, _, gaps = app_credentials.read([_app(run_as="bob@acme.example")], [person], NOW)
    assert held[0].principal_id == ""
    assert [gap.area for gap in gaps] == [Area.RUN_AS]


@pytest.mark.parametrize("which", [0, 1])
def test_apps_that_are_hidden_hide_what_they_hold(which: int) -> None:
    """Without the listing of apps their run-as users and certificates are unknown too, and nothing seems gone."""
    listings: list[Listing | Forbidden] = [NOTHING, NOTHING, NOTHING]
    listings[which] = REFUSED
    found = apps.read(*listings)
    assert {gap.area for gap in found.gaps} == {Area.APPLICATIONS, Area.RUN_AS, Area.APP_CERTIFICATE}


def test_an_unseen_policy_is_unknown_and_not_open() -> None:
    """Who may approve an external client app is unknown where its policy is not shown."""
    row = {
        "Id": "0xI000000000001AAA",
        "MasterLabel": "Portal",
        "DeveloperName": "Portal",
        "NamespacePrefix": "acme",
        "ContactEmail": None,
    }
    found = apps.read(NOTHING, Listing((row,), 1), REFUSED)
    assert found.apps[0].self_authorize is None
    assert found.apps[0].developer_name == "acme__Portal"
