"""Sealing and opening with the data keys, and blind indexes."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import BotError, DecryptionFailed, InvariantBroken

FORMAT = 1
HEADER_BYTES = 3  # format, then the key id as two bytes, big end first
NONCE_BYTES = 12
BLIND_BYTES = 16
MAX_KEY_ID = 0xFFFF
_BODY = HEADER_BYTES + NONCE_BYTES
_TAG_BYTES = 16
_Sealer = tuple[bytes, AESGCM]  # what each value begins with, and the cipher of its key


class Purpose(StrEnum):
    """What a data key is for."""

    ROWS = "rows"  # seals our own rows: rotation re-seals them and destroys the old key
    OUTSIDE = "outside"  # seals what lies elsewhere (engine, evidence); nobody can count it, so it is kept
    BLIND = "blind"  # makes blind indexes; not rotated


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """One data key. ``key`` is None once destroyed, or where the key source could not unwrap it."""

    id: int
    purpose: Purpose
    key: bytes | None = field(repr=False)
    current: bool
    destroyed_at: datetime | None = None


def header(key_id: int) -> bytes:
    """How every value sealed with that key begins."""
    return bytes((FORMAT, key_id >> 8, key_id & 0xFF))


class Keyring:
    """The data keys, unwrapped. Seals with the current one, opens with any.

    A sealed value is ``0x01 | key id (2 bytes) | nonce (12) | AES-256-GCM``; what it is bound to (``aad``)
    must be the same at opening, so a value moved elsewhere does not open.
    """

    def __init__(self, keys: Iterable[DataKey] = ()) -> None:
        self.replace(keys)

    def replace(self, keys: Iterable[DataKey]) -> None:
        """Take these keys from now on."""
        self._keys = {key.id: key for key in keys}
        self._ciphers = {
            key.id: AESGCM(key.key)
            for key in self._keys.values()
            if key.key is not None and key.purpose is not Purpose.BLIND
        }
        self._current = {key.purpose: key for key in self._keys.values() if key.current}
        self._rows = self._sealer(Purpose.ROWS)
        self._outside = self._sealer(Purpose.OUTSIDE)

    @property
    def newest(self) -> int:
        """The highest key id known; 0 when there are none."""
        return max(self._keys, default=0)

    def knows(self, key_id: int) -> bool:
        """Whether a key of that id was ever heard of, usable or not."""
        return key_id in self._keys

    def seal(self, plain: bytes, aad: str) -> bytes:
        """Seal something that will lie outside this store; it opens after any number of rotations."""
        if self._outside is None:
            raise self._unusable(Purpose.OUTSIDE)
        return _sealed(self._outside, plain, aad)

    def seal_row(self, plain: bytes, aad: str) -> bytes:
        """Seal something for a table of this store, where rotation finds it."""
        if self._rows is None:
            raise self._unusable(Purpose.ROWS)
        return _sealed(self._rows, plain, aad)

    def open(self, blob: bytes, aad: str) -> bytes:
        """What was sealed.

        Raises:
            DecryptionFailed: the key is unknown or destroyed, or the value was changed or moved; names the key.
        """
        if len(blob) < _BODY + _TAG_BYTES or blob[0] != FORMAT:
            raise DecryptionFailed("a sealed value is damaged: its header cannot be read", key_id=0)
        key_id = int.from_bytes(blob[1:HEADER_BYTES], "big")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise DecryptionFailed(self._why_not(key_id), key_id=key_id)
        try:
            return cipher.decrypt(
                blob[HEADER_BYTES:_BODY], blob[_BODY:], blob[:HEADER_BYTES] + aad.encode("utf-8")
            )
        except InvalidTag as exc:
            raise DecryptionFailed(
                f"data key {key_id} does not open this value: it was changed, moved from another row, "
                "or sealed by another installation",
                key_id=key_id,
            ) from exc

    def blind(self, field_name: str, value: str) -> bytes:
        """Sixteen bytes that are equal for equal values and tell nothing else without the key.

        The caller folds the value first where spellings should meet; native ids are case-sensitive.
        """
        key = self._current.get(Purpose.BLIND)
        if key is None or key.key is None:
            raise self._unusable(Purpose.BLIND)
        about = f"{field_name}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(key.key, about, "sha256")[:BLIND_BYTES]

    def _sealer(self, purpose: Purpose) -> _Sealer | None:
        key = self._current.get(purpose)
        return (header(key.id), self._ciphers[key.id]) if key and key.id in self._ciphers else None

    def _unusable(self, purpose: Purpose) -> BotError:
        key = self._current.get(purpose)
        if key is None:
            return InvariantBroken(f"the store has no {purpose.value} key")
        return DecryptionFailed(self._why_not(key.id), key_id=key.id)

    def _why_not(self, key_id: int) -> str:
        known = self._keys.get(key_id)
        if known is None:
            return f"sealed with data key {key_id}, which this store does not hold"
        if known.destroyed_at is not None:
            return (
                f"sealed with data key {key_id}, which a rotation destroyed on {known.destroyed_at:%Y-%m-%d}"
            )
        return (
            f"sealed with data key {key_id}, which the key source could not unwrap: nothing is lost while it "
            "is kept; put back the key file or database that belongs to it"
        )


def _sealed(sealer: _Sealer, plain: bytes, aad: str) -> bytes:
    head, cipher = sealer
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + cipher.encrypt(nonce, plain, head + aad.encode("utf-8"))
