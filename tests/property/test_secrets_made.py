"""Keys, certificates and passwords of our own making, against openssl and against their own promises."""

from __future__ import annotations

import shutil
import subprocess
import urllib.parse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Rejected
from bot.platform import secret_steps
from bot.secrets import generation
from bot.text import Secret

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ALGORITHMS = ("EC-P256", "EC-P384", "RSA-3072", "RSA-4096")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_reads_key_and_certificate(algorithm: str, tmp_path: Path) -> None:
    """An independent program takes the key for PKCS 8 and the certificate for one that the key signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: the certificate was read by no independent program")
    pair = generation.key_pair(algorithm, "Canary sync", 730, NOW)
    (tmp_path / "key.pem").write_text(pair.private_key.reveal())
    (tmp_path / "cert.pem").write_text(pair.certificate)
    assert "BEGIN PRIVATE KEY" in pair.private_key.reveal()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([openssl, *words], cwd=tmp_path, capture_output=True, text=True, check=True)

    run("pkey", "-in", "key.pem", "-check", "-noout")
    public = run("pkey", "-in", "key.pem", "-pubout").stdout
    assert run("x509", "-in", "cert.pem", "-pubkey", "-noout").stdout == public
    verified = run("verify", "-attime", str(int(NOW.timestamp())), "-CAfile", "cert.pem", "cert.pem")
    assert "OK" in verified.stdout
    printed = run("x509", "-in", "cert.pem", "-fingerprint", "-sha256", "-noout").stdout
    seen = generation.speaks_for(pair.certificate, pair.private_key)
    assert seen is not None
    assert printed.strip().rpartition("=")[2].replace(":", "").lower() == seen.sha256


@given(st.text(max_size=200), st.integers(1, 730), st.sampled_from(["EC-P256", "EC-P384"]))
@settings(max_examples=40, deadline=None)
def test_any_name_and_any_length_within_bounds(name: str, days: int, algorithm: str) -> None:
    """Whatever an integration is called, a certificate holds from now for no longer than was asked."""
    pair = generation.key_pair(algorithm, name, days, NOW)
    read = x509.load_pem_x509_certificate(pair.certificate.encode())
    assert read.not_valid_before_utc <= NOW
    assert timedelta(0) < read.not_valid_after_utc - read.not_valid_before_utc <= timedelta(days=days)
    assert generation.speaks_for(pair.certificate, pair.private_key) is not None


@pytest.mark.parametrize(("algorithm", "bits"), [("RSA-3072", 3072), ("EC-P384", 384)])
def test_the_size_is_what_was_asked(algorithm: str, bits: int) -> None:
    """Nobody gets a shorter key than the plan says."""
    key = load_pem_private_key(
        generation.key_pair(algorithm, "x", 1, NOW).private_key.reveal().encode(), None
    )
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    assert key.key_size == bits


@pytest.mark.parametrize(
    ("algorithm", "days"), [("RSA-2048", 365), ("EC-P256", 731), ("EC-P256", 0), ("", 1)]
)
def test_what_is_weak_or_too_long_is_refused(algorithm: str, days: int) -> None:
    """Short keys and certificates beyond two years are not made."""
    with pytest.raises(Rejected):
        generation.key_pair(algorithm, "x", days, NOW)


@given(
    st.sampled_from(["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "\ud800é"])
)
def test_what_is_no_pair_speaks_for_nothing(text: str) -> None:
    """Damaged halves are told, not raised."""
    pair = generation.key_pair("EC-P256", "x", 1, NOW)
    printable = text.encode("utf-8", "replace").decode()
    assert generation.speaks_for(printable, pair.private_key) is None
    assert generation.speaks_for(pair.certificate, Secret(printable)) is None


@given(st.integers(20, 128))
def test_passwords_fit_what_vendors_ask_for(length: int) -> None:
    """As long as asked, of four kinds of characters, none of which needs quoting in a URL's query or a shell's word."""
    drawn = generation.password(length).reveal()
    assert len(drawn) == length
    assert any(map(str.islower, drawn))
    assert any(map(str.isupper, drawn))
    assert any(map(str.isdigit, drawn))
    assert not drawn.isalnum()
    assert not set(drawn) & set("'\"\\`$&;|<>(){}[]*^, /")
    assert urllib.parse.unquote(urllib.parse.quote(drawn)) == drawn


@pytest.mark.parametrize("length", [0, 19, 129])
def test_passwords_that_are_too_short_or_too_long_are_refused(length: int) -> None:
    """Twenty to a hundred and twenty-eight."""
    with pytest.raises(Rejected):
        generation.password(length)


def test_names_that_ask_for_a_block_of_lines() -> None:
    """A PEM gets a field of several lines, a token one of a single line."""
    names = ("private_key", "consumer_key", "tls_private_key", "token_secret", "certificate")
    blocks = [name for name in names if secret_steps.has_lines(name)]
    assert blocks == ["private_key", "tls_private_key", "certificate"]
