"""Real X.509 certificates whose end is told by the world's clock."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An RSA key of 2048 bits."""

    private: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def new(cls) -> "KeyPair":
        """A fresh key."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def private_pem(self) -> str:
        """The private key, unencrypted PKCS #8 PEM."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def certificate(self, common_name: str, ends_at: datetime) -> str:
        """A self-signed certificate of one year that ends at an aware instant, as PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends_at - _LIFE)
            .not_valid_after(ends_at)
            .sign(self.private, hashes.SHA256())
        )
        return built.public_bytes(serialization.Encoding.PEM).decode()


@cache
def planted(owner: str) -> KeyPair:
    """The key that ``owner`` has from the start, the same in every world of this process: a key is slow to make."""
    return KeyPair.new()
