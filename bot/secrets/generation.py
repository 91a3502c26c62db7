"""New secrets of our own making: key pairs with a certificate, and passwords."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from bot.errors import Rejected
from bot.text import Secret, clean

LONGEST_DAYS = 730  # NetSuite shortens what holds longer, without a word (docs.oracle.com, read 2026-11-21)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 20, 128
_BACKDATED = timedelta(minutes=5)  # a vendor's clock may be behind ours
_LONGEST_NAME = 64  # bytes of a common name: RFC 5280, upper bounds
_MARKS = "!#%+-.:=?@_~"  # none that a shell, a URL or a CSV file trips over
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _MARKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A private key, sealed by itself, and the certificate that speaks for it (PEM)."""

    private_key: Secret
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a certificate says."""

    sha256: str  # of its DER bytes, in hex
    not_after: datetime


def key_pair(algorithm: str, common_name: str, days: int, now: datetime) -> Pair:
    """A new key pair, PKCS 8, with a certificate that it signed itself. An RSA key takes a second: use a thread.

    Raises:
        Rejected: no such algorithm, or more than ``LONGEST_DAYS``.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise Rejected(f"A certificate holds 1 to {LONGEST_DAYS} days, not {days}.", status=0)
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    match algorithm:
        case "EC-P256":
            key = ec.generate_private_key(ec.SECP256R1())
        case "EC-P384":
            key = ec.generate_private_key(ec.SECP384R1())
        case "RSA-3072" | "RSA-4096":
            key = rsa.generate_private_key(public_exponent=65537, key_size=int(algorithm[-4:]))
        case _:
            raise Rejected("A key is EC-P256, EC-P384, RSA-3072 or RSA-4096.", status=0)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _fitting(common_name))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now - _BACKDATED + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA384() if algorithm == "EC-P384" else hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return Pair(private_key=Secret(pem), certificate=certificate.public_bytes(Encoding.PEM).decode("ascii"))


def _fitting(common_name: str) -> str:
    said = clean(common_name).encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore")
    return said.strip() or "Handover"


def speaks_for(certificate: str, private_key: Secret) -> Seen | None:
    """What the certificate says; None when it, or the key, is none, or the two do not belong together."""
    try:
        read = x509.load_pem_x509_certificate(certificate.encode("utf-8"))
        key = load_pem_private_key(private_key.reveal().encode("utf-8"), password=None)
    except (ValueError, TypeError):
        return None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if read.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        return None
    return Seen(sha256=read.fingerprint(hashes.SHA256()).hex(), not_after=read.not_valid_after_utc)


def password(length: int) -> Secret:
    """Random characters, at least one small letter, capital, digit and mark among them.

    Raises:
        Rejected: shorter than ``SHORTEST_PASSWORD`` or longer than ``LONGEST_PASSWORD``.
    """
    if not SHORTEST_PASSWORD <= length <= LONGEST_PASSWORD:
        raise Rejected(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.", status=0)
    while True:  # drawn again as a whole, so that no place in it is likelier to hold a mark than another
        drawn = "".join(secrets.choice("".join(_CLASSES)) for _ in range(length))
        if all(set(kind) & set(drawn) for kind in _CLASSES):
            return Secret(drawn)
