"""The key that signs evidence packs: Ed25519, made at its first use, sealed in the store for ever after."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.audit.repository import AuditLog
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import StoreError
from bot.secrets.repository import SecretRepository
from bot.text import Secret

NAME = (
    "@evidence-signing-key"  # begins as no name can that ``secret put`` takes, so that nobody overwrites it
)
CONTEXT = b"handover evidence manifest 1\n"  # before what is signed, so that no signature serves elsewhere


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one key."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def opened(cls, secret: Secret) -> Self:
        """The signer of a stored key.

        Raises:
            StoreError: what is stored there is no key of ours.
        """
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret.reveal())))
        except ValueError:
            raise StoreError(f'The stored secret "{NAME}" is not a key that Handover made.') from None

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    @property
    def public_pem(self) -> str:
        """The public key as people publish it."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, form).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key's 32 bytes, in hex."""
        return hashlib.sha256(self.public).hexdigest()

    def sign(self, manifest: bytes) -> bytes:
        """64 bytes over the context and the manifest."""
        return self._key.sign(CONTEXT + manifest)


async def signer(store: Store, by: str) -> Signer:
    """The installation's key; made now, and noted in the trail, if there is none yet."""
    async with store.read() as unit:
        kept = await unit[SecretRepository].get(NAME)
    if kept is None:
        async with store.write() as unit:
            kept = await unit[SecretRepository].get(NAME)  # again: another process may have been quicker
            if kept is None:
                return await _made(unit, by, "evidence:key_created")
    return Signer.opened(kept)


async def replaced(store: Store, by: str) -> Signer:
    """A new key from now on. Packs of before stay valid under the old public key; the trail names both."""
    async with store.write() as unit:
        return await _made(unit, by, "evidence:key_replaced")


async def _made(unit: Unit, by: str, deed: str) -> Signer:
    key = Ed25519PrivateKey.generate()
    await unit[SecretRepository].put(NAME, Secret(key.private_bytes_raw().hex()))
    made = Signer(key)
    await unit[AuditLog].append(by, deed, "evidence", {"fingerprint": made.fingerprint})
    return made
