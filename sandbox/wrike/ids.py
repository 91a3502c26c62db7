"""
Wrike's ids: the old ones, which are base32 of numbers, and the new ones, which are nobody's business.

The old shape is known from samples: 0x41 and the account's number, then a letter for the kind and the object's number;
0x55 and the user's number for a contact, negative for a group. From July 2025 on new objects may have up to 256
characters of [A-Za-z0-9-_:.=]; spaces and the folders of the newer half of this account have such ids.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections import Counter

LETTERS = {
    "folder": "G",
    "invitation": "I",
    "audit": "l",
    "webhook": "X",
    "role": "w",
    "type": "v",
    "job": "J",
}


class Mint:
    """Hands out ids in ascending order for each kind, the same ones on every run with the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.account_number = 317 + seed
        self._last: Counter[str] = Counter({"contact": 403, "group": 1})

    @property
    def account(self) -> str:
        return _base32(b"A", self.account_number)

    def new(self, kind: str) -> str:
        """The next id in the old shape; `kind` is contact, group or one of LETTERS."""
        self._last[kind] += 1
        number = self._last[kind]
        if kind in ("contact", "group"):
            return _base32(b"U", -number if kind == "group" else number)
        return _base32(b"A", self.account_number, LETTERS[kind].encode(), number)

    def new_long(self, kind: str) -> str:
        """The next id in the new shape, with every character that may occur in one."""
        self._last[f"long {kind}"] += 1
        key = f"{self._seed}:{kind}:{self._last[f'long {kind}']}"
        digest = base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode()
        return f"{self.account}:{kind}.v2-{digest[:20]}_{digest[20:]}"


def _base32(first: bytes, number: int, letter: bytes = b"", inner: int | None = None) -> str:
    packed = first + struct.pack(">i", number) + letter
    if inner is not None:
        packed += struct.pack(">i", inner)
    return base64.b32encode(packed).decode().rstrip("=")
